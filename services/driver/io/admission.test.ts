// Who gets in, and what he may ask (P8), as a client in any language meets it.

import { status, type Client } from "@grpc/grpc-js";
import type { MethodDefinition } from "@grpc/proto-loader";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { rolesFor, roles } from "../../shared/core/role.js";
import { aTrust } from "../../shared/io/trust/testing-trust.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import {
  call,
  dial,
  hangUp,
  health,
  isService,
  methodIn,
  own,
  reflection,
  type Answers,
} from "./testing-stranger.js";

async function aDriver(): Promise<ServedDriver> {
  const driver = await aServedDriver();
  onTestFinished(() => driver.close());
  return driver;
}

const methods = [own, health, reflection]
  .flatMap((definitions) => Object.values(definitions).filter(isService))
  .flatMap((service): MethodDefinition<object, object>[] => Object.values(service));

afterEach(hangUp);

describe("who asks (P8)", () => {
  const ask = (client: Client): Promise<Answers> =>
    call(client, methodIn(own, "noctua.v1.JobService", "ListJobs"), {});

  test("gets no connection without a credential, or with one of another run or one that has ended", async () => {
    const driver = await aDriver();
    const { authority, writer } = driver.trust;
    const ended = await authority.issue({ role: "writer", name: undefined }, -1_000);
    const other = await aTrust("another-run");
    // It trusts the server, so that only the server can refuse it.
    const foreign = { ...other.writer, authority: writer.authority, identity: writer.identity };
    for (const credential of [undefined, ended, foreign]) {
      expect(await ask(dial(driver.port, credential))).toMatchObject({
        code: status.UNAVAILABLE,
        messages: [],
      });
    }
    expect(await ask(dial(driver.port, writer))).toMatchObject({ code: status.OK });
  });

  test("sends nothing to a server of another run that has taken the port over", async () => {
    const driver = await aDriver();
    const other = await aTrust("another-run");
    // It even shows a certificate that the server would take.
    const fooled = { ...driver.trust.writer, authority: other.writer.authority };
    const answer = await ask(dial(driver.port, fooled));
    expect(answer).toMatchObject({ code: status.UNAVAILABLE, messages: [] });
    expect(answer.details).toMatch(/self-signed|unable to verify|issuer/);
    const namesake = { ...driver.trust.writer, identity: other.writer.identity };
    expect((await ask(dial(driver.port, namesake))).details).toMatch(/another-run/);
  });

  test("is allowed what its role allows, and no more", async () => {
    const driver = await aDriver();
    for (const role of roles) {
      const client = dial(driver.port, driver.trust[role]);
      for (const method of methods) {
        if (rolesFor(method.path).includes(role)) continue;
        const { code, details, messages } = await call(client, method, {});
        expect([method.path, status[code], messages]).toEqual([method.path, "PERMISSION_DENIED", []]);
        expect(details).toContain(`the credential has the role ${role}`);
      }
    }
    expect(driver.farm.sessions.size).toBe(0);
  });

  test("has a role for each method, and a reader changes nothing", () => {
    const allowed = methods.map(({ path }) => [path, rolesFor(path).join(" ")]);
    const by = (wanted: string): string[] =>
      allowed.flatMap(([path = "", of]) => (of === wanted ? [path] : []));
    expect(by("")).toEqual([]);
    expect(by("actor")).toEqual(["/noctua.v1.ActorService/ActorSession"]);
    expect(by("merger")).toEqual(["/noctua.v1.MergerService/MergerSession"]);
    const service = "/noctua.v1.";
    expect(
      by("reader writer")
        .map((path) => path.slice(service.length))
        .sort(),
    ).toEqual([
      "ClusterService/GetCluster",
      "ClusterService/GetNode",
      "ClusterService/ListNodes",
      "JobService/Explain",
      "JobService/GetJob",
      "JobService/ListFailures",
      "JobService/ListJobs",
      "JobService/ListMergedFiles",
      "JobService/ListRanges",
      "JobService/WatchJob",
      "JobService/WatchJobs",
    ]);
    expect(by("driver actor merger reader writer").every((path) => path.startsWith("/grpc."))).toBe(true);
  });
});

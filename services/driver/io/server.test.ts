// The driver's port as a client in any language meets it (testing-stranger.ts).

import { status } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { createServer, type AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../shared/io/logger.js";
import { systemClock } from "../../shared/io/system-clock.js";
import type { ServerTrust } from "../../shared/io/trust/serving.js";
import { aTrust } from "../../shared/io/trust/testing-trust.js";
import { newGates } from "./calls.js";
import { startGrpcServer, type GrpcServerOptions } from "./server.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import {
  call,
  dial,
  hangUp,
  health,
  methodIn,
  options,
  own,
  ownServices,
  reflection,
  serviceIn,
  type Answers,
} from "./testing-stranger.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  hangUp();
  for (const close of closing.splice(0).reverse()) await close();
});

async function aDriver(serving: Partial<GrpcServerOptions> = {}): Promise<ServedDriver> {
  const driver = await aServedDriver({}, serving);
  closing.push(() => driver.close());
  return driver;
}

const spec = {
  name: "drell-yan",
  jobDir: "/jobs",
  inputs: [{ path: "/in/1.lhe", firstEvent: 1, events: 10, sizeBytes: 5_000_000_000, modifiedUnixMs: 1 }],
  eventsPerRange: 1,
  payload: { exec: { command: ["simulate"] }, timeoutMs: 1_000 },
  merge: { everyOutputs: 5, concat: {}, attemptsMax: 1, timeoutMs: 1_000 },
  retry: { attemptsMax: 3, backoff: { firstMs: 0, lastMs: 0 }, rules: [] },
  durability: "DURABILITY_STRICT",
};

describe("a client that has only the .proto files", () => {
  test("submits a job and reads how it stands", async () => {
    const driver = await aDriver();
    const client = dial(driver.port, driver.trust.writer);
    const ask = (method: string, message: object): Promise<Answers> =>
      call(client, methodIn(own, "noctua.v1.JobService", method), message);
    expect(await ask("SubmitJob", { requestId: "a", spec })).toMatchObject({
      code: status.OK,
      messages: [{ job: 1, repeatedRequest: false }],
    });
    expect(await ask("SubmitJob", { requestId: "a", spec })).toMatchObject({
      messages: [{ job: 1, repeatedRequest: true }],
    });
    expect(await ask("GetJob", { job: 1 })).toMatchObject({
      messages: [
        { status: { job: 1, name: "drell-yan", state: "JOB_STATE_RUNNING", ranges: { ready: 10 } } },
      ],
    });
  });

  test("joins as an actor, also while all other calls wait (C2)", async () => {
    const driver = await aDriver({
      gates: newGates(systemClock, { answeredMax: 0, answeringMs: 0, momentMs: 0 }),
    });
    const method = methodIn(own, "noctua.v1.ActorService", "ActorSession");
    const node = { name: "node-1", cores: 4, labels: { site: "here" } };
    const hello = { actor: "a", incarnation: "1", epoch: 0, node, slots: 2 };
    const { messages } = await call(dial(driver.port, driver.trust.actor), method, { hello }, 1);
    expect(messages).toMatchObject([{ epoch: 1, message: "welcome", welcome: { session: 1, run: "run-1" } }]);
  });
});

describe("health", () => {
  const check = (driver: ServedDriver, service: string): Promise<Answers> =>
    call(dial(driver.port, driver.trust.writer), methodIn(health, "grpc.health.v1.Health", "Check"), {
      service,
    });

  test("is told for the whole driver and for each service", async () => {
    const driver = await aDriver();
    for (const service of ["", ...ownServices])
      expect((await check(driver, service)).messages).toEqual([{ status: "SERVING" }]);
    expect(await check(driver, "noctua.v1.NoSuchService")).toMatchObject({ code: status.NOT_FOUND });
    driver.server.setServing(false);
    expect((await check(driver, "")).messages).toEqual([{ status: "NOT_SERVING" }]);
  });
});

describe("reflection", () => {
  const ask = async (driver: ServedDriver, question: object): Promise<unknown> => {
    const method = methodIn(reflection, "grpc.reflection.v1.ServerReflection", "ServerReflectionInfo");
    return (await call(dial(driver.port, driver.trust.writer), method, question, 1)).messages[0];
  };

  test("lists the services", async () => {
    const driver = await aDriver();
    const service = ownServices.map((name) => ({ name }));
    expect(await ask(driver, { listServices: "" })).toMatchObject({ listServicesResponse: { service } });
  });

  test("gives descriptors from which a client can be made, with everything that they import", async () => {
    const driver = await aDriver();
    for (const fileContainingSymbol of ownServices) {
      const answer = await ask(driver, { fileContainingSymbol });
      const files = filesOf(answer);
      const learnt = loadFileDescriptorSetFromBuffer(Buffer.concat(files.map(asField)), options);
      const service = serviceIn(learnt, fileContainingSymbol);
      const paths = Object.values(serviceIn(own, fileContainingSymbol)).map(({ path }) => path);
      expect(Object.values(service).map(({ path }) => path)).toEqual(paths);
      if (fileContainingSymbol !== "noctua.v1.JobService") continue;
      const method = methodIn(learnt, fileContainingSymbol, "ListJobs");
      expect(await call(dial(driver.port, driver.trust.writer), method, {})).toMatchObject({
        code: status.OK,
        messages: [{ jobs: [] }],
      });
    }
  });
});

function filesOf(answer: unknown): Buffer[] {
  if (typeof answer !== "object" || answer === null || !("fileDescriptorResponse" in answer))
    throw new Error("files");
  const { fileDescriptorResponse: response } = answer;
  if (typeof response !== "object" || response === null || !("fileDescriptorProto" in response))
    throw new Error("files");
  const files: unknown = response.fileDescriptorProto;
  return Array.isArray(files) ? files.filter((file) => Buffer.isBuffer(file)) : [];
}

/** A FileDescriptorSet's field: its tag, the length as a varint, the file. */
function asField(file: Buffer): Buffer {
  const length: number[] = [];
  for (let left = file.length; ; left >>>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  return Buffer.concat([Buffer.from([0x0a, ...length]), file]);
}

describe("the port", () => {
  const start = (
    port: number,
    trust: ServerTrust = "plain",
    host = "127.0.0.1",
  ): ReturnType<typeof startGrpcServer> =>
    startGrpcServer({ host, port, trust, services: {}, log: silentLogger });

  test("that is in use is named, with what to do", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    closing.push(() => other.close());
    const { port } = other.address() as AddressInfo;
    await expect(start(port)).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: the port is in use: leave out --port to get one that is free`,
    );
  });

  test("is not opened beyond loopback when nothing is encrypted", async () => {
    await expect(start(0, "plain", "0.0.0.0")).rejects.toThrow("loopback");
    const { driver } = await aTrust();
    (await start(0, driver, "0.0.0.0")).close();
  });

  test("is free again when the driver closes it, and who was connected knows it", async () => {
    const driver = await aDriver();
    const method = methodIn(health, "grpc.health.v1.Health", "Watch");
    const client = dial(driver.port, driver.trust.writer);
    await call(client, method, { service: "" }, 1);
    const watching = call(client, method, { service: "" });
    await call(client, method, { service: "" }, 1); // The other call is there by now.
    driver.server.close();
    expect([status.UNAVAILABLE, status.CANCELLED, status.INTERNAL]).toContain((await watching).code);
    const again = await start(driver.port);
    again.close();
  });
});

// The driver's port as a client in any language meets it: these know nothing of the driver but its .proto files
// (and those of health and reflection), read by proto-loader.

import { Client, credentials, status, type StatusObject } from "@grpc/grpc-js";
import {
  loadFileDescriptorSetFromBuffer,
  loadSync,
  type AnyDefinition,
  type MethodDefinition,
  type Options,
  type PackageDefinition,
  type ServiceDefinition,
} from "@grpc/proto-loader";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { present } from "../../shared/core/assert.js";
import { rolesFor, roles } from "../../shared/core/role.js";
import type { Credential } from "../../shared/io/trust/credential.js";
import { credentialDialing } from "../../shared/io/trust/dialing.js";
import { aTrust } from "../../shared/io/trust/testing-trust.js";
import type { ServerTrust } from "../../shared/io/trust/serving.js";
import { startGrpcServer } from "./server.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";

const require = createRequire(import.meta.url);
const folderOf = (module: string): string => dirname(require.resolve(`${module}/package.json`));
const options: Options = { longs: Number, enums: String, defaults: true, oneofs: true };
const ownProtos = ["actor", "cluster", "job", "merger"].map((name) => `noctua/v1/${name}.proto`);
const own = loadSync(ownProtos, {
  ...options,
  includeDirs: [fileURLToPath(new URL("../../../proto", import.meta.url))],
});
const health = loadSync(join(folderOf("grpc-health-check"), "proto/health/v1/health.proto"), options);
const reflection = loadSync(
  join(folderOf("@grpc/reflection"), "build/proto/grpc/reflection/v1/reflection.proto"),
  options,
);
const ownServices = ["ActorService", "ClusterService", "JobService", "MergerService"].map(
  (name) => `noctua.v1.${name}`,
);

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function aDriver(): Promise<ServedDriver> {
  const driver = await aServedDriver();
  closing.push(() => driver.close());
  return driver;
}

function isService(definition: AnyDefinition | undefined): definition is ServiceDefinition {
  return definition !== undefined && !("format" in definition);
}

function serviceIn(definitions: PackageDefinition, name: string): ServiceDefinition {
  const definition = definitions[name];
  if (!isService(definition)) throw new Error(`expected a service ${name}`);
  return definition;
}

function methodIn(
  definitions: PackageDefinition,
  service: string,
  method: string,
): MethodDefinition<object, object> {
  const found: MethodDefinition<object, object> | undefined = serviceIn(definitions, service)[method];
  return present(found, method);
}

function dial(port: number, credential?: Credential): Client {
  const how =
    credential === undefined
      ? { credentials: credentials.createInsecure(), options: {} }
      : credentialDialing({ host: "127.0.0.1", port }, credential);
  const client = new Client(`127.0.0.1:${port}`, how.credentials, how.options);
  closing.push(() => client.close());
  return client;
}

interface Answers {
  readonly messages: Readonly<Record<string, unknown>>[];
  readonly code: status;
  readonly details: string;
}

/** Calls a method of whatever kind with one message; so many answers are waited for, or the end of the call. */
function call(
  client: Client,
  method: MethodDefinition<object, object>,
  message: object,
  enough = Number.POSITIVE_INFINITY,
): Promise<Answers> {
  const { path, requestStream, requestSerialize, responseDeserialize } = method;
  const messages: Answers["messages"] = [];
  // A stream serves for unary methods too: it is the same on the wire.
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const answered = new Promise<Answers>((resolve) => {
    stream.on("data", (answer: object) => {
      messages.push({ ...answer });
      if (messages.length < enough) return;
      resolve({ messages, code: status.OK, details: "" });
      stream.cancel();
    });
    stream.on("error", () => undefined); // It is in the status.
    stream.on("status", ({ code, details }: StatusObject) => resolve({ messages, code, details }));
  });
  stream.write(message);
  if (!requestStream) stream.end();
  return answered;
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

  test("joins as an actor", async () => {
    const driver = await aDriver();
    const method = methodIn(own, "noctua.v1.ActorService", "ActorSession");
    const node = { name: "node-1", cores: 4, labels: { site: "here" } };
    const hello = { actor: "a", incarnation: "1", epoch: 0, node, slots: 2 };
    const { messages } = await call(dial(driver.port, driver.trust.actor), method, { hello }, 1);
    expect(messages).toMatchObject([{ epoch: 1, message: "welcome", welcome: { session: 1, run: "run-1" } }]);
  });
});

const methods = [own, health, reflection]
  .flatMap((definitions) => Object.values(definitions).filter(isService))
  .flatMap((service) => Object.values(service) as MethodDefinition<object, object>[]);

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
      "JobService/ListJobs",
      "JobService/ListMergedFiles",
      "JobService/WatchJob",
    ]);
    expect(by("driver actor merger reader writer").every((path) => path.startsWith("/grpc."))).toBe(true);
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
  ): ReturnType<typeof startGrpcServer> => startGrpcServer({ host, port, trust, services: {} });

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

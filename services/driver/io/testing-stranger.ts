// For tests: a client of the driver's port in any language. It knows nothing of the driver but its .proto files (and those of
// health and reflection), read by proto-loader.

import { Client, credentials, status, type StatusObject } from "@grpc/grpc-js";
import {
  loadSync,
  type AnyDefinition,
  type MethodDefinition,
  type Options,
  type PackageDefinition,
  type ServiceDefinition,
} from "@grpc/proto-loader";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { present } from "../../shared/core/assert.js";
import type { Credential } from "../../shared/io/trust/credential.js";
import { credentialDialing } from "../../shared/io/trust/dialing.js";

const require = createRequire(import.meta.url);
const folderOf = (module: string): string => dirname(require.resolve(`${module}/package.json`));
export const options: Options = { longs: Number, enums: String, defaults: true, oneofs: true };
const ownProtos = ["actor", "cluster", "job", "merger"].map((name) => `noctua/v1/${name}.proto`);
export const own = loadSync(ownProtos, {
  ...options,
  includeDirs: [fileURLToPath(new URL("../../../proto", import.meta.url))],
});
export const health = loadSync(join(folderOf("grpc-health-check"), "proto/health/v1/health.proto"), options);
export const reflection = loadSync(
  join(folderOf("@grpc/reflection"), "build/proto/grpc/reflection/v1/reflection.proto"),
  options,
);
export const ownServices = ["ActorService", "ClusterService", "JobService", "MergerService"].map(
  (name) => `noctua.v1.${name}`,
);

export function isService(definition: AnyDefinition | undefined): definition is ServiceDefinition {
  return definition !== undefined && !("format" in definition);
}

export function serviceIn(definitions: PackageDefinition, name: string): ServiceDefinition {
  const definition = definitions[name];
  if (!isService(definition)) throw new Error(`expected a service ${name}`);
  return definition;
}

export function methodIn(
  definitions: PackageDefinition,
  service: string,
  method: string,
): MethodDefinition<object, object> {
  const found: MethodDefinition<object, object> | undefined = serviceIn(definitions, service)[method];
  return present(found, method);
}

const dialled: Client[] = [];

/** Ends all connections of the test. */
export function hangUp(): void {
  for (const client of dialled.splice(0)) client.close();
}

export function dial(port: number, credential?: Credential): Client {
  const how =
    credential === undefined
      ? { credentials: credentials.createInsecure(), options: {} }
      : credentialDialing({ host: "127.0.0.1", port }, credential);
  const client = new Client(`127.0.0.1:${port}`, how.credentials, how.options);
  dialled.push(client);
  return client;
}

export interface Answers {
  readonly messages: Readonly<Record<string, unknown>>[];
  readonly code: status;
  readonly details: string;
}

/** Calls a method of whatever kind with one message; so many answers are waited for, or the end of the call. */
export function call(
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

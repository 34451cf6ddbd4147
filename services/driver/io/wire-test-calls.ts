// For tests: any call that clients have, by its name.

import {
  Client,
  type CallOptions,
  type Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import { ClusterServiceService } from "../../../gen/noctua/v1/cluster.js";
import { JobServiceService } from "../../../gen/noctua/v1/job.js";
import { present } from "../../shared/core/assert.js";
import { dial, type DriverPort } from "./wire-test-peer.js";

export type AnyRequest = Readonly<Record<string, unknown>>;

const definitions: Readonly<Record<string, MethodDefinition<unknown, unknown>>> = {
  ...byName(JobServiceService),
  ...byName(ClusterServiceService),
};

function byName(service: ServiceDefinition): Record<string, MethodDefinition<unknown, unknown>> {
  return Object.fromEntries(
    Object.values(service).map((method) => [method.path.split("/").at(-1) ?? "", method as never]),
  );
}

/** Names of all calls that clients have. */
export function callsOf(): string[] {
  return Object.keys(definitions);
}

interface AnyCall {
  readonly request: AnyRequest;
  readonly metadata: Metadata;
  readonly options: CallOptions;
}

/** The error that a call ends with; null when it ends well. */
export async function callAny(
  at: DriverPort,
  name: string,
  { request, metadata, options }: AnyCall,
): Promise<ServiceError | null> {
  const { path, responseStream, requestSerialize, responseDeserialize } = present(definitions[name], name);
  const client = dial(Client, at, "writer");
  try {
    return await new Promise((resolve) => {
      const of = [path, requestSerialize, responseDeserialize, request, metadata, options] as const;
      if (!responseStream) {
        client.makeUnaryRequest(...of, resolve);
        return;
      }
      const call = client.makeServerStreamRequest(...of);
      call.on("data", () => undefined);
      call.on("error", (error: ServiceError) => resolve(error));
      call.on("end", () => resolve(null));
    });
  } finally {
    client.close();
  }
}

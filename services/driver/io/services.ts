// What the driver's port serves: clients, actors and mergers, each in its own dialect.

import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { ClusterService } from "./cluster-service.js";
import type { JobService } from "./job-service.js";
import type { GrpcServerOptions } from "./server.js";
import { serveSession, type GatewayParts } from "./session-gateway.js";
import { clusterService } from "./wire-cluster.js";
import { jobService } from "./wire-jobs.js";
import {
  hearMerger,
  mergerService,
  sayToMerger,
  type MergerRequest,
  type MergerResponse,
} from "./wire-merger.js";
import { actorService, hearActor, sayToActor, type ActorRequest, type ActorResponse } from "./wire.js";

/** What clients ask. */
interface ClientServices {
  readonly jobs: JobService;
  readonly cluster: ClusterService;
}

/** By full name. */
export function servicesOf(clients: ClientServices, gateway: GatewayParts): GrpcServerOptions["services"] {
  return {
    "noctua.v1.JobService": { definition: jobService, handlers: clients.jobs.handlers() },
    "noctua.v1.ClusterService": { definition: clusterService, handlers: clients.cluster.handlers() },
    "noctua.v1.ActorService": {
      definition: actorService,
      handlers: {
        actorSession: (call: ServerDuplexStream<ActorRequest, ActorResponse>) =>
          serveSession(
            call,
            { hear: hearActor, say: (sayings) => sayToActor(sayings, gateway.epoch) },
            gateway,
          ),
      },
    },
    "noctua.v1.MergerService": {
      definition: mergerService,
      handlers: {
        mergerSession: (call: ServerDuplexStream<MergerRequest, MergerResponse>) =>
          serveSession(
            call,
            { hear: hearMerger, say: (sayings) => sayToMerger(sayings, gateway.epoch) },
            gateway,
          ),
      },
    },
  };
}

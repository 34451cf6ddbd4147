// The one port of the run: gRPC with its services, health and reflection; every call needs a credential of the run, and none
// costs more than it may (calls.ts, wire-reading.ts, stream-bounds.ts).

import {
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import type { Clock } from "../../shared/core/clock.js";
import type { Logger } from "../../shared/io/logger.js";
import { every, systemClock, type Cancel } from "../../shared/io/system-clock.js";
import { messageBytesMax } from "../../shared/io/trust/limits.js";
import { checkCalls } from "../../shared/io/trust/serving.js";
import { boundCalls, newGates, readHeaders, type Gates } from "./calls.js";
import { CredentialEnds } from "./credential-ends.js";
import { withHttp2Below } from "./http2-below.js";
import { streamLimits, streamsPerConnectionMax } from "./limits-of-calls.js";
import { startListener, type ListenerOptions } from "./listener.js";
import { StreamBounds, type StreamLimits } from "./stream-bounds.js";
import { readable } from "./wire-reading.js";
import { reflectionService } from "./wire-reflection.js";

/** A service and who serves it. */
export interface Served {
  readonly definition: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

export interface GrpcServerOptions extends ListenerOptions {
  /** By full name. */
  readonly services: Readonly<Record<string, Served>>;
  /** By which credentials end; the system's when left out. */
  readonly clock?: Pick<Clock, "unixMs">;
  /** Has it looked now and then which have ended; each second when left out. */
  readonly everyMoment?: (look: () => void) => Cancel;
  /** `streamLimits` when left out. */
  readonly limits?: StreamLimits;
  /** Which all calls go by, and the server closes; its own when left out. */
  readonly gates?: Gates;
  readonly log: Logger;
}

export interface GrpcServer {
  readonly port: number;
  setServing(serving: boolean): void;
  /** Takes no more connections, and ends those that there are: peers dial the next driver. */
  close(): void;
}

const everySecond = (look: () => void): Cancel => every(1_000, look);

export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const ends = new CredentialEnds(options.clock ?? systemClock);
  const gates = options.gates ?? newGates(systemClock);
  const server = new BoundServer({
    "grpc.max_concurrent_streams": streamsPerConnectionMax,
    "grpc.max_receive_message_length": messageBytesMax,
    "grpc.max_send_message_length": messageBytesMax,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 20_000,
    interceptors: [
      boundCalls(gates),
      ...checkCalls(options.trust, (certificate, end) => ends.enter(certificate, end)),
    ],
  });
  const names = Object.keys(options.services);
  for (const { definition, handlers } of Object.values(options.services))
    server.addService(definition, handlers);
  const health = new HealthImplementation({ "": "NOT_SERVING" });
  health.addToServer(server);
  reflectionService(names).addToServer(server);

  // What comes in has shown who it is: it is the listener that speaks TLS.
  const { made: injector, below } = withHttp2Below(() =>
    server.createConnectionInjector(ServerCredentials.createInsecure()),
  );
  const { limits = streamLimits, log } = options;
  const bounds = new StreamBounds({ limits, manyMessages: server.manyMessages, log });
  const stopKeeping = bounds.keep(below);
  below.prependListener("stream", (_stream, headers) => readHeaders(headers));
  const onFull: ListenerOptions["onFull"] = (of, connectionsMax) =>
    log.warn("no room for another connection: who has most gives way", { of, connectionsMax });
  const listener = await startListener(
    { onFull, ...options },
    {
      takePlain: (socket) => injector.injectConnection(socket),
      take: (socket) => {
        ends.connect(socket);
        injector.injectConnection(socket);
      },
    },
  );
  const stopLooking = (options.everyMoment ?? everySecond)(() => ends.look());
  return {
    port: listener.port,
    setServing: (serving) => {
      for (const name of ["", ...names]) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING");
    },
    close: () => {
      stopLooking();
      listener.close();
      stopKeeping();
      for (const gate of [gates.calls, gates.reads, gates.sessions]) gate.close();
      injector.destroy();
      server.forceShutdown();
    },
  };
}

/** Reads all requests as wire-reading.ts says, whoever adds their service. */
class BoundServer extends Server {
  /** Paths of calls that take several messages. */
  readonly manyMessages = new Set<string>();

  override addService(service: ServiceDefinition, handlers: UntypedServiceImplementation): void {
    for (const { path, requestStream } of Object.values(service))
      if (requestStream) this.manyMessages.add(path);
    super.addService(readable(service), handlers);
  }
}

// The one port of the run: gRPC with its services, health and reflection; every call needs a credential of the run.

import {
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { messageBytesMax } from "../../shared/io/trust/limits.js";
import { checkCalls } from "../../shared/io/trust/serving.js";
import { startListener, type ListenerOptions } from "./listener.js";
import { reflectionService } from "./wire-reflection.js";

/** A service and who serves it. */
export interface Served {
  readonly definition: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

export interface GrpcServerOptions extends ListenerOptions {
  /** By full name. */
  readonly services: Readonly<Record<string, Served>>;
}

export interface GrpcServer {
  readonly port: number;
  setServing(serving: boolean): void;
  /** Takes no more connections, and ends those that there are: peers dial the next driver. */
  close(): void;
}

export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = new Server({
    "grpc.max_receive_message_length": messageBytesMax,
    "grpc.max_send_message_length": messageBytesMax,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 20_000,
    interceptors: [...checkCalls(options.trust)],
  });
  const names = Object.keys(options.services);
  for (const { definition, handlers } of Object.values(options.services))
    server.addService(definition, handlers);
  const health = new HealthImplementation({ "": "NOT_SERVING" });
  health.addToServer(server);
  reflectionService(names).addToServer(server);

  // What comes in has shown who it is: it is the listener that speaks TLS.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = await startListener(options, (socket) => injector.injectConnection(socket));
  return {
    port: listener.port,
    setServing: (serving) => {
      for (const name of ["", ...names]) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING");
    },
    close: () => {
      listener.close();
      injector.destroy();
      server.forceShutdown();
    },
  };
}

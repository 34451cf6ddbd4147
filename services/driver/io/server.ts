// The one port of the run: gRPC with its services, health and reflection; every call needs a credential of the run.

import { Server, type UntypedServiceImplementation, type ServiceDefinition } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { createServer, type AddressInfo, type Server as TcpServer } from "node:net";
import { messageBytesMax } from "../../shared/io/trust/limits.js";
import { checkCalls, serverCredentials, type ServerTrust } from "../../shared/io/trust/serving.js";
import { reflectionService } from "./wire-reflection.js";

/** A service and who serves it. */
export interface Served {
  readonly definition: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

export interface GrpcServerOptions {
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
  readonly trust: ServerTrust;
  /** By full name. */
  readonly services: Readonly<Record<string, Served>>;
}

export interface GrpcServer {
  readonly port: number;
  setServing(serving: boolean): void;
  /** Takes no more connections, and ends those that there are: peers dial the next driver. */
  close(): void;
}

/** A thousand actors dial at once; what the queue has no room for comes back after seconds (limits.md §2). */
const backlog = 4_096;

export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const credentials = serverCredentials(options.trust, options.host);
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

  // Our own listener, since grpc-js does not let the backlog be set.
  const injector = server.createConnectionInjector(credentials);
  const listener = createServer((socket) => injector.injectConnection(socket));
  const port = await listen(listener, options);
  return {
    port,
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

function listen(listener: TcpServer, { host, port }: GrpcServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? "the port is in use: leave out --port to get one that is free"
          : error.message;
      reject(new Error(`cannot listen on ${host}:${port}: ${why}`, { cause: error }));
    });
    listener.listen({ host, port, backlog, noDelay: true }, () => {
      const address = listener.address();
      resolve(isAddressInfo(address) ? address.port : port);
    });
  });
}

function isAddressInfo(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

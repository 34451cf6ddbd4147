// The HTTP/2 server that grpc-js makes for itself and shows to nobody. What a call costs before it is a message, and after it
// is answered, can be seen there and nowhere above.

import http2, { type Http2Server } from "node:http2";
import { Server } from "node:net";

/** What `make` makes, and the server that it has Node create meanwhile. */
export function withHttp2Below<Made>(make: () => Made): { readonly made: Made; readonly below: Http2Server } {
  const { createServer } = http2;
  const created: Http2Server[] = [];
  http2.createServer = (...how: unknown[]): Http2Server => {
    const server: unknown = Reflect.apply(createServer, http2, how);
    if (!isServer(server))
      throw new Error("expected Node to create a server of HTTP/2, found something else");
    created.push(server);
    return server;
  };
  try {
    const made = make();
    const [below] = created;
    if (below === undefined) throw new Error("expected grpc-js to create a server of HTTP/2, found none");
    return { made, below };
  } finally {
    http2.createServer = createServer;
  }
}

function isServer(made: unknown): made is Http2Server {
  return made instanceof Server;
}

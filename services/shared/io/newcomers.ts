// Connections whose other end has not shown who it is: anybody can open them, and none of them may cost us a descriptor
// that a file needs.
//
//   N1. There are only so many. The oldest is ended to make room, since who is in earnest is done in a moment.

import type { Socket } from "node:net";

type End = Pick<Socket, "remoteAddress" | "remotePort">;

export class Newcomers {
  readonly #max: number;
  /** By their other end, in order of arrival. */
  readonly #sockets = new Map<string, Socket>();

  constructor(max: number) {
    this.#max = max;
  }

  add(socket: Socket): void {
    const [oldest] = this.#sockets.size < this.#max ? [] : this.#sockets;
    if (oldest !== undefined) {
      this.#sockets.delete(oldest[0]);
      oldest[1].destroy(); // (N1)
    }
    const key = keyOf(socket);
    this.#sockets.set(key, socket);
    socket.once("close", () => {
      if (this.#sockets.get(key) === socket) this.#sockets.delete(key);
    });
  }

  /** It has shown who it is; what TLS has made of the socket will do. */
  leave(end: End): void {
    this.#sockets.delete(keyOf(end));
  }

  endAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
    this.#sockets.clear();
  }
}

function keyOf({ remoteAddress, remotePort }: End): string {
  return `${remoteAddress ?? ""} ${remotePort ?? ""}`;
}

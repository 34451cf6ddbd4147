// Connections of one kind of party, all of which have shown their credential, when there is not room for ever more.
//
//   C1. There are only so many. Where one more comes, who has most gives way, with its newest, to who has fewer; who has
//       most itself is refused. So whoever opens connections in a loop keeps nobody out but itself.

import type { Socket } from "node:net";

export class ConnectionShares {
  readonly #max: number;
  readonly #onFull: () => void;
  readonly #ofHolder = new Map<string, Set<Socket>>();
  #count = 0;

  constructor(max: number, onFull: () => void) {
    this.#max = max;
    this.#onFull = onFull;
  }

  /** Takes a connection in, or ends it: false. */
  add(holder: string, socket: Socket): boolean {
    const own = this.#ofHolder.get(holder) ?? new Set();
    const isFull = this.#count >= this.#max;
    if (isFull) this.#onFull();
    if (isFull && !this.#makeRoom(own.size)) {
      socket.destroy();
      return false;
    }
    own.add(socket);
    this.#ofHolder.set(holder, own);
    this.#count += 1;
    socket.once("close", () => this.#forget(holder, socket));
    return true;
  }

  /** For one who has so many (C1). Everybody is looked at, which costs less than the handshake that came before. */
  #makeRoom(own: number): boolean {
    let most: readonly [string, ReadonlySet<Socket>] | undefined;
    for (const entry of this.#ofHolder) if (entry[1].size > (most?.[1].size ?? own + 1)) most = entry;
    const newest = most === undefined ? undefined : [...most[1]].at(-1);
    if (most === undefined || newest === undefined) return false;
    this.#forget(most[0], newest);
    newest.destroy();
    return true;
  }

  #forget(holder: string, socket: Socket): void {
    const sockets = this.#ofHolder.get(holder);
    if (sockets?.delete(socket) !== true) return;
    this.#count -= 1;
    if (sockets.size === 0) this.#ofHolder.delete(holder);
  }
}

// Credentials that end while they are in use.
//
//   E1. With a credential end the calls that are made with it, streams too, by a status that says so; and a moment later the
//       connections that were opened with it.

import type { TLSSocket } from "node:tls";
import type { Clock } from "../../shared/core/clock.js";
import { endedCredential, endOf, type CallEnd, type PeerCertificate } from "../../shared/io/trust/serving.js";

/** What is done with one credential now. */
interface InUse {
  readonly certificate: PeerCertificate;
  readonly sockets: Set<TLSSocket>;
  readonly calls: Set<(end: CallEnd) => void>;
  /** Its calls were ended, and its connections are next. */
  isOver: boolean;
}

export class CredentialEnds {
  readonly #clock: Pick<Clock, "unixMs">;
  /** By the fingerprint of its certificate: there are few, since those of a role share one. */
  readonly #inUse = new Map<string, InUse>();

  constructor(clock: Pick<Clock, "unixMs">) {
    this.#clock = clock;
  }

  connect(socket: TLSSocket): void {
    const certificate = socket.getPeerCertificate();
    const key = certificate.fingerprint256;
    const inUse: InUse = this.#inUse.get(key) ?? {
      certificate,
      sockets: new Set(),
      calls: new Set(),
      isOver: false,
    };
    this.#inUse.set(key, inUse);
    inUse.sockets.add(socket);
    socket.once("close", () => {
      inUse.sockets.delete(socket);
      if (inUse.sockets.size === 0) this.#inUse.delete(key);
    });
  }

  /** A call begins on one of the connections; returns what tells that it is over. */
  enter({ fingerprint256 = "" }: PeerCertificate, end: (how: CallEnd) => void): () => void {
    const calls = this.#inUse.get(fingerprint256)?.calls;
    calls?.add(end);
    return () => calls?.delete(end);
  }

  /** Ends what has ended since the last look (E1). */
  look(): void {
    const now = this.#clock.unixMs();
    for (const [key, inUse] of this.#inUse) {
      if (endOf(inUse.certificate) > now) continue;
      if (inUse.isOver) this.#hangUp(key, inUse);
      else tellAll(inUse);
    }
  }

  #hangUp(key: string, { sockets }: InUse): void {
    this.#inUse.delete(key);
    for (const socket of sockets) socket.destroy();
  }
}

function tellAll(inUse: InUse): void {
  inUse.isOver = true;
  for (const end of inUse.calls) end(endedCredential(inUse.certificate));
  inUse.calls.clear();
}

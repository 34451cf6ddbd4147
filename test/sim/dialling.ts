// Keeps a peer's link to the driver, as services/shared/io/driver-link.ts does: dials, again and again, with jittered waits.

import { backoffMs } from "../../services/shared/core/rng.js";
import type { Dice } from "./dice.js";
import type { Network } from "./network.js";
import type { Dialler, PeerLink } from "./stream.js";
import type { Timeline } from "./timeline.js";

const backoff = { firstMs: 200, lastMs: 5_000 };

export class Dialling<Message, Heard, Request, Response> {
  readonly #world: { readonly timeline: Timeline; readonly network: Network };
  readonly #dice: Dice;
  readonly #dialler: Dialler<Message, Heard, Request, Response>;
  #link: PeerLink<Message> | undefined;
  #attempt = 0;

  constructor(
    world: { readonly timeline: Timeline; readonly network: Network },
    dice: Dice,
    dialler: Dialler<Message, Heard, Request, Response>,
  ) {
    this.#world = world;
    this.#dice = dice;
    this.#dialler = {
      ...dialler,
      onUp: (link) => {
        this.#link = link;
        dialler.onUp(link);
      },
      onMessage: (heard) => {
        this.#attempt = 0;
        dialler.onMessage(heard);
      },
      onDown: (reason, fenced) => {
        const wasUp = this.#link !== undefined;
        this.#link = undefined;
        if (wasUp) dialler.onDown(reason, fenced);
        this.#again();
      },
    };
  }

  begin(): void {
    if (!this.#world.network.dial(this.#dialler)) this.#again();
  }

  /** Nothing happens when there is no link: the next hello makes up for it. */
  send(message: Message): void {
    this.#link?.send(message);
  }

  /** Gives this link up, and dials again. */
  renew(): void {
    this.leave();
    this.#again();
  }

  /** Ends the link in good order. */
  leave(): void {
    this.#link?.close();
    this.#link = undefined;
  }

  #again(): void {
    const waitMs = backoffMs(this.#attempt, backoff, this.#dice.rng);
    this.#attempt += 1;
    this.#world.timeline.after(waitMs, this.#dialler.lifetime, () => this.begin());
  }
}

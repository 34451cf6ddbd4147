// Asks something of the driver until there is an answer: again and again under the same request id, since questions and
// answers may be lost; and sometimes once more after that.

import type { Dice } from "./dice.js";
import type { DriverProcess } from "./driver-process.js";
import type { ClientAnswer, ClientAsking, Sight } from "./sighting.js";
import type { Lifetime, Timeline } from "./timeline.js";

export interface ClientWorld {
  readonly timeline: Timeline;
  readonly sight: Sight;
  readonly driver: () => DriverProcess | undefined;
  readonly isCalm: () => boolean;
}

const latencyMs = [0, 200] as const;
const retryMs = [500, 5_000] as const;
const lateMs = [0, 60_000] as const;

export class Inquiry {
  readonly #world: ClientWorld;
  readonly #dice: Dice;
  readonly #lifetime: Lifetime;
  readonly #asking: ClientAsking;
  readonly #onAnswer: (answer: ClientAnswer) => void;
  #isAnswered = false;

  constructor(
    world: ClientWorld,
    { dice, lifetime }: { readonly dice: Dice; readonly lifetime: Lifetime },
    asking: ClientAsking,
    onAnswer: (answer: ClientAnswer) => void,
  ) {
    this.#world = world;
    this.#dice = dice;
    this.#lifetime = lifetime;
    this.#asking = asking;
    this.#onAnswer = onAnswer;
  }

  /** `onAnswer` is told the first answer. */
  begin(): void {
    this.#askOnce();
    this.#after(retryMs, () => {
      if (!this.#isAnswered) this.begin();
    });
  }

  #askOnce(): void {
    this.#world.sight({ kind: "client-asked", asking: this.#asking });
    this.#after(latencyMs, () => {
      this.#world.driver()?.ask(this.#asking, (answer) => {
        const isLost = !this.#world.isCalm() && this.#dice.chance(0.2);
        if (!isLost) this.#after(latencyMs, () => this.#take(answer));
      });
    });
  }

  #take(answer: ClientAnswer): void {
    this.#world.sight({ kind: "client-told", asking: this.#asking, answer });
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    if (this.#dice.chance(0.3)) this.#after(lateMs, () => this.#askOnce());
    this.#onAnswer(answer);
  }

  #after(bounds: readonly [number, number], run: () => void): void {
    this.#world.timeline.after(this.#dice.between(bounds), this.#lifetime, run);
  }
}

// A user who looks after nodes: has one drained now and then, and later given work again.

import { shownNodes } from "../../services/driver/core/node-status.js";
import type { NodeControl } from "../../services/driver/core/facts/fact-node.js";
import type { Dice } from "./dice.js";
import { Inquiry, type ClientWorld } from "./inquiry.js";
import { Lifetime } from "./timeline.js";

const drainMs = [0, 60_000] as const;
const lookMs = 30_000;

export class Operator {
  readonly #world: ClientWorld;
  readonly #dice: Dice;
  readonly #lifetime = new Lifetime();
  #requests = 0;

  constructor(world: ClientWorld, dice: Dice) {
    this.#world = world;
    this.#dice = dice;
  }

  /** Drains some node every so often; undefined: none. */
  begin(meanMs: number | undefined): void {
    if (meanMs === undefined) return;
    this.#drainAgain(meanMs);
    this.#mendAgain();
  }

  #drainAgain(meanMs: number): void {
    this.#after(this.#dice.next(meanMs), () => {
      if (this.#world.isCalm()) return;
      this.#world.driver()?.read(
        (farm) => [...shownNodes(farm)],
        (nodes) => {
          if (nodes.length > 0) this.#drain(this.#dice.pick(nodes));
        },
      );
      this.#drainAgain(meanMs);
    });
  }

  #drain(node: string): void {
    this.#ask("drain", node, () =>
      this.#after(this.#dice.between(drainMs), () => this.#ask("undrain", node, () => undefined)),
    );
  }

  /** A request that was thought refused may have been repeated and kept: whoever sees that mends it in the end. */
  #mendAgain(): void {
    this.#after(lookMs, () => {
      if (this.#world.isCalm())
        this.#world.driver()?.read(
          ({ drained }) => [...drained],
          (nodes) => {
            for (const node of nodes) this.#ask("undrain", node, () => undefined);
          },
        );
      this.#mendAgain();
    });
  }

  #ask(control: NodeControl, node: string, onAnswer: () => void): void {
    this.#requests += 1;
    const requestId = `operator/request-${this.#requests}`;
    const asking = { kind: "control-node", requestId, node, control, reason: "repair" } as const;
    const parts = { dice: this.#dice, lifetime: this.#lifetime };
    new Inquiry(this.#world, parts, asking, onAnswer).begin();
  }

  #after(ms: number, run: () => void): void {
    this.#world.timeline.after(ms, this.#lifetime, run);
  }
}

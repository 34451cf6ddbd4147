// Where the driver runs: one process at a time, started again whenever it is gone. What a new one has read from the journal
// is compared with what the last one had in memory, unless that died with a commit on its way.

import { differenceBetween } from "../../services/driver/core/spec-check.js";
import type { FarmView } from "../../services/driver/core/farm.js";
import { Dice } from "./dice.js";
import { DriverProcess, type DriverPieces, type DriverWorld } from "./driver-process.js";
import { durableStateOf } from "./durable-state.js";
import { Lifetime } from "./timeline.js";

const restartMs = [50, 5_000] as const;
const longRestartMs = [5_000, 90_000] as const;

export class DriverSeat {
  readonly #world: DriverWorld;
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #pieces: DriverPieces;
  #driver: DriverProcess | undefined;
  #epoch = 0;
  /** What the last driver knew when it died; undefined when it had something on its way. */
  #lastState: object | undefined;

  constructor(world: DriverWorld, seed: number, pieces: DriverPieces) {
    this.#world = world;
    this.#seed = seed;
    this.#dice = new Dice(seed, "driver seat");
    this.#pieces = pieces;
  }

  get driver(): DriverProcess | undefined {
    return this.#driver;
  }

  start(): void {
    this.#epoch += 1;
    const dice = new Dice(this.#seed, `driver ${this.#epoch}`);
    const driver = new DriverProcess(this.#world, dice, this.#pieces, this.#epoch);
    this.#driver = driver;
    driver.begin({
      onRecovered: (farm) => this.#compare(farm),
      onEnd: (error) => {
        if (isOfDisk(error)) this.#leave(driver, textOf(error));
        else this.#world.complain("program", textOf(error));
      },
    });
  }

  /** `kill -9`, if there is anything to kill. */
  crash(): void {
    const driver = this.#driver;
    if (driver === undefined) return;
    this.#world.sight({ kind: "fault", fault: "driver-crash", what: `epoch ${this.#epoch}` });
    this.#leave(driver, "killed");
  }

  #leave(driver: DriverProcess, why: string): void {
    // A driver that dies while it starts has changed nothing, so that what its predecessor knew still holds.
    if (driver.hasStarted) this.#lastState = driver.isIdle ? durableStateOf(driver.farm) : undefined;
    else if (!driver.isIdle) this.#lastState = undefined;
    driver.kill();
    this.#driver = undefined;
    this.#world.sight({ kind: "driver-died", why });
    this.#world.network.listen(undefined);
    this.#world.disk.crash();
    const delayMs = this.#dice.between(this.#dice.chance(0.8) ? restartMs : longRestartMs);
    this.#world.timeline.after(delayMs, new Lifetime(), () => this.start());
  }

  #compare(farm: FarmView): void {
    if (this.#lastState === undefined) return;
    const difference = differenceBetween(this.#lastState, durableStateOf(farm));
    if (difference !== undefined) this.#world.complain("replay", `the farm's ${difference} after recovery`);
  }
}

/** A disk that fails twice in a row, or is full when it starts, ends a driver, and that is right. */
function isOfDisk(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && ["EIO", "ENOSPC"].includes(String(error.code))) || isOfDisk(error.cause);
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

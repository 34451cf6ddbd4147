// Where drivers run: one after the other, started again whenever it is gone; and sometimes one beside another, that took
// the workdir over while the older one was stopped, or ran. What a new one has read from the journal is compared with
// what the last one had in memory, unless that died with a commit on its way.

import { differenceBetween } from "../../services/driver/core/decide/spec-check.js";
import type { FarmView } from "../../services/driver/core/state/farm.js";
import { durableValueOf } from "../../services/driver/core/testing/testing-durable.js";
import { ReplacedError } from "../../services/driver/io/engine.js";
import { Dice } from "./dice.js";
import type { DriverPieces } from "./driver-pieces.js";
import { DriverProcess } from "./driver-process.js";
import type { DriverWorld } from "./driver-world.js";
import { Lifetime } from "./timeline.js";

const restartMs = [50, 5_000] as const;
const longRestartMs = [5_000, 90_000] as const;

export class DriverSeat {
  readonly #world: DriverWorld;
  readonly #seed: number;
  readonly #dice: Dice;
  /** What came later has luck of its own. */
  readonly #pauseDice: Dice;
  readonly #pieces: DriverPieces;
  /** The one that claimed last, if it lives. */
  #driver: DriverProcess | undefined;
  /** What the last driver knew when it died; undefined when it had something on its way. */
  #lastState: unknown;

  constructor(world: DriverWorld, seed: number, pieces: DriverPieces) {
    this.#world = world;
    this.#seed = seed;
    this.#dice = new Dice(seed, "driver seat");
    this.#pauseDice = new Dice(seed, "driver pauses");
    this.#pieces = pieces;
  }

  get driver(): DriverProcess | undefined {
    return this.#driver;
  }

  start(): void {
    const { claims, sight, complain } = this.#world;
    claims.highest += 1;
    sight({ kind: "driver-claimed", epoch: claims.highest });
    const dice = new Dice(this.#seed, `driver ${claims.highest}`);
    const driver = new DriverProcess(this.#world, dice, this.#pieces, claims.highest);
    this.#driver = driver;
    driver.begin({
      onRecovered: (farm) => this.#compare(farm),
      onEnd: (error) => {
        if (isOfReplacement(error) && driver !== this.#driver) this.#end(driver, "replaced");
        else if (isOfDisk(error)) this.#leave(driver, textOf(error));
        else complain("program", textOf(error));
      },
    });
  }

  /** `kill -9`, if there is anything to kill. */
  crash(): void {
    const driver = this.#driver;
    if (driver === undefined) return;
    this.#world.sight({ kind: "fault", fault: "driver-crash", what: `epoch ${driver.epoch}` });
    this.#leave(driver, "killed");
  }

  /** SIGSTOP, and SIGCONT after a while; perhaps another one takes the workdir over meanwhile. */
  pause(): void {
    const driver = this.#driver;
    if (driver === undefined || driver.lifetime.isPaused) return;
    const { timeline, network, sight, profile } = this.#world;
    const { pauseMs, takeOverChance } = profile.processes;
    const forMs = this.#pauseDice.between(pauseMs);
    const what = `epoch ${driver.epoch} for ${(forMs / 1_000).toFixed(1)} s`;
    sight({ kind: "fault", fault: "driver-pause", what });
    timeline.pause(driver.lifetime, forMs, () => sight({ kind: "resumed", who: `driver ${driver.epoch}` }));
    network.hang(driver.lifetime, ({ listener }) => listener.lifetime === driver.lifetime);
    if (!this.#pauseDice.chance(takeOverChance)) return;
    timeline.after(forMs * this.#pauseDice.rng.next(), new Lifetime(), () => {
      if (this.#driver === driver) this.takeOver();
    });
  }

  /** Another driver starts with --take-over, whatever the one before does. */
  takeOver(): void {
    const driver = this.#driver;
    if (driver === undefined) return;
    this.#world.sight({ kind: "fault", fault: "driver-takeover", what: `of epoch ${driver.epoch}` });
    this.#lastState = undefined;
    this.start();
  }

  #leave(driver: DriverProcess, why: string): void {
    if (driver !== this.#driver) {
      this.#end(driver, why);
      return;
    }
    // A driver that dies while it starts has changed nothing, so that what its predecessor knew still holds.
    if (driver.hasStarted) this.#lastState = driver.isIdle ? durableValueOf(driver.farm) : undefined;
    else if (!driver.isIdle) this.#lastState = undefined;
    this.#driver = undefined;
    this.#end(driver, why);
    this.#world.disk.crash();
    const delayMs = this.#dice.between(this.#dice.chance(0.8) ? restartMs : longRestartMs);
    this.#world.timeline.after(delayMs, new Lifetime(), () => this.start());
  }

  #end(driver: DriverProcess, why: string): void {
    driver.kill();
    this.#world.sight({ kind: "driver-died", epoch: driver.epoch, why });
    this.#world.network.silence(driver.lifetime);
  }

  #compare(farm: FarmView): void {
    if (this.#lastState === undefined) return;
    const difference = differenceBetween(this.#lastState, durableValueOf(farm));
    if (difference !== undefined) this.#world.complain("replay", `the farm's ${difference} after recovery`);
  }
}

/** A disk that fails twice in a row, or is full when it starts, ends a driver, and that is right. */
function isOfDisk(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && ["EIO", "ENOSPC"].includes(String(error.code))) || isOfDisk(error.cause);
}

/** The claim says so; or, while it starts, a segment of its successor's. */
function isOfReplacement(error: unknown): boolean {
  return error instanceof ReplacedError || textOf(error).includes("a later driver has begun");
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// The processes of a run on one machine: a driver, an actor, mergers.
//
//   T1. The actor and the mergers are started when the driver can be reached, and stopped before it.
//   T2. When one of them is given up, `failed` is aborted with the reason; the others are still running then. When the
//       actor has left, since its node's wall time ends or somebody had it drain, `left` is.

import { hostname } from "node:os";
import { join } from "node:path";
import { readAddress } from "../../shared/io/address-file.js";
import { sleep, systemClock, systemRng } from "../../shared/io/system-clock.js";
import { firstStartLimits, restartLimits } from "../core/restart-policy.js";
import { CliError, exitCodes } from "./cli-error.js";
import type { ServiceName } from "./load-service.js";
import { SupervisedService } from "./supervised-service.js";

/** Program and arguments that start a service, without the service's own arguments. */
export type ServiceCommand = (service: ServiceName) => readonly string[];

export interface TeamOptions {
  readonly workdir: string;
  /** Settings file; undefined where the services look for it themselves. */
  readonly config: string | undefined;
  /** Cores that the actor keeps busy; undefined where its settings say. */
  readonly slots: number | undefined;
  /** Processes that merge. */
  readonly mergers: number;
  readonly serviceCommand: ServiceCommand;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onNote: (note: string) => void;
}

/** How long payloads and merges that run may go on when the run is stopped: with what follows, less than `stopGraceMs`. */
const grace = ["--grace", "5s"];
/** From TERM to KILL, for each phase of the stop. */
const stopGraceMs = 15_000;
const addressPollMs = 50;
/** A driver with a long journal takes a while; after this a person should hear of it. */
const slowStartMs = 10_000;
const startMsMax = 600_000;

export class ServiceTeam {
  readonly #options: TeamOptions;
  readonly #failure = new AbortController();
  readonly #leave = new AbortController();
  readonly #rng = systemRng();
  readonly #driver: SupervisedService;
  readonly #others: readonly SupervisedService[];

  constructor(options: TeamOptions) {
    this.#options = options;
    const { slots, mergers } = options;
    this.#driver = this.#service("driver", "driver", []);
    const slotsArgs = slots === undefined ? [] : ["--slots", String(slots)];
    const actor = this.#service("actor", "actor", [...slotsArgs, ...grace]);
    // One has its own name; of several each needs one.
    const names = Array.from({ length: mergers }, (_, i) => `merger${i + 1}`);
    const merging =
      mergers === 1
        ? [this.#service("merger", "merger", grace)]
        : names.map((name) => this.#service(name, "merger", [...grace, "--name", `${hostname()}-${name}`]));
    this.#others = [actor, ...merging];
  }

  /** Aborted when a service is given up (T2). */
  get failed(): AbortSignal {
    return this.#failure.signal;
  }

  /** Aborted with a sentence when the actor has left (T2). */
  get left(): AbortSignal {
    return this.#leave.signal;
  }

  /** Resolves when the driver has written its address (T1). */
  async startDriver(signal: AbortSignal): Promise<void> {
    const startedAtMs = systemClock.nowMs();
    let isNoted = false;
    this.#driver.start();
    for (;;) {
      const address = await readAddress(this.#options.workdir);
      if (address !== undefined && address.pid === this.#driver.pid) {
        this.#driver.markReady();
        return;
      }
      const waitedMs = systemClock.nowMs() - startedAtMs;
      if (waitedMs > slowStartMs && !isNoted) {
        isNoted = true;
        this.#options.onNote(`the driver is still starting; its log is ${this.#logPath("driver")}`);
      }
      if (waitedMs > startMsMax) {
        const expected = `expected the driver to be ready within ${startMsMax / 1_000} s`;
        throw new CliError(exitCodes.driverUnavailable, `${expected}; its log is ${this.#logPath("driver")}`);
      }
      await sleep(addressPollMs, signal);
    }
  }

  startOthers(): void {
    for (const service of this.#others) {
      service.start();
      service.markReady(); // Nobody tells when they are.
    }
  }

  /** Ends all of them, in order (T1). When it resolves none is left; it tells how long that took. */
  async stop(): Promise<string> {
    const beganAtMs = systemClock.nowMs();
    await Promise.all(this.#others.map((service) => service.stop(stopGraceMs)));
    const betweenMs = systemClock.nowMs();
    await this.#driver.stop(stopGraceMs);
    const driverMs = systemClock.nowMs() - betweenMs;
    return `actor and mergers took ${inSeconds(betweenMs - beganAtMs)}, the driver ${inSeconds(driverMs)}`;
  }

  #service(name: string, service: ServiceName, args: readonly string[]): SupervisedService {
    const { workdir, config, env, onNote, serviceCommand } = this.#options;
    const configArgs = config === undefined ? [] : ["--config", config];
    return new SupervisedService({
      name,
      command: [...serviceCommand(service), "--workdir", workdir, ...configArgs, ...args],
      env,
      logPath: this.#logPath(name),
      limits: { first: firstStartLimits, ready: restartLimits },
      rng: this.#rng,
      onNote,
      ...(service === "actor" ? { onLeft: () => this.#leave.abort(this.#farewell(name)) } : {}),
      onGivenUp: (error) => this.#failure.abort(error),
    });
  }

  #farewell(name: string): string {
    const why = "the wall time of its node ends, or it was asked to";
    return `the ${name} has left, since ${why} (its log is ${this.#logPath(name)})`;
  }

  #logPath(name: string): string {
    return join(this.#options.workdir, "logs", `${name}.log`);
  }
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

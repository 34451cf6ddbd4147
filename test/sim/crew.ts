// Actors and mergers on their nodes: started, stopped, killed, drained, lost with their node, and started again; and
// allocations, which end for all actors together.

import { ActorProcess } from "./actor-process.js";
import { Dice } from "./dice.js";
import { MergerProcess } from "./merger-process.js";
import { firstNode, traitsOf } from "./node-traits.js";
import { handInMs, type PeerWorld } from "./peer-process.js";
import type { Peer } from "./sighting.js";
import { Lifetime } from "./timeline.js";

type Process = ActorProcess | MergerProcess;

/** A place for one process at a time. */
class Berth {
  process: Process | undefined;
  /** Grows when the node is lost: the next one has another name. */
  node = 1;
  incarnations = 0;
  readonly role: Peer["role"];
  readonly number: number;
  readonly slots: number;

  constructor(role: Peer["role"], number: number, slots: number) {
    this.role = role;
    this.number = number;
    this.slots = slots;
  }
}

/** Beyond its deadline, who was told to stop may need so long to notice. */
const stopSlackMs = 2_000;
/** Between two allocations. */
const betweenMs = [1_000, 20_000] as const;

export class Crew {
  readonly #world: PeerWorld;
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #nodeDice: Dice;
  readonly #berths: Berth[];
  /** Those that have a berth, and those that lost it to a twin. */
  readonly #alive = new Map<Peer, Process>();
  /** When the present allocation ends. */
  #endsAtMs: number | undefined;
  /** Whether an allocation has ended, and the next one has not begun. */
  #isOver = false;

  constructor(world: PeerWorld, seed: number) {
    this.#world = world;
    this.#seed = seed;
    this.#dice = new Dice(seed, "crew");
    this.#nodeDice = new Dice(seed, "nodes");
    const { actorSlots, mergers } = world.profile;
    this.#berths = [
      ...actorSlots.map((slots, i) => new Berth("actor", i + 1, slots)),
      ...Array.from({ length: mergers }, (_, i) => new Berth("merger", i + 1, this.#dice.whole([1, 2]))),
    ];
  }

  get nodes(): string[] {
    return this.#berths.map(nodeOf);
  }

  /** Starts everybody, sooner or later. */
  begin(): void {
    const { lateChance, lateMs, isFirstBroken } = this.#world.profile.nodes;
    this.#beginAllocation();
    for (const berth of this.#berths) {
      const isAfterFirst = isFirstBroken && berth.role === "actor" && nodeOf(berth) !== firstNode;
      const isLate = this.#nodeDice.chance(lateChance) || isAfterFirst;
      this.#startIn(berth, this.#dice.between([0, 3_000]) + (isLate ? this.#nodeDice.between(lateMs) : 0));
    }
  }

  /** `kill -9` of some process of the role. */
  crashSome(role: Peer["role"]): void {
    const process = this.#pick(role)?.process;
    if (process !== undefined) this.crash(process.peer);
  }

  /** `kill -9` of a process, if it still lives; perhaps its node goes too. */
  crash(peer: Peer, nodeLossChance = this.#world.profile.processes.nodeLossChance): void {
    const berth = this.#berths.find(({ process }) => process?.peer === peer);
    if (berth?.process === undefined) return;
    const { restartMs } = this.#world.profile.processes;
    const losesNode = this.#dice.chance(nodeLossChance);
    const fault = peer.role === "actor" ? "actor-crash" : "merger-crash";
    this.#world.sight({ kind: "fault", fault, what: peer.name });
    this.#kill(berth, berth.process, losesNode);
    this.#startIn(berth, this.#dice.between(restartMs));
  }

  /** SIGSTOP of some process, and SIGCONT after a while. */
  pause(): void {
    const process = this.#pick(this.#dice.pick(["actor", "merger"]))?.process;
    if (process === undefined) return;
    const { sight, timeline, network, profile } = this.#world;
    const { peer, lifetime } = process;
    const forMs = this.#dice.between(profile.processes.pauseMs);
    const what = `${peer.incarnation} for ${(forMs / 1_000).toFixed(1)} s`;
    sight({ kind: "fault", fault: "peer-pause", what });
    timeline.pause(lifetime, forMs, () => sight({ kind: "resumed", who: peer.incarnation }));
    network.hang(lifetime, (stream) => stream.peer === peer);
  }

  /** Tells some process to stop in good order. */
  drain(): void {
    const process = this.#pick(this.#dice.pick(["actor", "actor", "merger"]))?.process;
    if (process !== undefined) this.#drain(process, this.#dice.between([0, 30_000]));
  }

  /** Starts a process under the name of one that lives: the driver fences one of them, and only one place is taken. */
  twin(): void {
    const berth = this.#pick(this.#dice.pick(["actor", "merger"]));
    if (berth?.process === undefined) return;
    this.#world.sight({ kind: "fault", fault: "twin", what: berth.process.peer.name });
    this.#start(berth);
  }

  /** Somebody looks after nodes in quarantine: they are exchanged. */
  mend(quarantined: ReadonlySet<string>): void {
    for (const { peer } of this.#actors()) if (quarantined.has(peer.node)) this.crash(peer, 1);
  }

  /** What everybody is still busy with, in words, who has lost its place to a twin too; undefined when nobody is. */
  get unrest(): string | undefined {
    for (const process of this.#alive.values()) {
      const { isWelcome: _, isDraining: __, ...tally } = process.tally;
      const busy = Object.entries(tally).filter(([, count]) => count > 0);
      if (busy.length > 0)
        return `${process.peer.name} has ${busy.map(([what, n]) => `${n} ${what}`).join(", ")}`;
    }
    return undefined;
  }

  /** Nodes are lent for a time; once the world is calm, for as long as it takes. */
  #beginAllocation(): void {
    const { timeline, profile, isCalm } = this.#world;
    const { allocationMs, allocationGraceMs } = profile.nodes;
    this.#isOver = false;
    this.#endsAtMs = undefined;
    if (allocationMs === undefined || isCalm()) return;
    const beganMs = timeline.nowMs;
    this.#endsAtMs = beganMs + allocationMs;
    const graceMs = Math.min(allocationGraceMs, allocationMs);
    timeline.after(allocationMs - graceMs, new Lifetime(), () => {
      for (const process of this.#actors()) this.#drain(process, graceMs);
    });
    timeline.after(allocationMs, new Lifetime(), () => this.#endAllocation());
  }

  #endAllocation(): void {
    this.#world.sight({ kind: "fault", fault: "allocation-end", what: "all actors" });
    this.#isOver = true;
    const actors = this.#berths.filter(({ role }) => role === "actor");
    for (const berth of actors) {
      if (berth.process !== undefined) this.#kill(berth, berth.process, true);
      else berth.node += 1;
    }
    this.#world.timeline.after(this.#nodeDice.between(betweenMs), new Lifetime(), () => {
      this.#beginAllocation();
      for (const berth of actors) this.#startIn(berth, this.#nodeDice.between([0, 3_000]));
    });
  }

  #actors(): Process[] {
    return this.#berths.flatMap(({ role, process }) =>
      role === "actor" && process !== undefined ? [process] : [],
    );
  }

  #kill(berth: Berth, process: Process, losesNode: boolean): void {
    const { peer } = process;
    process.lifetime.end();
    this.#end(berth, peer, "killed");
    this.#world.network.drop(peer);
    if (!losesNode) return;
    this.#world.sight({ kind: "fault", fault: "node-lost", what: peer.node });
    this.#world.files.loseNode(peer.node);
    berth.node += 1;
  }

  /** Told to stop, a process ends within its deadline, unless it stood still meanwhile (P10). */
  #drain(process: Process, graceMs: number): void {
    const { sight, timeline, complain } = this.#world;
    const { peer, lifetime } = process;
    sight({ kind: "fault", fault: "drain", what: `${peer.name}, grace ${graceMs.toFixed(0)} ms` });
    process.drain(graceMs);
    if (lifetime.isPaused) return; // It hears of it when it goes on.
    const pauses = lifetime.pauses;
    timeline.after(graceMs + handInMs + stopSlackMs, new Lifetime(), () => {
      if (lifetime.isOver || lifetime.isPaused || lifetime.pauses > pauses) return;
      complain(
        "P10",
        `${peer.incarnation} was told to stop within ${graceMs.toFixed(0)} ms, and is still there`,
      );
    });
  }

  #pick(role: Peer["role"]): Berth | undefined {
    const berths = this.#berths.filter((berth) => berth.role === role && berth.process !== undefined);
    return berths.length === 0 ? undefined : this.#dice.pick(berths);
  }

  #startIn(berth: Berth, delayMs: number): void {
    const epochOfNode = berth.node;
    this.#world.timeline.after(delayMs, new Lifetime(), () => {
      const isLent = berth.role === "merger" || !this.#isOver;
      if (isLent && berth.process === undefined && berth.node === epochOfNode) this.#start(berth);
    });
  }

  #start(berth: Berth): void {
    berth.incarnations += 1;
    const node = nodeOf(berth);
    const name = `${berth.role}-${node}`;
    const incarnation = `${name}#${berth.incarnations}`;
    const peer: Peer = { role: berth.role, name, incarnation, node };
    const dice = new Dice(this.#seed, incarnation);
    const onExit = (why: string): void => {
      const hasPlace = berth.process === process;
      this.#end(berth, peer, why);
      if (hasPlace) this.#startIn(berth, this.#dice.between(this.#world.profile.processes.restartMs));
    };
    const { isEndKnown } = this.#world.profile.nodes;
    const odd = traitsOf(this.#seed, { node, number: berth.number }, this.#world.profile.nodes);
    const traits = this.#world.isCalm() ? { ...odd, isBlackHole: false } : odd;
    const allocationEndsAtMs = isEndKnown ? this.#endsAtMs : undefined;
    // One that lost its place to a twin has no node to take along.
    const takeNodeAlong = (): void => {
      if (berth.process === process) this.crash(peer, 1);
      else this.#kill(berth, process, false);
    };
    const who = { peer, slots: berth.slots, traits, allocationEndsAtMs, takeNodeAlong };
    const process: Process =
      berth.role === "actor"
        ? new ActorProcess(this.#world, dice, who, onExit)
        : new MergerProcess(this.#world, dice, who, onExit);
    berth.process = process;
    this.#alive.set(peer, process);
    this.#world.sight({ kind: "peer-began", peer, why: `${berth.slots} slots` });
    process.begin();
  }

  #end(berth: Berth, peer: Peer, why: string): void {
    if (berth.process?.peer === peer) berth.process = undefined;
    this.#alive.delete(peer);
    this.#world.sight({ kind: "peer-died", peer, why });
  }
}

function nodeOf({ role, number, node }: Berth): string {
  const letter = role === "actor" ? "a" : "m";
  return `${letter}${number}${node === 1 ? "" : `.${node}`}`;
}

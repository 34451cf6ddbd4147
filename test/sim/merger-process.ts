// A merger process: the real core, and merges that take their time, fail, and find inputs missing.

import { step, wakeAtMs } from "../../services/merger/core/merger.js";
import type {
  DriverMessage,
  LentGroup,
  MergeGrant,
  MergerMessage,
} from "../../services/merger/core/message.js";
import {
  contradictionOf,
  newMerger,
  tallyOf,
  type Merger,
  type MergerTally,
} from "../../services/merger/core/state.js";
import type { MergeOutcome, MergerAction, MergerEvent } from "../../services/merger/core/step.js";
import { assert, present, unreachable } from "../../services/shared/core/assert.js";
import { failureOf } from "../../services/shared/core/failure.js";
import type { JobPlanView } from "../../services/shared/core/job-plan.js";
import { mergedPath, outputPath, temporaryMergedPath } from "../../services/shared/core/names.js";
import { eachRange, noSpans, spansOfAscending } from "../../services/shared/core/spans.js";
import type { PeerAction } from "../../services/shared/core/peer-step.js";
import type { Dice } from "./dice.js";
import { handInMs, PeerProcess, type PeerWorld, type Who } from "./peer-process.js";
import { checksumOf, sizeOf, type SimFile } from "./sim-file.js";
import type { Peer } from "./sighting.js";
import { Lifetime } from "./timeline.js";
import { mergerTongue } from "./tongues.js";

/** What only mergers want done. */
type OwnAction = Exclude<MergerAction, PeerAction | { kind: "send" }>;

/** How often a missing input is looked for: others see a new file late. */
const lookAgainMs = [1_000, 5_000] as const;

export class MergerProcess {
  readonly peer: Peer;
  readonly #world: PeerWorld;
  readonly #dice: Dice;
  readonly #who: Who;
  readonly #merger: Merger;
  readonly #process: PeerProcess<MergerEvent, OwnAction, MergerMessage, DriverMessage>;
  /** Merges, by slot. */
  readonly #runs = new Map<number, Lifetime>();

  constructor(world: PeerWorld, dice: Dice, who: Who, onExit: (why: string) => void) {
    const { peer, slots } = who;
    this.#world = world;
    this.#dice = dice;
    this.#who = who;
    this.peer = peer;
    const merger = newMerger({
      merger: peer.name,
      incarnation: peer.incarnation,
      node: { name: peer.node, cores: slots, labels: {}, process: undefined },
      slots,
      prefetch: dice.pick([0, 1]),
      shortMergeMs: 1_000,
      handInMs,
      welcomeWaitMs: 30_000,
    });
    this.#merger = merger;
    const core = {
      tongue: mergerTongue as never,
      step: (event: MergerEvent, nowMs: number) => step(merger, event, nowMs),
      wakeAtMs: (nowMs: number) => wakeAtMs(merger, nowMs),
      contradiction: () => contradictionOf(merger),
      perform: (action: OwnAction) => this.#perform(action),
    };
    this.#process = new PeerProcess(world, { peer, dice }, core, onExit);
  }

  get lifetime(): Lifetime {
    return this.#process.lifetime;
  }

  get tally(): MergerTally {
    return tallyOf(this.#merger);
  }

  begin(): void {
    this.#process.begin();
  }

  /** SIGTERM, with so much time to finish what runs. */
  drain(graceMs: number): void {
    this.#process.drain(graceMs);
  }

  #perform(action: OwnAction): void {
    switch (action.kind) {
      case "start-merge":
        this.#start(action.slot, action.lent, action.plan);
        break;
      case "abort-merge":
        this.#abort(action.slot, action.merge);
        break;
      case "remove-temporary":
        this.#removeSoon(action.merge);
        break;
      default:
        unreachable(action);
    }
  }

  #start(slot: number, lent: LentGroup, plan: JobPlanView): void {
    const { timeline, profile } = this.#world;
    const run = new Lifetime(this.lifetime);
    this.#runs.set(slot, run);
    const mergeMs = this.#who.traits.slowness * this.#dice.between(profile.merging.mergeMs);
    timeline.after(mergeMs / 2, run, () => {
      this.#fuse({ slot, lent, plan, mergeMs, run, lookUntilMs: timeline.nowMs + profile.files.lookMs });
    });
  }

  /** Reads all inputs at one moment, and writes the temporary in two steps. */
  #fuse(merge: Merge): void {
    const { timeline, files } = this.#world;
    const { slot, lent, plan, mergeMs, run, lookUntilMs } = merge;
    const { whole, missing } = this.#readInputs(lent, plan);
    if (missing.length === 0) {
      const half = { copies: whole.copies.slice(0, -1), isDamaged: true };
      files.write(temporaryPathOf(lent.merge), half, this.peer.node);
      timeline.after(mergeMs / 2, run, () => this.#finish({ ...merge, whole }));
    } else if (timeline.nowMs < lookUntilMs) {
      timeline.after(this.#dice.between(lookAgainMs), run, () => this.#fuse(merge));
    } else this.#declareLost(slot, lent, missing);
  }

  #finish({ slot, lent, plan, whole, mergeMs }: Merge & { readonly whole: SimFile }): void {
    const { files, profile, sight, peers } = this.#world;
    const temporary = temporaryPathOf(lent.merge);
    const fails = this.#dice.chance(profile.merging.failChance) || this.#who.traits.isBlackHole;
    sight({ kind: "merge-tried", peer: this.peer, merge: lent.merge, failed: fails });
    if (fails) {
      sight({
        kind: "fault",
        fault: "merge-failure",
        what: `group ${lent.merge.group} on ${this.peer.name}`,
      });
      files.remove(temporary, this.peer.name);
      const failure = failureOf("transient", "the merge command failed");
      this.#end(slot, { kind: "failed", failure, lost: noSpans });
      return;
    }
    files.write(temporary, whole, this.peer.node);
    files.syncContent(temporary);
    files.syncName(temporary);
    if (!peers.leavesPublishing)
      files.rename(temporary, mergedPath(lent.merge.job, { group: lent.merge.group, late: 0 }, plan.spec));
    const events = plan.layout.eventsIn(lent.spans);
    const file = {
      sizeBytes: sizeOf(whole),
      adler32: checksumOf(whole),
      events,
      wallMs: Math.round(mergeMs),
      guid: `00000000-0000-4000-8000-${String(lent.merge.grant).padStart(12, "0")}`,
    };
    this.#end(slot, { kind: "merged", file });
  }

  #declareLost(slot: number, lent: LentGroup, missing: readonly number[]): void {
    const failure = failureOf("node", `${missing.length} inputs are missing or damaged`);
    const lost = spansOfAscending(missing.toSorted((a, b) => a - b));
    this.#world.sight({ kind: "merge-tried", peer: this.peer, merge: lent.merge, failed: true });
    this.#end(slot, { kind: "failed", failure, lost });
  }

  #readInputs(
    lent: LentGroup,
    { spec, layout }: JobPlanView,
  ): { readonly whole: SimFile; readonly missing: readonly number[] } {
    const copies: SimFile["copies"][number][] = [];
    const missing: number[] = [];
    [...eachRange(lent.spans)].forEach((range, i) => {
      const grant = present(lent.grant[i], "grant of the output");
      const output = { job: lent.merge.job, range, grant, events: layout.locate(range) };
      const path = outputPath(output, spec.outputSuffix);
      const file = this.#world.files.readFrom(this.peer.node, path);
      const isWhole =
        file !== undefined && sizeOf(file) === lent.sizeBytes[i] && checksumOf(file) === lent.adler32[i];
      if (isWhole) copies.push(...file.copies);
      else missing.push(range);
    });
    return { whole: { copies, isDamaged: false }, missing };
  }

  #abort(slot: number, merge: MergeGrant): void {
    const run = this.#runs.get(slot);
    assert(run !== undefined, "a merge runs in the slot");
    run.end();
    this.#world.timeline.after(this.#dice.between([0, 500]), this.lifetime, () => {
      this.#world.files.remove(temporaryPathOf(merge), this.peer.name);
      this.#end(slot, { kind: "aborted" });
    });
  }

  #end(slot: number, outcome: MergeOutcome): void {
    this.#runs.delete(slot);
    this.#process.tell({ kind: "merge-ended", slot, outcome });
  }

  #removeSoon(merge: MergeGrant): void {
    this.#world.timeline.after(this.#dice.between([0, 100]), this.lifetime, () => {
      this.#world.files.remove(temporaryPathOf(merge), this.peer.name);
    });
  }
}

interface Merge {
  readonly slot: number;
  readonly lent: LentGroup;
  readonly plan: JobPlanView;
  readonly mergeMs: number;
  readonly run: Lifetime;
  /** What is missing then is lost. */
  readonly lookUntilMs: number;
}

function temporaryPathOf({ job, group, grant }: MergeGrant): string {
  return temporaryMergedPath(job, group, grant);
}

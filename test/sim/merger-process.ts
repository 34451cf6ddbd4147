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
import { outputPath, temporaryMergedPath } from "../../services/shared/core/names.js";
import { eachRange, noSpans, spansOfAscending } from "../../services/shared/core/spans.js";
import type { PeerWorld } from "./actor-process.js";
import type { Dice } from "./dice.js";
import { Dialling } from "./dialling.js";
import { checksumOf, sizeOf, type SimFile } from "./sim-file.js";
import type { Peer } from "./sighting.js";
import { Lifetime } from "./timeline.js";
import { mergerTongue } from "./tongues.js";
import { Wakeup } from "./wakeup.js";

/** How long a missing input is looked for before it is declared lost. */
const lookAgainMs = [100, 5_000] as const;

export class MergerProcess {
  readonly peer: Peer;
  readonly lifetime = new Lifetime();
  readonly #world: PeerWorld;
  readonly #dice: Dice;
  readonly #merger: Merger;
  readonly #dialling: Dialling<MergerMessage, DriverMessage, never, never>;
  readonly #wakeup: Wakeup;
  readonly #onExit: (why: string) => void;
  /** Merges, by slot. */
  readonly #runs = new Map<number, Lifetime>();

  constructor(
    world: PeerWorld,
    dice: Dice,
    who: { readonly peer: Peer; readonly slots: number },
    onExit: (why: string) => void,
  ) {
    this.#world = world;
    this.#dice = dice;
    this.peer = who.peer;
    this.#onExit = onExit;
    this.#merger = newMerger({
      merger: who.peer.name,
      incarnation: who.peer.incarnation,
      node: { name: who.peer.node, cores: who.slots, labels: {} },
      slots: who.slots,
      prefetch: dice.pick([0, 1]),
      handInMs: 30_000,
      welcomeWaitMs: 30_000,
    });
    this.#wakeup = new Wakeup(world.timeline, this.lifetime, () => this.#tell({ kind: "tick" }));
    this.#dialling = new Dialling(world, dice, {
      peer: who.peer,
      lifetime: this.lifetime,
      tongue: mergerTongue as never,
      onUp: () => this.#tell({ kind: "link-up" }),
      onMessage: (message) => this.#tell({ kind: "message", message }),
      onDown: (reason, fenced) => this.#tell({ kind: "link-down", reason, fenced }),
    });
  }

  get tally(): MergerTally {
    return tallyOf(this.#merger);
  }

  begin(): void {
    this.#dialling.begin();
  }

  /** SIGTERM, with so much time to finish what runs. */
  drain(graceMs: number): void {
    this.#tell({ kind: "drain-requested", reason: "told to stop", graceMs });
  }

  #tell(event: MergerEvent): void {
    const { timeline, complain } = this.#world;
    for (const action of step(this.#merger, event, timeline.nowMs)) this.#perform(action);
    const flaw = contradictionOf(this.#merger);
    if (flaw !== undefined) complain("merger", `${this.peer.name}: ${flaw}`);
    this.#wakeup.set(wakeAtMs(this.#merger, timeline.nowMs));
  }

  #perform(action: MergerAction): void {
    switch (action.kind) {
      case "send":
        this.#dialling.send(action.message);
        break;
      case "start-merge":
        this.#start(action.slot, action.lent, action.plan);
        break;
      case "abort-merge":
        this.#abort(action.slot, action.merge);
        break;
      case "remove-temporary":
        this.#removeSoon(action.merge);
        break;
      case "close-link":
        this.#dialling.renew();
        break;
      case "exit":
        this.#dialling.leave();
        this.lifetime.end();
        this.#onExit(`${action.exit}: ${action.reason}`);
        break;
      default:
        unreachable(action);
    }
  }

  /** Reads all inputs at one moment, and writes the temporary in two steps. */
  #start(slot: number, lent: LentGroup, plan: JobPlanView): void {
    const { timeline, files } = this.#world;
    const run = new Lifetime(this.lifetime);
    this.#runs.set(slot, run);
    const mergeMs = this.#dice.between(this.#world.profile.merging.mergeMs);
    const temporary = temporaryPathOf(lent.merge);
    timeline.after(mergeMs / 2, run, () => {
      const { whole, missing } = this.#readInputs(lent, plan);
      if (missing.length > 0) {
        timeline.after(this.#dice.between(lookAgainMs), run, () => this.#declareLost(slot, lent, plan));
        return;
      }
      files.write(temporary, { copies: whole.copies.slice(0, -1), isDamaged: true }, this.peer.node);
      timeline.after(mergeMs / 2, run, () => this.#finish({ slot, lent, plan, whole, mergeMs }));
    });
  }

  #finish({ slot, lent, plan, whole, mergeMs }: Finished): void {
    const { files, profile, sight } = this.#world;
    const temporary = temporaryPathOf(lent.merge);
    const fails = this.#dice.chance(profile.merging.failChance);
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
    files.sync(temporary);
    const events = plan.layout.eventsIn(lent.spans);
    const file = {
      sizeBytes: sizeOf(whole),
      adler32: checksumOf(whole),
      events,
      wallMs: Math.round(mergeMs),
    };
    this.#end(slot, { kind: "merged", file });
  }

  #declareLost(slot: number, lent: LentGroup, plan: JobPlanView): void {
    const { missing } = this.#readInputs(lent, plan);
    assert(missing.length > 0, "what is missing does not come back");
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
      const file = this.#world.files.read(outputPath(output, spec.outputSuffix));
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
    this.#tell({ kind: "merge-ended", slot, outcome });
  }

  #removeSoon(merge: MergeGrant): void {
    this.#world.timeline.after(this.#dice.between([0, 100]), this.lifetime, () => {
      this.#world.files.remove(temporaryPathOf(merge), this.peer.name);
    });
  }
}

interface Finished {
  readonly slot: number;
  readonly lent: LentGroup;
  readonly plan: JobPlanView;
  readonly whole: SimFile;
  readonly mergeMs: number;
}

function temporaryPathOf({ job, group, grant }: MergeGrant): string {
  return temporaryMergedPath(job, group, grant);
}

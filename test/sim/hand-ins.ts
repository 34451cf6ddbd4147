// What actors leave for the next driver (services/actor/io/hand-in.ts, services/driver/io/hand-ins.ts), on a shelf of the
// simulated workdir. The bytes are the real ones.

import type { RangeResults } from "../../services/actor/core/message.js";
import type { JobResults } from "../../services/actor/core/outbox.js";
import { handInToWire } from "../../services/actor/io/wire-hand-in.js";
import type { Command } from "../../services/driver/core/facts/command.js";
import type { HandInKey, HandInVerdict } from "../../services/driver/core/facts/fact.js";
import { jobViewOf, type FarmView } from "../../services/driver/core/state/farm.js";
import { handInFromWire } from "../../services/driver/io/wire-hand-in.js";
import type { JobNumber } from "../../services/shared/core/id.js";
import { outputPath } from "../../services/shared/core/names.js";
import { eachRange } from "../../services/shared/core/spans.js";
import { openHandIn, sealHandIn } from "../../services/shared/io/hand-in-file.js";
import type { Dice } from "./dice.js";
import type { SharedFiles } from "./shared-files.js";
import type { Peer, Sight } from "./sighting.js";

interface LeftFile {
  readonly peer: Peer;
  readonly job: JobNumber;
  readonly messages: readonly RangeResults[];
  readonly bytes: Buffer;
}

/** The hand-in folders. */
export class HandInShelf {
  readonly files = new Set<LeftFile>();

  leave(peer: Peer, run: string, { job, messages }: JobResults): void {
    const origin = { run, actor: peer.name, incarnation: peer.incarnation, node: peer.node };
    const bytes = sealHandIn(handInToWire(origin, { job, messages }));
    this.files.add({ peer, job, messages, bytes });
  }
}

interface HandInsWorld {
  readonly files: SharedFiles;
  readonly handIns: HandInShelf;
  readonly sight: Sight;
  readonly complain: (promise: string, flaw: string) => void;
}

/** One file is read, or removed. */
const stepMs = [0, 50] as const;
const lookEveryMs = 60_000;

/** The driver that looks: told what was found, and waits as long as it lives. */
interface Looker {
  readonly post: (command: Command) => void;
  readonly after: (ms: number, run: () => void) => unknown;
}

/** One driver's looks at the shelf. */
export class DriverHandIns {
  readonly #world: HandInsWorld;
  readonly #dice: Dice;
  readonly #looker: Looker;
  readonly #waiting = new Map<HandInKey, LeftFile>();
  #lastKey = 0;

  constructor(world: HandInsWorld, dice: Dice, looker: Looker) {
    this.#world = world;
    this.#dice = dice;
    this.#looker = looker;
  }

  look(farm: FarmView): void {
    for (const file of this.#world.handIns.files)
      if (farm.live.has(file.job)) this.#after(() => this.#take(file, farm.run));
    this.#looker.after(lookEveryMs, () => this.look(farm));
  }

  settle(key: HandInKey, verdict: HandInVerdict, farm: FarmView): void {
    const file = this.#waiting.get(key);
    if (file === undefined) return;
    this.#waiting.delete(key);
    const { sight, files, handIns, complain } = this.#world;
    if (verdict.kind === "refused") {
      if (jobViewOf(farm, file.job).stage.kind === "broken") return; // It is set aside, with all else of its job.
      complain("P6", `what ${file.peer.incarnation} left is refused: ${verdict.reason}`);
      return;
    }
    const { superseded } = verdict;
    sight({ kind: "hand-in-taken", peer: file.peer, messages: file.messages, superseded });
    for (const { job: number, grant, spans } of superseded) {
      const { layout, spec } = jobViewOf(farm, number);
      for (const range of eachRange(spans)) {
        const output = { job: number, range, grant, events: layout.locate(range) };
        this.#after(() => files.remove(outputPath(output, spec.outputSuffix), "driver"));
      }
    }
    this.#after(() => handIns.files.delete(file));
    const { name, incarnation } = file.peer;
    this.#looker.post({
      kind: "end-lost-session",
      role: "actor",
      name,
      incarnation,
      how: "left",
      reason: "it left",
    });
  }

  #take(file: LeftFile, run: string): void {
    const { node, results } = handInFromWire(openHandIn(file.bytes), { run, job: file.job });
    this.#lastKey += 1;
    this.#waiting.set(this.#lastKey, file);
    this.#looker.post({ kind: "take-in-results", handIn: this.#lastKey, node, ...results });
  }

  #after(run: () => void): void {
    this.#looker.after(this.#dice.between(stepMs), run);
  }
}

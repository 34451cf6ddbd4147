// For tests: an actor against a driver that comes and goes, and payloads that end as they like. The driver here keeps its own books,
// and knows nothing of the actor's state.

import { assert } from "../../shared/core/assert.js";
import { jobNumber } from "../../shared/core/id.js";
import { seededRng, type Rng } from "../../shared/core/rng.js";
import { eachRange } from "../../shared/core/spans.js";
import { keyOf, type HeldRange } from "./held.js";
import type { ActorMessage, HeldGrant, RangeResults } from "./message.js";
import { inFlightBytesMax } from "./outbox.js";
import { Books } from "./testing-books.js";
import { reportsIn } from "./testing-reports.js";
import { assertMayFollow, assertSlotsApart, livedActions, walkOutcome, walkSpecOf } from "./testing-walk.js";
import type { ActorAction, RunEvent } from "./step.js";
import { heldGrant, heldRange, ToldActor, welcomeTo } from "./testing.js";

/** An actor, its driver and its payloads. */
export class World {
  readonly told: ToldActor;
  readonly #rng: Rng;
  /** The longest that a range takes. */
  readonly #longMs: number;
  readonly #books = new Books();
  readonly #running = new Map<number, HeldRange[]>();
  readonly #staging = new Map<string, HeldRange>();
  readonly #unacknowledged = new Map<number, RangeResults>();
  readonly #jobs = [jobNumber(1), jobNumber(2), jobNumber(3), jobNumber(4)];
  readonly #slots: number;
  /** Ranges that a slot has begun. */
  readonly #begun = new Set<string>();
  /** Of these, those that are asked to be taken back. */
  readonly #recalled = new Set<string>();
  /** A slot whose range takes long. */
  #slow: number | undefined;
  #closed = new Set<number>();
  #named: HeldGrant[] = [];
  #session = 0;
  #linkUp = false;
  #isStorageWaiting = false;
  #credit = 0;
  #granted = 0;
  #grant = 0;
  #nextRange = 0;
  exited: string | undefined;
  /** Ranges that were handed over ahead, and of these, that were taken back. */
  ahead = 0;
  recalls = 0;

  constructor(seed: number) {
    this.#rng = seededRng(seed);
    this.#longMs = [3_000, 30][this.#pick(2)] ?? 30;
    this.#slots = 1 + this.#pick(6);
    this.told = new ToldActor({ slots: this.#slots, stagingMax: 1 + this.#pick(3), prefetchMs: 2_000 });
  }

  /** Something happens. */
  turn(): void {
    const choices = [
      () => this.#toggleLink(),
      () => this.#grantSome(),
      () => this.#grantSome(),
      () => this.#acknowledgeOne(),
      () => this.#revokeOne(),
      () => this.#endSome(),
      () => this.#endSome(),
      () => this.#endSome(),
      () => this.told.pass(this.#pick(50)),
      () => this.#starve(),
      () => this.#closeJob(),
      () => this.#tellStorage(this.#pick(3) > 0),
    ];
    choices[this.#pick(choices.length)]?.();
    this.#obey();
  }

  /** Nothing more is granted, and payloads end: whatever waits is begun, however many slots it takes. */
  rest(): HeldRange[] {
    this.#tellStorage(false);
    if (!this.#linkUp) this.#toggleLink();
    for (let i = 0; i < 20_000 && this.#waiting().length > 0; i += 1) {
      this.#endSome();
      this.told.pass(1);
      this.#obey();
    }
    return this.#waiting();
  }

  /** The driver is there, takes and acknowledges everything, and payloads end. */
  finish(): void {
    if (!this.#linkUp) this.#toggleLink();
    this.told.tell({ kind: "drain-requested", reason: "the end", graceMs: 1_000_000 });
    this.#obey();
    for (let i = 0; i < 20_000 && this.exited === undefined; i += 1) {
      this.#endSome();
      this.#acknowledgeOne();
      this.told.pass(1);
      this.#obey();
    }
  }

  /** Ranges that were granted and are neither reported nor revoked. */
  leftOver(): HeldRange[] {
    return this.#books.all((where) => where !== "done" && where !== "dropped");
  }

  get results(): number {
    return this.#books.all((where) => where === "done").length;
  }

  #pick(below: number): number {
    return Math.floor(this.#rng.next() * below);
  }

  /** Lives the actions of the actor, and writes down what it says. */
  #obey(): void {
    this.#noteHandedBack();
    for (const kind of livedActions) {
      for (const action of this.told.actions(kind)) this.#obeyOne(action);
    }
    this.told.clear();
    assert(this.told.actor.outbox.bytesInFlight <= inFlightBytesMax, "no more in flight than may be");
  }

  #obeyOne(action: ActorAction): void {
    if (action.kind === "start-range") {
      const before = this.#running.get(action.slot) ?? [];
      assertMayFollow(before, action.held.job);
      assert(!this.#closed.has(action.held.job), "nothing begins of a job that is closed");
      this.#running.set(action.slot, [...before, action.held]);
      this.ahead += Math.min(1, before.length);
      this.#begun.add(keyOf(action.held));
      assertSlotsApart(this.#running, this.#slots);
    } else if (action.kind === "recall-range") {
      assert(this.#runs(action), "what is called back runs there");
      this.#recalled.add(keyOf(action.held));
    } else if (action.kind === "abort-range") {
      assert(this.#runs(action), "what is called back runs there");
      this.#recalled.delete(keyOf(action.held));
    } else if (action.kind === "stop-storing") {
      assert(this.#staging.has(keyOf(action.held)), "who stops being stored is being stored");
    } else if (action.kind === "send") this.#hear(action.message);
    else if (action.kind === "exit") this.exited = action.exit;
    else assert(action.kind !== "close-link", "the driver gives no reason to end the stream");
  }

  #runs({ slot, held }: { readonly slot: number; readonly held: HeldRange }): boolean {
    return this.#running.get(slot)?.some((run) => keyOf(run) === keyOf(held)) === true;
  }

  #hear(message: ActorMessage): void {
    if (message.kind === "hello") {
      this.#named.push(...message.held);
      if (!message.more) this.#checkHello();
    } else if (message.kind === "demand") {
      assert(message.credit >= this.#credit, "credit only grows");
      this.#credit = message.credit;
    } else if (message.kind === "results") this.#hearResults(message);
  }

  #checkHello(): void {
    const named = this.#named.flatMap(({ job, grant, spans }) =>
      [...eachRange(spans)].map((range) => keyOf({ job, grant, range })),
    );
    const held = this.leftOver().map(keyOf);
    assert(named.sort().join() === held.sort().join(), "a hello names what is held, and nothing else");
    this.#named = [];
  }

  #hearResults(message: RangeResults): void {
    assert(!this.#unacknowledged.has(message.number), "each message of results has a number of its own");
    this.#unacknowledged.set(message.number, message);
    for (const { held, kind } of reportsIn(message)) {
      const entry = this.#books.of(held);
      const where = entry?.where ?? "nowhere";
      assert(/granted|ended|reported/.test(where), "only what was granted is reported");
      assert(where !== "reported" || entry?.kind === kind, "the same is told again");
      this.#books.put(held, "reported", kind);
    }
  }

  #toggleLink(): void {
    this.#linkUp = !this.#linkUp;
    this.#credit = 0;
    this.#granted = 0;
    this.#unacknowledged.clear();
    if (!this.#linkUp) {
      this.told.lose();
      return;
    }
    this.#closed = new Set();
    this.told.tell({ kind: "link-up" });
    this.#obey();
    this.told.hear(welcomeTo((this.#session += 1)));
    for (const job of this.#jobs) {
      this.told.hear({ kind: "open-job", job, spec: walkSpecOf(job) });
    }
  }

  #grantSome(): void {
    const job = this.#jobs[this.#pick(this.#jobs.length)];
    const count = Math.min(this.#credit - this.#granted, 1 + this.#pick(40));
    if (job === undefined || !this.#linkUp || count < 1 || this.#closed.has(job)) return;
    const ranges = Array.from({ length: count }, () => (this.#nextRange += 1 + this.#pick(2)));
    this.#granted += count;
    this.#grant += 1;
    for (const range of ranges) {
      const held = heldRange(this.#grant, range, job);
      this.#books.put(held, "granted");
    }
    this.told.grant(this.#grant, ranges, job);
    if (this.#pick(4) === 0) this.told.grant(this.#grant, ranges, job);
  }

  /** Nothing comes, and one slot works and works. */
  #starve(): void {
    if (this.#pick(6) > 0) return;
    this.#tellStorage(false);
    const longest = Math.max(...[...this.#running.values()].map(({ length }) => length));
    this.#slow = [...this.#running].find(([, { length }]) => length === longest)?.[0];
    for (let i = 0; i < 100; i += 1) {
      this.#endSome();
      this.#obey();
    }
    this.told.pass(2_000);
    this.#slow = undefined;
  }

  #acknowledgeOne(): void {
    const numbers = [...this.#unacknowledged.keys()];
    const number = numbers[this.#pick(numbers.length)];
    if (number === undefined || !this.#linkUp) return;
    for (const { held } of reportsIn(this.#unacknowledged.get(number))) {
      this.#books.put(held, "done");
    }
    this.#unacknowledged.delete(number);
    this.told.acknowledge(number);
    if (this.#pick(4) === 0) this.told.acknowledge(number, 1_000_000);
  }

  #revokeOne(): void {
    const left = this.leftOver();
    const held = left[this.#pick(left.length)];
    if (held === undefined || !this.#linkUp) return;
    this.#books.moveGranted(held, "dropped");
    this.told.hear({ kind: "revoke", revoked: [heldGrant(held.grant, [held.range], held.job)] });
  }

  #closeJob(): void {
    const job = this.#jobs[this.#pick(this.#jobs.length)];
    if (job === undefined || !this.#linkUp || this.#pick(5) > 0) return;
    this.#closed.add(job);
    for (const held of this.leftOver()) if (held.job === job) this.#books.moveGranted(held, "dropped");
    this.told.hear({ kind: "close-job", job });
  }

  #tellStorage(isWaiting: boolean): void {
    this.#isStorageWaiting = isWaiting;
    this.told.tell({ kind: "storage-told", isWaiting });
  }

  /** While as many outputs wait for room as may, what no slot has begun is handed back. */
  #noteHandedBack(): void {
    if (!this.#isStorageWaiting || this.#staging.size < this.told.actor.settings.stagingMax) return;
    for (const held of this.#waiting()) this.#books.moveGranted(held, "ended");
  }

  /** What no slot has begun. */
  #waiting(): HeldRange[] {
    return this.#books.all((where) => where === "granted").filter((held) => !this.#begun.has(keyOf(held)));
  }

  /** What comes of several runs may be told at once. */
  #endSome(): void {
    const events = Array.from({ length: 1 + this.#pick(3) }, () => this.#endOne() ?? []).flat();
    this.told.tell({ kind: "runs-told", events });
  }

  /** A payload ends, or an output is stored. */
  #endOne(): RunEvent | undefined {
    const runs = [...this.#running].filter(([slot, { length }]) => length > 0 && slot !== this.#slow);
    const staged = [...this.#staging.values()];
    const chosen = this.#pick(runs.length + staged.length);
    const [slot, running = []] = runs[chosen] ?? [];
    const [ended] = running.splice(this.#pick(running.length), 1); // In whatever order.
    const held = ended ?? staged[chosen - runs.length];
    if (held === undefined) return undefined;
    if (slot !== undefined && this.#pick(2) === 0) {
      this.#staging.set(keyOf(held), held);
      this.#recalled.delete(keyOf(held));
      return { kind: "payload-ended", held };
    }
    this.#staging.delete(keyOf(held));
    const outcome = walkOutcome(this.#rng, held, this.#longMs);
    const isBack = this.#recalled.delete(keyOf(held)) && outcome.kind === "aborted";
    if (isBack) this.#begun.delete(keyOf(held));
    else this.#books.moveGranted(held, "ended");
    this.recalls += Number(isBack);
    return { kind: "range-ended", held, outcome };
  }
}

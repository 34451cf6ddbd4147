// Things that happen one by one within a moment, handed on together: a step, a write or a message for many costs little more
// than for one.
//
//   G1. All are handed on once, in the order in which they were added.

export class Gathered<Item> {
  readonly #handOn: (items: readonly Item[]) => void;
  #items: Item[] = [];
  #isUrgent = false;

  /** `handOn` is to throw nothing. */
  constructor(handOn: (items: readonly Item[]) => void) {
    this.#handOn = handOn;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** To be handed on before anything else is heard of the world, with what is added until then (G1). */
  add(item: Item): void {
    this.#items.push(item);
    if (this.#isUrgent) return;
    this.#isUrgent = true;
    queueMicrotask(() => this.flush());
  }

  /** To be handed on when all was heard that is there to be heard now, unless something more urgent takes it along. */
  addPatiently(item: Item): void {
    this.#items.push(item);
    if (this.#items.length === 1) setImmediate(() => this.flush());
  }

  /** Hands on now what there is. */
  flush(): void {
    this.#isUrgent = false;
    const items = this.#items;
    if (items.length === 0) return;
    this.#items = [];
    this.#handOn(items);
  }
}

// Commands wait here for the next turn. Those who put may wait for room, so that a flood is felt by its sender (P7).

/** Items that may lie in the box before those who can wait are asked to. */
const roomMax = 4_096;
/** Items that are taken at once: what they lead to has to fit into one frame of the journal. */
const takenMax = 512;

export class Mailbox<Item> {
  #items: Item[] = [];
  #wakeTaker: (() => void) | undefined;
  #room: { readonly promise: Promise<void>; readonly open: () => void } | undefined;
  #closed = false;

  put(item: Item): void {
    this.#items.push(item);
    this.#wake();
  }

  /** Resolved when there is room for more; at once when there is. */
  whenRoom(): Promise<void> | undefined {
    if (this.#items.length < roomMax || this.#closed) return undefined;
    this.#room ??= newRoom();
    return this.#room.promise;
  }

  /** What waits, at least one item and at most `takenMax`; undefined when the box was closed. One taker at a time. */
  async takeSome(): Promise<Item[] | undefined> {
    if (this.#items.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => (this.#wakeTaker = resolve));
    }
    if (this.#items.length === 0) return undefined;
    const taken = this.#items.slice(0, takenMax);
    this.#items = this.#items.slice(takenMax);
    if (this.#items.length < roomMax) this.#openRoom();
    return taken;
  }

  /** What is in the box is still taken; then the taker is told that it was closed. */
  close(): void {
    this.#closed = true;
    this.#openRoom();
    this.#wake();
  }

  #openRoom(): void {
    this.#room?.open();
    this.#room = undefined;
  }

  #wake(): void {
    this.#wakeTaker?.();
    this.#wakeTaker = undefined;
  }
}

function newRoom(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}

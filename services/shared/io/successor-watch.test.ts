import { expect, test } from "vitest";
import { SuccessorWatch } from "./successor-watch.js";

/** A link to the driver of epoch 2, looked at every second from second 0 on. */
class Link {
  epochInFile: number | undefined = 2;
  isOwed = true;
  heard = 0;
  second = 0;
  /** Seconds at which the file was read. */
  readonly reads: number[] = [];
  readonly replaced: string[] = [];
  readonly #watch = new SuccessorWatch({
    epoch: 2,
    readEpoch: () => {
      this.reads.push(this.second);
      const { epochInFile } = this;
      return epochInFile === undefined ? Promise.reject(new Error("stale")) : Promise.resolve(epochInFile);
    },
    isOwed: () => this.isOwed,
    heard: () => this.heard,
    onReplaced: (reason) => void this.replaced.push(reason),
    rng: { next: () => 0.5 },
  });

  async pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 1) {
      await this.#watch.look(this.second * 1_000);
      this.second += 1;
    }
  }
}

test("a driver that owes an answer, says nothing and was replaced is left", async () => {
  const link = new Link();
  link.epochInFile = 3;
  await link.pass(12);
  expect(link.replaced).toEqual([]);
  await link.pass(3);
  expect(link.replaced).toEqual(["the driver of epoch 2 does not answer, and one of epoch 3 has started"]);
});

test("the file is read only when an answer is owed and nothing was heard all the while, and then rarely (F1)", async () => {
  const link = new Link();
  link.isOwed = false;
  await link.pass(100);
  link.isOwed = true;
  for (let answers = 0; answers < 20; answers += 1) {
    link.heard += 1;
    await link.pass(5);
  }
  expect(link.reads).toEqual([]);
  await link.pass(60);
  expect(link.reads).toEqual([208, 223, 238, 253]);
});

test.each([1, 2, undefined])("nothing follows when the file tells epoch %s (F2)", async (epoch) => {
  const link = new Link();
  link.epochInFile = epoch;
  await link.pass(60);
  expect(link.reads.length).toBeGreaterThan(0);
  expect(link.replaced).toEqual([]);
});

import { expect, test } from "vitest";
import { present } from "../../shared/core/assert.js";
import { FolderSyncs } from "./folder-syncs.js";

/** Syncs that end when they are told to, in the order in which they began. */
function slowSyncs(): {
  readonly syncs: FolderSyncs;
  readonly begun: string[];
  end(error?: Error): Promise<void>;
} {
  const begun: string[] = [];
  const ends: ((error: Error | undefined) => void)[] = [];
  const syncs = new FolderSyncs((path) => {
    begun.push(path);
    return new Promise((resolve, reject) => {
      ends.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    syncs,
    begun,
    end: async (error) => {
      await settle();
      present(ends.shift(), "a sync that runs")(error);
      await settle();
    },
  };
}

test("whoever asks while a folder is synced waits for the next sync, together with all others", async () => {
  const { syncs, begun, end } = slowSyncs();
  const ended: number[] = [];
  const ask = (number: number): Promise<unknown> => syncs.sync("a").then(() => ended.push(number));
  const first = ask(1);
  await Promise.resolve();
  const late = [ask(2), ask(3)];
  await end();
  await first;
  expect([begun, ended]).toEqual([["a", "a"], [1]]);
  await end();
  await Promise.all(late);
  expect([begun, ended]).toEqual([
    ["a", "a"],
    [1, 2, 3],
  ]);
});

test("folders do not wait for each other, and a sync that fails fails for those who waited for it", async () => {
  const { syncs, begun, end } = slowSyncs();
  const failing = syncs.sync("a");
  const other = syncs.sync("b");
  await Promise.resolve();
  const next = syncs.sync("a");
  const refused = expect(failing).rejects.toThrow("no space");
  await end(new Error("no space"));
  await refused;
  await end();
  await other;
  await end();
  await next;
  expect(begun).toEqual(["a", "b", "a"]);
});

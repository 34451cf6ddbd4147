import { expect, test } from "vitest";
import { Gathered } from "./gathered.js";

function gathering(): { readonly gathered: Gathered<number>; readonly handedOn: (readonly number[])[] } {
  const handedOn: (readonly number[])[] = [];
  return { gathered: new Gathered((items) => handedOn.push(items)), handedOn };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what happens in one moment is handed on together, in its order, and once", async () => {
  const { gathered, handedOn } = gathering();
  for (const item of [1, 2, 3]) gathered.add(item);
  expect(handedOn).toEqual([]);
  await Promise.resolve();
  gathered.add(4);
  await Promise.resolve();
  await turn();
  expect(handedOn).toEqual([[1, 2, 3], [4]]);
});

test("what is patient waits for what is heard next, or goes along with what is not", async () => {
  const { gathered, handedOn } = gathering();
  gathered.addPatiently(1);
  await Promise.resolve();
  expect(handedOn).toEqual([]);
  gathered.add(2);
  await Promise.resolve();
  expect(handedOn).toEqual([[1, 2]]);
  gathered.addPatiently(3);
  await turn();
  expect(handedOn).toEqual([[1, 2], [3]]);
});

test("what is there can be handed on at once, and is not handed on again", async () => {
  const { gathered, handedOn } = gathering();
  gathered.add(1);
  gathered.addPatiently(2);
  gathered.flush();
  expect(gathered.isEmpty).toBe(true);
  await turn();
  expect(handedOn).toEqual([[1, 2]]);
});

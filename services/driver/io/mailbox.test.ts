import { expect, test } from "vitest";
import { Mailbox } from "./mailbox.js";

test("what was put is taken together and in order", async () => {
  const box = new Mailbox<number>();
  box.put(1);
  box.put(2);
  expect(await box.takeSome()).toEqual([1, 2]);
  box.put(3);
  expect(await box.takeSome()).toEqual([3]);
});

test("at most so many are taken at once as fit into one commit", async () => {
  const box = new Mailbox<number>();
  for (let i = 0; i < 1_100; i += 1) box.put(i);
  const taken: number[][] = [];
  for (let i = 0; i < 3; i += 1) taken.push((await box.takeSome()) ?? []);
  expect(taken.map(({ length }) => length)).toEqual([512, 512, 76]);
  expect(taken.flat()).toEqual(Array.from({ length: 1_100 }, (_, i) => i));
});

test("who takes from an empty box waits for the first item", async () => {
  const box = new Mailbox<number>();
  const taken = box.takeSome();
  box.put(1);
  box.put(2); // In the same turn of the loop, so it is taken along.
  expect(await taken).toEqual([1, 2]);
});

test("a closed box gives what is in it, and then nothing more", async () => {
  const box = new Mailbox<number>();
  box.put(1);
  box.close();
  expect(await box.takeSome()).toEqual([1]);
  expect(await box.takeSome()).toBeUndefined();
  expect(await box.takeSome()).toBeUndefined();
});

test("who waits is told when the box is closed", async () => {
  const box = new Mailbox<number>();
  const taken = box.takeSome();
  box.close();
  expect(await taken).toBeUndefined();
});

test("who can wait is asked to when much lies in the box, until it is taken (P7)", async () => {
  const box = new Mailbox<number>();
  expect(box.whenRoom()).toBeUndefined();
  for (let i = 0; i < 4_096; i += 1) box.put(i);
  const order: string[] = [];
  const waiting = box.whenRoom()?.then(() => order.push("room"));
  box.put(5_000); // Who can't wait is not refused.
  expect(box.whenRoom()).toBeDefined();
  order.push("taken");
  await box.takeSome();
  await waiting;
  expect(order).toEqual(["taken", "room"]);
  expect(box.whenRoom()).toBeUndefined();
});

test("nobody waits for room in a closed box", async () => {
  const box = new Mailbox<number>();
  for (let i = 0; i < 4_096; i += 1) box.put(i);
  const room = box.whenRoom();
  box.close();
  await room;
  expect(box.whenRoom()).toBeUndefined();
});

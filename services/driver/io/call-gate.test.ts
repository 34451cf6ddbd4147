import { expect, onTestFinished, test } from "vitest";
import { CallGate, type WaitingCall } from "./call-gate.js";
import { StandingClock } from "./testing.js";

interface TestGate {
  readonly gate: CallGate;
  readonly clock: StandingClock;
  readonly answered: string[];
  /** A call on the connection that its name begins with. */
  ask(name: string): WaitingCall;
}

/** Whose calls take so long, and are answered soon. */
function aGate(answeredMax: number, callMs = 0): TestGate {
  const clock = new StandingClock();
  const gate = new CallGate({ answeredMax, answeringMs: 25, momentMs: 10 }, clock);
  onTestFinished(() => gate.close());
  const answered: string[] = [];
  const ask = (name: string): WaitingCall => {
    const letIn = (): void => {
      answered.push(name);
      clock.ms += callMs;
      if (callMs > 0) void Promise.resolve().then(() => gate.leave(call));
    };
    const call = { connection: name.slice(0, 1), letIn };
    gate.enter(call);
    return call;
  };
  return { gate, clock, answered, ask };
}

test("calls are answered at once while there are few, and a few at a time when there are many (G1)", async () => {
  const { gate, answered, ask } = aGate(2);
  const [first] = ["a1", "a2", "a3", "a4"].map((name) => ask(name));
  expect(answered).toEqual(["a1", "a2"]);
  if (first !== undefined) gate.leave(first);
  expect(answered).toEqual(["a1", "a2"]); // Not within the same turn of the loop.
  await expect.poll(() => answered).toEqual(["a1", "a2", "a3"]);
});

test("connections take turns, whoever asked more (G2)", async () => {
  const { gate, clock, answered, ask } = aGate(1);
  for (const name of ["a1", "a2", "a3", "b1", "c1", "c2"]) ask(name);
  for (const count of [1, 2, 3, 4, 5, 6]) {
    await expect.poll(() => answered.length).toBe(count);
    clock.ms += 25;
  }
  expect(answered).toEqual(["a1", "a2", "b1", "c1", "a3", "c2"]);
  gate.close();
});

test("who is not answered for long makes room for others, and leaves later without harm (G1)", async () => {
  const { gate, clock, answered, ask } = aGate(1);
  const slow = ask("a1");
  ask("b1");
  expect(answered).toEqual(["a1"]);
  clock.ms += 25;
  await expect.poll(() => answered).toEqual(["a1", "b1"]);
  gate.leave(slow);
  ask("c1");
  expect(answered).toEqual(["a1", "b1"]);
});

test("a call that is over while it waits is not answered (G3)", async () => {
  const { gate, clock, answered, ask } = aGate(1);
  ask("a1");
  const gone = ask("b1");
  ask("c1");
  gate.leave(gone);
  clock.ms += 25;
  await expect.poll(() => answered).toEqual(["a1", "c1"]);
});

test("while it is shut nobody comes in, and when it opens those who wait do, for a moment (G4)", async () => {
  const { gate, answered, ask } = aGate(8, 4);
  gate.shut();
  const [, second] = ["a1", "a2", "b1", "a3", "b2", "c1", "c2"].map((name) => ask(name));
  if (second !== undefined) gate.leave(second);
  expect(answered).toEqual([]);
  const opened = gate.open();
  expect(answered).toEqual(["a1", "b1", "c1"]); // 12 ms: the moment is over.
  await opened;
  gate.shut();
  expect(answered).toEqual(["a1", "b1", "c1"]);
  await gate.open();
  expect(answered).toEqual(["a1", "b1", "c1", "a3", "b2", "c2"]);
  expect(gate.open()).toBeUndefined();
});

test("when it opens more come in than at a time, if their answers are soon given (G4)", async () => {
  const { gate, answered, ask } = aGate(2, 1);
  gate.shut();
  for (let i = 0; i < 20; i += 1) ask(`a${i}`);
  await gate.open();
  expect(answered).toHaveLength(10);
});

import { expect, test } from "vitest";
import { Closers } from "./closers.js";
import { silentLogger, type Logger } from "./logger.js";

function closersThatSay(limits?: ConstructorParameters<typeof Closers>[1]): {
  readonly closers: Closers;
  readonly said: string[];
} {
  const said: string[] = [];
  const say = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
    expect(fields).toMatchObject({ ms: expect.any(Number) as number });
    said.push(`${message}: ${String(fields?.["what"])}${fields?.["error"] === undefined ? "" : "!"}`);
  };
  const log: Logger = { ...silentLogger, info: say, error: say };
  return { closers: new Closers(log, limits), said };
}

const forever = (): Promise<void> => new Promise(() => undefined);

test("what was opened last is closed first, once, whatever fails, and the log says how long each took", async () => {
  const { closers, said } = closersThatSay();
  closers.add("first", () => undefined);
  closers.add("second", () => Promise.reject(new Error("it broke")));
  closers.add("third", async () => Promise.resolve());
  await closers.closeAll();
  await closers.closeAll();
  expect(said).toEqual(["closed: third", "closing failed: second!", "closed: first"]);
});

test("what hangs is left after its time, and when all time is used up, the rest has a moment each (P10)", async () => {
  for (const limits of [
    { eachMs: 5, allMs: 600_000, lastMs: 5 },
    { eachMs: 600_000, allMs: 5, lastMs: 5 },
  ]) {
    const { closers, said } = closersThatSay(limits);
    closers.add("good", () => undefined);
    for (let i = 0; i < 3; i += 1) closers.add("hanging", forever);
    await closers.closeAll();
    const hung = "closing failed: hanging!";
    expect(said).toEqual([hung, hung, hung, "closed: good"]);
  }
});

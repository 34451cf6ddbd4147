import { afterEach, expect, test, vi } from "vitest";
import { createLogger } from "./logger.js";
import { systemClock } from "./system-clock.js";

const written = vi.spyOn(process.stderr, "write").mockImplementation(() => true);

afterEach(() => written.mockClear());

const lines = (): unknown[] => written.mock.calls.map(([line]): unknown => JSON.parse(String(line)));

test("a line is one JSON object with time, level, service and message first, ids and fields after", () => {
  const log = createLogger({ service: "merger", level: "info", ids: { run: "r" } }).with({ job: 1 });
  log.info("group merged", { group: 7 });
  expect(lines()).toMatchObject([
    { level: "info", service: "merger", message: "group merged", run: "r", job: 1, group: 7 },
  ]);
  expect(Object.keys(lines()[0] as object).slice(0, 4)).toEqual(["time", "level", "service", "message"]);
});

test("no field takes the place of the message", () => {
  createLogger({ service: "merger", level: "info" }).warn("true", { message: "false", level: "debug" });
  expect(lines()).toMatchObject([{ message: "true", level: "warn" }]);
});

test("of one message so many lines are written, and the next one says how many were left out (L1)", () => {
  let nowMs = 0;
  const log = createLogger({ service: "driver", level: "info" }, { ...systemClock, nowMs: () => nowMs });
  for (let i = 0; i < 1_000; i += 1) log.with({ stream: i }).info("stream broke");
  log.warn("something else");
  expect(lines()).toHaveLength(101);
  nowMs = 10_000;
  log.info("stream broke");
  expect(lines().at(-1)).toMatchObject({ message: "stream broke", leftOut: 900 });
});

test("what is logged for who debugs is all written", () => {
  const log = createLogger({ service: "driver", level: "debug" });
  for (let i = 0; i < 150; i += 1) log.debug("heard");
  expect(lines()).toHaveLength(150);
});

test("lines below the level are left out", () => {
  const log = createLogger({ service: "merger", level: "warn" });
  log.debug("no");
  log.info("no");
  log.error("yes");
  expect(lines()).toMatchObject([{ message: "yes" }]);
});

test("an error is written with its stack and its cause", () => {
  const error = new Error("no merge", { cause: new Error("no space") });
  createLogger({ service: "merger", level: "info" }).error("failed", { error });
  expect(lines()).toMatchObject([{ error: { message: "no merge", cause: { message: "no space" } } }]);
});

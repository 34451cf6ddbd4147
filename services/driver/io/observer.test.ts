import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { silentLogger, type Logger } from "../../shared/io/logger.js";
import { ToldDriver } from "../core/testing/testing.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { exposeFarm, observer } from "./observer.js";

const clock = { nowMs: () => 0, unixMs: () => 0 };

/** Log lines, as `level message fields`. */
function aLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return {
    lines,
    log: { ...silentLogger, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
  };
}

/** A job of ten ranges, of which three are done, one has failed, and the others are held. */
function aDriver(): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(aSpec());
  const actor = driver.actor().ask(10);
  actor.done(1, [0, 1, 2]);
  actor.fail(1, 3, "event");
  return driver;
}

describe("what was committed", () => {
  test("is counted by kind, range and class", async () => {
    const registry = new Registry();
    const { log } = aLog();
    const driver = aDriver();
    const observe = observer(log, registry, clock);
    observe(driver.journal.slice(0, 3), driver.farm);
    observe(driver.journal.slice(3), driver.farm);
    const text = await registry.metrics();
    expect(text).toContain("noctua_journal_commits_total 2");
    expect(text).toContain('noctua_facts_total{kind="job-submitted"} 1');
    expect(text).toContain("noctua_ranges_done_total 3");
    expect(text).toContain('noctua_payload_failures_total{class="event"} 1');
  });

  test("is logged, a line for each fact that a person on call would want, with its ids as fields", () => {
    const { log, lines } = aLog();
    const driver = aDriver();
    observer(log, new Registry(), clock)(driver.journal, driver.farm);
    const wanted = lines.filter((line) => !line.startsWith("debug"));
    expect(wanted.map((line) => line.split(" {")[0])).toEqual([
      "info driver started",
      "info job submitted",
      "info session opened",
      "warn range tried",
    ]);
    expect(wanted[1]).toContain('{"job":1,"requestId":"request-1","ranges":10}');
    expect(wanted[3]).toMatch(
      /"job":1,"range":3,"grant":1,"node":"node-1","failure":\{"class":"event",.*"final":false/,
    );
  });
});

test("a kind of fact that comes in masses has so many lines, and then says how many it left out", () => {
  let nowMs = 0;
  const { log, lines } = aLog();
  const observe = observer(log, new Registry(), { ...clock, nowMs: () => nowMs });
  const driver = aDriver();
  const failed = driver.journal.filter(({ kind }) => kind === "range-tried");
  for (let commit = 0; commit < 150; commit += 1) observe(failed, driver.farm);
  expect(lines).toHaveLength(100);
  observe(driver.journal, driver.farm);
  expect(lines.filter((line) => line.startsWith("info job submitted"))).toHaveLength(1);
  nowMs = 10_000;
  observe(failed, driver.farm);
  expect(lines.at(-1)).toContain('"leftOut":51');
});

describe("figures that are read off the farm", () => {
  test("say where the ranges stand, and who is there", async () => {
    const registry = new Registry();
    const driver = aDriver();
    driver.merger().say("detach-stream");
    exposeFarm(registry, driver.farm);
    const text = await registry.metrics();
    for (const [state, count] of Object.entries({ ready: 1, held: 6, done: 3, merged: 0, failed: 0 }))
      expect(text).toContain(`noctua_ranges{job="1",state="${state}"} ${count}`);
    expect(text).toContain('noctua_sessions{role="actor",attachment="attached"} 1');
    expect(text).toContain('noctua_sessions{role="merger",attachment="away"} 1');
  });

  test("go away with their job", async () => {
    const registry = new Registry();
    const driver = new ToldDriver();
    driver.submit();
    exposeFarm(registry, driver.farm);
    expect(await registry.metrics()).toContain('job="1"');
    driver.actor().ask(1).fail(1, 0, "fatal");
    driver.workFiles();
    expect(await registry.metrics()).not.toContain('job="1"');
  });
});

import { describe, expect, test } from "vitest";
import { ToldDriver } from "../testing/testing.js";

/** A driver with job 1 of ten ranges. */
function aDriver(): ToldDriver {
  const driver = new ToldDriver();
  driver.submit();
  return driver;
}

describe("a session whose process is gone", () => {
  const lost = {
    kind: "end-lost-session",
    role: "actor",
    name: "actor",
    incarnation: "first process",
    how: "died",
    reason: "no such process",
  } as const;

  test("ends at once, and what it held goes to others at no cost (P5)", () => {
    const driver = aDriver();
    const waiting = driver.actor({ name: "other" });
    driver.actor().ask(10).say("detach-stream");
    waiting.ask(10);
    driver.tell(lost);
    expect(driver.facts("session-ended")[0]?.reason).toBe("actor actor is gone: no such process");
    expect(driver.job().table.counts).toMatchObject({ held: 10, ready: 0 });
    expect(waiting.grants().flatMap(({ ranges }) => ranges)).toHaveLength(10);
    expect(driver.job().table.creditUsed(0)).toBe(0);
  });

  test("puts what may have run there under suspicion when it died, and not when it left", () => {
    for (const how of ["died", "left"] as const) {
      const driver = aDriver();
      driver.actor().ask(1).say("detach-stream");
      driver.tell({ ...lost, how });
      expect(driver.facts("ranges-suspected"), how).toHaveLength(how === "died" ? 1 : 0);
    }
  });

  test("is another one when it has a stream, or another process has the name; and a second word of it is nothing", () => {
    const driver = aDriver();
    const actor = driver.actor().ask(2);
    driver.tell(lost, { ...lost, name: "nobody" }, { ...lost, role: "merger" });
    expect(actor.session).toBe(1);
    actor.say("detach-stream");
    driver.tell({ ...lost, incarnation: "another process" });
    expect(driver.farm.sessions.size).toBe(1);
    driver.tell(lost, lost);
    expect(driver.facts("session-ended")).toHaveLength(1);
  });
});

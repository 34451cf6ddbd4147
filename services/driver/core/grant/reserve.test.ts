import { describe, expect, test } from "vitest";
import { aSpec } from "../testing/testing-spec.js";
import { ToldDriver, type Peer } from "../testing/testing.js";

/** Range 0 is to be alone, since its node died twice; two actors are kept busy by all the others. */
function aFarm(): { driver: ToldDriver; actors: readonly Peer[] } {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec({ inputs: [200], speculation: { enabled: true, factor: 1 } }));
  const actors = ["a", "b"].map((name) => driver.actor({ name, node: name }));
  for (const incarnation of ["1", "2"])
    driver.actor({ name: "dying", node: "dying", incarnation, slots: 1 }).ask(1);
  // When the node dies for the second time, nobody is empty.
  actors.forEach((actor) => actor.ask(3));
  driver.actor({ name: "dying", node: "dying", incarnation: "3", slots: 1 }).say("leave");
  return { driver, actors };
}

/** What the driver lent to the actor since it was last asked to forget, by grant; all of it is done now. */
function work(driver: ToldDriver, actor: Peer | undefined): readonly number[] {
  const lent = actor?.grants() ?? [];
  driver.forget();
  for (const { grant, ranges } of lent) actor?.done(grant, ranges);
  return lent.flatMap(({ ranges }) => ranges);
}

describe("a range that is to be alone", () => {
  test("gets the actor that holds least, though others could keep it busy for ever (H1)", () => {
    const { driver, actors } = aFarm();
    const [one, two] = actors;
    driver.pass(1_000);
    expect(driver.farm.reserved).toMatchObject({ session: one?.session });
    one?.ask(30);
    two?.ask(30);
    expect(work(driver, one)).not.toContain(0);
    expect(one?.grants().map(({ ranges }) => ranges)).toEqual([[0]]);
    expect(driver.farm.reserved).toBeUndefined();
    driver.pass(20_000);
    expect(one?.grants(), "nothing beside it, a copy neither").toHaveLength(1);
  });

  test("gets another when the one that was kept free has left (H3)", () => {
    const { driver, actors } = aFarm();
    driver.pass(1_000);
    actors[0]?.say("leave");
    expect(driver.farm.reserved).toBeUndefined();
    driver.pass(1_000);
    expect(driver.farm.reserved).toMatchObject({ session: actors[1]?.session });
  });

  test("keeps nobody any more when its job is cancelled (H3)", () => {
    const { driver } = aFarm();
    driver.pass(1_000);
    driver.control("cancel");
    driver.pass(1_000);
    expect(driver.farm.reserved).toBeUndefined();
  });
});

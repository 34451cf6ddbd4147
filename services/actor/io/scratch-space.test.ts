import { expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import { judgedBySpace } from "./scratch-space.js";

test("where there is room, a failure stays what it was; and so where nobody can tell", async () => {
  const outcome = { kind: "failure", failure: failureOf("event", "found nothing there") } as const;
  expect(await judgedBySpace(outcome, "/")).toBe(outcome);
  expect(await judgedBySpace(outcome, "/no/such/folder")).toBe(outcome);
});

test("where nothing is left, it is the node's, and says so; what was the node's anyway stays as it was", async () => {
  // /proc has no blocks: as full as a file system can be.
  expect(
    await judgedBySpace({ kind: "failure", failure: failureOf("event", "found nothing there") }, "/proc"),
  ).toEqual({
    kind: "failure",
    failure: failureOf("node", "no space is left on the node's scratch, /proc: found nothing there"),
  });
  const other = { kind: "failure", failure: failureOf("fatal", "no such program") } as const;
  expect(await judgedBySpace(other, "/proc")).toBe(other);
  expect(await judgedBySpace({ kind: "suspect" }, "/proc")).toEqual({ kind: "suspect" });
});

import { beforeEach, describe, expect, it } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import type { Question } from "../core/question.js";
import { exitCodes } from "../io/cli-error.js";
import { showWhy } from "./explain.js";
import { checkedAnswer, fakeRun, type Captured, type JobFolder } from "./testing.js";

const { signal } = new AbortController();
let place: JobFolder;
let captured: Captured;

beforeEach(async () => {
  ({ place, captured } = await fakeRun());
});

function explain(question: Question, json = false): Promise<number> {
  return showWhy(
    { workdir: place.workdir, question, output: json ? "json" : "text" },
    captured.terminal,
    signal,
  );
}

describe("explain", () => {
  it("prints the answer, what it rests on, and what can be done in this very workdir", async () => {
    expect(await explain({ kind: "range", job: jobNumber(1), range: 17 })).toBe(exitCodes.ok);
    expect(captured.stdout().split("\n")).toEqual([
      "It waits.",
      '  {"$case":"range","value":{"job":1,"range":17}}',
      `=> Look at ${place.workdir}`,
      "",
    ]);
  });

  it("asks about jobs and events too", async () => {
    await explain({ kind: "job", job: jobNumber(1) });
    expect(captured.stdout()).toContain('{"$case":"job","value":1}');
    await explain({ kind: "event", job: jobNumber(1), path: "2.lhe", event: 5 });
    expect(captured.stdout()).toContain('"value":{"job":1,"input":"2.lhe","event":5}');
  });

  it("prints JSON with its schema's name", async () => {
    await explain({ kind: "job", job: jobNumber(1) }, true);
    expect(checkedAnswer(captured.stdout())).toMatchObject({
      schema: "noctua.explain/v1",
      sentence: "It waits.",
    });
  });

  it("refuses what there is not, as the driver says it", async () => {
    await expect(explain({ kind: "node", name: "n7" })).rejects.toMatchObject({
      exitCode: exitCodes.usage,
      message: "there is no node n7",
    });
  });
});

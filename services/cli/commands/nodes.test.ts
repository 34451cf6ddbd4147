import { beforeEach, describe, expect, it } from "vitest";
import { nodeOf } from "../core/testing.js";
import { exitCodes } from "../io/cli-error.js";
import type { OutputForm } from "../io/output-form.js";
import type { FakeBooks } from "../io/wire-fake-driver.js";
import { controlNodes, showNodes, type NodeControlOptions } from "./nodes.js";
import { checkedAnswer, fakeRun, type Captured } from "./testing.js";

const { signal } = new AbortController();
let workdir: string;
let captured: Captured;
let books: FakeBooks;

beforeEach(async () => {
  const run = await fakeRun();
  ({ captured, books } = run);
  ({ workdir } = run.place);
  for (const name of ["n07", "n08"]) books.nodes.set(name, nodeOf(name, { allocationLeftMs: 7_140_000 }));
});

function drain(nodes: readonly string[], changes: Partial<NodeControlOptions> = {}): Promise<number> {
  const asked = { control: "drain", nodes, reason: "disk is slow", requestId: "r", output: "text" } as const;
  return controlNodes({ workdir, wait: undefined, ...asked, ...changes }, captured.terminal, signal);
}

describe("nodes", () => {
  it("has a line for each, and says how long it is lent", async () => {
    expect(await showNodes({ workdir, output: "text" }, captured.terminal, signal)).toBe(exitCodes.ok);
    expect(captured.stdout().split("\n")[1]).toMatch(/^n07 {3}at work {3}8\/8 {4}16 {4}40 .* 1h59m$/);
  });

  it.each<OutputForm>(["json", "jsonl"])("is told to programs as %s", async (output) => {
    await showNodes({ workdir, output }, captured.terminal, signal);
    const texts = output === "json" ? [captured.stdout()] : captured.stdout().trimEnd().split("\n");
    expect(texts.map(checkedAnswer)).toHaveLength(output === "json" ? 1 : 2);
  });
});

describe("drain", () => {
  it("has a line for each node, and goes on where one is refused", async () => {
    expect(await drain(["n07", "n09", "n08"])).toBe(exitCodes.bad);
    expect(captured.stdout()).toBe("node n07 is draining\nnode n08 is draining\n");
    expect(captured.stderr()).toBe("noctua: node n09: there is no node n09\n");
    expect(books.nodes.get("n08")?.drain).toBe("disk is slow");
  });

  it("waits until they are drained", async () => {
    const drained = drain(["n07"], { wait: { timeoutMs: undefined } });
    await expect.poll(() => books.nodes.get("n07")?.state).toBe("draining");
    books.nodes.set("n07", nodeOf("n07", { state: "drained" }));
    expect(await drained).toBe(exitCodes.ok);
    expect(captured.stdout()).toBe("node n07 is drained\n");
  });

  it("says so when the time is up before", async () => {
    expect(await drain(["n07", "n08"], { wait: { timeoutMs: 50 }, output: "json" })).toBe(exitCodes.notOver);
    const states = [{ state: "draining" }, { state: "draining" }];
    expect(checkedAnswer(captured.stdout())).toMatchObject({ nodes: states });
    expect(captured.stderr()).toBe("noctua: not all of them were drained after 50ms\n");
  });
});

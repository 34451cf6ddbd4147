// docs/payload-protocol.md: its examples are what it says they are, and its program without help works as it stands.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ActorSide } from "../payloads/actor-side.js";
import { languages } from "../payloads/languages.js";

const text = await readFile(join(import.meta.dirname, "..", "..", "docs", "payload-protocol.md"), "utf8");

const id = z.string().min(1);
const count = z.int().min(1);
const path = z.string().startsWith("/");

const readByPayload = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("open"),
    protocol: z.literal(1),
    job: count,
    name: z.string(),
    slots: count,
    jobDir: path,
    scratch: path,
  }),
  z.strictObject({
    type: z.literal("range"),
    id,
    slot: z.int().min(0),
    input: path,
    first: count,
    last: count,
    output: path,
  }),
  z.strictObject({ type: z.literal("cancel"), id }),
  z.strictObject({ type: z.literal("stop") }),
]);

const writtenByPayload = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready") }),
  z.strictObject({ type: z.literal("done"), id }),
  z.strictObject({
    type: z.literal("failed"),
    id,
    class: z.enum(["event", "transient", "node", "fatal"]).optional(),
    message: z.string(),
  }),
  z.strictObject({ type: z.literal("cancelled"), id }),
  z.strictObject({ type: z.literal("progress"), id, events: count }),
]);

type Messages = typeof readByPayload | typeof writtenByPayload;

/** The lines of a section's examples. */
function examplesBelow(title: string): string[] {
  const [, section = ""] = text.split(new RegExp(`^## ${title}$`, "m"));
  const [body = ""] = section.split(/^## /m);
  return [...body.matchAll(/^```json\n(.*?)^```/gms)].flatMap(([, lines = ""]) => lines.trim().split("\n"));
}

/** The lines of the talk that begin with a mark. */
function linesOfTalk(mark: "<" | ">"): string[] {
  return [...text.matchAll(new RegExp(`^${mark} (.*)$`, "gm"))].map(([, line = ""]) => line);
}

const typesOf = (messages: Messages): unknown[] =>
  messages.options.map((option) => [...option.shape.type.values][0]);

describe("docs/payload-protocol.md", () => {
  it.each([
    { title: "What the payload reads", mark: "<" as const, messages: readByPayload },
    { title: "What the payload writes", mark: ">" as const, messages: writtenByPayload },
  ])("shows every message rightly: $title", ({ title, mark, messages }) => {
    const examples = examplesBelow(title);
    const shown = examples.map((line) => messages.parse(JSON.parse(line)).type);
    expect(new Set(shown)).toEqual(new Set(typesOf(messages)));
    const talk = linesOfTalk(mark);
    expect(talk.length).toBeGreaterThan(3);
    for (const line of talk) expect(() => messages.parse(JSON.parse(line)), line).not.toThrow();
  });

  const python = languages.find(({ name }) => name === "python");

  it.skipIf(python?.missing !== undefined)("holds a program that works as it stands", async () => {
    const [, program = ""] = /^```python\n(.*?)^```/ms.exec(text) ?? [];
    const actor = await ActorSide.start(["python3", "-c", program]);
    try {
      const input = actor.path("input");
      await writeFile(input, "one\ntwo\nthree\nfour\n");
      actor.open();
      expect(await actor.hear()).toEqual({ type: "ready" });
      actor.grant("17.42", input, { first: 2, last: 3 });
      expect(await actor.hear()).toEqual({ type: "done", id: "17.42" });
      expect(await readFile(actor.path("17.42"), "utf8")).toBe("two\nthree\n");
      expect(await actor.stop()).toMatchObject({ code: 0, stderr: "" });
    } finally {
      await actor.close();
    }
  });
});

// docs/payload-protocol.md: its examples are what it says they are, and its program without help works as it stands.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { lineTo, type ToPayload, wordOf } from "../../services/actor/core/stream-words.js";
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
]) satisfies z.ZodType<ToPayload>;

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

/** What the actor's own parser makes of a payload's line. */
const heard = (line: string): string => {
  const word = wordOf(line);
  return word.type === "flaw" ? word.message : word.type;
};

describe("docs/payload-protocol.md", () => {
  it("shows every message of the actor, as the actor writes it", () => {
    const examples = examplesBelow("What the payload reads");
    const shown = examples.map((line) => readByPayload.parse(JSON.parse(line)));
    expect(shown.map((message) => message.type)).toEqual(["open", "range", "cancel", "stop"]);
    expect(shown.map(lineTo)).toEqual(examples.map((line) => `${line}\n`));
    const talk = linesOfTalk("<");
    expect(talk.map((line) => readByPayload.parse(JSON.parse(line)).type)).toEqual([
      "open",
      "range",
      "range",
      "stop",
    ]);
  });

  it("shows every message of a payload, as the actor understands it", () => {
    const shown = examplesBelow("What the payload writes").map(heard);
    expect(shown).toEqual(["ready", "done", "failed", "failed", "cancelled", "progress"]);
    expect(linesOfTalk(">").map(heard)).toEqual(["ready", "progress", "done", "failed"]);
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

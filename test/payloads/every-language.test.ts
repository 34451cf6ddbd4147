// What a payload may rely on, in whatever language it is written: the same talk with the same small program in each.

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ActorSide, type Said } from "./actor-side.js";
import { languages } from "./languages.js";

let actors: ActorSide[] = [];
afterEach(async () => {
  await Promise.all(actors.map((actor) => actor.close()));
  actors = [];
});

const isDone = (said: Said | "end" | undefined): boolean => typeof said === "object" && said.type === "done";

for (const { name, missing, build } of languages) {
  const title =
    missing === undefined ? `a payload in ${name}` : `a payload in ${name}, for lack of ${missing}`;
  describe.skipIf(missing !== undefined)(title, () => {
    let command: readonly string[] = [];
    beforeAll(() => {
      command = build("test/payloads/probe");
    }, 120_000);

    async function start(): Promise<ActorSide> {
      const actor = await ActorSide.start(command);
      actors.push(actor);
      return actor;
    }

    /** A payload that has been told its job, and said that it is ready. */
    async function started(more: object = {}): Promise<ActorSide> {
      const actor = await start();
      actor.open(more);
      expect(await actor.hear()).toEqual({ type: "ready" });
      return actor;
    }

    it("knows its job and its range, and says done when the output is there", async () => {
      const actor = await started();
      actor.grant("17.42", '/a b/"quoted" é 🦉.lhe');
      expect(await actor.hear()).toEqual({ type: "done", id: "17.42" });
      expect(await readFile(actor.path("17.42"), "utf8")).toBe('3 é /a b/"quoted" é 🦉.lhe 11 20\n');
    });

    it("does a range of a job without outputs, and writes none", async () => {
      const actor = await started();
      actor.grant("1.0", "write", { output: undefined });
      expect(await actor.hear()).toEqual({ type: "done", id: "1.0" });
      expect(existsSync(actor.path("1.0"))).toBe(false);
    });

    it("does ranges of a slot in order", async () => {
      const actor = await started();
      const ids = Array.from({ length: 50 }, (_, index) => `1.${index}`);
      for (const id of ids) actor.grant(id, "write");
      for (const id of ids) expect(await actor.hear()).toEqual({ type: "done", id });
    });

    it("does ranges of different slots at the same time", async () => {
      const actor = await started({ slots: 2 });
      actor.grant("1.0", "meet");
      actor.grant("1.1", "meet", { slot: 1 });
      const said = [await actor.hear(), await actor.hear()];
      expect(new Set(said.map((message) => (message === "end" ? message : message.id)))).toEqual(
        new Set(["1.0", "1.1"]),
      );
    });

    it.each([
      ["refuse", "event", 'no "leptons":\n é'],
      ["break", "transient", "broken"],
      ["full", "node", "No space left"],
    ])("answers %s as a failure of class %s, and goes on", async (what, failureClass, message) => {
      const actor = await started();
      actor.grant("1.0", what);
      actor.grant("1.1", "write");
      const failed = await actor.hear();
      expect(failed).toMatchObject({ type: "failed", id: "1.0", class: failureClass });
      expect(failed).toHaveProperty("message", expect.stringContaining(message));
      expect(await actor.hear()).toEqual({ type: "done", id: "1.1" });
    });

    it("cuts a message that no line would hold", async () => {
      const actor = await started();
      actor.grant("1.0", "long");
      const failed = await actor.hear();
      expect(failed === "end" ? failed : failed.message?.length).toBeLessThanOrEqual(4000);
    });

    it("leaves a range that is cancelled, running or not, and says so", async () => {
      const actor = await started();
      actor.grant("1.0", "linger");
      actor.grant("1.1", "write");
      expect(await actor.hear()).toEqual({ type: "progress", id: "1.0", events: 1 });
      actor.say({ type: "cancel", id: "1.1" });
      actor.say({ type: "cancel", id: "1.0" });
      expect(await actor.hear()).toEqual({ type: "cancelled", id: "1.0" });
      expect(await actor.hear()).toEqual({ type: "cancelled", id: "1.1" });
      expect(existsSync(actor.path("1.1"))).toBe(false);
    });

    it("is not disturbed by what it does not know: types, fields, ids that were answered", async () => {
      const actor = await started({
        later: { nested: [1, "a}", { b: null }] },
        more: [],
        none: {},
        half: 0.5,
      });
      actor.say({ type: "greet", words: [true, false] });
      actor.say({ type: "cancel", id: "0.0" });
      actor.grant("1.0", "write", { weight: -1.5e3 });
      expect(await actor.hear()).toEqual({ type: "done", id: "1.0" });
    });

    it("reports progress, and not a thousand times", async () => {
      const actor = await started();
      actor.grant("1.0", "report");
      const said = [await actor.hear()];
      expect(said).toEqual([{ type: "progress", id: "1.0", events: 1 }]);
      while (said.at(-1) !== "end" && !isDone(said.at(-1))) said.push(await actor.hear());
      expect(said.length).toBeLessThan(1000);
    });

    // It may have begun the next one before it read that it is to stop; who never minds begins it every time.
    it(
      "finishes what runs when told to stop, begins nothing else, and ends with 0",
      { retry: 4 },
      async () => {
        const actor = await started();
        actor.grant("1.0", "wait");
        actor.grant("1.1", "write");
        expect(await actor.hear()).toEqual({ type: "progress", id: "1.0", events: 1 });
        const ended = actor.stop();
        await writeFile(actor.path("go"), "");
        expect(await actor.hear()).toEqual({ type: "done", id: "1.0" });
        expect(await actor.hear()).toBe("end");
        expect(await ended).toMatchObject({ code: 0, stdout: "over\n" });
        expect(existsSync(actor.path("1.1"))).toBe(false);
      },
    );

    it("ends with 0 when the actor is gone, even in the middle of a line", async () => {
      const actor = await started();
      actor.write('{"type":"ran');
      expect(await actor.hangUp()).toMatchObject({ code: 0 });
    });

    it("leaves stdout to the program", async () => {
      const actor = await started();
      actor.grant("1.0", "shout");
      expect(await actor.hear()).toEqual({ type: "done", id: "1.0" });
      expect(await actor.stop()).toMatchObject({ code: 0, stdout: "hello\nover\n" });
    });

    it("keeps its pipes from programs that it starts, so that its end is seen", async () => {
      const actor = await started();
      actor.grant("1.0", "spawn");
      expect(await actor.hear()).toEqual({ type: "done", id: "1.0" });
      actor.say({ type: "stop" });
      expect(await actor.hear()).toBe("end");
      const sleeper = Number(await readFile(actor.path("pid"), "utf8"));
      expect(process.kill(sleeper, "SIGKILL")).toBe(true);
    });

    it("refuses another version of the protocol, and says which it speaks", async () => {
      const actor = await start();
      actor.open({ protocol: 2 });
      const { code, stderr } = await actor.ended();
      expect(code).not.toBe(0);
      expect(stderr).toContain("expected protocol 1, found 2");
    });

    it.each([
      ["is no JSON", "nonsense\n"],
      ["is no object", "17\n"],
      ["lacks a field", '{"type":"range","id":"1.0"}\n'],
      [
        "is for a slot that is not there",
        '{"type":"range","id":"1","slot":1,"input":"i","first":1,"last":1,"output":"o"}\n',
      ],
      ["never ends", "x".repeat(1_200_000)],
    ])("ends with an error when what it hears %s", async (_title, text) => {
      const actor = await started();
      actor.write(text);
      const { code, stderr } = await actor.hangUp();
      expect(code).not.toBe(0);
      expect(stderr).toContain("expected");
    });

    it("says what is wrong when nobody gave it pipes", async () => {
      const actor = await ActorSide.start(["env", "--unset=NOCTUA_IN_FD", ...command]);
      actors.push(actor);
      const { code, stderr } = await actor.ended();
      expect(code).not.toBe(0);
      expect(stderr).toContain("NOCTUA_IN_FD is not set");
    });
  });
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { exitCodes } from "../io/cli-error.js";
import type { FakeBooks } from "../io/wire-fake-driver.js";
import { add, type AddOptions } from "./add.js";
import { checkedAnswer, fakeRun, type Captured, type JobFolder } from "./testing.js";

const signal = new AbortController().signal;
let place: JobFolder;
let captured: Captured;
let books: FakeBooks;

beforeEach(async () => {
  ({ place, captured, books } = await fakeRun());
});

function addTo(changes: Partial<AddOptions>): Promise<number> {
  const nothing = {
    env: {},
    files: [],
    events: undefined,
    firstEvent: 1,
    from: undefined,
    requestId: undefined,
    output: "text" as const,
  };
  const options = { workdir: place.workdir, job: jobNumber(1), ...nothing, ...changes };
  return add(options, captured.terminal, signal);
}

const file = (name: string): string => join(place.folder, name);

describe("add", () => {
  it("tells programs which ranges were added", async () => {
    await addTo({ files: [file("1.lhe")], events: 10, output: "json" });
    expect(checkedAnswer(captured.stdout())).toMatchObject({ job: 1, firstRange: 0, ranges: 10 });
  });

  it("adds the files that are named, and prints their ranges", async () => {
    expect(await addTo({ files: [file("1.lhe"), file("2.lhe")], events: 10 })).toBe(exitCodes.ok);
    expect(await addTo({ files: [file("1.lhe")], events: 1, firstEvent: 11 })).toBe(exitCodes.ok);
    expect(captured.stdout()).toBe("job 1: ranges 0-19\njob 1: range 20\n");
    expect(books.additions.flatMap(({ inputs }) => inputs)).toMatchObject([
      { path: file("1.lhe"), firstEvent: 1, events: 10, sizeBytes: 6 },
      { path: file("2.lhe"), firstEvent: 1, events: 10 },
      { path: file("1.lhe"), firstEvent: 11, events: 1 },
    ]);
  });

  it("adds the inputs of a list, whose paths are relative to it", async () => {
    await writeFile(file("more.yaml"), "inputs:\n  - { path: 2.lhe, events: 3, firstEvent: 4, guid: G }\n");
    await addTo({ from: file("more.yaml"), requestId: "more" });
    expect(books.additions).toMatchObject([
      { requestId: "more", job: 1, inputs: [{ path: file("2.lhe"), firstEvent: 4, events: 3, guid: "G" }] },
    ]);
  });

  it("adds all files that fit a pattern, or that a list in the list names, with events that a command counts", async () => {
    await addTo({ files: [file("*.lhe")], events: 10 });
    await writeFile(file("more.txt"), `1.lhe\t3\n2.lhe\n`);
    const counted = '{ command: [echo, "4", "{input}"] }';
    await writeFile(file("more.yaml"), `inputs: [{ list: more.txt, firstEvent: 11, events: ${counted} }]\n`);
    await addTo({ from: file("more.yaml"), env: { PATH: "/usr/bin:/bin" } });
    expect(captured.stderr()).toBe("noctua: counting the events of 1 input\n");
    expect(books.additions.flatMap(({ inputs }) => inputs)).toMatchObject([
      { path: file("1.lhe"), firstEvent: 1, events: 10 },
      { path: file("2.lhe"), firstEvent: 1, events: 10 },
      { path: file("1.lhe"), firstEvent: 11, events: 3 },
      { path: file("2.lhe"), firstEvent: 11, events: 4 },
    ]);
  });

  it("adds once for one request id", async () => {
    await addTo({ files: [file("1.lhe")], events: 10, requestId: "r" });
    await addTo({ files: [file("1.lhe")], events: 10, requestId: "r" });
    expect(captured.stdout()).toBe("job 1: ranges 0-9\njob 1: ranges 0-9\n");
    expect(captured.stderr()).toMatch(/made before/);
  });

  it.each([
    ["neither files nor a list", {}, "found neither"],
    ["files without events", { files: ["1.lhe"] }, "found no --events"],
    ["files and a list", { files: ["1.lhe"], from: "more.yaml" }, "found both"],
    [
      "a file that is not there",
      { files: ["/no/such.lhe"], events: 1 },
      "/no/such.lhe: expected a file that can be read",
    ],

    [
      "a pattern that nothing fits",
      { files: ["/no/*.lhe"], events: 1 },
      "/no/*.lhe: expected a file that fits the pattern, found none that fits /no/*.lhe",
    ],
    [
      "a list that is not there",
      { from: "/no/such.yaml" },
      "expected a list of inputs at /no/such.yaml, found none",
    ],
  ])("tells of %s", async (_name, changes, message) => {
    await expect(addTo(changes)).rejects.toMatchObject({ exitCode: exitCodes.usage });
    await expect(addTo(changes)).rejects.toThrow(message);
    expect(books.additions).toEqual([]);
  });

  it("tells all mistakes of a list at once, each with its line", async () => {
    await writeFile(
      file("more.yaml"),
      "input: 3\ninputs:\n  - { path: no.lhe, events: 3 }\n  - { path: 1.lhe, events: 0 }\n",
    );
    await expect(addTo({ from: file("more.yaml") })).rejects.toThrow(
      /the list of inputs has 3 mistakes:\n.*:1: input: .*did you mean "inputs".*\n.*:3: inputs\[0\]\.path.*\n.*:4: inputs\[1\]\.events/,
    );
  });
});

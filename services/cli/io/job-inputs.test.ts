// Which inputs a job file names: by path, by pattern, in a list; and how many events each has.

import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliError } from "./cli-error.js";
import { readJobFile } from "./job-file.js";
import { quietReader } from "./testing-reader.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-inputs-"));
  await mkdir(join(folder, "input/more"), { recursive: true });
  for (const name of ["2.lhe", "10.lhe", "1.lhe", "notes.txt", ".3.lhe", "more/4.lhe"])
    await writeFile(join(folder, "input", name), "12 events\n");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const rest = '\npayload: { kind: exec, command: [run, "{output}"] }\n';

/** The inputs of a job, as `path events`; or the mistakes. */
function inputsOf(inputs: string, reader = quietReader): Promise<readonly string[]> {
  return inputsIn(`inputs: [${inputs}]`, reader);
}

async function inputsIn(field: string, reader = quietReader): Promise<readonly string[]> {
  const path = join(folder, "job.yaml");
  await writeFile(path, `name: x\n${field}${rest}`);
  const outcome = await readJobFile(path, reader).catch((error: unknown) => error);
  if (outcome instanceof CliError) {
    const [, ...lines] = outcome.message.split("\n");
    return lines.map((line) => line.trim().replaceAll(path, "job.yaml").replaceAll(folder, "F"));
  }
  if (outcome instanceof Error) throw outcome;
  const { inputs: found } = await readJobFile(path, reader);
  return found.map((input) => `${input.path.replace(`${folder}/`, "")} ${input.events}`);
}

describe("no inputs", () => {
  it.each(["", "inputs:", "inputs: []"])(
    "are enough for an open job, and for no other: '%s'",
    async (field) => {
      expect(await inputsIn(`${field}\nopen: true`)).toEqual([]);
      expect(await inputsIn(field)).toEqual([
        expect.stringMatching(/inputs: expected a list of 1 to 100000 inputs, or open: true, found/),
      ]);
    },
  );
});

describe("a pattern", () => {
  it("stands for the files that fit it, sorted, each once", async () => {
    const files = ["input/1.lhe 5", "input/10.lhe 5", "input/2.lhe 5"];
    expect(await inputsOf('{ path: "input/*.lhe", events: 5 }')).toEqual(files);
    expect(await inputsOf(`{ path: "${folder}/in*/{2,1*,[12]}.lhe", events: 5 }`)).toEqual(files);
    expect(await inputsOf('{ path: "**/*.lhe", events: 5 }')).toEqual([...files, "input/more/4.lhe 5"]);
    expect(await inputsOf('{ path: "./input/.*", events: 5 }')).toEqual(["input/.3.lhe 5"]);
  });

  it("follows links to files, and ends where folders link to each other", async () => {
    await symlink("..", join(folder, "input/more/back"));
    await symlink("../notes.txt", join(folder, "input/more/5.lhe"));
    const files = ["input/more/4.lhe 1", "input/more/5.lhe 1"];
    expect(await inputsOf('{ path: "input/**/more/*.lhe", events: 1 }')).toEqual(files);
    expect(await inputsOf('{ path: "input/mo*/*/10.lhe", events: 1 }')).toEqual(["input/more/back/10.lhe 1"]);
  });

  it("is a path where there is such a file", async () => {
    await writeFile(join(folder, "[1].lhe"), "");
    expect(await inputsOf('{ path: "[1].lhe", events: 5 }')).toEqual(["[1].lhe 5"]);
  });

  it("that nothing fits, or that cannot be followed, is a mistake", async () => {
    await symlink("nowhere", join(folder, "input/5.lhe"));
    expect(
      await inputsOf(
        '{ path: "*.lhe", events: 5 }, { path: "input/?.lhe", events: 5 }, { path: "none/**", events: 5 }',
      ),
    ).toEqual([
      "job.yaml:2: inputs[0].path: expected a file that fits the pattern, found none that fits F/*.lhe",
      "job.yaml:2: inputs[2].path: expected a file that fits the pattern, found none that fits F/none/**",
      "job.yaml:2: inputs[1].path: expected a file that can be read, found F/input/5.lhe, which is not there",
    ]);
    expect(await inputsOf(`{ path: "${"{a,b}".repeat(10)}", events: 5 }`)).toEqual([
      expect.stringMatching(/inputs\[0\].path: .*found more than a thousand alternatives in its braces$/),
    ]);
  });

  it("gives all its files one scope, but not one GUID, and no event twice", async () => {
    expect(
      await inputsOf(
        '{ path: "input/*.lhe", events: 5, scope: mc, guid: G }, { path: input/2.lhe, events: 1 }',
      ),
    ).toEqual([
      "job.yaml:2: inputs[0].guid: expected none beside a pattern that fits several files, found one for 3 files",
    ]);
    expect(await inputsOf('{ path: "input/*.lhe", events: 5 }, { path: input/2.lhe, events: 1 }')).toEqual([
      "job.yaml:2: inputs[1]: expected each event of a file once, found events of F/input/2.lhe that inputs[0] has too",
    ]);
  });
});

describe("a list of files", () => {
  it("has a path on each line, with its events behind a tab or beside the list", async () => {
    await writeFile(join(folder, "files.txt"), "# mine\r\ninput/1.lhe\r\n\r\ninput/2.lhe\t7\r\n");
    expect(await inputsOf("{ list: files.txt, events: 5 }, { path: input/10.lhe, events: 1 }")).toEqual([
      "input/1.lhe 5",
      "input/2.lhe 7",
      "input/10.lhe 1",
    ]);
  });

  it("is told its mistakes with their lines in it", async () => {
    await writeFile(join(folder, "files.txt"), "input/1.lhe\ninput/none.lhe\t3\ninput/2.lhe\tmany\n");
    await writeFile(join(folder, "empty.txt"), "\n");
    const list = "job.yaml:2: inputs[0].list: expected";
    const events = "events of each file: behind a tab in the list, or events beside it";
    expect(
      await inputsOf("{ list: files.txt }, { list: empty.txt }, { list: no.txt }, { list: input }"),
    ).toEqual([
      `${list} ${events}, found none (line 1 of files.txt)`,
      `${list} ${events}, found many (line 3 of files.txt)`,
      "job.yaml:2: inputs[1].list: expected a path on each line, found an empty list",
      "job.yaml:2: inputs[2].list: expected a list of files, found none",
      "job.yaml:2: inputs[3].list: expected a list of files, found a folder",
      `${list} a file that can be read, found F/input/none.lhe (line 2 of files.txt), which is not there`,
    ]);
    expect(await inputsOf("{ list: files.txt, path: input/1.lhe, evnts: 1 }")).toContainEqual(
      expect.stringMatching(/inputs\[0\].path: expected one of .*list/),
    );
  });

  it("may be of 64 MB, and no more", async () => {
    await writeFile(join(folder, "files.txt"), "");
    await truncate(join(folder, "files.txt"), 64 * 1024 * 1024 + 1);
    expect(await inputsOf("{ list: files.txt, events: 5 }")).toEqual([
      expect.stringMatching(/list: .*found .*67108865 bytes, where 67108864 is the most/),
    ]);
  });

  it("may be long", async () => {
    const lines = Array.from({ length: 100_001 }, () => "input/1.lhe").join("\n");
    await writeFile(join(folder, "files.txt"), lines);
    expect(await inputsOf("{ list: files.txt, events: 5 }")).toEqual([
      "job.yaml:2: inputs[0]: expected at most 100000 inputs, found more than that",
    ]);
  });
});

describe("events that a command counts", () => {
  const counting = (command: string, more = ""): string =>
    `{ path: "input/{1,2}.lhe", events: { command: ${command}${more} } }`;

  it("are the number that it prints first, for each file", async () => {
    await writeFile(join(folder, "input/2.lhe"), " 34\nof them\n");
    const files = ["input/1.lhe 12", "input/2.lhe 34"];
    expect(await inputsOf(counting('[cat, "{input}"]'))).toEqual(files);
    await writeFile(join(folder, "count"), '#!/bin/sh\ncat "$1"; test "$WHO" = me\n');
    await chmod(join(folder, "count"), 0o755);
    const reader = { ...quietReader, environment: { ...quietReader.environment, WHO: "me" } };
    expect(await inputsOf(counting('["{jobDir}/count", "{input}"]'), reader)).toEqual(files);
    await writeFile(join(folder, "files.txt"), "input/1.lhe\ninput/2.lhe\t7\n");
    const listed = '{ list: files.txt, events: { command: [cat, "{input}"] } }';
    expect(await inputsOf(listed)).toEqual(["input/1.lhe 12", "input/2.lhe 7"]);
  });

  it("are what their command prints first, whatever it prints then", async () => {
    const much = '[sh, -c, "echo 7; yes | head -c 1000000", "{input}"]';
    expect(await inputsOf(counting(much))).toEqual(["input/1.lhe 7", "input/2.lhe 7"]);
    const late = '[sh, -c, "yes \'\' | head -c 5000; echo 7", "{input}"]';
    expect((await inputsOf(counting(late)))[0]).toContain("found nothing printed");
  });

  it.each<[string, string, string]>([
    [
      "an exit code",
      "[sh, -c, 'echo 5; echo what a >&2; echo pity >&2; exit 3', \"{input}\"]",
      'exit code 3, and on stderr "pity"',
    ],
    ["a signal", "[sh, -c, 'kill -9 $$', \"{input}\"]", "that SIGKILL ended it"],
    ["no number", '[echo, five, "{input}"]', '"five" printed'],
    ["nothing", '["true", "{input}"]', "nothing printed"],
    ["no events", '[echo, "0", "{input}"]', '"0" printed'],
    ["no program", '[/no/such, "{input}"]', 'cannot start "/no/such": there is no such program'],
  ])("are a mistake when it comes to %s", async (_name, command, found) => {
    const mistakes = await inputsOf(counting(command));
    expect(mistakes).toHaveLength(2);
    for (const [i, mistake] of mistakes.entries()) {
      const expected = `a number of events first, from the command that counts those of F/input/${i + 1}.lhe`;
      expect(mistake).toContain(`job.yaml:2: inputs[0].events.command: expected ${expected}, found ${found}`);
    }
  });

  it("are not waited for without end", async () => {
    const [mistake] = await inputsOf(counting("[sh, -c, 'sleep 100', \"{input}\"]", ", timeout: 50ms"));
    expect(mistake).toMatch(/found none within 50ms$/);
    const reader = { ...quietReader, signal: AbortSignal.abort(new Error("stopped")) };
    await expect(inputsOf(counting('[cat, "{input}"]'), reader)).rejects.toThrow("stopped");
  });

  it("are counted only when nothing else is wrong", async () => {
    const mistakes = await inputsOf(`${counting('[touch, "{jobDir}/counted", "{input}"]')}, 7`);
    expect(mistakes).toEqual([expect.stringMatching(/inputs\[1\]: /)]);
    expect(await inputsOf('{ path: "*/../counted", events: 1 }')).toHaveLength(1);
  });

  it("are looked at like those that are said", async () => {
    await writeFile(join(folder, "input/2.lhe"), "4294967295\n");
    expect(
      await inputsOf(`${counting('[cat, "{input}"]')}, { path: input/1.lhe, events: 1, firstEvent: 12 }`),
    ).toEqual([
      expect.stringMatching(/eventsPerRange: expected at most 100000000 event ranges/),
      expect.stringMatching(
        /inputs\[1\]: expected each event of a file once, found events of F\/input\/1.lhe/,
      ),
    ]);
  });

  it("ask for {input}, and say what else may stand there", async () => {
    expect(await inputsOf("{ path: input/1.lhe, events: { command: [cat], timout: 1s } }")).toEqual([
      expect.stringMatching(/inputs\[0\].events.command: expected \{input\} in the command/),
      expect.stringMatching(
        /inputs\[0\].events.timout: expected one of command, timeout, .*did you mean "timeout"/,
      ),
    ]);
    expect(await inputsOf("{ path: input/1.lhe, events: many }")).toEqual([
      expect.stringMatching(
        /expected a whole number from 1 to 4294967295, or \{ command: \[…\] \}, found "many"$/,
      ),
    ]);
  });
});

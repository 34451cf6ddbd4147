// Nothing that a payload or a merge command started is left when its service was killed or has ended: not what forked
// twice, not what ignores TERM, not what leads a session of its own; and no file on the node either.

import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { identityOf } from "../../services/shared/io/process-identity.js";
import { leavers, until } from "../../services/shared/io/testing-processes.js";
import { ProcessFarm } from "../support/farm-of-processes.js";
import { noctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";

/** Leaves one of each kind, says its own pid, and never ends. */
const script = `#!/bin/sh
trap '' TERM
cd "\${0%/*}/left"
export me=$$
${Object.values(leavers)
  .map((leave, i) => leave(`$me.${i}`))
  .join("\n")}
echo $$ > $$.part; mv $$.part $$.self
[ "\${1:-stay}" = stay ] || exit 0
while :; do sleep 1; done
`;
const kinds = Object.keys(leavers).length + 1;

interface Scene {
  readonly farm: ProcessFarm;
  /** On the node, of actors and mergers. */
  readonly scratch: string;
  /** Waits until programs have left all that they leave; returns who lives. */
  left(programs: number): Promise<number[]>;
}

async function scene(job: { readonly payload?: string; readonly merge?: string }): Promise<Scene> {
  const folder = await privateFolder();
  const [scratch, left] = [join(folder, "scratch"), join(folder, "job", "left")];
  const farm = new ProcessFarm(join(folder, "work"));
  const shape = { inputs: 1, eventsPerInput: 4, eventsPerRange: 1, mergeEvery: 4 };
  const listed = await writeListedJob(join(folder, "job"), { ...shape, ...job });
  await mkdir(left);
  await writeFile(join(folder, "job", "leave.sh"), script);
  await chmod(join(folder, "job", "leave.sh"), 0o755);
  await farm.start("driver", "driver");
  expect(await noctua("submit", listed.path, "--workdir", farm.workdir)).toMatchObject({
    code: 0,
    stderr: "",
  });
  const pids = async (): Promise<number[]> => {
    const names = (await readdir(left)).filter((name) => !name.endsWith(".part"));
    return Promise.all(names.map(async (name) => Number(await readFile(join(left, name), "utf8"))));
  };
  return {
    farm,
    scratch,
    left: async (programs) => {
      await until(async () => (await pids()).length >= programs * kinds);
      return pids();
    },
  };
}

const areGone = (pids: readonly number[]): boolean => pids.every((pid) => identityOf(pid) === undefined);
const hasNothing = async (folder: string): Promise<boolean> => {
  const [own] = await readdir(folder);
  return own === undefined || (await readdir(join(folder, own))).length === 0;
};

const program = "{jobDir}/leave.sh";
const exec = (how: string): string =>
  `{ kind: exec, command: ["${program}", "${how}", "{input}", "{first}", "{last}", "{output}"], timeout: 1h }`;
const payloads = [
  ["exec", exec("stay")],
  ["stream", `{ kind: stream, command: ["${program}"], timeout: 1h, startTimeout: 1h }`],
] as const;

it.each(payloads)("an actor that is killed leaves nothing of its payloads behind: %s", async (_, payload) => {
  const { farm, scratch, left } = await scene({ payload });
  await farm.start("actor", "actor1", "--slots", "2", "--scratch", scratch);
  const pids = await left(2);
  await farm.kill("actor1", "SIGKILL");
  await until(() => areGone(pids));
  await until(() => hasNothing(scratch));
});

it("a merger that is killed leaves nothing of its merge commands behind", async () => {
  const { farm, scratch, left } = await scene({
    merge: `kind: command, command: ["${program}", "stay", "{inputs}", "{output}"], timeout: 1h`,
  });
  await farm.start("actor", "actor1", "--slots", "2", "--scratch", scratch);
  await farm.start("merger", "merger1", "--scratch", scratch);
  const pids = await left(1);
  await farm.kill("merger1", "SIGKILL");
  await until(() => areGone(pids));
});

it("when its keeper is killed too, an actor's programs are ended by the kernel, and what is left by its successor", async () => {
  const { farm, scratch, left } = await scene({ payload: payloads[0][1] });
  await farm.start("actor", "actor1", "--slots", "1", "--scratch", scratch);
  const pids = await left(1);
  process.kill(await keeperOf(farm.pidOf("actor1")), "SIGKILL");
  await farm.kill("actor1", "SIGKILL");
  await farm.start("actor", "actor1", "--slots", "1", "--scratch", scratch);
  await until(() => areGone(pids));
  await until(async () => (await farm.log("actor1")).includes("swept what a predecessor left"));
});

it("an actor that is told to stop leaves nothing of its payloads behind, and says what had left its group", async () => {
  const { farm, scratch, left } = await scene({ payload: payloads[0][1] });
  await farm.start("actor", "actor1", "--slots", "1", "--scratch", scratch, "--grace", "0s");
  const pids = await left(1);
  expect(await farm.kill("actor1", "SIGTERM")).toBe(0);
  expect(areGone(pids)).toBe(true);
  expect(await farm.log("actor1")).toMatch(
    /ended processes that had left their group.*"programs":\["sleep"\]/,
  );
  expect(await hasNothing(scratch)).toBe(true);
});

it("a payload that forks and exits is done, and what it left is ended while the actor works on", async () => {
  const { farm, scratch, left } = await scene({ payload: exec("fork-and-exit") });
  await farm.start("actor", "actor1", "--slots", "2", "--scratch", scratch);
  const pids = await left(4);
  await until(() => areGone(pids));
});

/** The actor's child that keeps its programs. */
async function keeperOf(actor: number): Promise<number> {
  const children = (await readFile(`/proc/${actor}/task/${actor}/children`, "utf8")).trim().split(" ");
  for (const child of children) {
    const words = await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "");
    if (words.includes("noctua-keeper")) return Number(child);
  }
  throw new Error("expected the actor to have a keeper");
}

// A client in another language, with nothing of Noctua but its protos: examples/feedback feeds an open job until the mass of
// the Z boson is known as well as is wanted, and closes it.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ProcessFarm } from "../support/farm-of-processes.js";
import { noctua, runNode } from "../support/run-node.js";
import { privateFolder } from "../support/private-folder.js";

const examples = join(import.meta.dirname, "..", "..", "examples");

/** Where the system's own Python has what it takes: packages of apt are for no other one. */
const python = ["python3", "/usr/bin/python3"].find(
  (program) => spawnSync(program, ["-c", "import grpc, google.protobuf"]).status === 0,
);
const isThere = python !== undefined && spawnSync("protoc", ["--version"]).status === 0;
const missing = isThere
  ? ""
  : " (skipped: apt-get install python3-grpcio python3-protobuf protobuf-compiler)";

it.skipIf(!isThere)(
  `a Python client feeds an open job until it knows enough, and closes it${missing}`,
  async () => {
    const folder = await privateFolder();
    const input = join(folder, "input");
    const generated = ["--events", "250", "--files", "6", "--seed", "1", "--folder", input];
    expect(await runNode(join(examples, "drell-yan", "generate.mjs"), ...generated)).toMatchObject({
      code: 0,
    });
    const farm = new ProcessFarm(join(folder, "work"));
    await farm.start("driver", "driver");
    await farm.start("actor", "actor1", "--slots", "2");
    await farm.start("merger", "merger1");

    const files = readdirSync(input).map((name) => join(input, name));
    const script = join(examples, "feedback", "feedback.py");
    const args = [script, "--workdir", farm.workdir, "--error", "0.08", ...files.sort()];
    const { status, stdout, stderr } = spawnSync(python ?? "", args, { encoding: "utf8", timeout: 100_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.trim().split("\n");
    expect(lines.length).toBeGreaterThan(2); // The first input alone was not enough.
    expect(lines.length).toBeLessThan(7); // Nor were all needed.
    expect(lines.at(-1)).toMatch(/^job 1 is over: m\(Z\) = 91\.\d\d ± 0\.0\d GeV$/);
    expect(await noctua("verify", "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  },
  150_000,
);

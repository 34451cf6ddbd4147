// The protos are the API: they are documented, laid out one way, never broken, and what is made of them compiles.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { generate } from "../../tools/generate.mjs";
import { root as repository } from "../../tools/setup/root.mjs";
import { type PlantedTree, plantTree } from "./planted-tree.js";

const jobProto = "proto/noctua/v1/job.proto";
let tree: PlantedTree;

beforeEach(() => {
  tree = plantTree({}, ["tools"]);
});

afterEach(() => tree.remove());

/** Writes the job's proto with one text in place of another, which must be there. */
function change(from: string, to: string): void {
  const before = readFileSync(join(tree.root, jobProto), "utf8");
  expect(before).toContain(from);
  tree.write({ [jobProto]: before.replace(from, to) });
}

test("a field without a comment, and a name of another style, are found", async () => {
  expect(await tree.check("proto-lint")).toMatchObject({ isOk: true, output: "" });
  change("  // Made by the driver, unique in its workdir.\n  string job_id", "  string jobId");
  const { isOk, output } = await tree.check("proto-lint");
  expect(isOk).toBe(false);
  expect(output).toMatch(/job\.proto:8:3:Field "jobId" should have a non-empty comment/);
  expect(output).toMatch(/job\.proto:8:\d+:Field name "jobId" should be lower_snake_case/);
});

test("a proto that buf would lay out otherwise is found", async () => {
  expect(await tree.check("proto-format")).toMatchObject({ isOk: true, output: "" });
  change("  string job_id = 1;", "    string job_id=1;");
  const { isOk, output } = await tree.check("proto-format");
  expect(isOk).toBe(false);
  expect(output).toContain(jobProto);
});

test("what breaks the released protos is found, and is not released", async () => {
  const release = () => tree.run("node", "tools/release-protos.mjs");
  expect(await tree.check("proto-breaking")).toMatchObject({ isOk: true, note: "nothing released yet" });
  expect(await release()).toMatchObject({ isOk: true });
  change("}\n", "  // Says what the job is for.\n  string title = 2;\n}\n");
  expect(await tree.check("proto-breaking")).toMatchObject({ isOk: true, output: "" });
  change("string job_id = 1", "uint64 job_id = 1");
  const { isOk, output } = await tree.check("proto-breaking");
  expect(isOk).toBe(false);
  expect(output).toMatch(/proto\/noctua\/v1\/job\.proto:\d+:\d+:Field "1" .* changed type/);
  expect(await release()).toMatchObject({ isOk: false });
  expect(readFileSync(join(tree.root, "test/laws/released-protos/noctua/v1/job.proto"), "utf8")).toContain(
    "string job_id = 1",
  );
});

test("what is generated compiles under our own options, with every kind of field", async () => {
  tree.write({
    [jobProto]: readFileSync(join(repository, "test/laws/every-kind.proto.txt"), "utf8"),
    "services/driver/io/wire.ts": [
      `import { Job, JobServiceService } from "../../../gen/noctua/v1/job.js";`,
      `import { descriptorSetBase64 } from "../../../gen/descriptor-set.js";`,
      `/** Numbers for 64-bit integers, Buffers for bytes, a union for a oneof. */`,
      `export const job: Job = { ...Job.create(), total: 2 ** 40, blob: Buffer.alloc(1), what: { $case: "path", value: "p" } };`,
      `export const path: "/noctua.v1.JobService/GetJob" = JobServiceService.getJob.path;`,
      `export const jobIdFromWire = (message: Job): string => message.jobId + descriptorSetBase64;`,
    ].join("\n"),
    "services/driver/main.ts": `import { job } from "./io/wire.js";\nprocess.stdout.write(String(job.total));\n`,
  });
  await generate(tree.root);
  expect(await tree.check("types")).toMatchObject({ isOk: true, output: "" });
});

test("what this repository generates is what its protos give", () => {
  const listed = (folder: string, ending: string) =>
    readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(ending) && path.includes("/"))
      .map((path) => path.slice(0, -ending.length))
      .sort();
  const generated = listed("gen", ".ts").filter((path) => !path.startsWith("google/"));
  expect(generated).toEqual(listed("proto", ".proto"));
  expect(existsSync(join(repository, "gen/descriptor-set.ts"))).toBe(true);
});

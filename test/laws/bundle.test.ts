// A bundle needs Node and nothing else, and a bundle that would miss something is not made.

import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bundle } from "../../tools/bundle.mjs";
import { runCommand } from "../../tools/setup/command.mjs";
import { type PlantedTree, plantTree } from "./planted-tree.js";

/** Serves what reads files beside itself, asks it over the wire, and prints the answers. */
const selfTalk = `
import { Client, Server, ServerCredentials, credentials } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { HealthImplementation, service } from "grpc-health-check";

const server = new Server();
new HealthImplementation({ "": "SERVING" }).addToServer(server);
new ReflectionService({}).addToServer(server);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  const client = new Client("127.0.0.1:" + port, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = service.Check;
  client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: "" }, (failure, answer) => {
    console.log(failure?.message ?? answer);
    client.close();
    server.forceShutdown();
  });
});
`;

let tree: PlantedTree;
let empty: string;

beforeEach(() => {
  tree = plantTree();
  empty = mkdtempSync(join(tmpdir(), "noctua-empty-"));
});

afterEach(() => {
  tree.remove();
  rmSync(empty, { recursive: true });
});

test("a bundle runs from an empty folder, with an empty environment", async () => {
  tree.write({
    "services/driver/main.ts": selfTalk,
    "services/cli/main.ts": "process.stdout.write('noctua');\n",
  });
  await bundle(tree.root);
  for (const name of ["driver.cjs", "noctua.cjs"]) cpSync(join(tree.root, "dist", name), join(empty, name));
  const driver = await runCommand(process.execPath, ["driver.cjs"], { cwd: empty, env: {} });
  expect(driver).toMatchObject({ isOk: true, output: "{ status: 'SERVING' }\n" });
  // Marked as a program, as package.json's "bin" promises.
  expect(statSync(join(empty, "noctua.cjs")).mode & 0o111).toBe(0o111);
  const noctua = await runCommand(join(empty, "noctua.cjs"), [], { cwd: empty });
  expect(noctua).toMatchObject({ isOk: true, output: "noctua" });
});

test("a stack trace shows the names of the source", async () => {
  tree.write({
    "services/driver/main.ts": `function sinkTheShip(): never { throw new Error("glug"); }\nsinkTheShip();\n`,
  });
  await bundle(tree.root);
  const { isOk, output } = await runCommand(process.execPath, ["dist/driver.cjs"], { cwd: tree.root });
  expect(isOk).toBe(false);
  expect(output).toMatch(/Error: glug\n\s+at sinkTheShip \(/);
});

test("what would be missing at run time fails the build, with its place", async () => {
  tree.write({ "services/driver/main.ts": `\nprocess.stdout.write(import.meta.url);\n` });
  await expect(bundle(tree.root)).rejects.toThrow(
    /^services\/driver\/main\.ts:2: "import\.meta" is not available/,
  );
});

test("a package that reads its proto in another way fails the build", async () => {
  const packaged = "node_modules/grpc-health-check";
  rmSync(join(tree.root, "node_modules"));
  mkdirSync(join(tree.root, "node_modules"));
  tree.write({
    [`${packaged}/package.json`]: `{ "name": "grpc-health-check", "main": "build/src/health.js" }`,
    [`${packaged}/build/src/health.js`]: "exports.readInAnotherWay = 1;\n",
    "services/driver/main.ts": `import "grpc-health-check";\n`,
  });
  await expect(bundle(tree.root)).rejects.toThrow(/expected .*loadSync.* once in .*health\.js/);
});

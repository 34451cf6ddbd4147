// Another Unix user of the machine that a run lives on, with real processes (P8). Only root can play him: otherwise this is
// skipped. What he could do with a certificate of another run, or with one that has ended, is in admission.test.ts.

import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { present } from "../../services/shared/core/assert.js";
import { readAddress } from "../../services/shared/io/address-file.js";
import { aTrust } from "../../services/shared/io/trust/testing-trust.js";
import { until } from "../../services/shared/io/testing-processes.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";
import { noctua } from "../support/run-node.js";
import { mayPlayStranger, strangerRuns, strangerServes } from "../support/stranger.js";

/** Dials over TLS without asking who answers, shows no certificate, and tells what it hears. */
const dials = `
  const [port] = process.argv.slice(1);
  const tls = require("node:tls");
  const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["h2"] });
  socket.on("secureConnect", () => socket.write("PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n\\0\\0\\0\\4\\0\\0\\0\\0\\0"));
  socket.on("data", (bytes) => console.log("heard", bytes.length));
  socket.on("error", (error) => console.log(error.code));
  socket.on("close", () => console.log("closed"));
`;

/** Serves TLS where the driver was, asks for a certificate and takes any; tells of each connection and of what is said on it. */
const takesOver = `
  const [port, pem] = process.argv.slice(1);
  const key = require("node:fs").readFileSync(pem);
  const server = require("node:tls").createServer(
    { key, cert: key, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ["h2"] },
    (socket) => { console.log("trusted"); socket.on("data", (bytes) => console.log("heard", bytes.length)); },
  );
  server.on("tlsClientError", () => console.log("refused"));
  server.listen({ port, host: "127.0.0.1" }, () => console.log("listening"));
`;

interface Scene {
  readonly farm: ProcessFarm;
  readonly workdir: string;
  /** Everybody may look into it and write to it. */
  readonly open: string;
}

/** A driver and an actor on a workdir that everybody may come to, with a job that waits for a merger. */
async function aScene(): Promise<Scene> {
  const folder = await privateFolder();
  await chmod(folder, 0o755);
  const open = join(folder, "open");
  await mkdir(open);
  await chmod(open, 0o1777);
  const farm = new ProcessFarm(join(folder, "work"));
  await farm.start("driver", "driver");
  await farm.start("actor", "actor", "--slots", "1", "--scratch", join(folder, "scratch"));
  const shape = { inputs: 1, eventsPerInput: 2, eventsPerRange: 1 };
  const { path } = await writeListedJob(join(folder, "job"), shape);
  expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  await farm.jobWhen(1, ({ ranges }) => ranges?.done === 2);
  return { farm, workdir: farm.workdir, open };
}

describe.skipIf(!mayPlayStranger)("another user of the machine", () => {
  it("reads nothing, changes nothing, is told nothing, and cannot pass himself off as the driver", async () => {
    const { farm, workdir, open } = await aScene();
    const { port, httpPort, run } = present(await readAddress(workdir), "the driver's address");

    // He looks into the workdir, and would plant an address or a job.
    expect(await strangerRuns(workdir, "ls")).toBe("driver\njobs\nlogs\nrun\n");
    for (const path of ["driver", "driver/address.json", "driver/trust/reader.pem"])
      expect(await strangerRuns(workdir, "cat", path)).toMatch(/Permission denied/);
    for (const path of ["driver/address.json", "driver.new", "jobs/2"])
      expect(await strangerRuns(workdir, "touch", path)).toMatch(/Permission denied/);
    expect(await strangerRuns(workdir, "mv", "driver", "moved")).toMatch(/Permission denied/);
    const files = await strangerRuns(workdir, "find", ".", "-type", "f", "-readable");
    expect(files).toContain("./logs/");
    expect(files).not.toMatch(/^\.\/driver\//m);
    expect(await strangerRuns(workdir, "find", ".", "-writable")).not.toMatch(/^\./m);

    // He dials.
    expect(await strangerRuns(open, process.execPath, "-e", dials, String(port))).toMatch(
      /^(ERR_SSL_\w*CERTIFICATE_REQUIRED|ECONNRESET)\nclosed\n$/,
    );
    const asked = `fetch("https://127.0.0.1:${httpPort}/metrics").then(async (r) => console.log(r.status, await r.text()))`;
    const insecure = ["env", "NODE_TLS_REJECT_UNAUTHORIZED=0", process.execPath, "-e", asked];
    expect(await strangerRuns(open, ...insecure)).toMatch(/^401 metrics need a certificate/m);

    // He takes the port over when the driver is gone, with a certificate that bears the driver's name.
    await writeFile(join(open, "his.pem"), (await aTrust(run)).driver.pem);
    await farm.kill("driver", "SIGKILL");
    const impostor = await strangerServes(open, takesOver, String(port), "his.pem");
    await until(() => impostor.said().includes("refused\n")); // By the actor, which dials again.
    const listed = await noctua("list", "--workdir", workdir);
    expect(listed).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/has no certificate of the run/) as string,
    });
    expect(impostor.said()).not.toMatch(/trusted|heard/);

    // The run goes on with the next driver, on another port.
    await farm.start("driver", "driver2");
    await farm.start("merger", "merger", "--scratch", join(open, "scratch"));
    expect(await farm.jobWhen(1, isOver)).toMatchObject({ ranges: { merged: 2 } });
  });

  it("who plants a workdir's folder gets no driver, no actor and no command to take it", async () => {
    const folder = await privateFolder();
    const workdir = join(folder, "work");
    const planted = join(workdir, "driver");
    await mkdir(planted, { recursive: true, mode: 0o700 });
    const address = { host: "127.0.0.1", port: 1, httpPort: 2, run: "his", epoch: 1, pid: 1, isPlain: true };
    await writeFile(join(planted, "address.json"), JSON.stringify({ ...address, hostname: "his" }));
    for (const path of [planted, join(planted, "address.json")]) await chown(path, 65_534, 65_534);
    const refused = {
      code: 69,
      stderr: expect.stringContaining("to belong to user 0, found user 65534") as string,
    };
    expect(await noctua("list", "--workdir", workdir)).toMatchObject(refused);
    expect(await noctua("driver", "--workdir", workdir)).toMatchObject({ ...refused, code: 70 });
  });
});

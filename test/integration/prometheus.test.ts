// Prometheus itself scrapes a run, with the reader's credential, by the configuration that docs/metrics.md shows.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { blocksOf } from "../docs/documents.js";
import { ProcessFarm } from "../support/farm-of-processes.js";
import { privateFolder } from "../support/private-folder.js";

const hasPrometheus = spawnSync("prometheus", ["--version"]).status === 0;

interface Series {
  readonly metric: { readonly job: string; readonly name: string };
  readonly value: readonly [unixSeconds: number, text: string];
}

it.skipIf(!hasPrometheus)("Prometheus has the metrics of all three services", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  await farm.start("driver", "driver");
  await farm.start("actor", "actor1", "--slots", "3");
  await farm.start("merger", "merger1", "--slots", "2");
  const runFiles = (): Promise<string[]> => readdir(join(farm.workdir, "run")).catch(() => []);
  await expect.poll(runFiles).toEqual(["actor1.json", "merger1.json"]);

  const [script] = blocksOf("docs/metrics.md").filter(({ title }) => title === "Prometheus");
  execFileSync("sh", ["-eu", "-c", script?.text ?? ""], {
    cwd: folder,
    env: { ...process.env, interval: "1s" },
  });
  const ask = await startPrometheus(folder);
  for (const [question, service, name, value] of [
    ["up", "driver", "driver", "1"],
    ["noctua_journal_commits_total > bool 0", "driver", "driver", "1"],
    ["noctua_actor_slots", "actor", "actor1", "3"],
    ["noctua_merger_slots", "merger", "merger1", "2"],
  ] as const) {
    const series = (): Promise<unknown> =>
      ask(question.replace(/^\w+/, `$&{job="noctua-${service}"}`)).then((found) =>
        found.map(({ metric, value: [, text] }) => ({ name: metric.name, text })),
      );
    await expect.poll(series).toEqual([{ name, text: value }]);
  }
});

/** On a free port; returns how it is asked. */
async function startPrometheus(folder: string): Promise<(question: string) => Promise<readonly Series[]>> {
  const port = await freePort();
  const words = ["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=warn"];
  const prometheus = spawn("prometheus", [...words, `--web.listen-address=127.0.0.1:${port}`], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  onTestFinished(async () => {
    const exit = once(prometheus, "exit");
    prometheus.kill("SIGKILL");
    await exit;
  });
  return async (question) => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(question)}`;
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok !== true) return []; // It has just begun.
    const { data } = (await answer.json()) as { readonly data: { readonly result: readonly Series[] } };
    return data.result;
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

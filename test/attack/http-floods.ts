// What strangers, and a reader, may do to the ports of health and metrics: all of it at once, to a driver, an actor and a merger,
// each in a process of its own, one after the other.

import { setMaxListeners } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAddress } from "../../services/shared/io/address-file.js";
import { httpAttacks } from "../../services/shared/io/testing-attackers.js";
import { after, every, sleep, systemClock } from "../../services/shared/io/system-clock.js";
import { askHttps, readTrust, type PeerTrust } from "../../services/shared/io/trust/testing-trust.js";
import { Cluster } from "../chaos/cluster.js";
import type { Outcome } from "./attack.js";

/** What a service may grow by. */
const growthMbMax = 300;
const never = new AbortController().signal;

export async function floodHttp(seconds: number): Promise<Outcome> {
  const workdir = await mkdtemp(join(tmpdir(), "noctua-attack-"));
  const sizes = { actors: 1, slots: 1, mergers: 1, restartMs: () => 1_000 };
  const cluster = await Cluster.start({ workdir, scratch: join(workdir, "scratch"), ...sizes });
  const lines: string[] = [];
  const findings: string[] = [];
  try {
    const trust = await readTrust(workdir);
    for (const { name, pid } of cluster.processes()) {
      const port = await portOf(workdir, name);
      const { line, finding } = await floodOne({ name, pid, port, trust, seconds });
      lines.push(line);
      if (finding !== undefined) findings.push(finding);
    }
  } finally {
    await cluster.close();
    await rm(workdir, { recursive: true, force: true, maxRetries: 5 });
  }
  return { did: lines.join("; "), findings };
}

/** Where its health is told, once it is. */
async function portOf(workdir: string, name: string): Promise<number> {
  for (;;) {
    if (name === "driver") return (await readAddress(workdir))?.httpPort ?? 0;
    const text = await readFile(join(workdir, "run", `${name}.json`), "utf8").catch(() => "");
    const [, port] = /"httpPort": (\d+)/.exec(text) ?? [];
    if (port !== undefined) return Number(port);
    await sleep(50, never);
  }
}

interface Flooded {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly trust: PeerTrust;
  readonly seconds: number;
}

async function floodOne({
  name,
  pid,
  port,
  trust,
  seconds,
}: Flooded): Promise<{ line: string; finding?: string }> {
  const over = new AbortController();
  setMaxListeners(1_000, over.signal);
  const beforeMb = await memoryMb(pid);
  let mostMb = beforeMb;
  const watching = every(100, () => void memoryMb(pid).then((mb) => (mostMb = Math.max(mostMb, mb))));
  const attacking = Object.values(httpAttacks(trust.reader)).map((attack) => attack(port, over.signal));
  const cancel = after(1_000 * seconds, () => over.abort());
  const waitsMs: number[] = [];
  while (!over.signal.aborted) {
    const askedAtMs = systemClock.nowMs();
    await askHttps({ port }, "/healthz").catch(() => undefined); // It may be let go among so many.
    waitsMs.push(systemClock.nowMs() - askedAtMs);
    await sleep(50, never);
  }
  cancel();
  await Promise.all(attacking);
  watching();
  await sleep(1_000, never);
  const isServed = (await askHttps({ port }, "/healthz").catch(() => undefined))?.status === 200;
  const figures = [beforeMb, mostMb, await memoryMb(pid)].map((mb) => mb.toFixed(0)).join(" → ");
  const line = `${name} ${figures} MB, health within ${Math.max(...waitsMs).toFixed(0)} ms`;
  if (!isServed) return { line, finding: `${name} is not served after the flood` };
  if (mostMb - beforeMb < growthMbMax) return { line };
  return { line, finding: `${name}: expected to grow by less than ${growthMbMax} MB, found ${figures}` };
}

/** Nothing of who is gone. */
async function memoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}

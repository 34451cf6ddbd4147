// npm run attack [-- --seconds <number> --seed <number> --only <name,...>]
//
// Attacks the port of a real driver with the run's own credentials, one attack after the other, while a good actor and a good
// client go on; then restarts the driver, which must find its journal sound. Last, floods the ports of health of all services.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sleep } from "../../services/shared/io/system-clock.js";
import type { Outcome } from "./attack.js";
import { attacks } from "./attacks.js";
import { floodHttp } from "./http-floods.js";
import { Target } from "./target.js";
import { Witnesses, type Waits } from "./witnesses.js";

/** Twice what the limits of messages that are not whole and of answers that are not read come to, and the program itself. */
const memoryMbMax = 1_536;

const never = new AbortController().signal;

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

function latency(values: readonly number[]): string {
  const [half, most] = [quantile(values, 0.5), quantile(values, 0.99)].map((ms) => ms.toFixed(0).padStart(5));
  return `${String(values.length).padStart(5)}x p50 ${half} p99 ${most} ms`;
}

function waitsText({ grantMs, askMs }: Waits): string {
  return `grants ${latency(grantMs)}   GetJob ${latency(askMs)}`;
}

async function attackBy(name: string, target: Target, seconds: number, seed: number): Promise<Outcome> {
  const file = join(import.meta.dirname, "attacker-process.ts");
  const args = [name, target.workdir, String(target.address.port), String(seconds), String(seed)];
  const child = spawn(process.execPath, ["--no-warnings", "--import", "tsx", file, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.on("data", (piece: Buffer) => (told += piece.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (code !== 0) return { did: told, findings: [`the attacker ended with ${code}`] };
  return JSON.parse(told) as Outcome;
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "3" },
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
    },
  });
  const only = values.only.split(",").filter(Boolean);
  const chosen = attacks.filter(({ name }) => only.length === 0 || only.includes(name));
  const workdir = await mkdtemp(join(tmpdir(), "noctua-attack-"));
  let target = await Target.start(workdir, never);
  let witnesses = await Witnesses.join(target);
  const findings: string[] = [];
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const { job } = witnesses;
  witnesses.takeWaits();
  await sleep(3_000, never);
  say(`quiet: ${waitsText(witnesses.takeWaits())}   ${(await target.mostMb()).toFixed(0)} MB`);
  for (const { name } of chosen) {
    const before = await target.memoryMb();
    const { did, findings: reported } = await attackBy(
      name,
      target,
      Number(values.seconds),
      Number(values.seed),
    );
    const found = [...reported];
    const waits = witnesses.takeWaits();
    const most = await target.mostMb();
    const restMs = await witnesses.untilServed(1_000);
    const after = await target.memoryMb().catch(() => 0);
    say(`\n${name}: ${did}`);
    say(
      `  ${waitsText(waits)}   memory ${before.toFixed(0)} → ${most.toFixed(0)} → ${after.toFixed(0)} MB   served again after ${restMs.toFixed(0)} ms`,
    );
    if (most > memoryMbMax) found.push(`expected at most ${memoryMbMax} MB, found ${most.toFixed(0)}`);
    findings.push(...found.map((finding) => `${name}: ${finding}`));
    for (const finding of found.slice(0, 12)) say(`  DEFECT: ${finding}`);
    if (!target.isLiving) {
      say(`  DEFECT: the driver ended: ${await target.logTail()}`);
      findings.push(`${name}: the driver ended`);
      target = await Target.start(workdir, never);
      witnesses = await Witnesses.join(target);
    } else if (witnesses.harm !== undefined) {
      say(`  DEFECT: ${witnesses.harm}`);
      findings.push(`${name}: ${witnesses.harm}`);
      witnesses = await Witnesses.join(target);
    }
  }
  await witnesses.leave();
  await target.end("SIGKILL");
  const again = await Target.start(workdir, never);
  const survivors = await Witnesses.join(again); // What was acknowledged is there: the job is known by its request.
  if (survivors.job !== job) findings.push(`the good job was ${job}, and is ${survivors.job} now`);
  await survivors.untilServed(0);
  await survivors.leave();
  say(`\nrestarted`);
  await again.end("SIGTERM");
  await rm(workdir, { recursive: true, force: true, maxRetries: 5 });
  if (only.length === 0 || only.includes("http")) {
    const flood = await floodHttp(Number(values.seconds));
    say(`\nhttp: ${flood.did}`);
    for (const finding of flood.findings) say(`  DEFECT: ${finding}`);
    findings.push(...flood.findings);
  }
  say(`${findings.length} defects`);
  if (findings.length > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});

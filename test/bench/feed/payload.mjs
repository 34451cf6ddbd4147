// What payload.c does, for machines without a C compiler: slower to start, and it sleeps a millisecond too long.

import { appendFileSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

const [kind, ms = 0, spin = 0, bytes = 0, counts = "", outputPath = ""] = process.argv
  .slice(2)
  .map((word, i) => (i >= 1 && i <= 3 ? Number(word) : word));

const buckets = 160;
const tally = new BigUint64Array(3 + buckets);
const sleeping = new Int32Array(new SharedArrayBuffer(4));

function event() {
  const end = performance.now() + Number(ms);
  if (spin !== 1 && Number(ms) > 0) Atomics.wait(sleeping, 0, 0, Number(ms));
  while (performance.now() < end) continue;
}

/** @param {string} path */
function output(path) {
  if (Number(bytes) > 0) writeFileSync(path, Buffer.alloc(Number(bytes)));
}

/** @param {number} slot @param {number} nanoseconds */
function add(slot, nanoseconds) {
  tally[slot] = (tally[slot] ?? 0n) + BigInt(Math.round(nanoseconds));
}

/** @yields {[output: string, waited: boolean]} the ranges, as they are told */
function* ranges() {
  const [from = 0, to = 1] = [process.env["NOCTUA_IN_FD"], process.env["NOCTUA_OUT_FD"]].map(Number);
  const piece = Buffer.alloc(65_536);
  let rest = "";
  for (let count = readSync(from, piece); count > 0; count = readSync(from, piece)) {
    const lines = (rest + piece.toString("utf8", 0, count)).split("\n");
    rest = lines.pop() ?? "";
    let waited = true;
    for (const line of lines) {
      const word = JSON.parse(line);
      if (word.type === "stop") return;
      if (word.type === "open") writeSync(to, '{"type":"ready"}\n');
      if (word.type !== "range") continue;
      yield [word.output, waited];
      writeSync(to, `${JSON.stringify({ type: "done", id: word.id })}\n`);
      waited = false;
    }
  }
}

/** @param {number} idle */
function addWait(idle) {
  add(2, idle);
  add(3 + Math.min(buckets - 1, idle < 2 ? 0 : Math.floor(4 * Math.log2(idle))), 1);
}

function stream() {
  const file = openSync(join(String(counts), String(process.pid)), "w");
  let since = 0;
  for (const [path, waited] of ranges()) {
    const begin = performance.now();
    if (since !== 0) addWait(waited ? (begin - since) * 1e6 : 0);
    event();
    output(path);
    since = performance.now();
    add(0, 1);
    add(1, (since - begin) * 1e6);
    writeSync(file, tally, 0, tally.byteLength, 0);
  }
}

if (kind === "stream") stream();
else {
  event();
  output(String(outputPath));
  appendFileSync(String(counts), "x");
}

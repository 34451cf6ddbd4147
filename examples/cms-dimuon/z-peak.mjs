// The step after the job: the Z peak, from the merged files.
//
// A collision has an entry for each pair of its muon candidates, most of them the same two muons measured in another way. So of
// each collision one pair is taken: of two global muons of opposite charge, that of the largest transverse momenta.
//
// node z-peak.mjs FILE.jsonl [FILE.jsonl ...]

import { DataError, parseArguments, runAsProgram, UsageError } from "../drell-yan/command-line.mjs";
import { describeMasses } from "../drell-yan/analyse.mjs";
import { lineBatches } from "../drell-yan/line-batches.mjs";

const WIDTH = 80;
const USAGE = "node z-peak.mjs FILE.jsonl [FILE.jsonl ...]";

/** @typedef {import("./reconstruct.mjs").PairRecord} PairRecord */

/**
 * At most one pair of each collision.
 * @param {readonly PairRecord[]} records
 * @returns {PairRecord[]}
 */
export function bestPairs(records) {
  /** @type {Map<string, PairRecord>} */
  const best = new Map();
  for (const record of records) {
    if (record.type !== "GG" || record.charge !== 0) continue;
    const collision = `${record.run} ${record.event}`;
    if (record.ptGev > (best.get(collision)?.ptGev ?? 0)) best.set(collision, record);
  }
  return [...best.values()];
}

/**
 * @param {readonly string[]} paths
 * @returns {Promise<PairRecord[]>}
 */
async function readRecords(paths) {
  /** @type {PairRecord[]} */
  const records = [];
  for (const path of paths) {
    for await (const lines of lineBatches(path)) {
      for (const line of lines) if (line !== "") records.push(JSON.parse(line));
    }
  }
  return records;
}

/**
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function main(args) {
  const { values, positionals } = parseArguments({
    args,
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (positionals.length === 0) throw new UsageError("expected at least one merged file");
  const records = await readRecords(positionals);
  const pairs = bestPairs(records);
  if (pairs.length === 0) throw new DataError(`no pair of global muons in ${positionals.join(", ")}`);
  console.log(`${records.length} pairs of muon candidates, ${pairs.length} collisions with a μ⁺μ⁻ pair`);
  console.log(
    describeMasses(
      pairs.map(({ reconstructed }) => reconstructed.massGev),
      WIDTH,
    ),
  );
  return 0;
}

await runAsProgram(import.meta.url, main);

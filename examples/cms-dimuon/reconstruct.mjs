// The payload, of kind `stream`: the mass of each pair of muon candidates in a range of entries.
//
//   R1. A file is opened once, however many of its ranges come.
//   R2. One JSON object a line, one line an entry, in the order of the tree; the same whatever the range.
//   R3. A file that is no ROOT file of dimuons fails its ranges as events do: other files may be whole.

import { Payload, RangeFailed } from "../../payloads/node/noctua-payload.mjs";
import { DataError, runAsProgram } from "../drell-yan/command-line.mjs";
import { pairMass } from "../drell-yan/detector.mjs";
import { writeWholeFile } from "../drell-yan/whole-file.mjs";
import { DimuonTree } from "./dimuon-tree.mjs";

/**
 * @typedef {object} PairRecord a line of the output
 * @property {number} entry from 1
 * @property {number} run
 * @property {number} event
 * @property {string} type
 * @property {number} charge of both together: 0 for a μ⁺μ⁻ pair
 * @property {number} ptGev of both together, added up as numbers
 * @property {{massGev: number}} reconstructed
 */

/**
 * @param {import("./dimuon-tree.mjs").Entry} entry
 * @returns {PairRecord}
 */
export function recordOf({ number, run, event, type, muons }) {
  const [one, other] = muons;
  return {
    entry: number,
    run,
    event,
    type,
    charge: one.charge + other.charge,
    ptGev: rounded(Math.hypot(one.px, one.py) + Math.hypot(other.px, other.py)),
    reconstructed: { massGev: rounded(pairMass(one, other)) },
  };
}

/** To a keV. @param {number} gev */
const rounded = (gev) => Number(gev.toFixed(6));

async function main() {
  const payload = await Payload.open();
  /** @type {Map<string, Promise<DimuonTree>>} */
  const trees = new Map();
  /** @param {string} path */
  const treeOf = (path) => {
    const tree = trees.get(path) ?? DimuonTree.open(path);
    trees.set(path, tree); // (R1)
    return tree;
  };
  await payload.run(async ({ input, first, last, output }) => {
    try {
      const entries = await (await treeOf(input)).read(first, last);
      await writeWholeFile(
        output,
        entries.map((entry) => `${JSON.stringify(recordOf(entry))}\n`), // (R2)
      );
    } catch (error) {
      trees.delete(input); // It may be readable the next time.
      throw error instanceof DataError ? new RangeFailed("event", error.message) : error; // (R3)
    }
  });
  return 0;
}

await runAsProgram(import.meta.url, main);

// The tree `events` of a ROOT file of dimuon collisions: entries, by their number.
//
//   D1. Entries are numbered 1..n, in the order of the tree.
//   D2. The file is opened once, and of it only what holds the wanted entries is read.
//   D3. What is not such a file is a DataError that names it.

import { openFile } from "jsroot/io";
import { treeProcess, TSelector } from "jsroot/tree";
import { DataError } from "../drell-yan/command-line.mjs";

const TREE = "events";

/**
 * @typedef {{px: number, py: number, pz: number, energy: number, charge: number}} Muon in GeV
 *
 * @typedef {object} Entry a pair of muon candidates; a collision has an entry for each pair of its candidates
 * @property {number} number from 1 (D1)
 * @property {number} run
 * @property {number} event the collision's number in its run
 * @property {string} type how the two were found: G is a global muon, T a tracker muon
 * @property {[Muon, Muon]} muons
 *
 * @typedef {Readonly<Record<string, unknown>>} Row
 */

export class DimuonTree {
  /** @readonly */
  #path;
  /** @readonly */
  #tree;

  /** @param {string} path @param {import("jsroot/tree").TTree} tree */
  constructor(path, tree) {
    this.#path = path;
    this.#tree = tree;
    this.entries = tree.fEntries;
  }

  /**
   * @param {string} path
   * @returns {Promise<DimuonTree>}
   */
  static async open(path) {
    const file = await openFile(`file://${path}`).catch(() => null);
    if (file === null) throw new DataError(`file ${path}: expected a ROOT file, found none that can be read`);
    const tree = await file.readObject(TREE).catch(() => undefined);
    if (tree?._typename !== "TTree")
      throw new DataError(`file ${path}: expected a tree "${TREE}", found none`);
    return new DimuonTree(path, tree);
  }

  /**
   * The entries `first` to `last`, both included.
   * @param {number} first
   * @param {number} last
   * @returns {Promise<Entry[]>}
   */
  async read(first, last) {
    if (first < 1 || last > this.entries) {
      throw new DataError(
        `file ${this.#path}: expected entries 1 to ${this.entries}, asked for ${first} to ${last}`,
      );
    }
    const collector = new Collector(`file ${this.#path}`, first);
    await treeProcess(this.#tree, collector, { firstentry: first - 1, numentries: last - first + 1 }); // (D2)
    return collector.entries;
  }
}

class Collector extends TSelector {
  /** @type {Entry[]} */
  entries = [];

  /** @param {string} place @param {number} first */
  constructor(place, first) {
    super();
    this.place = place;
    this.first = first;
    const ofMuons = [1, 2].flatMap((muon) => ["E", "px", "py", "pz", "Q"].map((name) => `${name}${muon}`));
    for (const name of ["Type", "Run", "Event", ...ofMuons]) this.addBranch(name);
  }

  /** Called by treeProcess, for one entry after the other. */
  Process() {
    const number = this.first + this.entries.length;
    this.entries.push(entryOf(this.tgtobj, number, `${this.place}, entry ${number}`));
  }
}

/**
 * @param {Row} row
 * @param {number} number
 * @param {string} place
 * @returns {Entry}
 */
function entryOf(row, number, place) {
  /** @param {string} name */
  const value = (name) => {
    const found = row[name];
    if (typeof found === "number" && Number.isFinite(found)) return found;
    throw new DataError(`${place}: expected ${name} to be a number, found ${String(found)}`);
  };
  /** @param {1 | 2} which @returns {Muon} */
  const muon = (which) => ({
    px: value(`px${which}`),
    py: value(`py${which}`),
    pz: value(`pz${which}`),
    energy: value(`E${which}`),
    charge: value(`Q${which}`),
  });
  const type = String(row["Type"]);
  return { number, run: value("Run"), event: value("Event"), type, muons: [muon(1), muon(2)] };
}

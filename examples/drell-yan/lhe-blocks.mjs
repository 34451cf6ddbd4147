// A Les Houches event file, cut into its event blocks.

import { DataError } from "./command-line.mjs";

/**
 * @typedef {object} EventBlock
 * @property {number} number of the event, 1..n in file order
 * @property {number} line of the `<event>` tag, counted from 1
 * @property {string[]} lines tags included
 */

/** Cuts a file's lines into event blocks, and knows where in the file it stands. */
export class BlockScanner {
  events = 0;
  /** @readonly @type {string} */
  #path;
  #line = 0;
  /** @type {{kind: "start" | "head" | "between" | "closed"} | {kind: "event", block: EventBlock}} */
  #state = { kind: "start" };

  /** @param {string} path */
  constructor(path) {
    this.#path = path;
  }

  /**
   * Where a reading error struck, for its message.
   * @returns {string}
   */
  place() {
    if (this.#line === 0) return `file ${this.#path}`;
    if (this.#state.kind !== "event") return `file ${this.#path}, line ${this.#line}`;
    return placeOf(this.#path, this.#state.block.number, this.#line);
  }

  /**
   * Takes the next line, and gives the block that it completes.
   * @param {string} line
   * @returns {EventBlock | undefined}
   */
  take(line) {
    this.#line++;
    const state = this.#state;
    if (state.kind === "event") return this.#takeInside(state.block, line);
    const tag = line.trimStart();
    if (state.kind === "start") this.#expectLhe(tag);
    // A header may quote anything, an <event> too; what follows the init block may not.
    else if (state.kind === "head" && tag.startsWith("</init>")) this.#state = { kind: "between" };
    else if (state.kind === "between" && isEventTag(tag)) {
      const block = { number: this.events + 1, line: this.#line, lines: [line] };
      this.#state = { kind: "event", block };
    } else if (tag.startsWith("</LesHouchesEvents>")) this.#state = { kind: "closed" };
    return undefined;
  }

  /**
   * The file ended before event `asked`: says why, as exactly as it can be known (L3).
   * @param {number} asked
   * @returns {never}
   */
  end(asked) {
    const { kind } = this.#state;
    if (kind === "start")
      throw new DataError(`file ${this.#path}: not a Les Houches event file, it is empty`);
    if (kind === "event") throw new DataError(`${this.place()}: the file ends inside the event`);
    const torn = kind === "closed" ? "" : "; the file ends without </LesHouchesEvents>";
    throw new DataError(`asked for event ${asked}, file ${this.#path} has ${this.events}${torn}`);
  }

  /**
   * @param {EventBlock} block
   * @param {string} line
   * @returns {EventBlock | undefined}
   */
  #takeInside(block, line) {
    const tag = line.trimStart();
    if (isEventTag(tag) || tag.startsWith("</LesHouchesEvents>")) {
      throw new DataError(`${this.place()}: expected </event>, found ${tag.trimEnd()}`);
    }
    block.lines.push(line);
    if (!tag.startsWith("</event>")) return undefined;
    this.events++;
    this.#state = { kind: "between" };
    return block;
  }

  /** @param {string} tag */
  #expectLhe(tag) {
    if (tag.startsWith("<LesHouchesEvents")) this.#state = { kind: "head" };
    else if (tag !== "" && !tag.startsWith("<?xml")) {
      const found = JSON.stringify(tag.slice(0, 40).trimEnd());
      throw new DataError(`${this.place()}: not a Les Houches event file, it starts with ${found}`);
    }
  }
}

/**
 * How every complaint about a file begins.
 * @param {string} path
 * @param {number} event
 * @param {number} line
 * @returns {string}
 */
export function placeOf(path, event, line) {
  return `file ${path}, event ${event}, line ${line}`;
}

/**
 * @param {string} tag
 * @returns {boolean} false for LHEF 3.0's `<eventgroup>`
 */
function isEventTag(tag) {
  return tag.startsWith("<event") && !/^<event[\w-]/.test(tag);
}

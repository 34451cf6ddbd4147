// The process groups that live, in a file that outlives their owner: the keeper and a successor read it.
//
//   R1. A group has a record of its own while it lives, and none after that.
//   R2. A place is given again: the file is as long as there were ever groups at a time.

import { closeSync, openSync, writeSync } from "node:fs";
import { noRecord, recordBytes, recordOf } from "./process-record.js";

/** Name of the file in its owner's place. */
export const groupsFile = "groups";

export class GroupRecords {
  /** Undefined when it is closed. */
  #file: number | undefined;
  readonly #free: number[] = [];
  #places = 0;

  constructor(path: string) {
    this.#file = openSync(path, "w", 0o600);
  }

  /** Writes the group down; returns its place. */
  add(pid: number): number {
    const place = this.#free.pop() ?? this.#places++;
    this.#write(place, recordOf(pid));
    return place;
  }

  remove(place: number): void {
    this.#write(place, noRecord);
    this.#free.push(place);
  }

  /** What ends later needs no record. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #write(place: number, record: string): void {
    if (this.#file !== undefined) writeSync(this.#file, record, place * recordBytes);
  }
}

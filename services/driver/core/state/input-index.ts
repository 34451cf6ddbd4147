// Which events of which file a job has, so that none is taken in twice: twice done, it would be in the merged files twice.
//
//   I1. No two inputs of a job have an event in common.
//   I2. To look up and to enter inputs costs what they are, not what the job has: a job may be fed for weeks.

import { present } from "../../../shared/core/assert.js";
import type { InputFile } from "../../../shared/core/job-spec.js";

/** Two inputs that have an event in common, by number; inputs to be added are numbered on from those that there are. */
export interface Overlap {
  readonly earlier: number;
  readonly later: number;
}

export interface InputIndexView {
  /** Where these inputs, added, would break I1; undefined when nowhere. */
  overlapOf(more: readonly InputFile[]): Overlap | undefined;
}

export class InputIndex implements InputIndexView {
  /** By number; it grows while the job does. */
  readonly #inputs: readonly InputFile[];
  /** Numbers of the inputs of each path, by first event. */
  readonly #ofPath = new Map<string, number[]>();

  constructor(inputs: readonly InputFile[]) {
    this.#inputs = inputs;
    this.enter(0);
  }

  /** Enters the inputs from that number on. */
  enter(from: number): void {
    const inputs = this.#inputs;
    for (const [path, numbers] of byPath(inputs, from)) {
      const had = this.#ofPath.get(path);
      if (had === undefined) this.#ofPath.set(path, numbers);
      else if (isBehind(inputs, had, numbers)) had.push(...numbers);
      else this.#ofPath.set(path, had.concat(numbers).sort(byFirstEvent(inputs)));
    }
  }

  overlapOf(more: readonly InputFile[]): Overlap | undefined {
    const base = this.#inputs.length;
    for (const [path, numbers] of byPath(more, 0)) {
      const among = overlapAmong(more, numbers);
      if (among !== undefined) return { earlier: base + among.earlier, later: base + among.later };
      for (const number of numbers) {
        const had = this.#overlapWith(path, inputOf(more, number));
        if (had !== undefined) return { earlier: had, later: base + number };
      }
    }
    return undefined;
  }

  /** An input of the path that has an event of this one. Those that there are don't overlap, so two are looked at. */
  #overlapWith(path: string, input: InputFile): number | undefined {
    const numbers = this.#ofPath.get(path) ?? [];
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (inputOf(this.#inputs, numbers[middle]).firstEvent <= input.firstEvent) low = middle + 1;
      else high = middle;
    }
    const neighbours = numbers.slice(Math.max(0, low - 1), low + 1);
    return neighbours.find((number) => doOverlap(inputOf(this.#inputs, number), input));
  }
}

/** Two of these inputs of one path, sorted by first event, that overlap. */
function overlapAmong(inputs: readonly InputFile[], numbers: readonly number[]): Overlap | undefined {
  let [furthest] = numbers;
  for (const number of numbers.slice(1)) {
    const [last, next] = [inputOf(inputs, furthest), inputOf(inputs, number)];
    if (doOverlap(last, next) && furthest !== undefined) {
      return { earlier: Math.min(furthest, number), later: Math.max(furthest, number) };
    }
    furthest = number;
  }
  return undefined;
}

function byPath(inputs: readonly InputFile[], from: number): Map<string, number[]> {
  const ofPath = new Map<string, number[]>();
  for (let number = from; number < inputs.length; number += 1) {
    const { path } = inputOf(inputs, number);
    const numbers = ofPath.get(path);
    if (numbers === undefined) ofPath.set(path, [number]);
    else numbers.push(number);
  }
  for (const numbers of ofPath.values()) numbers.sort(byFirstEvent(inputs));
  return ofPath;
}

function byFirstEvent(inputs: readonly InputFile[]): (one: number, other: number) => number {
  return (one, other) => inputOf(inputs, one).firstEvent - inputOf(inputs, other).firstEvent;
}

function isBehind(inputs: readonly InputFile[], had: readonly number[], more: readonly number[]): boolean {
  return inputOf(inputs, had.at(-1)).firstEvent < inputOf(inputs, more[0]).firstEvent;
}

function doOverlap(one: InputFile, other: InputFile): boolean {
  return one.firstEvent < other.firstEvent + other.events && other.firstEvent < one.firstEvent + one.events;
}

function inputOf(inputs: readonly InputFile[], number: number | undefined): InputFile {
  return present(number === undefined ? undefined : inputs[number], "input of the job");
}

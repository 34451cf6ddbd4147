// `concat` and `tar`: the inputs' bytes one behind the other, read and checked and written in one pass.

import { emptySum } from "../../shared/core/adler32.js";
import { archivedName } from "../../shared/core/names.js";
import type { Checksum } from "../../shared/io/checksum.js";
import { tarEndBytes, tarHeader, tarPadding } from "../core/tar.js";
import { InputReader, type Sink } from "./input-reader.js";
import { flawsMax, type Flaw, type MergeInput } from "./merge-input.js";
import { OutputFile } from "./output-file.js";

/** What stands around the bytes of the inputs. */
export interface Form {
  readonly before: (input: MergeInput) => Uint8Array;
  readonly after: (input: MergeInput) => Uint8Array;
  readonly end: Uint8Array;
}

const nothing = new Uint8Array(0);
const zeros = new Uint8Array(tarEndBytes);

export const concat: Form = { before: () => nothing, after: () => nothing, end: nothing };

/** An archive, whose members are named by the events that are in them. */
export function tar(suffix: string): Form {
  return {
    before: ({ events, sizeBytes }) => tarHeader(archivedName(events, suffix), sizeBytes),
    after: ({ sizeBytes }) => zeros.subarray(0, tarPadding(sizeBytes)),
    end: zeros,
  };
}

export interface Fused extends Checksum {
  /** When there are any, the file is worth nothing. */
  readonly flaws: readonly Flaw[];
}

/** Makes a new file and fsyncs it, with its folder. `onBytes` is told of each piece that was read. */
export async function fuseInputs(
  inputs: Iterable<MergeInput>,
  { output, form, onBytes }: FusedTo,
  signal: AbortSignal,
): Promise<Fused> {
  const file = await OutputFile.create(output);
  const reader = await InputReader.of(inputs);
  const flaws: Flaw[] = [];
  const sink: Sink = {
    room: (bytes) => file.room(bytes),
    add: (sum) => {
      onBytes(sum.sizeBytes);
      if (flaws.length === 0) file.add(sum); // The others are read on, to know what else is lost.
    },
  };
  try {
    for (let input = reader.next(); input !== undefined; input = reader.next()) {
      signal.throwIfAborted();
      const begun = file.append(form.before(input));
      if (begun !== undefined) await begun; // To wait for what is there already costs as much as reading it.
      const reading = reader.read(input, sink, signal);
      const found = reading instanceof Promise ? await reading : reading;
      if (found !== undefined) flaws.push({ input, found });
      const ended = file.append(form.after(input));
      if (ended !== undefined) await ended;
      if (flaws.length === flawsMax) break; // (I4)
    }
    if (flaws.length > 0) return { ...emptySum, flaws };
    await file.append(form.end);
    return { ...(await file.finish()), flaws };
  } finally {
    await reader.close();
    await file.close();
  }
}

export interface FusedTo {
  readonly output: string;
  readonly form: Form;
  readonly onBytes: (bytes: number) => void;
}

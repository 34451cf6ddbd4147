// `concat` and `tar`: the inputs' bytes one behind the other, read and checked and written in one pass.

import { adler32Of, emptySum } from "../../shared/core/adler32.js";
import { archivedName } from "../../shared/core/names.js";
import type { Checksum } from "../../shared/io/checksum.js";
import { tarEndBytes, tarHeader, tarPadding } from "../core/tar.js";
import { InputReader, type Take } from "./input-reader.js";
import { flawsMax, type Flaw, type MergeInput } from "./merge-input.js";
import { OutputFile } from "./output-file.js";

/** What stands around the bytes of the inputs. */
export interface Form {
  readonly before: (input: MergeInput) => Uint8Array;
  readonly after: (input: MergeInput) => Uint8Array;
  readonly end: Uint8Array;
}

const nothing = new Uint8Array(0);

export const concat: Form = { before: () => nothing, after: () => nothing, end: nothing };

/** An archive, whose members are named by the events that are in them. */
export function tar(suffix: string): Form {
  return {
    before: ({ events, sizeBytes }) => tarHeader(archivedName(events, suffix), sizeBytes),
    after: ({ sizeBytes }) => new Uint8Array(tarPadding(sizeBytes)),
    end: new Uint8Array(tarEndBytes),
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
  const append = async (bytes: Uint8Array): Promise<void> => {
    if (bytes.byteLength > 0) await file.append({ bytes, sum: sumOf(bytes) });
  };
  const take: Take = (piece) => {
    onBytes(piece.bytes.byteLength);
    return flaws.length === 0 ? file.append(piece) : undefined; // The others are read on, to know what else is lost.
  };
  try {
    for (let input = reader.next(); input !== undefined; input = reader.next()) {
      signal.throwIfAborted();
      await append(form.before(input));
      const found = await reader.read(input, take, signal);
      if (found === undefined) await append(form.after(input));
      else flaws.push({ input, found });
      if (flaws.length === flawsMax) break; // (I4)
    }
    if (flaws.length > 0) return { ...emptySum, flaws };
    await append(form.end);
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

/** Of a header and the like. */
function sumOf(bytes: Uint8Array): Checksum {
  return { sizeBytes: bytes.byteLength, adler32: adler32Of(bytes) };
}

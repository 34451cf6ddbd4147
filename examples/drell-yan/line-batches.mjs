// A text file, plain or gzip, as batches of lines: one wait for each chunk, not one for each line.

import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { DataError, messageOf } from "./command-line.mjs";

/**
 * Whether a file is compressed is told by its first bytes, not by its name.
 * @param {string} path
 * @param {() => string} [place] where the reader stands, for the message of an error half way
 * @returns {AsyncGenerator<string[], void, void>}
 */
export async function* lineBatches(path, place = () => `file ${path}`) {
  try {
    let rest = "";
    for await (const chunk of await openText(path)) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      yield lines;
    }
    if (rest !== "") yield [rest];
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${place()}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * @param {string} path
 * @returns {Promise<import("node:stream").Readable>}
 */
async function openText(path) {
  const file = await open(path);
  const magic = Buffer.alloc(2);
  try {
    await file.read(magic, 0, 2, 0);
  } catch (error) {
    await file.close();
    throw error;
  }
  const bytes = file.createReadStream({ start: 0 }); // closes the file when it ends
  if (magic.readUInt16BE() !== 0x1f8b) return bytes.setEncoding("utf8");
  const text = createGunzip();
  // Each of the two ends the other; their error comes out where the text is read.
  pipeline(bytes, text, () => undefined);
  return text.setEncoding("utf8");
}

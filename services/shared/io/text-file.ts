// A file that a person wrote, as text. Whatever lies there instead is answered with one clear sentence, and never waited for.

import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { errorCode, errorMessage } from "./error-code.js";

/** What is wrong with a file that should be text. */
export class TextFileError extends Error {
  override readonly name = "TextFileError";
}

/** Reads UTF-8 of at most so many bytes; fails with a `TextFileError` that says what was found instead. */
export async function readTextFile(
  path: string,
  bytesMax: number,
  mayBeOf: (user: number) => boolean = () => true,
): Promise<string> {
  let file: FileHandle | undefined;
  try {
    // Without waiting: a pipe has perhaps nobody at its other end.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const seen = await file.stat();
    if (seen.isDirectory()) throw new TextFileError("a folder");
    if (!seen.isFile()) throw new TextFileError("a pipe or device");
    if (!mayBeOf(seen.uid)) throw new TextFileError(`one of user ${seen.uid}`);
    if (seen.size > bytesMax) throw new TextFileError(`${seen.size} bytes, where ${bytesMax} is the most`);
    return decode(await file.readFile());
  } catch (error) {
    if (error instanceof TextFileError) throw error;
    throw new TextFileError(whyUnreadable(error), { cause: error });
  } finally {
    await file?.close();
  }
}

function whyUnreadable(error: unknown): string {
  switch (errorCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "none";
    case "EACCES":
    case "EPERM":
      return "one that you may not read";
    default:
      return `one that cannot be read (${errorMessage(error)})`;
  }
}

/** The mark that some editors put in front goes. */
function decode(bytes: Buffer): string {
  const [first = 0, second = 0] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new TextFileError("text in UTF-16: save it as UTF-8");
  if (bytes.includes(0)) throw new TextFileError("bytes that are no text");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new TextFileError("bytes that are no UTF-8", { cause: error });
  }
}

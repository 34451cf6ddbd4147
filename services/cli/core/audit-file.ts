// A file that was found, held against what is told of it.

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** What was found, when nothing is wrong. */
  readonly summary: string;
  readonly problems: readonly string[];
}

/** What became of reading a file. */
export type FoundFile =
  | { readonly kind: "read"; readonly sizeBytes: number; readonly adler32: number }
  | { readonly kind: "unreadable"; readonly why: string };

/** What is told of it; the checksum in eight hexadecimal digits. */
interface ToldFile {
  readonly sizeBytes: number;
  readonly adler32: string;
}

/** Undefined when the file is as it is told. */
export function fileProblem(file: ToldFile, found: FoundFile): string | undefined {
  if (found.kind === "unreadable") return found.why;
  if (found.sizeBytes !== file.sizeBytes) return `expected ${file.sizeBytes} bytes, found ${found.sizeBytes}`;
  const adler32 = found.adler32.toString(16).padStart(8, "0");
  return adler32 === file.adler32 ? undefined : `expected adler32 ${file.adler32}, found ${adler32}`;
}

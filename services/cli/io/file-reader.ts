// Who reads a job file: with what environment, for how long, and who is told of what takes time.

export interface FileReader {
  /** Of whoever reads; commands that count events see it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A line for people. */
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

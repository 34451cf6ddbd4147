// Keys, as they are typed.

/** What is needed of a terminal's input. */
export interface KeySource {
  readonly isTTY?: boolean;
  setRawMode(isRaw: boolean): unknown;
  on(event: "data", listener: (bytes: Buffer) => void): unknown;
  off(event: "data", listener: (bytes: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Tells of each key until it is stopped; of none where nobody can type. Signals of keys, such as Ctrl-C, are keys then. */
export function readKeys(source: KeySource, onKey: (key: string) => void): () => void {
  if (source.isTTY !== true) return () => undefined;
  const listen = (bytes: Buffer): void => onKey(bytes.toString("latin1"));
  source.setRawMode(true);
  source.on("data", listen);
  source.resume();
  return () => {
    source.off("data", listen);
    source.setRawMode(false);
    source.pause();
  };
}

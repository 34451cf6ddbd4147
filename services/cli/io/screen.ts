// What the process writes to, as commands see it.

import type { LiveSink } from "./live-lines.js";

/** Of a terminal, size and kind are looked up when they are needed: people make windows larger. `term`: the variable TERM. */
export function screenOf(stream: NodeJS.WriteStream, term: string | undefined): LiveSink {
  return {
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
    isDumb: term === undefined || term === "" || term === "dumb",
    write: (text) => stream.write(text),
    onResize: (listener) => {
      stream.on("resize", listener);
      return () => stream.off("resize", listener);
    },
  };
}

// A service that `noctua run` started ends when `noctua run` is gone, however that came about. The channel between
// them closes with the parent's death; where nobody opened one, nothing is watched.

import { after } from "../../shared/io/system-clock.js";

/** From the parent's death to the end at any price. */
const graceMs = 20_000;

/** Asks this process to stop, as a SIGTERM would, when its parent is gone. */
export function stopWithParent(): void {
  const { channel } = process;
  if (channel === undefined) return;
  process.once("disconnect", () => {
    after(graceMs, () => process.kill(process.pid, "SIGKILL"));
    process.kill(process.pid, "SIGTERM");
  });
  channel.unref(); // Watching is no reason to stay.
}

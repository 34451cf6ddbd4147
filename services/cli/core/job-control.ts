// What may be asked of a job that was submitted.

import { unreachable } from "../../shared/core/assert.js";
import { isOver, type JobState } from "./job-status.js";

export type JobControl = "cancel" | "pause" | "resume" | "retry" | "close";

/** Whether a job is one of those that `all` means where they are to be changed. */
export function mayTake(control: JobControl, state: JobState): boolean {
  switch (control) {
    case "cancel":
      return !isOver(state);
    case "pause":
      return state === "open" || state === "running";
    case "resume":
      return state === "suspended";
    case "close":
      return state === "open" || state === "suspended"; // A paused job may be open; another stays as it is.
    case "retry":
      return state === "finished-with-failures" || state === "failed";
    default:
      return unreachable(control);
  }
}

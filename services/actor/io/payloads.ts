// How the ranges of each job are run on this node: by the kind of its payload.

import { unreachable } from "../../shared/core/assert.js";
import { JobPlaces } from "./job-places.js";
import { execPayload } from "./payload-exec.js";
import { StreamPayloads, type StreamOptions } from "./payload-stream.js";
import type { LastingPayload } from "./payload.js";
import type { Scratch } from "./scratch.js";
import { withRoom } from "./room-to-begin.js";

export interface PayloadsOptions extends Omit<StreamOptions, "scratch"> {
  readonly scratch: Scratch;
  /** So many bytes of the scratch are to be free. */
  readonly scratchBytesMin: number;
}

export function payloadsOf(options: PayloadsOptions): LastingPayload {
  const exec = execPayload(options);
  const stream = new StreamPayloads(options);
  const payloads: LastingPayload = {
    start: (run) => {
      const { kind } = run.spec.payload;
      switch (kind) {
        case "exec":
          stream.vacate(run.slot);
          exec.start(run);
          break;
        case "stream":
          stream.start(run);
          break;
        default:
          unreachable(kind);
      }
    },
    abort: (run) => (run.spec.payload.kind === "exec" ? exec : stream).abort(run),
    recall: (run) => stream.recall(run),
    endJob: (job) => stream.endJob(job),
    close: () => stream.close(),
  };
  const { scratch, scratchBytesMin: bytesMin, clock } = options;
  return withRoom(new JobPlaces(payloads, options), { folder: scratch.folder, bytesMin, clock });
}

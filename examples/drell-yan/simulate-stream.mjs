// simulate.mjs as a payload of kind `stream`: Node's start and the compiling of the loop are paid once for each slot, and not
// for each range. What comes out is the same, byte for byte.

import { Payload, RangeFailed } from "../../payloads/node/noctua-payload.mjs";
import { DataError } from "./command-line.mjs";
import { simulateRange } from "./simulate.mjs";
import { writeWholeFile } from "./whole-file.mjs";

const cpu = { minMs: 5, maxMs: 50 };

const payload = await Payload.open();
await payload.run(async ({ input, first, last, output }) => {
  try {
    await writeWholeFile(output, simulateRange({ input, first, last, cpu }));
  } catch (error) {
    throw error instanceof DataError ? new RangeFailed("event", error.message) : error;
  }
});

// For tests: outputs are put by the test's own thread, which waits for file systems.

import { outputPutter } from "./put-output.js";
import type { PutOutput } from "./put-threads.js";

export async function putHere(): Promise<PutOutput> {
  const put = await outputPutter();
  return (order) => Promise.resolve(put(order));
}

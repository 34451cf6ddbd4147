// Where the clone lies, from wherever a tool was called.

import { fileURLToPath } from "node:url";

/** The folder of package.json, without a slash at its end. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

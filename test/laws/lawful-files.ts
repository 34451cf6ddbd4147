// The sources of a planted tree: as few as can be, and every law kept.

export const lawfulFiles: Readonly<Record<string, string>> = {
  "package.json": `{
  "name": "planted",
  "version": "0.0.0",
  "private": true,
  "license": "Apache-2.0",
  "type": "module",
  "engines": {
    "node": ">=20.20 <21 || >=22.2"
  },
  "dependencies": {
    "zod": "*"
  },
  "devDependencies": {
    "vitest": "*"
  }
}
`,
  // node_modules is a link here, which "node_modules/" does not match.
  ".git/info/exclude": "node_modules\n",
  "proto/noctua/v1/job.proto": `// Jobs, as clients see them.
syntax = "proto3";

package noctua.v1;

// One job.
message Job {
  // Made by the driver, unique in its workdir.
  string job_id = 1;
}
`,
  "gen/noctua/v1/job.ts": `export interface Job {
  jobId: string;
}
`,
  "services/shared/core/id.ts": `/** Names a job. */
export type JobId = string & { readonly brand: "JobId" };

/** The border: inside, a string is never an id. */
export function parseJobId(text: string): JobId {
  return text as JobId;
}
`,
  "services/shared/io/system-clock.ts": `/** The only place that asks the machine for the time. */
export const systemClock = {
  nowMs: (): number => performance.now(),
  wallMs: (): number => Date.now(),
  after: (delayMs: number, run: () => void): NodeJS.Timeout => setTimeout(run, delayMs),
};
`,
  "services/driver/core/decide.ts": `import type { JobId } from "../../shared/core/id.js";

/** What stands to be done about a job. */
export function decide(job: JobId, nowMs: number): string {
  return \`\${job} at \${nowMs}\`;
}
`,
  "services/driver/core/decide.test.ts": `import { expect, test } from "vitest";
import { parseJobId } from "../../shared/core/id.js";
import { decide } from "./decide.js";

test("a decision names its job", () => {
  expect(decide(parseJobId("j1"), 5)).toBe("j1 at 5");
});
`,
  "services/driver/io/config.ts": `/** Read once. */
export function readWorkdir(): string {
  return process.env["NOCTUA_WORKDIR"] ?? ".";
}
`,
  "services/driver/io/wire.ts": `import { z } from "zod";
import type { Job } from "../../../gen/noctua/v1/job.js";
import { type JobId, parseJobId } from "../../shared/core/id.js";

/** The border between messages and ids. */
export function jobIdFromWire(job: Job): JobId {
  return parseJobId(z.string().parse(job.jobId));
}
`,
  "services/driver/main.ts": `import { systemClock } from "../shared/io/system-clock.js";
import { decide } from "./core/decide.js";
import { readWorkdir } from "./io/config.js";
import { jobIdFromWire } from "./io/wire.js";

const job = jobIdFromWire({ jobId: readWorkdir() });
systemClock.after(1, () => process.stdout.write(decide(job, systemClock.nowMs() - systemClock.wallMs())));
`,
  "services/actor/main.ts": `process.stdout.write("actor");
`,
  "services/merger/main.ts": `process.stdout.write("merger");
`,
  "services/cli/main.ts": `process.stdout.write("noctua");
`,
};

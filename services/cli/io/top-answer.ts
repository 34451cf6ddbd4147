// What `noctua top` prints for programs. Version 1.

import { z } from "zod";
import type { TopView } from "../core/top.js";
import { isoTime, jobInJson, jobSchema } from "./job-answer.js";
import { nodeInJson, nodeSchema } from "./node-answer.js";

const count = z.int().min(0);

const topAnswerSchema = z.strictObject({
  schema: z.literal("noctua.top/v1"),
  at: z.iso.datetime({ precision: 3 }).describe("When it was asked."),
  run: z.string().describe("Name of the run."),
  actors: count.describe("That are connected."),
  slots: count.describe("Of these actors."),
  slotsBusy: count.describe("Those of them that have a range."),
  mergers: count.describe("That are connected."),
  jobs: z.array(jobSchema).describe("Ascending by number."),
  nodes: z.array(nodeSchema).describe("By name."),
});

export const topSchemas = { top: topAnswerSchema } as const;

export function topAnswer({ cluster, jobs, nodes, nowUnixMs }: TopView): z.output<typeof topAnswerSchema> {
  return {
    schema: "noctua.top/v1",
    at: isoTime(nowUnixMs),
    ...cluster,
    jobs: jobs.map(jobInJson),
    nodes: nodes.map(nodeInJson),
  };
}

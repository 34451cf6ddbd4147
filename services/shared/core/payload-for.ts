// Which of a job's payloads a node runs. It follows from the job and the node's labels, so that it is not sent.

import type { JobSpec, PayloadSpec } from "./job-spec.js";
import { meets, type Labels } from "./labels.js";

/** The payload of the first variant whose labels the node has, or else the job's own. */
export function payloadFor(spec: Pick<JobSpec, "payload" | "variants">, labels: Labels): PayloadSpec {
  return spec.variants.find(({ requires }) => meets(labels, requires))?.payload ?? spec.payload;
}

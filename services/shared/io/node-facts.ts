// What an actor or a merger tells of the machine that it runs on.

import { availableParallelism, hostname } from "node:os";
import type { NodeFacts } from "../core/peer-message.js";

export function nodeFacts(labels: Readonly<Record<string, string>>): NodeFacts {
  return { name: hostname(), cores: availableParallelism(), labels };
}

// What an actor or a merger tells of the machine that it runs on.

import { arch, availableParallelism, hostname, platform } from "node:os";
import type { Labels } from "../core/labels.js";
import type { NodeFacts } from "../core/peer-message.js";

/** With the labels that every node has, `os` and `arch`, unless others were given: such as linux, and x64 or arm64. */
export function nodeFacts(labels: Labels, name = hostname()): NodeFacts {
  return {
    name,
    cores: availableParallelism(),
    labels: { os: platform(), arch: arch(), ...labels },
  };
}

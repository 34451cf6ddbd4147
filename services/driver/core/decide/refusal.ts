// What somebody is told whose command the program is wrong about. Nothing was changed, or all that was is a fact.

import { unreachable } from "../../../shared/core/assert.js";
import type { Command } from "../facts/command.js";
import type { Failed } from "../facts/fact-refusal.js";
import type { Fact } from "../facts/fact.js";

/** Undefined when nobody asked: the driver's own clock, and what it has done itself. */
export function refusalOf(command: Command, error: unknown): readonly Fact[] | undefined {
  const what = error instanceof Error ? error.message : String(error);
  const message = `the driver failed to take this in (${command.kind}): ${what}`;
  const answer: Failed = { kind: "refused", why: "failed", message };
  switch (command.kind) {
    case "submit-job":
      return [{ kind: "submit-answered", reply: command.reply, answer }];
    case "control-job":
      return [{ kind: "control-answered", reply: command.reply, answer }];
    case "add-ranges":
      return [{ kind: "add-answered", reply: command.reply, answer }];
    case "control-node":
      return [{ kind: "node-answered", reply: command.reply, answer }];
    case "take-in-results":
      return [
        {
          kind: "hand-in-judged",
          handIn: command.handIn,
          verdict: { kind: "refused", reason: message },
        },
      ];
    case "open-session":
    case "raise-demand":
    case "hear":
    case "tell-wall-time":
    case "tell-wait":
    case "start-draining":
    case "report-results":
    case "report-merge":
      return [{ kind: "stream-refused", stream: command.stream, refusal: { why: "failed", message } }];
    case "start-driver":
    case "end-lost-session":
    case "detach-stream":
    case "leave":
    case "confirm-published":
    case "confirm-inputs-removed":
    case "confirm-reported":
    case "tell-fault":
    case "tick":
      return undefined;
    default:
      return unreachable(command);
  }
}

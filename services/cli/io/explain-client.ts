// Asks the driver of a workdir why something is as it is.

import { Metadata } from "@grpc/grpc-js";
import type { Question } from "../core/question.js";
import { ask } from "./driver-client.js";
import { questionToWire } from "./wire.js";

/** Why something is as it is. */
export interface Why {
  readonly sentence: string;
  readonly details: readonly string[];
  /** What can be done; `<workdir>` stands for the run's. Empty when nothing need be. */
  readonly advice: string;
}

export function askWhy(workdir: string, question: Question, signal: AbortSignal): Promise<Why> {
  const request = questionToWire(question);
  return ask(workdir, signal, (driver, how, done) => driver.explain(request, new Metadata(), how, done));
}

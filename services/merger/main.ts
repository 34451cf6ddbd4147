// The merger's process.
//
// Exit codes: 0 all was handed in; 64 the arguments make no sense; 69 another process of this name has taken over; 70 it
// broke; 75 it was stopped before all was handed in.

import { createLogger } from "../shared/io/logger.js";
import { stopSignals } from "../shared/io/shutdown.js";
import type { ExitKind } from "./core/step.js";
import { ConfigError, readConfig, type MergerConfig } from "./io/config.js";
import { runMerger } from "./io/service.js";

const exitCodes: Record<ExitKind, number> = { drained: 0, fenced: 69, "left-behind": 75 };
const exitBroken = 70;

function configOrExit(): MergerConfig {
  try {
    return readConfig(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    (error.exitCode === 0 ? process.stdout : process.stderr).write(`${error.message}\n`);
    process.exit(error.exitCode);
  }
}

const config = configOrExit();
const log = createLogger({ service: "merger", level: config.logLevel, ids: { merger: config.name } });

runMerger(config, log, stopSignals().signal).then(
  ({ exit, reason }) => {
    log.info("merger stopped", { exit, reason });
    process.exit(exitCodes[exit]);
  },
  (error: unknown) => {
    log.error("merger broke", { error });
    process.exit(exitBroken);
  },
);

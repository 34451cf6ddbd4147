// The actor's process.
//
// Exit codes: 0 drained; 64 the arguments make no sense; 69 another process has its place; 70 the actor is wrong;
// 75 it had to leave before everything was handed in.

import { errorMessage } from "../shared/io/error-code.js";
import { createLogger } from "../shared/io/logger.js";
import { stopSignals } from "../shared/io/shutdown.js";
import { systemClock } from "../shared/io/system-clock.js";
import { runActor } from "./io/actor-process.js";
import { ConfigError, readConfig, type ActorConfig } from "./io/config.js";

const exitCodes = { drained: 0, fenced: 69, "left-behind": 75 } as const;
const internalError = 70;

function configured(): ActorConfig {
  try {
    return readConfig(process.argv.slice(2), { environment: process.env, unixMs: systemClock.unixMs() });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const isHelp = error.exitCode === 0;
    (isHelp ? process.stdout : process.stderr).write(
      isHelp ? `${error.message}\n` : `noctua actor: ${error.message}\n`,
    );
    process.exit(error.exitCode);
  }
}

const config = configured();
const log = createLogger({ service: "actor", level: config.logLevel, ids: { actor: config.name } });
const stop = stopSignals();

runActor(config, log, stop.signal).then(
  ({ exit, reason }) => {
    if (exit !== "drained") process.stderr.write(`noctua actor: ${reason}\n`);
    process.exit(exitCodes[exit]);
  },
  (error: unknown) => {
    if (error === stop.signal.reason) process.exit(exitCodes.drained); // Asked to stop before it had begun.
    log.error("actor ended", { error });
    process.stderr.write(`noctua actor: ${errorMessage(error)}\n`);
    process.exit(internalError);
  },
);

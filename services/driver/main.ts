// The driver's process.

import { createLogger } from "../shared/io/logger.js";
import { errorMessage } from "../shared/io/error-code.js";
import { stopSignals } from "../shared/io/shutdown.js";
import { ClaimRefused } from "./io/claims.js";
import { readConfig } from "./io/config.js";
import { runDriver } from "./io/driver.js";
import { ReplacedError } from "./io/engine.js";

/** Exit codes, after sysexits.h: another driver has the workdir; something inside went wrong. */
const [anotherDrives, broke] = [69, 70] as const;

const config = readConfig(process.argv.slice(2));
const log = createLogger({ service: "driver", level: config.logLevel });
const stop = stopSignals();

runDriver(config, log, stop.signal).then(
  () => {
    log.info("driver stopped");
    process.exit(0);
  },
  (error: unknown) => {
    log.error("driver ended", {
      error: errorMessage(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    process.stderr.write(`noctua driver: ${errorMessage(error)}\n`);
    process.exit(error instanceof ClaimRefused || error instanceof ReplacedError ? anotherDrives : broke);
  },
);

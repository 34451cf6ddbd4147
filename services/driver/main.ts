// The driver's process.

import { runService } from "../shared/io/service-process.js";
import { readConfig } from "./io/config.js";
import { runDriver } from "./io/driver.js";

runService({
  service: "driver",
  readConfig: () => readConfig(process.argv.slice(2), process.env),
  ids: () => ({}),
  run: async (config, log, stop) => {
    await runDriver(config, log, stop);
    return { exit: "drained", reason: "all that was acknowledged is durable" };
  },
});

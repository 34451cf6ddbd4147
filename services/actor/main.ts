// The actor's process.

import { runService } from "../shared/io/service-process.js";
import { systemClock } from "../shared/io/system-clock.js";
import { runActor } from "./io/actor-process.js";
import { usableCpus } from "./io/node-cpus.js";
import { readConfig } from "./io/config.js";

runService({
  service: "actor",
  readConfig: () =>
    readConfig(process.argv.slice(2), {
      environment: process.env,
      unixMs: systemClock.unixMs(),
      cpus: usableCpus(),
    }),
  ids: ({ name }) => ({ actor: name }),
  run: runActor,
});

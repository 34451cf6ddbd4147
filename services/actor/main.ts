// The actor's process; and the threads in it that store outputs, which are the same program.

import { isMainThread } from "node:worker_threads";
import { peerStopMsMax } from "../shared/io/peer-agent.js";
import { runService } from "../shared/io/service-process.js";
import { systemClock } from "../shared/io/system-clock.js";
import { runActor } from "./io/actor-process.js";
import { usableCpus } from "./io/node-cpus.js";
import { readConfig } from "./io/config.js";
import { runPutThread } from "./io/put-threads.js";

function runActorService(): void {
  runService({
    service: "actor",
    readConfig: () =>
      readConfig({
        args: process.argv.slice(2),
        environment: process.env,
        unixMs: systemClock.unixMs(),
        cpus: usableCpus(),
      }),
    ids: ({ name }) => ({ actor: name }),
    stopMsMax: ({ graceMs }) => graceMs + peerStopMsMax,
    run: (config, log, stop) => runActor(config, log, stop, process.argv[1] ?? ""),
  });
}

if (isMainThread) runActorService();
else void runPutThread();

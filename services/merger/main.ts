// The merger's process.

import { peerStopMsMax } from "../shared/io/peer-agent.js";
import { runService } from "../shared/io/service-process.js";
import { readConfig } from "./io/config.js";
import { runMerger } from "./io/merger-process.js";

runService({
  service: "merger",
  readConfig: () => readConfig({ args: process.argv.slice(2), environment: process.env }),
  ids: ({ name }) => ({ merger: name }),
  stopMsMax: ({ graceMs }) => graceMs + peerStopMsMax,
  run: runMerger,
});

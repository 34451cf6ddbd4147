// What the driver takes, for whoever asks: each limit from where it is kept.

import { messageBytesMax } from "../../shared/io/trust/limits.js";
import type { Rules } from "../core/rules.js";
import { requestsKept } from "../core/state/client-requests.js";
import { watchedJobsMax } from "./job-service.js";
import { pageSizeMax } from "./paging.js";
import { questionBytesMax, questionsMax } from "./questions.js";
import { requestIdLengthMax } from "./rpc-error.js";
import { watchersMax } from "./watch-room.js";
import type { LimitsMessage } from "./wire-cluster.js";

export function limitsUnder(rules: Rules): LimitsMessage {
  return {
    messageBytes: messageBytesMax,
    pageSize: pageSizeMax,
    watches: watchersMax,
    watchedJobs: watchedJobsMax,
    waitingRequests: questionsMax,
    waitingRequestBytes: questionBytesMax,
    requestIdLength: requestIdLengthMax,
    requestIds: requestsKept,
    jobs: rules.jobsMax,
    ranges: rules.rangesMax,
    inputs: rules.inputsMax,
    addedInputs: rules.addedInputsMax,
    drainedNodes: rules.drainedNodesMax,
  };
}

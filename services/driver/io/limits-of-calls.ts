// What calls may cost, all of them together, whoever makes them.

import type { GateLimits } from "./call-gate.js";
import type { StreamLimits } from "./stream-bounds.js";

/** A client may watch with all watches that there are, and ask besides; who begins more waits for the end of others. */
export const streamsPerConnectionMax = 2_000;

/** Most take a tenth of a millisecond, and a page of a thousand jobs some ten. */
export const callLimits: GateLimits = { answeredMax: 8, answeringMs: 25, momentMs: 10 };

/** 2,500 a second, whatever a commit takes: ten thousand actors come back in a few seconds where TLS lets them. */
const sessionsBeginningMax = 64;
export const sessionLimits: GateLimits = {
  answeredMax: sessionsBeginningMax,
  answeringMs: 25,
  momentMs: 10,
};

/** Four of the largest messages; who has sent a part of one has a minute for the rest. */
export const streamLimits: StreamLimits = {
  receivingBytesMax: 256 * 1024 * 1024,
  unreadBytesMax: 256 * 1024 * 1024,
  patienceMs: 60_000,
  unreadMs: 5_000,
};

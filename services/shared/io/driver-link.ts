// The dialling side of a session: keeps a stream to the driver of a workdir, for actors and mergers.
//
//   D1. Address and credential are read again before each dial: a driver that was restarted has another port.
//   D2. `onUp` and `onDown` take turns; messages come only between the two. What is sent on a link that is down is gone:
//       the hello of the next session names all that matters.
//   D3. What the driver does not take in waits in a queue with a limit; beyond it the link goes down, and nothing is lost (D2).
//   D4. What makes no sense ends the stream, and so does a handler that throws, which is logged. A failed assertion ends the
//       link for good: the promise rejects.
//   D5. Why there is no link is logged when it changes, not at every try.
//   D6. Tries come less and less often, and often again only after a session that lasted: a driver that ends each at once, or
//       says what makes no sense, is not dialled for ever as fast as may be.
//   D7. A driver that answers, and then makes no sense of what is said, or fails at it, again and again, is given up after a
//       while: the program is wrong about something here, and whoever leaves lets others have what it holds.

import {
  status,
  type ChannelCredentials,
  type Client,
  type ClientDuplexStream,
  type ClientOptions,
} from "@grpc/grpc-js";
import { backoffMs, type Rng } from "../core/rng.js";
import { readAddress, type DriverAddress } from "./address-file.js";
import { LinkSession, type LinkHandlers, type SessionEnd } from "./link-session.js";
import { errorMessage } from "./error-code.js";
import type { Logger } from "./logger.js";
import { SuccessorWatch } from "./successor-watch.js";
import { every, sleep, systemClock } from "./system-clock.js";
import { dialing } from "./trust/dialing.js";

/** A generated client's constructor. */
type ClientConstructor<Peer> = new (
  address: string,
  credentials: ChannelCredentials,
  options?: Partial<ClientOptions>,
) => Peer;

export interface DriverLinkOptions<Peer extends Client, Request, Response> extends LinkHandlers<
  Request,
  Response
> {
  readonly workdir: string;
  /** Of the credential that the driver is shown. */
  readonly role: "actor" | "merger";
  /** The generated client of the service that is spoken. */
  readonly client: ClientConstructor<Peer>;
  /** Opens the stream, without a deadline: it is meant to live. */
  readonly open: (client: Peer) => ClientDuplexStream<Request, Response>;
  readonly log: Logger;
  /** Whether the driver owes an answer; by default it never does. While it says nothing, a successor is looked for. */
  readonly isOwed?: () => boolean;
  /** For jitter. */
  readonly rng: Rng;
  /** Between tries; by default from 200 ms to 5 s. */
  readonly backoff?: { readonly firstMs: number; readonly lastMs: number };
}

/** How often it is asked whether the driver owes an answer; files are read more rarely (successor-watch.ts). */
const lookEveryMs = 1_000;
/** How a driver ends the stream of who says what it can't take in (D7). */
const refusedFor: ReadonlySet<status | undefined> = new Set([status.INTERNAL, status.INVALID_ARGUMENT]);
/** In a row; with the default backoff it takes two minutes. */
const refusalsMax = 40;
/** A session that lasts as long is of use. */
const usefulMs = 60_000;
const defaultBackoff = { firstMs: 200, lastMs: 5_000 };

/** Dials, again and again, until told to stop; then ends the stream and resolves. Resolves with why, if it gives up (D7). */
export async function keepDriverLink<Peer extends Client, Request, Response>(
  options: DriverLinkOptions<Peer, Request, Response>,
  signal: AbortSignal,
): Promise<string | undefined> {
  let attempt = 0;
  let refusals = 0;
  let loggedReason: string | undefined;
  const backoff = options.backoff ?? defaultBackoff;
  while (!signal.aborted) {
    const beganAtMs = systemClock.nowMs();
    const { reason, heard, code } = await dial(options, signal);
    if (isAborted(signal)) return undefined;
    const lastedMs = systemClock.nowMs() - beganAtMs;
    if (heard && lastedMs > backoff.lastMs) attempt = 0; // (D6)
    if (heard) refusals = refusedFor.has(code) && lastedMs < usefulMs ? refusals + 1 : 0;
    if (refusals === refusalsMax)
      return `the driver refused ${refusals} times in a row what this ${options.role} says: ${reason}`; // (D7)
    if (reason !== loggedReason || heard)
      options.log.warn("no link to the driver, dialling again", { reason }); // (D5)
    loggedReason = reason;
    await sleep(backoffMs(attempt, backoff, options.rng), signal).catch(() => undefined);
    attempt += 1;
  }
  return undefined;
}

/** One try: from reading the address to the end of the stream. */
async function dial<Peer extends Client, Request, Response>(
  options: DriverLinkOptions<Peer, Request, Response>,
  signal: AbortSignal,
): Promise<SessionEnd> {
  let client: Peer;
  let epoch: number;
  try {
    const address = await addressOf(options.workdir); // (D1)
    ({ epoch } = address);
    const how = await dialing(options.workdir, address, options.role);
    client = new options.client(how.target, how.credentials, {
      ...how.options,
      // A connection of its own: a shared one may be waiting out the backoff of an earlier driver on this port.
      "grpc.use_local_subchannel_pool": 1,
    });
  } catch (error) {
    return { reason: errorMessage(error), heard: false };
  }
  const session = new LinkSession(options, client.getChannel(), options.open(client));
  const watch = new SuccessorWatch({
    epoch,
    readEpoch: async () => (await readAddress(options.workdir))?.epoch,
    isOwed: options.isOwed ?? (() => false),
    heard: () => session.heard,
    onReplaced: (reason) => session.close(reason),
    rng: options.rng,
  });
  const stopWatch = every(lookEveryMs, () => void watch.look(systemClock.nowMs()));
  try {
    return await session.run(signal);
  } finally {
    stopWatch();
    client.close();
  }
}

async function addressOf(workdir: string): Promise<DriverAddress> {
  const address = await readAddress(workdir);
  if (address === undefined) throw new Error(`no driver has started on the workdir ${workdir} yet`);
  return address;
}

/** Asked anew after each wait, which the compiler does not see. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

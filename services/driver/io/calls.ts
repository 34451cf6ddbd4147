// What every call goes through before its handler has it, whatever it calls.
//
//   C1. What no handler can read is refused: messages that are none, compressed ones, deadlines that are none.
//   C2. Calls are answered by turns (call-gate.ts): those of one message when it is here, others when they begin. Sessions have
//       turns of their own: whoever asks does not wait for all actors that come back at once, nor they for clients. So have
//       those who read: they wait until what is being decided is committed, and others do not wait for that.
//   C3. Of a stream of questions, a few are taken up before their answers are read: whoever asks waits for himself.
//   C4. A status can always be told: what is no text is left out of it.
//   C5. One connection has a few sessions.

import type { IncomingHttpHeaders } from "node:http2";
import { ServerInterceptingCall, status, type Metadata, type ServerInterceptor } from "@grpc/grpc-js";
import type { Clock } from "../../shared/core/clock.js";
import { CallGate, type GateLimits } from "./call-gate.js";
import { callLimits, sessionLimits } from "./limits-of-calls.js";
import { Unreadable } from "./wire-reading.js";

export interface Gates {
  readonly calls: CallGate;
  /** Calls that show what is committed. Explain is none of them: it also says why nothing is committed. */
  readonly reads: CallGate;
  readonly sessions: CallGate;
}

export function newGates(clock: Pick<Clock, "nowMs">, ofCalls: GateLimits = callLimits): Gates {
  return {
    calls: new CallGate(ofCalls, clock),
    reads: new CallGate(ofCalls, clock),
    sessions: new CallGate(sessionLimits, clock),
  };
}

function gateOf(path: string, { calls, reads, sessions }: Gates): CallGate {
  if (path.endsWith("Session")) return sessions;
  return /\/(Get|List|Watch)[A-Z]\w*$/.test(path) ? reads : calls;
}

/** Has each call of a server go by its gate. */
export function boundCalls(gates: Gates): ServerInterceptor {
  const sessions = new SessionCount();
  return (method, call) => {
    const { remoteAddress = "", remotePort = 0 } = call.getConnectionInfo();
    const connection = `${remoteAddress} ${remotePort}`;
    const gate = gateOf(method.path, gates);
    const isSession = gate === gates.sessions;
    let leave: () => void = () => undefined;
    const enter = (letIn: () => void): void => {
      const waiting = { connection, letIn };
      const leaveSession = isSession ? sessions.enter(connection) : undefined;
      leave = () => {
        gate.leave(waiting);
        leaveSession?.();
      };
      gate.enter(waiting); // (C2)
    };
    const guarded = new (isConversation(method.path) ? Conversation : ServerInterceptingCall)(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const flaw = flawIn(metadata) ?? (isSession ? sessions.flawOf(connection) : undefined);
            if (flaw !== undefined)
              call.sendStatus(flaw); // (C1, C5)
            else if (method.requestStream) enter(() => pass(metadata));
            else pass(metadata);
          },
          onReceiveMessage: (message, pass) => {
            if (guarded instanceof Conversation) guarded.noteQuestion();
            if (message instanceof Unreadable)
              guarded.sendStatus(message.status); // (C1)
            else pass(message);
          },
          onReceiveHalfClose: (pass) => {
            if (method.requestStream) pass();
            else enter(pass);
          },
          onCancel: () => leave(),
        }),
      sendMessage: (message, next) => {
        if (!isSession) leave();
        next(message);
      },
      sendStatus: (told, next) => {
        leave();
        next({ ...told, details: Buffer.from(told.details).toString() }); // (C4)
      },
    });
    return guarded;
  };
}

/** Sessions on one connection: an actor or a merger has one. */
const sessionsPerConnectionMax = 16;

/** (C5) */
class SessionCount {
  readonly #ofConnection = new Map<string, number>();

  flawOf(connection: string): Flaw | undefined {
    if ((this.#ofConnection.get(connection) ?? 0) < sessionsPerConnectionMax) return undefined;
    const details = `${sessionsPerConnectionMax} sessions are open on this connection: each process has its own`;
    return { code: status.RESOURCE_EXHAUSTED, details };
  }

  enter(connection: string): () => void {
    this.#ofConnection.set(connection, (this.#ofConnection.get(connection) ?? 0) + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.#ofConnection.get(connection) ?? 0) - 1;
      if (left > 0) this.#ofConnection.set(connection, left);
      else this.#ofConnection.delete(connection);
    };
  }
}

function isConversation(path: string): boolean {
  return path.startsWith("/grpc.reflection.");
}

/** Questions of one stream that are taken up before their answers are read. */
const questionsMax = 8;

/** A stream of questions whose handler answers each at once, and waits for nothing (C3). */
class Conversation extends ServerInterceptingCall {
  #unanswered = 0;
  #isReadDue = false;

  noteQuestion(): void {
    this.#unanswered += 1;
  }

  override startRead(): void {
    if (this.#unanswered < questionsMax) super.startRead();
    else this.#isReadDue = true;
  }

  override sendMessage(message: unknown, callback: () => void): void {
    super.sendMessage(message, () => {
      this.#unanswered -= 1;
      callback();
      if (!this.#isReadDue) return;
      this.#isReadDue = false;
      this.startRead();
    });
  }
}

/** Where what is wrong with the headers of a call is told from below; whoever sends it himself is refused with it. */
const flawHeader = "noctua-flaw";

const timeoutPattern = /^(\d{1,8})([HMSmun])$/;
const hoursMax = 24 * 20;
const unitsInHour = { H: 1, M: 60, S: 3_600 } as const;

/** Before grpc-js reads the headers of a call: puts into words what it would take for something else. */
export function readHeaders(headers: IncomingHttpHeaders): void {
  const timeout = String(headers["grpc-timeout"] ?? "0m");
  const [, count = "", unit = ""] = timeoutPattern.exec(timeout) ?? [];
  if (unit === "") {
    headers[flawHeader] =
      `grpc-timeout: expected up to 8 digits and a unit, found ${JSON.stringify(timeout.slice(0, 40))}`;
    delete headers["grpc-timeout"];
  } else if (isLong(unit) && Number(count) > hoursMax * unitsInHour[unit]) delete headers["grpc-timeout"]; // No timer is so long.
  const encoding = headers["grpc-encoding"] ?? "identity";
  if (encoding !== "identity") headers[compressedHeader] = String(encoding).slice(0, 40);
}

const compressedHeader = "noctua-compressed";

function isLong(unit: string): unit is keyof typeof unitsInHour {
  return unit in unitsInHour;
}

interface Flaw {
  readonly code: status;
  readonly details: string;
}

function flawIn(metadata: Metadata): Flaw | undefined {
  const [flaw] = metadata.get(flawHeader);
  if (flaw !== undefined) return { code: status.INVALID_ARGUMENT, details: String(flaw) };
  const [encoding] = metadata.get(compressedHeader);
  if (encoding === undefined) return undefined;
  const details = `grpc-encoding: expected messages that are not compressed, found ${String(encoding)}`;
  return { code: status.UNIMPLEMENTED, details };
}

// Write a Noctua payload of kind "stream" in JavaScript, with nothing but Node 20 or newer.
//
//     import { Payload } from "./noctua-payload.mjs";
//
//     const payload = await Payload.open();     // reads what the job is: payload.job
//     const geometry = await loadGeometry();    // the costly start, paid once
//     await payload.run(async (range) => {      // for each range of events; as many at once as there are slots
//       await writeFile(range.output, simulate(geometry, range.input, range.first, range.last));
//     });                                       // says "ready" first, and resolves when the actor says "stop"
//
// What is guaranteed (docs/payload-protocol.md is the protocol's one full text):
//
//   P1. Each range that the callback was called for is answered once: done when it resolves, failed when it throws.
//   P2. Ranges of a slot are processed in order, one at a time.
//   P3. After "stop" or end of file what runs is finished, nothing else is begun, and run() resolves.
//
// Slots share one thread here: they pay where the callback waits (for files, for other programs). Where it computes, let
// the job file say one slot a process.

import { Socket } from "node:net";

const PROTOCOL = 1;
const LINE_BYTES_MAX = 1 << 20;
const MESSAGE_CHARACTERS_MAX = 4000;
const PROGRESS_MS_MIN = 100;
const NO_SPACE = new Set(["ENOSPC", "EDQUOT"]);

/**
 * @typedef {"event" | "transient" | "node" | "fatal"} FailureClass
 * @typedef {{readonly [name: string]: unknown}} Message
 * @typedef {(message: Message) => void} Say
 *
 * @typedef {object} Job what the actor says first; paths are absolute
 * @property {number} number
 * @property {string} name
 * @property {number} slots so many ranges may be processed at once
 * @property {string} folder of the job file
 * @property {string} scratch a folder of this process
 */

/** Throw it in the callback to say of which class the failure is. */
export class RangeFailed extends Error {
  /** @param {FailureClass} failureClass @param {string} message */
  constructor(failureClass, message) {
    super(message);
    this.failureClass = failureClass;
  }
}

/**
 * Events `first` to `last` (counted from 1, both included) of the file `input`, to be written to `output`, which is empty in
 * a job without outputs.
 */
export class EventRange {
  /** @readonly */
  #say;
  /** @readonly */
  #cancel = new AbortController();
  #progressAtMs = -Infinity;

  /** @param {Message} message @param {Say} say */
  constructor(message, say) {
    this.id = text(message, "id");
    this.slot = whole(message, "slot");
    this.input = text(message, "input");
    this.first = whole(message, "first");
    this.last = whole(message, "last");
    this.output = message["output"] === undefined ? "" : text(message, "output");
    this.#say = say;
  }

  /**
   * Aborted when the range is no longer wanted: it may be finished all the same. To leave it, `signal.throwIfAborted()`.
   * @returns {AbortSignal}
   */
  get signal() {
    return this.#cancel.signal;
  }

  /** What the actor's "cancel" does. */
  cancel() {
    this.#cancel.abort();
  }

  /**
   * Says how many events of the range are done. Ten times a second at most; what is more is left out.
   * @param {number} events
   */
  progress(events) {
    const nowMs = performance.now();
    if (nowMs - this.#progressAtMs < PROGRESS_MS_MIN) return;
    this.#progressAtMs = nowMs;
    this.#say({ type: "progress", id: this.id, events });
  }
}

/** The payload's side of the talk. Opened once, before the costly start. */
export class Payload {
  /** @readonly */
  #messages;
  /** @readonly */
  #out;
  /** Ranges that are not answered yet. @readonly @type {Map<string, EventRange>} */
  #held = new Map();
  #isStopped = false;

  /** @param {AsyncGenerator<Message, void, void>} messages @param {Socket} out @param {Job} job */
  constructor(messages, out, job) {
    this.#messages = messages;
    this.#out = out;
    this.job = job;
  }

  /**
   * Waits for what the job is.
   * @returns {Promise<Payload>}
   */
  static async open() {
    const messages = readMessages(openPipe("NOCTUA_IN_FD", true));
    const out = openPipe("NOCTUA_OUT_FD", false);
    // The actor is gone: its end of file on the other pipe ends run().
    out.on("error", () => undefined);
    const { value: first } = await messages.next();
    if (first?.["type"] !== "open") {
      throw new Error(`expected "open" as the first message, found ${JSON.stringify(first)}`);
    }
    if (first["protocol"] !== PROTOCOL) {
      throw new Error(`expected protocol ${PROTOCOL}, found ${JSON.stringify(first["protocol"])}`);
    }
    return new Payload(messages, out, jobOf(first));
  }

  /**
   * Says ready, and calls `process` for each range until the actor says stop.
   * @param {(range: EventRange) => unknown} process
   * @returns {Promise<void>}
   */
  async run(process) {
    this.#say({ type: "ready" });
    const lastOfSlots = Array.from({ length: this.job.slots }, () => Promise.resolve());
    try {
      for await (const message of this.#messages) {
        if (message["type"] === "stop") break;
        if (message["type"] === "range") this.#take(message, lastOfSlots, process);
        // It may have been answered while the message came.
        if (message["type"] === "cancel") this.#held.get(text(message, "id"))?.cancel();
        // Messages of other types are for payloads that know them.
      }
    } finally {
      this.#isStopped = true;
      await Promise.all(lastOfSlots); // (P3)
      this.#out.end();
    }
  }

  /**
   * @param {Message} message
   * @param {Promise<void>[]} lastOfSlots what each slot does last
   * @param {(range: EventRange) => unknown} process
   */
  #take(message, lastOfSlots, process) {
    const range = new EventRange(message, this.#say);
    const before = lastOfSlots[range.slot];
    if (before === undefined) {
      throw new Error(`expected a slot from 0 to ${lastOfSlots.length - 1}, found ${range.slot}`);
    }
    this.#held.set(range.id, range);
    lastOfSlots[range.slot] = before.then(() => this.#process(range, process)); // (P2)
  }

  /** @param {EventRange} range @param {(range: EventRange) => unknown} process @returns {Promise<void>} never fails */
  async #process(range, process) {
    if (this.#isStopped) return; // (P3)
    const answer = await outcomeOf(range, process);
    this.#held.delete(range.id);
    this.#say({ ...answer, id: range.id }); // (P1)
  }

  /** @readonly @type {Say} */
  #say = (message) => {
    this.#out.write(`${JSON.stringify(message)}\n`);
  };
}

/** @param {EventRange} range @param {(range: EventRange) => unknown} process @returns {Promise<Message>} */
async function outcomeOf(range, process) {
  if (range.signal.aborted) return { type: "cancelled" };
  try {
    await process(range);
    return { type: "done" };
  } catch (error) {
    if (error !== undefined && error === range.signal.reason) return { type: "cancelled" };
    if (!(error instanceof RangeFailed)) console.error(error);
    const message = error instanceof Error ? error.message : String(error);
    return { type: "failed", class: classOf(error), message: message.slice(0, MESSAGE_CHARACTERS_MAX) };
  }
}

/** @param {unknown} error @returns {FailureClass} */
function classOf(error) {
  if (error instanceof RangeFailed) return error.failureClass;
  const hasNoSpace = error instanceof Error && "code" in error && NO_SPACE.has(String(error.code));
  return hasNoSpace ? "node" : "transient";
}

/** One JSON object a line; a last half line is of an actor that died. @param {Socket} pipe */
async function* readMessages(pipe) {
  let rest = "";
  pipe.setEncoding("utf8");
  for await (const piece of pipe) {
    const lines = (rest + String(piece)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LINE_BYTES_MAX) throw new Error(`expected lines of at most ${LINE_BYTES_MAX} bytes`);
    for (const line of lines) yield parseMessage(line);
  }
}

/** @param {string} line @returns {Message} */
function parseMessage(line) {
  try {
    /** @type {unknown} */
    const message = JSON.parse(line);
    if (typeof message === "object" && message !== null) return { ...message };
  } catch {
    // Told below, together with JSON that is something else.
  }
  throw new Error(`expected a JSON object a line, found ${line.slice(0, 100)}`);
}

/** @param {Message} message @returns {Job} */
function jobOf(message) {
  return {
    number: whole(message, "job"),
    name: text(message, "name"),
    slots: whole(message, "slots"),
    folder: text(message, "jobDir"),
    scratch: text(message, "scratch"),
  };
}

/** @param {Message} message @param {string} name @returns {string} */
function text(message, name) {
  const value = message[name];
  if (typeof value === "string") return value;
  throw new Error(`expected "${name}" to be a string, found ${JSON.stringify(message)}`);
}

/** @param {Message} message @param {string} name @returns {number} */
function whole(message, name) {
  const value = message[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`expected "${name}" to be a whole number, found ${JSON.stringify(message)}`);
}

/** @param {string} variable that the actor put the pipe's number into @param {boolean} readable */
function openPipe(variable, readable) {
  const number = process.env[variable];
  if (number === undefined) {
    throw new Error(`${variable} is not set: this program is started by Noctua, as a payload of kind stream`);
  }
  return new Socket({ fd: Number(number), readable, writable: !readable });
}

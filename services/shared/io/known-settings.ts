// All settings: each is named once, here, and has its flag, its variable, its key in a settings file, its line in `--help`
// and its row in docs/configuration.md from that.
//
//   N1. The setting `snapshotAfter` of the driver is the flag --snapshot-after, the variable NOCTUA_DRIVER_SNAPSHOT_AFTER
//       and, in a file, `snapshotAfter` below `driver`. What is not one service's has no service in its names.
//   N2. No secret is a setting: flags and variables can be seen by others. (P8)

import { hostname, tmpdir } from "node:os";
import { present } from "../core/assert.js";
import { logLevels } from "./logger.js";
import {
  duration,
  flag,
  folder,
  labels,
  name,
  oneOf,
  optional,
  size,
  text,
  wholeNumber,
  type Setting,
} from "./setting.js";

export const commonSettings = {
  workdir: folder({ text: "folder of the run, on a file system that all its nodes share (required)" }),
  logLevel: oneOf(logLevels, { text: "log no lines below it", fallback: "info" }),
  output: oneOf(["text", "json", "jsonl"], {
    text: "form in which commands answer, where they have several",
    fallback: "text",
  }),
};

const day = 86_400_000;
/** Longer ones are a mistake. */
const durationMax = 400 * day;
/** Of an actor. */
export const slotsMax = 4_096;

/** Of a service's port. */
function listen(what: string): Setting<string> {
  return text("host", {
    text: `address ${what}: other nodes need one of this node's, or 0.0.0.0 for all of them`,
    fallback: "127.0.0.1",
  });
}

export const driverSettings = {
  listen: listen("to listen on"),
  port: wholeNumber([0, 65_535], { text: "port to listen on; 0 takes one that is free", fallback: "0" }),
  // A lease must outlast a reconnect.
  lease: duration([1_000, day], {
    text: "what an actor holds returns when nothing was heard of it for so long",
    fallback: "2m",
  }),
  witnessWait: optional(
    duration([0, day], {
      text: "what failed on the only node waits so long for another one, while nothing was done there",
    }),
    "1m, or 0s on loopback",
  ),
  // Below, snapshots would be made of nothing; above, a start would read for minutes.
  snapshotAfter: size([1_000, 1e12], {
    text: "of journal: then a snapshot is made, so that a start reads less, and old segments go",
    fallback: "256MB",
  }),
  insecureLoopback: flag("no TLS, for tests: everybody on this machine may ask everything", "once"),
  takeOver: flag("start although the last driver cannot be proven dead", "once"),
};

const hostName = { fallback: hostname(), fallbackText: "the host's name" };
const scratch = { fallback: tmpdir(), fallbackText: "the folder for temporary files" };
const labelText = "a label of the node; can be given again";

export const actorSettings = {
  name: name({ text: "name of the actor, different on each node", ...hostName }),
  listen: listen("to serve health and metrics on"),
  node: name({ text: "name of the node, where its host name is not its own", ...hostName }),
  slots: optional(
    wholeNumber([1, slotsMax], { text: "cores of the node to keep busy" }),
    "those that it may use",
  ),
  leaveCores: wholeNumber([0, slotsMax], {
    text: "cores to leave to a merger on the same node, where slots are not given",
    fallback: "0",
  }),
  scratch: folder({ text: "where there is room on the node for running payloads", ...scratch }),
  scratchMin: size([0, 1e15], {
    text: "what is to be free there: no range begins while less is",
    fallback: "10MB",
  }),
  labels: labels(labelText),
  timeLeft: optional(
    duration([0, durationMax], { text: "what is left of the node's wall time, such as 90m" }),
    "as Slurm says",
  ),
  grace: duration([0, durationMax], {
    text: "what running payloads get to finish when the actor is asked to stop",
    fallback: "30s",
  }),
};

export const mergerSettings = {
  name: name({
    text: "name of the merger, different for each",
    fallback: `${hostname()}-merger`,
    fallbackText: "the host's name and -merger",
  }),
  listen: listen("to serve health and metrics on"),
  slots: wholeNumber([1, 256], { text: "merges at a time", fallback: "1" }),
  nice: wholeNumber([0, 19], { text: "lets others on its cores go first: 19 lets all", fallback: "0" }),
  scratch: folder({ text: "where there is room on the node", ...scratch }),
  labels: labels(labelText),
  grace: duration([0, day], {
    text: "what running merges get to finish when the merger is asked to stop",
    fallback: "30s",
  }),
  lookAgain: duration([0, day], {
    text: "how long outputs that are missing or damaged are looked at again before they are declared lost",
    fallback: "1m",
  }),
  roomWait: duration([0, day], {
    text: "how long a merge waits for room on a file system that is full or read-only before it fails",
    fallback: "10m",
  }),
};

/** By the name of the service; what is common to all stands first. */
const sections: readonly (readonly [
  section: string,
  settings: Readonly<Record<string, Setting<unknown>>>,
])[] = [
  ["", commonSettings],
  ["driver", driverSettings],
  ["actor", actorSettings],
  ["merger", mergerSettings],
];

export interface NamedSetting {
  /** The service that it is of; empty when it is common. */
  readonly section: string;
  readonly key: string;
  /** In a settings file: `actor.slots`. */
  readonly path: string;
  readonly flag: string;
  readonly variable: string;
  readonly setting: Setting<unknown>;
}

/** (N1) */
export const knownSettings: readonly NamedSetting[] = sections.flatMap(([section, settings]) =>
  Object.entries(settings).map(([key, setting]) => {
    const path = section === "" ? key : `${section}.${key}`;
    const one = setting.isMany ? key.replace(/s$/, "") : key;
    return {
      section,
      key,
      path,
      flag: `--${one.replace(/[A-Z]/g, "-$&").toLowerCase()}`,
      variable: `NOCTUA_${path.replace(/[A-Z]/g, "_$&").replace(".", "_").toUpperCase()}`,
      setting,
    };
  }),
);

/** The names of one that is known. */
export function namesOf(setting: Setting<unknown>): NamedSetting {
  return present(
    knownSettings.find((known) => known.setting === setting),
    "a known setting",
  );
}

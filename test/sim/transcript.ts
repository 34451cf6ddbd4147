// A world's story, one line for each thing seen.

import type { DurableFact } from "../../services/driver/core/facts/fact.js";
import type { Spans } from "../../services/shared/core/spans.js";
import type { SimFile } from "./sim-file.js";
import type { Sighting } from "./sighting.js";

/** One line for a sighting. */
export function lineOf(sighting: Sighting, nowMs: number): string {
  return `${(nowMs / 1_000).toFixed(3).padStart(10)} s  ${textOf(sighting)}`;
}

function textOf(sighting: Sighting): string {
  switch (sighting.kind) {
    case "driver-started":
      return `driver      started, epoch ${sighting.epoch}`;
    case "driver-died":
      return `driver      epoch ${sighting.epoch} died: ${sighting.why}`;
    case "driver-claimed":
      return `driver      claimed, epoch ${sighting.epoch}`;
    case "resumed":
      return `${named(sighting.who)} goes on`;
    case "frame-written":
      return `disk        ${sighting.bytes} bytes written`;
    case "facts-durable":
      return `disk        ${sighting.facts.map(factText).join("; ")}`;
    case "facts-recovered":
      return `driver      read ${sighting.isFromSnapshot ? "a snapshot, and " : ""}${sighting.facts.length} facts`;
    case "peer-began":
    case "peer-died":
      return `${named(sighting.peer.incarnation)} ${sighting.kind === "peer-began" ? "began" : "died"}: ${sighting.why}`;
    case "peer-said":
      return `${named(sighting.peer.incarnation)} →        ${sighting.stream}: ${wordText(sighting.said.message)}`;
    case "driver-heard":
      return `${named(sighting.peer.incarnation)}  → driver ${sighting.stream}: ${wordText(sighting.said.message)}`;
    case "driver-said":
      return `${named(sighting.peer.incarnation)}        ← ${sighting.stream}: ${wordText(sighting.word.word)}`;
    case "peer-heard":
      return `${named(sighting.peer.incarnation)} ←        ${sighting.stream}: ${wordText(sighting.word.word)}`;
    case "stream-closed":
      return `${named(sighting.peer.incarnation)}stream ${sighting.stream} is closed by the driver, code ${sighting.code}`;
    case "stream-ended":
      return `${named(sighting.peer.incarnation)} stream ${sighting.stream} ended: ${sighting.why}`;
    case "fault":
      return `FAULT       ${sighting.fault}: ${sighting.what}`;
    default:
      return outsideText(sighting);
  }
}

type Outside = Extract<
  Sighting,
  {
    kind:
      | `payload-${string}`
      | `file-${string}`
      | `client-${string}`
      | "merge-tried"
      | "hand-in-taken"
      | "report-written";
  }
>;

function outsideText(sighting: Outside): string {
  switch (sighting.kind) {
    case "payload-began":
      return `${named(sighting.peer.incarnation)} payload began: ${copyText(sighting.copy)}`;
    case "payload-failed":
      return `${named(sighting.peer.incarnation)} payload failed: ${copyText(sighting.copy)}, ${sighting.failure.class}`;
    case "merge-tried":
      return `${named(sighting.peer.incarnation)} merge ${sighting.failed ? "failed" : "done"}: ${JSON.stringify(sighting.merge)}`;
    case "hand-in-taken":
      return `files       what ${sighting.peer.incarnation} left is taken in: ${valueText(sighting.messages)}`;
    case "file-written":
    case "file-lost":
      return `files       ${sighting.kind.slice(5)} ${sighting.path} ${fileText(sighting.file)}`;
    case "file-removed":
      return `files       removed ${sighting.path} by ${sighting.by}`;
    case "file-renamed":
      return `files       renamed ${sighting.from} to ${sighting.to} ${fileText(sighting.file)}`;
    case "client-asked":
      return `client      asks ${JSON.stringify(sighting.asking)}`;
    case "client-told":
      return `client      is told of ${sighting.asking.requestId}: ${JSON.stringify(sighting.answer)}`;
    case "client-shown":
      return `client      is shown job ${sighting.status.job}: ${sighting.status.state} ${JSON.stringify(sighting.status.ranges)}`;
    case "client-explained":
      return `client      asks why: ${JSON.stringify(sighting.question)}: ${JSON.stringify(sighting.answer)}`;
    case "report-written":
      return `files       report of job ${sighting.job}: ${sighting.report.state}`;
  }
}

function named(name: string): string {
  return name.padEnd(11);
}

function factText(fact: DurableFact): string {
  return `[${wordText(fact)}]`;
}

function copyText({
  job,
  range,
  grant,
}: {
  readonly job: number;
  readonly range: number;
  readonly grant: number;
}): string {
  return `job ${job}, range ${range}, grant ${grant}`;
}

function fileText(file: SimFile): string {
  return `{${file.isDamaged ? "not whole; " : ""}${file.copies.map(({ range, grant }) => `${range}/${grant}`).join(" ")}}`;
}

/** Kind and fields, spans as first+count. */
function wordText(word: { readonly kind: string }): string {
  const { kind, ...fields } = word;
  const texts = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined || hidden.has(name)) return [];
    return [`${name}=${valueText(value)}`];
  });
  return [kind, ...texts].join(" ");
}

/** Long, and told elsewhere. */
const hidden = new Set(["spec", "sizeBytes", "adler32", "wallMs", "node"]);

function valueText(value: unknown): string {
  if (isSpans(value)) return value.first.map((first, i) => `${first}+${value.count[i] ?? "?"}`).join(",");
  if (Array.isArray(value)) return `(${value.map(valueText).join(" ")})`;
  if (typeof value !== "object" || value === null) return String(value);
  const fields = Object.entries(value).filter(([name, field]) => field !== undefined && !hidden.has(name));
  return `{${fields.map(([name, field]) => `${name}=${valueText(field)}`).join(" ")}}`;
}

function isSpans(value: unknown): value is Spans {
  return typeof value === "object" && value !== null && "first" in value && "count" in value;
}

// Where a process's time went: the functions with the largest own share, from one of Node's CPU profiles.

import { readFile } from "node:fs/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { figure, tableText } from "./table.js";

/** What makes Node keep a profile; nothing when no folder is given. */
export function keptProfile(
  folder: string | undefined,
  name: string,
): { readonly path: string | undefined; readonly nodeFlags: readonly string[] } {
  if (folder === undefined) return { path: undefined, nodeFlags: [] };
  const file = `${name}.cpuprofile`;
  const interval = "--cpu-prof-interval=500";
  return {
    path: join(folder, file),
    nodeFlags: ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${file}`, interval],
  };
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** The part of a profile that is looked at: a start and a warm-up tell nothing. */
export interface ProfileCut {
  /** Undefined: all of it. */
  readonly lastSeconds: number | undefined;
  /** So many functions are listed. */
  readonly top: number;
}

/** How the busy time is shared between our own code and that of others, and the functions with the largest shares. */
export async function profileText(path: string, cut: ProfileCut): Promise<string> {
  const profile: CpuProfile = JSON.parse(await readFile(path, "utf8"));
  const places = new Places();
  const byFunction = new Shares();
  const byOwner = new Shares();
  for (const [frame, microseconds] of timesOf(profile, cut.lastSeconds)) {
    const place = await places.of(frame);
    const name = frame.functionName === "" ? "(anonymous)" : frame.functionName;
    byFunction.add(`${name}  ${place}`, microseconds);
    byOwner.add(ownerOf(name, place), microseconds);
  }
  return `${byOwner.text(cut.top)}\n${byFunction.text(cut.top)}`;
}

/** Microseconds of each place in the code, idle ones left out. */
function timesOf(profile: CpuProfile, lastSeconds: number | undefined): Map<CallFrame, number> {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<CallFrame, number>();
  let left = lastSeconds === undefined ? Number.POSITIVE_INFINITY : lastSeconds * 1e6;
  for (let i = profile.samples.length - 1; i >= 0 && left > 0; i -= 1) {
    const frame = frames.get(profile.samples[i] ?? 0);
    const microseconds = profile.timeDeltas[i] ?? 0;
    left -= microseconds;
    if (frame === undefined || frame.functionName === "(idle)" || frame.functionName === "(root)") continue;
    times.set(frame, (times.get(frame) ?? 0) + microseconds);
  }
  return times;
}

/** Amounts by name, and what each is of the whole. */
class Shares {
  readonly #amounts = new Map<string, number>();
  #whole = 0;

  add(name: string, amount: number): void {
    this.#amounts.set(name, (this.#amounts.get(name) ?? 0) + amount);
    this.#whole += amount;
  }

  /** The largest, one a line. */
  text(top: number): string {
    const sorted = [...this.#amounts].sort(([, a], [, b]) => b - a).slice(0, top);
    return tableText(sorted.map(([name, amount]) => [name, `${figure((100 * amount) / this.#whole, 1)} %`]));
  }
}

/** Whose code it is: a package, a part of a service, generated code, or Node itself. */
function ownerOf(name: string, place: string): string {
  const packaged = /node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(place)?.[1];
  if (packaged !== undefined) return packaged;
  if (place.startsWith("services/")) return place.split("/").slice(0, 3).join("/");
  if (place.startsWith("gen/")) return "generated code";
  if (name === "(garbage collector)") return "garbage collector";
  return place.startsWith("node:") ? "Node's own JavaScript" : "native code and system calls";
}

/** Where functions stand in the sources, by the source maps beside the bundles. */
class Places {
  readonly #maps = new Map<string, SourceMap | undefined>();
  readonly #known = new Map<CallFrame, string>();

  async of(frame: CallFrame): Promise<string> {
    const known = this.#known.get(frame) ?? (await this.#find(frame));
    this.#known.set(frame, known);
    return known;
  }

  async #find({ url, lineNumber, columnNumber }: CallFrame): Promise<string> {
    if (!url.startsWith("file:")) return url;
    const path = fileURLToPath(url);
    const entry = (await this.#mapOf(path))?.findEntry(lineNumber, columnNumber);
    if (entry === undefined || !("originalSource" in entry)) return basename(path);
    return `${inRepository(entry.originalSource)}:${entry.originalLine + 1}`;
  }

  async #mapOf(path: string): Promise<SourceMap | undefined> {
    if (this.#maps.has(path)) return this.#maps.get(path);
    const text = await readFile(`${path}.map`, "utf8").catch(() => undefined);
    const payload: SourceMapPayload | undefined = text === undefined ? undefined : JSON.parse(text);
    const map = payload === undefined ? undefined : new SourceMap(payload);
    this.#maps.set(path, map);
    return map;
  }
}

/** A source's path from the top of the repository on, wherever the bundle lies now. */
function inRepository(source: string): string {
  return /(?:^|\/)((?:services|gen|node_modules)\/.*)$/.exec(source)?.[1] ?? source;
}

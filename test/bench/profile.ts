// Where a process's time went: the functions with the largest own share, from one of Node's CPU profiles.

import { readFile } from "node:fs/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { figure, tableText, type Row } from "./table.js";

const root = join(import.meta.dirname, "..", "..");

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

const notWork = new Set(["(idle)", "(root)"]);

/** The `top` functions, and how the time is shared between our own code and that of others. */
export async function profileText(path: string, top: number): Promise<string> {
  const profile: CpuProfile = JSON.parse(await readFile(path, "utf8"));
  const places = new Places();
  const byFunction = new Map<string, number>();
  const byOwner = new Map<string, number>();
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  let busy = 0;
  for (const [i, id] of profile.samples.entries()) {
    const frame = frames.get(id);
    const microseconds = profile.timeDeltas[i] ?? 0;
    if (frame === undefined || notWork.has(frame.functionName)) continue;
    const place = await places.of(frame);
    const name = `${frame.functionName === "" ? "(anonymous)" : frame.functionName}  ${place}`;
    busy += microseconds;
    byFunction.set(name, (byFunction.get(name) ?? 0) + microseconds);
    byOwner.set(ownerOf(place), (byOwner.get(ownerOf(place)) ?? 0) + microseconds);
  }
  const shares = (times: ReadonlyMap<string, number>): Row[] =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, top)
      .map(([name, microseconds]) => [name, `${figure((100 * microseconds) / busy, 1)} %`]);
  return `${tableText(shares(byOwner))}\n${tableText(shares(byFunction))}`;
}

/** Whose code it is: a package, a service, generated code, or Node itself. */
function ownerOf(place: string): string {
  const path = /^[^:]*/.exec(place)?.[0] ?? "";
  const packaged = /node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(place)?.[1];
  if (packaged !== undefined) return packaged;
  if (place.startsWith("services/")) return path.split("/").slice(0, 3).join("/");
  if (place.startsWith("gen/")) return "generated code";
  return place.startsWith("node:") || place === "" ? "Node" : path;
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
    if (entry === undefined || !("originalSource" in entry)) return relative(root, path);
    return `${relative(root, join(path, "..", entry.originalSource))}:${entry.originalLine + 1}`;
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

// The cores of the node that this process may use, and which of them belong to a slot.
//
//   N1. What counts is where the system lets this process run: a job of the batch system may have a part of a node.
//   N2. Cores beside each other here are near each other there: those of one memory node, and of these the threads of one
//       core. So a slot, and neighbouring slots, share what is nearest.
//   N3. Slots share the cores alike: where there are more cores than slots, each has several; where there are fewer, some
//       share one.

import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** Their numbers, neighbours beside each other (N1, N2). `root` is where /proc and /sys are. */
export function usableCpus(root = "/"): readonly number[] {
  const status = textOf(join(root, "proc/self/status"));
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status ?? "")?.[1];
  const cpus = cpusIn(allowed ?? "");
  if (cpus.length === 0) return Array.from({ length: availableParallelism() }, (_, cpu) => cpu);
  const nodes = memoryNodes(root);
  const places = new Map(cpus.map((cpu) => [cpu, [nodes.get(cpu) ?? 0, firstThreadOf(root, cpu), cpu]]));
  return cpus.sort((one, other) => compare(places.get(one) ?? [], places.get(other) ?? []));
}

/** Of so many slots, the cores of the slots from `first` on (N3). */
export function cpusOfSlots(
  cpus: readonly number[],
  slots: number,
  { first, count }: { readonly first: number; readonly count: number },
): readonly number[] {
  const from = Math.floor((first * cpus.length) / slots);
  const to = Math.floor(((first + count) * cpus.length) / slots);
  return cpus.slice(from, Math.max(from + 1, to));
}

/** Numbers in a list of the kernel's, such as 0-3,8. */
function cpusIn(list: string): number[] {
  return list.split(",").flatMap((part) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (first === undefined) return [];
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
  });
}

/** The memory node of each core; empty where nobody tells. */
function memoryNodes(root: string): ReadonlyMap<number, number> {
  const folder = join(root, "sys/devices/system/node");
  const nodes = new Map<number, number>();
  for (const name of namesIn(folder)) {
    const [, node] = /^node(\d+)$/.exec(name) ?? [];
    if (node === undefined) continue;
    for (const cpu of cpusIn(textOf(join(folder, name, "cpulist")) ?? "")) nodes.set(cpu, Number(node));
  }
  return nodes;
}

/** The lowest number among the threads of its core. */
function firstThreadOf(root: string, cpu: number): number {
  const topology = join(root, `sys/devices/system/cpu/cpu${cpu}/topology`);
  return cpusIn(textOf(join(topology, "thread_siblings_list")) ?? "")[0] ?? cpu;
}

function compare(one: readonly number[], other: readonly number[]): number {
  const differs = one.findIndex((part, i) => part !== other[i]);
  return differs < 0 ? 0 : (one[differs] ?? 0) - (other[differs] ?? 0);
}

/** Undefined when it can't be read. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

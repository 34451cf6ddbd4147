// For tests: what must hold of nodes, and of who is on them, between two turns.

import { assert, present } from "../../../shared/core/assert.js";
import type { Farm } from "../state/farm.js";
import { isBarred, isSuspect } from "../state/node.js";
import { same } from "./testing-same.js";

/** (B3, M4, N4) */
export function checkNodes(farm: Farm): void {
  const able = new Set<string>();
  const barred = new Set<string>();
  const known = [...farm.nodes.values()];
  for (const { number, role, node: name, attachment } of farm.sessions.values()) {
    const node = present(farm.nodes.get(name), "node of a session");
    assert(node.sessions.has(number), "a node knows its sessions");
    const isHere = attachment.kind === "attached";
    if (isHere) same(attachment.barred, isBarred(node, role), "whether its node is barred");
    if (role !== "actor" || node.drain !== undefined || (isHere && attachment.draining)) continue;
    (node.quarantine === undefined ? able : barred).add(name);
  }
  const onNodes = known.reduce((sum, { sessions }) => sum + sessions.size, 0);
  same(onNodes, farm.sessions.size, "each session is on one node");
  const drained = known.filter(({ drain }) => drain !== undefined);
  const gone = known.filter(({ sessions, drain }) => sessions.size === 0 && drain === undefined);
  same([...farm.drained].sort(), drained.map(({ name }) => name).sort(), "drained nodes");
  same([...farm.gone].sort(), gone.map(({ name }) => name).sort(), "nodes that are gone");
  assert(
    gone.every(isSuspect),
    "of nodes that are gone, only those are known that something is held against",
  );
  const isSound = (node: string): boolean => farm.nodes.get(node)?.isDoubtful === false;
  same([...farm.able].sort(), [...able].sort(), "able nodes");
  same([...farm.barred].sort(), [...barred].sort(), "barred nodes");
  same([...farm.sound].sort(), [...able].filter(isSound).sort(), "sound nodes");
}

/** (M4) */
export function checkMergers(farm: Farm): void {
  const staying = [...farm.sessions.values()].filter(
    ({ role, node, attachment }) =>
      role === "merger" &&
      !farm.drained.has(node) &&
      !(attachment.kind === "attached" && attachment.draining),
  );
  const places = staying.map(({ name, node }) => [name, node] as const);
  same([...farm.mergers].sort(), places.sort(), "mergers that do not leave, and their nodes");
}

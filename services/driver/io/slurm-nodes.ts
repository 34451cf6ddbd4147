// Slurm's short way to write many nodes, such as `nid[001-003,7],gpu1`, written out.

/** More nodes than any machine has: what stands for more is not believed. */
const nodesMax = 200_000;

/** All of them; undefined when the text makes no sense. */
export function nodesIn(text: string): string[] | undefined {
  const nodes: string[] = [];
  for (const item of text.split(/,(?![^[]*\])/)) {
    const some = writtenOut(item);
    if (some === undefined || nodes.length + some.length > nodesMax) return undefined;
    for (const node of some) nodes.push(node);
  }
  return nodes;
}

/** One item, which may have several brackets. */
function writtenOut(item: string): readonly string[] | undefined {
  let nodes = [""];
  for (const piece of item.split(/(\[[^\]]*\])/)) {
    const tails = piece.startsWith("[") ? numbersIn(piece.slice(1, -1)) : [piece];
    if (tails === undefined || /[[\]]/.test(tails[0] ?? "") || nodes.length * tails.length > nodesMax)
      return undefined;
    nodes = nodes.flatMap((node) => tails.map((tail) => node + tail));
  }
  return item === "" ? undefined : nodes;
}

/** Of `001-003,7`: 001, 002, 003 and 7. */
function numbersIn(list: string): string[] | undefined {
  const numbers: string[] = [];
  for (const item of list.split(",")) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(item) ?? [];
    if (first === undefined || last === undefined) return undefined;
    const [from, to] = [Number(first), Number(last)];
    if (to < from || numbers.length + to - from >= nodesMax) return undefined;
    for (let number = from; number <= to; number += 1)
      numbers.push(String(number).padStart(first.length, "0"));
  }
  return numbers;
}

// A payload of kind stream: the invariant mass of two muons. Each line of the input is an event: px py pz E, twice, in GeV.

import { readFile, writeFile } from "node:fs/promises";
import { Payload, RangeFailed } from "../../payloads/node/noctua-payload.mjs";

/** Of each input, read once. @type {Map<string, string[]>} */
const eventsOf = new Map();

const payload = await Payload.open();
await payload.run(async ({ input, first, last, output }) => {
  const events = eventsOf.get(input) ?? (await readFile(input, "utf8")).split("\n");
  eventsOf.set(input, events);
  const masses = events.slice(first - 1, last).map((line, index) => massOf(first + index, line));
  await writeFile(output, masses.map((mass, index) => `${first + index} ${mass.toFixed(3)}\n`).join(""));
});

/** @param {number} number @param {string} line */
function massOf(number, line) {
  const values = line.trim().split(/\s+/).map(Number);
  if (values.length !== 8 || values.some(Number.isNaN)) {
    throw new RangeFailed("event", `event ${number}: expected eight numbers, found ${line}`);
  }
  const [px = 0, py = 0, pz = 0, energy = 0] = [0, 1, 2, 3].map(
    (i) => (values[i] ?? 0) + (values[i + 4] ?? 0),
  );
  return Math.sqrt(Math.max(0, energy ** 2 - px ** 2 - py ** 2 - pz ** 2));
}

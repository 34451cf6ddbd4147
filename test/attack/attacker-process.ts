// One who attacks, in a process of its own: told by its arguments what to do, it tells what came of it on standard output.

import { readTrust } from "../../services/shared/io/trust/testing-trust.js";
import { attacks } from "./attacks.js";

const [name, workdir = "", port, seconds, seed] = process.argv.slice(2);
const attack = attacks.find((one) => one.name === name);
if (attack === undefined) throw new Error(`expected the name of an attack, found ${name ?? "none"}`);
const trust = await readTrust(workdir);
const outcome = await attack.run(
  { port: Number(port), trust },
  { seconds: Number(seconds), seed: Number(seed) },
);
process.stdout.write(JSON.stringify(outcome), () => process.exit(0));

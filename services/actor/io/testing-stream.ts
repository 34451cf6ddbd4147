// For tests: a payload of the kind `stream` that behaves as its arguments say, such as `crash=3`: at event 3.

/** To be run by Node, its arguments in front. */
export const payloadScript = `
import { appendFileSync, createReadStream, readFileSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
const does = Object.fromEntries(process.argv.slice(2).map((word) => word.split("=")));
const out = Number(process.env.NOCTUA_OUT_FD);
// At once: what is said before a crash is said.
const say = (word) => writeSync(out, typeof word === "string" ? word : JSON.stringify(word) + "\\n");
const at = (what, first) => does[what] === String(first);
const go = (path, then) => {
  const look = () => { try { readFileSync(path); then(); } catch { setTimeout(look, 10); } };
  look();
};
if (does.starts) appendFileSync(does.starts, process.pid + "\\n");
if ("deaf" in does) process.on("SIGTERM", () => {});
if (does.exit) process.exit(Number(does.exit));
const begin = ({ id, slot, first, last, output }) => {
  console.log("event " + first);
  if (at("crash", first)) { console.error("no such cell"); process.exit(3); }
  if (at("hang", first)) return;
  if (at("lie", first)) { say({ type: "done", id: "77.77" }); return; }
  if (at("mumble", first)) { say("working on it\\n"); return; }
  if (at("litter", first)) writeFileSync(process.env.TMPDIR + "/litter", Buffer.alloc(2_000_000, 1));
  if (does.progress) say({ type: "progress", id, events: Number(does.progress) });
  if (at("fail", first)) { say({ type: "failed", id, class: "event", message: "bad event" }); return; }
  writeFileSync(output, process.pid + " " + slot + " " + first + " " + last + "\\n");
  const done = () => say({ type: "done", id });
  if (does.go) go(does.go, done); else done();
};
const heard = createInterface({ input: createReadStream("", { fd: Number(process.env.NOCTUA_IN_FD) }) });
heard.on("line", (line) => {
  const word = JSON.parse(line);
  if (word.type === "open") {
    if (does.opened) writeFileSync(does.opened, JSON.stringify({ word, environment: process.env, cwd: process.cwd() }));
    if (!("mute" in does)) say({ type: "ready" });
  } else if (word.type === "range") begin(word);
  else if (word.type === "cancel" && !("stubborn" in does)) say({ type: "cancelled", id: word.id });
  else if (word.type === "stop" && !("deaf" in does)) process.exit(0);
});
`;

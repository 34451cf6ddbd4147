// Every rpc with messages that are valid and extreme, and with bytes that are none; and calls that are no calls of gRPC.

import fc from "fast-check";
import { rolesFor, type Role } from "../../services/shared/core/role.js";
import { Tally, type Attack, type Outcome } from "./attack.js";
import { connection, ending, framed, open, type Door, type Ending } from "./connection.js";
import { allRpcs, senseless, type Rpc } from "./extreme-messages.js";

const clientRoles = ["actor", "merger", "reader", "writer"] as const satisfies readonly Role[];

/** Until a stream that may stay open is left, and until any other call counts as hanging. */
const openMs = 60;
const hangMs = 15_000;

/** Until an odd call that may hang is left. */
const oddMs = 3_000;

export interface FuzzOrder {
  readonly seed: number;
  /** Messages to each rpc. */
  readonly each: number;
}

/** What is asked of all rpcs, at once of all of them. */
export async function fuzz(door: Door, { seed, each }: FuzzOrder): Promise<Outcome> {
  const tally = new Tally();
  const findings: string[] = [];
  const shots = allRpcs().flatMap((rpc) =>
    clientRoles.map((role) => fuzzRpc(door, { rpc, role, seed, each, tally, findings })),
  );
  await Promise.all(shots);
  return { did: tally.text(), findings };
}

interface Shots extends FuzzOrder {
  readonly rpc: Rpc;
  readonly role: (typeof clientRoles)[number];
  readonly tally: Tally;
  readonly findings: string[];
}

async function fuzzRpc(door: Door, { rpc, role, seed, each, tally, findings }: Shots): Promise<void> {
  let session = connection(door, role);
  const fires = rpc.roles.includes(role) ? each : 2;
  const extreme = fc
    .sample(rpc.message, { seed, numRuns: fires })
    .map((message) => ({ what: "extreme", bytes: framed(message) }));
  const bare = fc.sample(senseless, { seed, numRuns: Math.ceil(fires / 2) });
  for (const { what, bytes } of [...extreme, ...bare]) {
    if (session.destroyed || session.closed) session = connection(door, role);
    const stream = open(session, rpc.path);
    const isHalf = /shorter|half/.test(what);
    if (isHalf) stream.write(bytes);
    else stream.end(bytes);
    const found = await ending(stream, isHalf || (rpc.isWatch && rpc.roles.includes(role)) ? openMs : hangMs);
    tally.add(found.told);
    const flaw = flawOf(found, { rpc, role, mayStayOpen: rpc.isWatch || isHalf });
    if (flaw !== undefined)
      findings.push(`${rpc.path} as ${role}, ${what}: ${flaw} (${bytes.toString("hex").slice(0, 200)})`);
  }
  session.destroy();
}

/** Codes that a call is refused with on purpose. */
const sound =
  /^(?:OK|CANCELLED|INVALID_ARGUMENT|DEADLINE_EXCEEDED|NOT_FOUND|PERMISSION_DENIED|RESOURCE_EXHAUSTED|FAILED_PRECONDITION|ABORTED|OUT_OF_RANGE|UNIMPLEMENTED|UNAVAILABLE)$/;

function flawOf(
  { told, details }: Ending,
  { rpc, role, mayStayOpen }: { rpc: Rpc; role: Role; mayStayOpen: boolean },
): string | undefined {
  if (told === "open" && mayStayOpen) return undefined;
  if (!rolesFor(rpc.path).includes(role))
    return told === "PERMISSION_DENIED" ? undefined : `expected PERMISSION_DENIED, found ${told}`;
  if (told === "open") return "it hangs";
  if (!sound.test(told)) return `${told}: ${details}`;
  if (/\n {4}at |node_modules|\.cjs/.test(details)) return `it tells of the program: ${details}`;
  return undefined;
}

interface OddCall {
  readonly what: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly told: RegExp;
}

const getJob = "/noctua.v1.JobService/GetJob";
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, "1"]));

const oddCalls: readonly OddCall[] = [
  { what: "another content type", headers: { "content-type": "application/json" }, told: /^HTTP 415$/ },
  {
    what: "content-type grpc-web",
    headers: { "content-type": "application/grpc-web+proto" },
    told: /^HTTP 415$|^INVALID|^OK|^NOT_FOUND/,
  },
  { what: "no te", headers: { te: [] }, told: /^NOT_FOUND$/ },
  { what: "method GET", headers: { ":method": "GET" }, told: /^UNIMPLEMENTED$/ },
  {
    what: "an unknown method",
    headers: { ":path": "/noctua.v1.JobService/NoSuch" },
    told: /^UNIMPLEMENTED$/,
  },
  { what: "an unknown service", headers: { ":path": "/no.Such/Thing" }, told: /^UNIMPLEMENTED$/ },
  { what: "an odd path", headers: { ":path": "*/..//%00" }, told: /^RST PROTOCOL_ERROR$/ },
  {
    what: "a path of 10,000 letters",
    headers: { ":path": `/${"x".repeat(10_000)}` },
    told: /^UNIMPLEMENTED$|RST/,
  },
  ...["", "x", "-1S", "1", "99999999999999999999S", "1e9S", "NaNS", "1.5S"].map((timeout) => ({
    what: `a deadline of "${timeout}"`,
    headers: { "grpc-timeout": timeout },
    told: /^(?:INVALID_ARGUMENT|NOT_FOUND)$/,
  })),
  { what: "a deadline in 30 days", headers: { "grpc-timeout": "2592000S" }, told: /^NOT_FOUND$/ },
  { what: "a deadline in 300 years", headers: { "grpc-timeout": "99999999H" }, told: /^NOT_FOUND$/ },
  { what: "no time at all", headers: { "grpc-timeout": "0n" }, told: /^DEADLINE_EXCEEDED|NOT_FOUND$/ },
  { what: "an unknown encoding", headers: { "grpc-encoding": "zstd" }, told: /^NOT_FOUND|UNIMPLEMENTED$/ },
  { what: "metadata of no base64", headers: { "x-bin": "%%%" }, told: /^NOT_FOUND$/ },
  { what: "a thousand header fields", headers: many(1_000), told: /^NOT_FOUND|RST/ },
  { what: "10,000 header fields", headers: many(10_000), told: /RST|open/ },
  { what: "a header of 1 MB", headers: { "x-long": "x".repeat(1_000_000) }, told: /RST|open/ },
];

export async function odd(door: Door): Promise<Outcome> {
  const tally = new Tally();
  const findings: string[] = [];
  for (const { what, headers, told } of oddCalls) {
    const session = connection(door, "reader");
    const stream = open(session, getJob, headers);
    stream.end(framed(Buffer.from([0x08, 99])));
    const found = await ending(stream, told.test("open") ? oddMs : hangMs);
    tally.add(found.told);
    if (!told.test(found.told)) findings.push(`${what}: found ${found.told}: ${found.details}`);
    session.destroy();
  }
  return { did: `${oddCalls.length} odd calls: ${tally.text()}`, findings };
}

export const fuzzes: readonly Attack[] = [
  { name: "fuzz", run: (door, { seed }) => fuzz(door, { seed, each: 60 }) },
  { name: "odd-calls", run: odd },
];

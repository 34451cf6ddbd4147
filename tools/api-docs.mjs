// docs/api.md from the protos: services, calls, messages, fields and what their comments say.
//
//   node tools/api-docs.mjs      (after a change of proto/; test/docs/api.test.ts holds it)

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMain } from "./setup/is-main.mjs";
import { root } from "./setup/root.mjs";

/** What clients speak; actors and mergers have protos of their own. */
const protos = ["job", "cluster", "types"];
/** Of types.proto, what is for actors and mergers. */
const firstInternal = "message Welcome";

/**
 * The page.
 *
 * @param {string} root
 */
export function apiDocs(root) {
  const parts = protos.map((name) => {
    const path = `proto/noctua/v1/${name}.proto`;
    const text = readFileSync(join(root, path), "utf8");
    const end = text.indexOf(firstInternal);
    return partOf(path, end === -1 ? text : text.slice(0, text.lastIndexOf("}", end) + 1));
  });
  return `${head(readFileSync(join(root, "services/driver/io/rpc-error.ts"), "utf8"))}\n${parts.join("\n")}`;
}

/** What calls are refused with, by reason: the code, when, and what to do. */
const refusals = {
  INVALID_FIELD: [
    "INVALID_ARGUMENT",
    "fields make no sense: `BadRequest` names each of them, of very many the first",
    "mend the request",
  ],
  NO_SUCH_JOB: ["NOT_FOUND", "the run has no such job", "ListJobs tells which there are"],
  NO_SUCH_NODE: ["NOT_FOUND", "no node of that name has joined", "ListNodes tells which have"],
  NOTHING_SUCH: ["NOT_FOUND", "there is nothing that could be explained", "the message says what there is"],
  NOT_POSSIBLE_NOW: [
    "FAILED_PRECONDITION",
    "the job or node does not stand so that it can be done, or the request id was used for something else",
    "the message says how it stands",
  ],
  LIMIT_REACHED: [
    "RESOURCE_EXHAUSTED",
    "a limit of the run, of a job or of a request: `limit` in the metadata of the `ErrorInfo` names it as GetCluster does",
    "the message says what would be less",
  ],
  TOO_MANY_WATCHERS: [
    "RESOURCE_EXHAUSTED",
    "so many clients watch (`limit`: `watches`)",
    "ask now and then instead",
  ],
  TOO_MANY_REQUESTS: [
    "UNAVAILABLE",
    "so many requests wait for the journal",
    "repeat it after the delay in `RetryInfo`",
  ],
  JOURNAL_STALLED: [
    "UNAVAILABLE",
    "the driver can't write its journal, as on a full disk; what is watched goes on when it can, and Explain tells why",
    "repeat it after the delay",
  ],
  DRIVER_STOPS: [
    "UNAVAILABLE",
    "this driver ends, or was replaced",
    "read the address anew, and repeat it after the delay",
  ],
  DRIVER_FAILED: ["INTERNAL", "a mistake of the driver's", "its log tells more"],
};

/** What gRPC itself says, without details. */
const plainCodes = [
  [
    "UNAVAILABLE",
    "no driver is there, or none that is ready: it replays its journal first",
    "read the address anew, and repeat it",
  ],
  [
    "DEADLINE_EXCEEDED",
    "the client's own deadline passed; what was asked may be done all the same",
    "repeat it under its id",
  ],
  ["PERMISSION_DENIED", "the role of the certificate may not do that", "show another"],
  [
    "RESOURCE_EXHAUSTED",
    "more than a call may cost ([limits.md](limits.md)): a message that is too long, is not sent to its end, or is not read",
    "send less, read more",
  ],
  ["UNIMPLEMENTED", "no such call; or messages that are compressed", "send them as they are"],
];

/** @param {string} rpcError */
function head(rpcError) {
  const union = /export type Reason =\n([^;]*);/.exec(rpcError)?.[1] ?? "";
  const reasons = [...union.matchAll(/"(\w+)"/g)].map(([, reason = ""]) => reason);
  const told = Object.keys(refusals);
  if (told.sort().join() !== reasons.sort().join())
    throw new Error(`reasons: expected ${reasons}, found ${told}`);
  const rows = [
    ...Object.entries(refusals).map(([reason, [code, ...rest]]) => [`\`${code}\``, `\`${reason}\``, ...rest]),
    ...plainCodes.map(([code, ...rest]) => [`\`${code}\``, "", ...rest]),
  ];
  return `# The API

Made from \`proto/\` by \`node tools/api-docs.mjs\`: change the comments there.

The driver's port speaks gRPC. Host and port stand in \`<workdir>/driver/address.json\`, which is to be read before each dial; each call
shows a certificate of the run over TLS 1.3, such as \`<workdir>/driver/trust/writer.pem\`: one file with key, certificate and the
certificate of the run's authority, from the driver or from \`noctua credentials\`. The driver is verified by the name
\`driver.<run>.noctua\`, the run standing in the address file. A reader may call what begins with Get, List, Watch or Explain, a writer
everything; what a role may not is answered with \`PERMISSION_DENIED\`. Reflection and health are served to all of them.

**Asking twice is asking once.** What changes something carries a \`request_id\` that the client makes: repeated under the same id, it
is done once, and gets the first answer, also from the next driver. The id of a submission is known as long as the run is; of
other requests, the last 100,000 are. All other calls only read, as of the last commit of the journal, and may be repeated at will.

**Deadlines** are the client's: a call whose deadline has passed ends, and a watch that its client leaves is forgotten.

**Limits** are told by GetCluster. A list comes in pages, each of which says where the next one begins. A page ends before it has 2 MB,
though it have fewer items than were asked for; only a merged file of more than 200,000 spans makes a larger one.

**Errors** have a status code, a message for people, and in \`grpc-status-details-bin\` a \`google.rpc.Status\` with an \`ErrorInfo\` of the
domain \`noctua\` and one of these reasons. Which codes a call of its own may be answered with stands with the call.

| code | reason | when | then |
|---|---|---|---|
${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}
`;
}

/** A page of one proto, line by line: each thing is told when its line comes, with the comment above it. */
class Part {
  /** @type {string[]} */
  out = [];
  /** What the line is in: service, message or enum, and then perhaps a oneof. @type {string[]} */
  within = [];
  hasTable = false;

  /**
   * @param {string} line
   * @param {string} said
   */
  take(line, said) {
    for (const [pattern, tell] of kinds) {
      const match = pattern.exec(line);
      if (match === null) continue;
      tell(this, match, said);
      return;
    }
  }

  /**
   * @param {string[]} match
   * @param {string} said
   */
  begin([line = "", kind = "", name], said) {
    this.out.push(`### ${kind} ${name}\n\n${said}\n`);
    this.hasTable = false;
    if (!line.endsWith("{}")) this.within = [kind];
  }

  /**
   * @param {string[]} match
   * @param {string} said
   */
  field([, type = "", name, number], said) {
    const isEnum = this.within[0] === "enum";
    if (!this.hasTable) this.out.push(`| ${isEnum ? "value | number" : "field | type"} | |\n|---|---|---|`);
    this.hasTable = true;
    const one = this.within.length > 1 ? ` (one of \`${this.within.at(-1)}\`)` : "";
    this.out.push(`| \`${name}\` | ${isEnum ? number : `${type}${one}`} | ${said} |`);
  }

  end() {
    this.within.pop();
    if (this.within.length === 0 && this.hasTable) this.out.push("");
  }
}

/** What a line may be, and who is told. @type {readonly [RegExp, (part: Part, match: string[], said: string) => void][]} */
const kinds = [
  [/^(service|message|enum) (\w+) \{\}?/, (part, match, said) => part.begin(match, said)],
  [/^oneof (\w+) \{/, (part, [, name = ""]) => void part.within.push(name)],
  [
    /^rpc (\w+)\((.*)\) returns \((.*)\);/,
    (part, [, name, asked, told], said) => part.out.push(`- **${name}** (${asked}) → ${told}: ${said}\n`),
  ],
  [/^(?:(?!option )([\w.<>, ]+) )?(\w+) = (\d+);/, (part, match, said) => part.field(match, said)],
  [/^\}$/, (part) => part.end()],
];

/**
 * @param {string} path
 * @param {string} text
 */
function partOf(path, text) {
  const part = new Part();
  /** @type {string[]} */
  let comment = [];
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line.startsWith("//")) {
      comment.push(line.replace(/^\/\/ ?/, ""));
      continue;
    }
    const said = comment.join(" ").replaceAll(/ +/g, " ").replaceAll("|", "\\|").trim();
    if (line.startsWith("syntax")) part.out.push(`## \`${path}\`\n\n${said}\n`);
    else part.take(line, said);
    comment = [];
  }
  return part.out.join("\n");
}

if (isMain(import.meta.url)) writeFileSync(join(root, "docs/api.md"), apiDocs(root));

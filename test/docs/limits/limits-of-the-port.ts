// Who comes to the driver's port, and what he sends.

import type { LimitGroup } from "./limit.js";

const io = "services/driver/io";
const attacked = "test/attack/bounds.test.ts";

export const limitsOfThePort: LimitGroup = {
  title: "Connections and messages",
  limits: [
    {
      what: "connections to the driver that have shown no credential",
      of: [`${io}/listener.ts`, "newcomersMax"],
      told: "a quarter of its file descriptors, at most {}",
      then: "the oldest is ended to make room",
      test: [
        `${io}/listener.test.ts`,
        "strangers who say nothing, or half a word, get no more than their quarter of the descriptors (L1)",
      ],
    },
    {
      what: "silence in a handshake",
      of: [`${io}/listener.ts`, "handshakeMsMax"],
      then: "the connection is ended",
      test: [`${io}/listener.test.ts`, "who begins a handshake and goes no further is let go (L2)"],
    },
    {
      what: "connections of readers and writers",
      of: [`${io}/listener.ts`, "clientsMax"],
      told: "an eighth of what is left, at most {}",
      then: "who has opened most gives way, with its newest, to who has fewer; who has most is refused",
      test: [
        `${io}/listener.test.ts`,
        "clients get an eighth of the connections, and keep no actor and no merger out (L3)",
      ],
    },
    {
      what: "connections of actors and mergers",
      told: "what is left of three quarters of the file descriptors",
      then: "the same",
      test: [
        `${io}/listener.test.ts`,
        "of actors with one credential, who opens most makes room for other nodes (L3)",
      ],
    },
    {
      what: "a credential in use",
      told: "its own end",
      then: "its calls and streams end with `UNAUTHENTICATED`, its connections a second later",
      test: [
        `${io}/credential-ends.test.ts`,
        "sessions and watches end with their credential, by a status that says so, and others go on (E1)",
      ],
    },
    {
      what: "a service's connections for health and metrics",
      of: ["services/shared/io/http-server.ts", "connectionsMax"],
      then: "the oldest is ended to make room",
      test: [
        "services/shared/io/http-server.test.ts",
        "who says nothing keeps nobody out, and does not hold up the end",
      ],
    },
    {
      what: "requests of one of these connections; their bodies",
      of: ["services/shared/io/http-server.ts", "requestsMax"],
      told: "{}; none",
      then: "answered so, and the connection ends",
      test: [
        "services/shared/io/http-server.test.ts",
        "who sends a body, asks for what there is not, or asks on and on, is told so and let go (H2)",
      ],
    },
    {
      what: "until such a request must be whole, and its answer read",
      of: ["services/shared/io/http-server.ts", "requestMsMax"],
      then: "the connection is ended",
      test: [
        "services/shared/io/http-server.test.ts",
        "who does not bring a request to its end is let go (H2)",
      ],
    },
    {
      what: "a message",
      of: ["services/shared/io/trust/limits.ts", "messageBytesMax"],
      told: "{} of submissions and additions; of others, see calls",
      then: "its call ends with `RESOURCE_EXHAUSTED`",
      test: [attacked, "a question that is too long is not read, and one of too many parts neither"],
    },
    {
      what: "messages that wait for an actor or a merger that does not read",
      of: [`${io}/streams.ts`, "waitingMax"],
      then: "its stream ends with `RESOURCE_EXHAUSTED`; its next hello makes up for what it missed",
      test: [`${io}/streams.test.ts`, "waits not without end: a peer that reads nothing is cut off (T2, P7)"],
    },
    {
      what: "what was said to the driver and waits for its turn",
      of: [`${io}/mailbox.ts`, "roomMax"],
      then: "streams are not read until there is room",
      test: [
        `${io}/mailbox.test.ts`,
        "who can wait is asked to when much lies in the box, until it is taken (P7)",
      ],
    },
    {
      what: "of it, what one turn takes",
      of: [`${io}/mailbox.ts`, "takenMax"],
      then: "the rest waits for the next turn",
      test: [`${io}/mailbox.test.ts`, "at most so many are taken at once as fit into one commit"],
    },
    {
      what: "inputs that one message tells an actor or a merger of",
      of: [`${io}/saying.ts`, "extensionInputsMax"],
      then: "the rest comes in the next one",
      test: [`${io}/saying.test.ts`, "comes with added inputs in pieces, each of which says where it begins"],
    },
    {
      what: "outputs that one message tells a merger of",
      of: [`${io}/saying.ts`, "mergeOutputsMax"],
      then: "the rest comes in the next one",
      test: [
        `${io}/saying.test.ts`,
        "comes with a long merge group in parts, each of which says how much came ahead of it",
      ],
    },
    {
      what: "grants that a hello names",
      of: [`${io}/session-gateway.ts`, "heldMax"],
      then: "the stream ends with `INVALID_ARGUMENT`",
      test: [`${io}/session-gateway.test.ts`, "names more grants than any node can hold, in pieces"],
    },
    {
      what: "ranges that a hello or a return names",
      of: ["services/driver/core/rules.ts", "namedRangesMax"],
      then: "the stream ends with `INVALID_ARGUMENT`",
      test: [
        "services/driver/core/decide/decide-session.test.ts",
        "that names more ranges than any node can hold is malformed (P7)",
      ],
    },
    {
      what: "letters of a name of an actor, a merger or a node",
      of: [`${io}/wire-session.ts`, "nameLengthMax"],
      then: "the stream ends with `INVALID_ARGUMENT`",
      test: [`${io}/session-gateway.test.ts`, "has too long a name"],
    },
    {
      what: "jobs that a heartbeat tells of",
      of: [`${io}/wire-session.ts`, "runningJobsMax"],
      then: "an actor tells of the others next; from somebody else, the stream ends with `INVALID_ARGUMENT`",
      test: [`${io}/session-gateway.test.ts`, "tells of more jobs than it may at once"],
    },
    {
      what: "jobs of which it tells how slots spent their time",
      of: ["services/shared/io/wire-slot-times.ts", "jobsMax"],
      then: "the same",
      test: [`${io}/wire-session.test.ts`, "how the slots of too many jobs spent their time"],
    },
    {
      what: "letters in which it says why results wait",
      of: ["services/shared/core/peer-message.ts", "waitsForMax"],
      then: "an actor or a merger leaves out the end; from somebody else, the stream ends with `INVALID_ARGUMENT`",
      test: [`${io}/wire-session.test.ts`, "at length why results wait"],
    },
    {
      what: "the size of an output that is reported",
      of: ["services/driver/core/state/range-page.ts", "outputBytesMax"],
      told: "256 TB",
      then: "the stream ends with `INVALID_ARGUMENT`",
      test: ["services/driver/core/decide/decide-results.test.ts", '"a size beyond 48 bits"'],
    },
    {
      what: "labels of a node, or that a job requires",
      of: ["services/shared/core/labels.ts", "labelsMax"],
      then: "refused, naming the field",
      test: [
        "services/shared/core/labels.test.ts",
        "labels are few and short, and the flaw says what was expected and found",
      ],
    },
    {
      what: "merges of one merger that the driver tells of",
      of: [`${io}/merge-news.ts`, "mergesOfStreamMax"],
      then: "the others are not told of",
      test: [
        `${io}/merge-news.test.ts`,
        "so many are told, and of one stream no more are kept than a merger has slots (E3)",
      ],
    },
  ],
};

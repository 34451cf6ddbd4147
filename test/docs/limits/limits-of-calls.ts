// What calls of whoever has a credential may cost the driver. `npm run attack` comes to all of them at once.

import type { LimitGroup, Place } from "./limit.js";

const io = "services/driver/io";
const letGo = "is let go with `RESOURCE_EXHAUSTED`";

const test = (title: string): Place => ["test/attack/bounds.test.ts", title];
const bound = (name: string): Place => [`${io}/limits-of-calls.ts`, name];
const tooLong = test("a question that is too long is not read, and one of too many parts neither");

export const limitsOfCalls: LimitGroup = {
  title: "Calls",
  limits: [
    {
      what: "calls that are open on one connection",
      of: bound("streamsPerConnectionMax"),
      then: "a client waits with others, as HTTP/2 tells it to",
      test: test("one connection has so many calls, and others wait"),
    },
    {
      what: "sessions on one connection",
      of: [`${io}/calls.ts`, "sessionsPerConnectionMax"],
      then: "`RESOURCE_EXHAUSTED`",
      test: test("one connection has a few sessions, and makes room when one of them ends (C5)"),
    },
    {
      what: "calls that are answered at a time",
      of: bound("answeredMax"),
      then: "the others wait; connections take turns",
      test: [`${io}/call-gate.test.ts`, "connections take turns, whoever asked more (G2)"],
    },
    {
      what: "sessions that begin at a time",
      of: bound("sessionsBeginningMax"),
      then: "the others wait; neither they nor clients wait for each other",
      test: [`${io}/server.test.ts`, "joins as an actor, also while all other calls wait (C2)"],
    },
    {
      what: "bytes of a message of an actor or a merger",
      of: [`${io}/wire-reading.ts`, "sessionMessageBytesMax"],
      then: "the stream ends with `RESOURCE_EXHAUSTED`",
      test: tooLong,
    },
    {
      what: "bytes of a request, save of SubmitJob and AddRanges",
      of: [`${io}/wire-reading.ts`, "questionMessageBytesMax"],
      then: "`RESOURCE_EXHAUSTED`",
      test: tooLong,
    },
    {
      what: "messages within one",
      of: [`${io}/wire-reading.ts`, "messagePartsMax"],
      then: "`RESOURCE_EXHAUSTED`",
      test: tooLong,
    },
    {
      what: "numbers within one, and lengths and tags",
      of: [`${io}/wire-reading.ts`, "messageWordsMax"],
      then: "`RESOURCE_EXHAUSTED`",
      test: [
        `${io}/wire-reading.test.ts`,
        "a message of too many numbers is not read, though its size is allowed (W3, P7)",
      ],
    },
    {
      what: "bytes of messages that are not whole, of all calls",
      of: bound("receivingBytesMax"),
      then: `the call that has waited longest for its rest ${letGo}`,
      test: test(
        "what is not whole takes no more room than there is: who has waited longest makes room (B1)",
      ),
    },
    {
      what: "until a message must be whole, and until something must be read of what was sent",
      of: bound("patienceMs"),
      then: `the call ${letGo}`,
      test: test("a message that does not become whole is given up, and nobody else's call with it (B1)"),
    },
    {
      what: "bytes that are sent and not read, of all calls",
      of: bound("unreadBytesMax"),
      then: `who has read nothing for five seconds ${letGo}, the longest first`,
      test: test("who has read nothing for a while makes room when there is none (B2)"),
    },
    {
      what: "until the caller of a call that is answered must end it",
      of: bound("unreadMs"),
      then: "it is ended for him",
      test: test("a call that is answered is over though its caller goes on (B3)"),
    },
    {
      what: "until a watcher is told again",
      of: [`${io}/watch-room.ts`, "intervalOfOneMs"],
      told: "{} for each watcher there is, and at least 100 ms",
      then: "states between are passed over, and never the last one",
      test: [
        `${io}/watch-room.test.ts`,
        "where many watch each is told less often, and as often as ever when they have left (R2)",
      ],
    },
    {
      what: "questions of one reflection call that are taken up before their answers are read",
      of: [`${io}/calls.ts`, "questionsMax"],
      then: "the call is not read further",
      test: test("of a stream of questions a few are taken up before their answers are read (C3)"),
    },
  ],
};

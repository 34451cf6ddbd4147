// What the command line of a benchmark says.

import { tmpdir } from "node:os";
import { parseArgs } from "node:util";

const usage = `usage: npm run bench -- dispatch | recover | memory | feed | merge | report | shutdown [options]
  all       --folder FOLDER   where workdirs are made, which decides the file system (default: the system's temporary one)
            --driver FILE     the driver's bundle (default: the one in dist/)
            --node-flags LIST for the driver's process, with commas between
            --json FILE       writes conditions and figures there too
  dispatch  --seconds N       measured, for each variant (default 4)
            --warm-up N       seconds before (default 2)
            --actors LIST     (default 1,100,1000)
            --results LIST    results in a message (default 100,1)
            --window N        messages of results that an actor has in flight (default 2)
            --ranges N        of the job (default 100000000)
            --profile FOLDER  keeps CPU profiles of the driver, and prints where its time goes
  recover   --ranges N        completed (default 10000000)
            --profile FOLDER
  memory    --ranges N        of the job (default 100000000)
            --complete N      of them (default 3000000)
            --merge-every N   outputs of a merge group (default: nothing is merged)
            --snapshot-after SIZE
  feed      --slots N         of the actor (default 2)
            --seconds N       measured at least, for each event time (default 4), after --warm-up N (default 2)
            --events-min N    measured at least (default 200)
            --stream LIST     event times in ms (default 0,0.1,0.2,0.5,1,2,5,10,20)
            --exec LIST       for exec and xargs (default 0,1,2,5,10,20,50,100); none when empty
            --spin            events compute, instead of sleeping
            --scratch FOLDER  of the actor (default: beside the workdir)
            --profile FOLDER  keeps CPU profiles of the actor; --node-flags are the actor's
  merge     --merge-slots N   of the merger (default 1); --node-flags are the merger's
            --groups LIST     of four small outputs, to see what a group costs (default 100,10000)
            --percent N       of the usual groups (default 100)
            --million         one group of a million outputs instead, by hand: it takes minutes
  report    --percent N       of the usual ranges (default 100)
  shutdown  --situations LIST such as "idle,no driver" (default: all)
`;

const benchNames = ["dispatch", "recover", "memory", "feed", "merge", "report", "shutdown"] as const;
export type BenchName = (typeof benchNames)[number];

export interface BenchArguments {
  readonly bench: BenchName;
  readonly folder: string;
  readonly program: string | undefined;
  readonly nodeFlags: readonly string[];
  readonly json: string | undefined;
  readonly profileFolder: string | undefined;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly actors: readonly number[];
  readonly results: readonly number[];
  readonly window: number;
  /** Default: what the benchmark has. */
  readonly ranges: number | undefined;
  readonly complete: number;
  readonly mergeEvery: number | undefined;
  readonly snapshotAfter: string | undefined;
  /** Of the usual size. */
  readonly percent: number;
  readonly feed: FeedArguments;
  readonly merge: MergeArguments;
  /** None: all. */
  readonly situations: readonly string[];
}

interface MergeArguments {
  readonly slots: number;
  readonly million: boolean;
  readonly groups: readonly number[];
}

interface FeedArguments {
  readonly slots: number;
  readonly eventsMin: number;
  readonly streamMs: readonly number[];
  readonly execMs: readonly number[];
  readonly isSpinning: boolean;
  readonly scratch: string | undefined;
}

/** Throws with the usage when the words make no sense. */
export function parseBenchArguments(words: readonly string[]): BenchArguments {
  const { positionals, values } = parseArgs({ args: [...words], allowPositionals: true, options });
  const [bench] = positionals;
  if (!isBenchName(bench) || positionals.length > 1) throw new Error(usage);
  const mergeEvery = values["merge-every"];
  return {
    bench,
    folder: values.folder,
    program: values.driver,
    nodeFlags: values["node-flags"]?.split(",") ?? [],
    json: values.json,
    profileFolder: values.profile,
    seconds: numberOf("--seconds", values.seconds),
    warmUpSeconds: numberOf("--warm-up", values["warm-up"]),
    actors: countsOf("--actors", values.actors),
    results: countsOf("--results", values.results),
    window: countOf("--window", values.window),
    ranges: values.ranges === undefined ? undefined : countOf("--ranges", values.ranges),
    complete: countOf("--complete", values.complete),
    mergeEvery: mergeEvery === undefined ? undefined : countOf("--merge-every", mergeEvery),
    snapshotAfter: values["snapshot-after"],
    percent: countOf("--percent", values.percent),
    feed: {
      slots: countOf("--slots", values.slots),
      eventsMin: countOf("--events-min", values["events-min"]),
      streamMs: numbersOf("--stream", values.stream),
      execMs: numbersOf("--exec", values.exec),
      isSpinning: values.spin,
      scratch: values.scratch,
    },
    merge: {
      slots: countOf("--merge-slots", values["merge-slots"]),
      groups: countsOf("--groups", values.groups),
      million: values.million,
    },
    situations: values.situations === "" ? [] : values.situations.split(","),
  };
}

const text = { type: "string" } as const;

const options = {
  folder: { ...text, default: tmpdir() },
  driver: text,
  "node-flags": text,
  json: text,
  profile: text,
  seconds: { ...text, default: "4" },
  "warm-up": { ...text, default: "2" },
  actors: { ...text, default: "1,100,1000" },
  results: { ...text, default: "100,1" },
  window: { ...text, default: "2" },
  ranges: text,
  complete: { ...text, default: "3000000" },
  "merge-every": text,
  "snapshot-after": text,
  slots: { ...text, default: "2" },
  "events-min": { ...text, default: "200" },
  stream: { ...text, default: "0,0.1,0.2,0.5,1,2,5,10,20" },
  exec: { ...text, default: "0,1,2,5,10,20,50,100" },
  spin: { type: "boolean", default: false },
  scratch: text,
  "merge-slots": { ...text, default: "1" },
  groups: { ...text, default: "100,10000" },
  million: { type: "boolean", default: false },
  percent: { ...text, default: "100" },
  situations: { ...text, default: "" },
} as const;

function isBenchName(name: string | undefined): name is BenchName {
  return benchNames.some((known) => known === name);
}

function countsOf(option: string, list: string): number[] {
  return list.split(",").map((word) => countOf(option, word));
}

/** None when the list is empty. */
function numbersOf(option: string, list: string): number[] {
  return list === "" ? [] : list.split(",").map((word) => numberOf(option, word));
}

function countOf(option: string, word: string): number {
  const count = numberOf(option, word);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new Error(`${option}: expected a whole number from 1, found ${word}\n${usage}`);
}

function numberOf(option: string, word: string): number {
  const number = Number(word);
  if (word.trim() !== "" && Number.isFinite(number) && number >= 0) return number;
  throw new Error(`${option}: expected a number from 0, found ${word}\n${usage}`);
}

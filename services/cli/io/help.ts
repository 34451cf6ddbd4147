// What `--help` teaches.

export const about =
  "Noctua runs many independent events on many cores, and fuses their outputs while it does: every event once, whatever fails.";

export const services = {
  driver: "keep the books of a run (its own options: noctua driver --help)",
  actor: "keep the cores of a node fed (noctua actor --help)",
  merger: "fuse outputs into merged files (noctua merger --help)",
} as const;

export const afterAll = `
Begin here:
  noctua run job.yaml --workdir work         everything on this machine
  noctua verify --workdir work               is every event in one merged file, once?

The same by parts, each on a machine of its own that shares the workdir:
  noctua driver --workdir work
  noctua actor  --workdir work --name node1 --slots 8
  noctua merger --workdir work --name node1 --slots 1
  noctua submit job.yaml --workdir work --wait

Exit codes:
  0   done; the job is finished; nothing wrong was found
  1   the job has failed, wholly or in part; verify found something wrong
  2   the job is not over
  64  the command or the job file is wrong
  69  no driver answers, or a service could not be kept running
  70  a mistake of Noctua's own
`;

export const run = `
A job file:
  name: drell-yan
  inputs:
    - { path: input/drell-yan-1.lhe, events: 200 }
    - { path: input/drell-yan-2.lhe, events: 200 }
  eventsPerRange: 1                            # default 1
  payload:
    kind: exec
    command: [node, "{jobDir}/simulate.mjs", --input, "{input}", --first, "{first}", --last, "{last}", --output, "{output}"]
    timeout: 60s                               # of one range; default 1h
  #        or a process that lives for many ranges, which it is told of over pipes:
  #        { kind: stream, command: [program], slots: 1 (of one process, or all), startTimeout: 5m, timeout: 1h }
    environment: { LIB: "{jobDir}/lib" }       # variables that it gets; default none. No secrets
    passEnvironment: [X509_USER_PROXY]         # variables that it gets as its actor has them; default none
    cores: 1                                   # slots of its node that a range takes; default 1
    setup: { command: [program], timeout: 10m } # run once on a node before the first range there; default none
    stageIn: false                             # true: {input} is a copy on the node's scratch; default false
    pin: none                                  # or cores: kept to the cores of its slot by taskset; default none
  requires: { site: cern }                     # labels that a node must have; default none
  variants:                                    # other payloads, for nodes that have these labels; default none
    - { requires: { arch: arm64 }, payload: { kind: exec, command: ["{jobDir}/simulate-arm", "{first}", "{output}"] } }
  output: { suffix: .jsonl }                   # default none
  merge: { every: 100, kind: concat }          # or { kind: tar }, or { kind: command, command: [hadd, "{output}", "@{inputs}"] };
                                               # defaults: every 100, concat, attempts 3, timeout 1h
  #        maxDelay: 5m                          a smaller merged file when an output has waited so long; default none
  #        grouping: range, acrossFiles: true    ranges that follow each other, the same in every run; default arrival
  #      every: all, for one file; merge: none, to leave outputs as they are
  #        count: [count-events, "{output}"]     prints first how many events are in a merged file: others than it should fail it
  #        check: [rootls, "{output}"]           ends with 0 when a merged file is good; default: neither
  retry:
    attempts: 3                                # tries of a range; default 3
    backoff: { first: 1s, last: 60s }          # wait before the next, doubled each time; default 1s, 60s
    rules:                                     # what an end means; the first that fits counts; default none
      - { exitCodes: [2, 3], class: event }    # transient: again; node: elsewhere; event: it is bad; fatal: stop
      - { signals: [SIGXCPU], timeout: true, class: transient }
  priority: 0                                  # jobs of a higher one are served first; default 0
  open: false                                  # true: inputs may be added until noctua close; default false
  speculation: { enabled: true, factor: 2 }    # copies of what runs so many times as long as the rest; default on, 2
  durability: strict                           # or relaxed; default strict

Paths are relative to the job file. In the payload's command {input}, {first}, {last}, {output} and {jobDir} are filled
in, in a merge command {inputs} (a file with one path a line), {output}, {guid} (of the merged file) and {jobDir}, in count and
check {output} and {jobDir}. No shell reads them.

Examples:
  noctua run job.yaml
  noctua run job.yaml --workdir /data/run1 --slots 16

Press Ctrl-C once to stop in order, twice to stop at once; the same command goes on with the job. A changed job file or
input is refused: choose another workdir for it. The services' logs are <workdir>/logs/*.log.
`;

export const submit = `
Examples:
  noctua submit job.yaml --workdir work                      prints "job 1"
  noctua submit job.yaml --workdir work --wait               exit code 0 when it finished, 1 when it failed
  noctua submit job.yaml --workdir work --request-id night7  safe to repeat: one id is one job
`;

export const add = `
The job was submitted with  open: true  in its job file. It ends when it was closed (noctua close) and all is done.

Examples:
  noctua add 1 more.lhe --events 200 --workdir work          events 1 to 200 of that file
  noctua add 1 --from more.yaml --workdir work               more.yaml:  inputs: [{ path: more.lhe, events: 200 }]
  noctua close 1 --workdir work
`;

export const status = `
In the bar # is merged, = is done, x has failed, . is to do.

Examples:
  noctua status --workdir work
  noctua status 1 --workdir work
  noctua status --workdir work --json | jq .jobs[0].ranges
`;

export const explain = `
The first line is the answer; what it rests on stands below, and after => what can be done about it.

Examples:
  noctua explain 1 --workdir work                            why is the job not going on?
  noctua explain 1 17 --workdir work                         where is range 17 of job 1?
  noctua explain 1 --event input/2.lhe:5 --workdir work      where is event 5 of that input file?
  noctua explain --node n07 --workdir work                   why does that node do nothing?
`;

export const logs = `
It asks no driver: it reads <workdir>/jobs/<job>/logs. Without a range it shows the last failures, or what was written last.
What would move a terminal's cursor or change its colours is shown as ^[ and the like. A slot keeps its last one to two
megabytes, and of each run the first 64 kB.

Examples:
  noctua logs 1 --workdir work                               what did the last failures write?
  noctua logs 1 17 --workdir work                            all that was written of range 17, try after try
  noctua logs 1 --event input/2.lhe:5 --workdir work         of the range with event 5 of that input file
  noctua logs 1 --node n07 --follow --workdir work           what is written on that node, as it comes
  noctua logs 1 17 --raw --workdir work > range17.txt        its bytes as they are
`;

export const report = `
It asks no driver: it reads <workdir>/jobs/<job>/report.json, which is written each half minute while the job is at work,
and when it is over. Long lists stand beside it, one JSON object a line: ranges.jsonl (where each range is), merged.jsonl,
kept.jsonl (merges that were given up) and failures.jsonl. docs/report.md tells what is in them.

Examples:
  noctua report 1 --workdir work             exit code 0 when it finished, 1 when it failed, 2 while it is not over
  noctua report 1 --workdir work --json | jq .ranges
  jq -c 'select(.state == "failed")' work/jobs/1/ranges.jsonl
`;

export const verify = `
It asks no driver: it computes the ranges of the job anew, reads every merged file, and looks for files that should not
be there.

Examples:
  noctua verify --workdir work
  noctua verify --workdir work --job 1 --json
`;

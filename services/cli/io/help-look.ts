// What `--help` teaches of explain, logs, report and verify.

export const explain = `
The first line is the answer; what it rests on stands below, and after => what
can be done about it.

Examples:
  noctua explain 1 --workdir work           why is the job not going on?
  noctua explain 1 17 --workdir work        where is range 17 of job 1?
  noctua explain 1 --event input/2.lhe:5 --workdir work
                                            where is event 5 of that input file?
  noctua explain --node n07 --workdir work  why does that node do nothing?
`;

export const logs = `
It asks no driver: it reads <workdir>/jobs/<job>/logs. Without a range it shows
the last failures, or what was written last. What would move a terminal's cursor
or change its colours is shown as ^[ and the like. A slot keeps its last one to
two megabytes, and of each run or command the first 64 kB.

Examples:
  noctua logs 1 --workdir work            what did the last failures write?
  noctua logs 1 17 --workdir work         all that was written of range 17
  noctua logs 1 --event input/2.lhe:5 --workdir work
                                          of the range that has this event
  noctua logs 1 --merge --workdir work    what did the last failed merges write?
  noctua logs 1 --merge 3 --workdir work  all of the merges of group 3
  noctua logs last --node n07 --follow --workdir work
                                          what is written there, as it comes
  noctua logs 1 17 --raw --workdir work > range17.txt
                                          its bytes as they are
`;

export const report = `
It asks no driver: it reads <workdir>/jobs/<job>/report.json, which is written
each half minute while the job is at work, and when it is over. Long lists stand
beside it, one JSON object a line: ranges.jsonl (where each range is),
merged.jsonl, kept.jsonl (merges that were given up), outputs.jsonl (those that
stay) and failures.jsonl; docs/report.md tells more.
Exit code 0 when it finished, 1 when it failed, 2 while it is not over.

Examples:
  noctua report 1 --workdir work
  noctua report 1 --workdir work --json | jq .ranges
  jq -c 'select(.state == "failed")' work/jobs/1/ranges.jsonl
`;

export const verify = `
It asks no driver: it computes the ranges of the job anew, reads every merged
file, and looks for files that should not be there.

Examples:
  noctua verify --workdir work
  noctua verify 1 --workdir work --json
`;

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
  noctua init                                a job.yaml that runs as it stands
  noctua check job.yaml                      what is wrong, or what it would run
  noctua run job.yaml --workdir work         everything on this machine
  noctua verify --workdir work               is every event in one file, once?

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
A job file, which noctua init writes with comments:
  name: drell-yan
  inputs:
    - { path: "input/*.lhe", events: 200 }   # events: a number, or how to count
  eventsPerRange: 10                         # that a payload is given at a time
  payload:
    kind: exec                               # or stream: lives for many ranges
    command: ["{jobDir}/simulate", "{input}", "{first}", "{last}", "{output}"]
    timeout: 10m                             # of a range
  output: { suffix: .jsonl }
  merge: { every: 100, kind: concat }        # or tar, or a command such as hadd
  retry: { attempts: 3, rules: [{ exitCodes: [2], class: event }] }

It may say more: requires, variants, outputs, speculation, durability, priority,
open; and of a payload environment, cores, setup, stageIn, pin. Every field with
its default is in docs/job-file.md, and in the JSON Schema that noctua init puts
beside a job file, for editors.

Paths are relative to the job file. What stands in braces is filled in; no shell
reads a command.

Examples:
  noctua run job.yaml
  noctua run job.yaml --workdir /data/run1 --slots 16

Press Ctrl-C once to stop in order, twice to stop at once; the same command goes
on with the job. A changed job file or input is refused: choose another workdir
for it. The services' logs are <workdir>/logs/*.log.
`;

export const init = `
It writes a job file full of comments, whose payload copies lines, so that it
runs on any machine; and beside it the JSON Schema by which editors complete and
check job files. Nothing of yours is written over.

Examples:
  noctua init && noctua run job.yaml
  noctua init night7.yaml
  noctua init --kind stream          a payload that is started once (JavaScript)
`;

export const check = `
It asks no driver, and runs only commands that count events. All mistakes are
told at once, each with its line. Exit code 0 for a good file, 64 for another.

Examples:
  noctua check job.yaml
  noctua check job.yaml --json | jq .job.ranges
  noctua check job.yaml --json | jq -r '.mistakes[].field'
`;

export const submit = `
It prints the number of the job. With --wait, exit code 0 when it finished, 1
when it failed, wholly or in part. One request id is one job, so that it is safe
to repeat.

Examples:
  noctua submit job.yaml --workdir work
  noctua submit job.yaml --workdir work --wait
  noctua submit job.yaml --workdir work --request-id night7
  job=$(noctua submit job.yaml --workdir work --json | jq .job)
`;

export const add = `
The job was submitted with  open: true  in its job file. It ends when it was
closed (noctua close) and all is done. A list of inputs is as in a job file:
  inputs: [{ path: more.lhe, events: 200 }]

Examples:
  noctua add 1 more.lhe --events 200 --workdir work      events 1 to 200 of it
  noctua add 1 'more/*.lhe' --events 200 --workdir work  of all that fit
  noctua add last --from more.yaml --workdir work        those that it lists
  noctua close 1 --workdir work
`;

export const status = `
In the bar # is merged, = is done, x has failed, > is held by actors, . waits.

Examples:
  noctua status --workdir work
  noctua status 1 --workdir work
  noctua status --workdir work --json | jq .jobs[0].ranges
`;

export const list = `
DONE ranges need nothing more, merged or not; RUN is held by actors; SINCE is
how long ago a job was submitted; INFO what is most worth knowing of it.

Examples:
  noctua list --workdir work
  noctua list 1,3,5-8 --workdir work
  noctua list --workdir work --json | jq '.jobs[].ranges.failed'
`;

export const watch = `
A line for each job, redrawn in place on a terminal; in a pipe a line when there
is news. In the bar # is merged, = is done, x has failed, > is held by actors,
and . waits; (1h59m left) is the wall time of the nodes. It goes on when the
driver is started anew. At most 1000 jobs that are not over. Exit codes as of
wait.

Examples:
  noctua watch --workdir work                      the last job
  noctua watch all --workdir work
  noctua watch 3 --workdir work --output jsonl     an update a line
`;

export const wait = `
Exit code 0 when all finished, 1 when one of them failed, wholly or in part, or
was cancelled; 2 when the time is up before.

Examples:
  noctua wait --workdir work                       the last job
  noctua wait 1,3 --workdir work --timeout 1h30m
  noctua wait all --workdir work && echo done
`;

/** Of cancel, pause, resume, retry, close. */
export function controlHelp(asked: string): string {
  return `
\`all\` are those of which it can be asked as they stand. Each is asked by itself:
exit code 1 when one of several refuses.

Examples:
  noctua ${asked} 3 --workdir work
  noctua ${asked} last --workdir work
  noctua ${asked} 1,3,5-8 --workdir work --request-id night7    safe to repeat
`;
}

export const nodes = `
BUSY are slots with a range, of all; HELD are ranges that its actors have; DONE
and MERGED what came of it there; LEFT is what is left of its wall time. A node
is at work, idle, draining, drained, quarantined, or away.

Examples:
  noctua nodes --workdir work
  noctua nodes --workdir work --json | jq -r '.nodes[].name'
`;

export const top = `
Jobs that are not over stand first, and of nodes those that are worst off; what
does not fit into the terminal is counted. q or Ctrl-C ends it. In a pipe it is
printed once. Columns are those of list and nodes.

Examples:
  noctua top --workdir work
  noctua top --workdir work --interval 10s
  watch -n 60 noctua top --workdir work        where nothing can be rewritten
  noctua top --workdir work --json | jq .slotsBusy
`;

export const credentials = `
A reader may look, a writer may also submit, control and drain; an actor or a
merger may join the run. Give the folder to whom it is for, and to nobody else:
it serves as --workdir for commands that ask the driver. It names the driver's
port, so let that be a fixed one (noctua driver --port) if the folder is to
outlive a restart.

The one file driver/trust/ROLE.pem in it holds key, certificate and the
certificate of the run's authority: curl, Prometheus and gRPC take it for each
of the three. The driver is known by the name driver.RUN.noctua.

Examples:
  noctua credentials ./for-grafana --workdir work --valid 20d
  noctua credentials ./for-harvester --workdir work --role writer --valid 8h
  noctua list --workdir ./for-grafana
`;

export const drain = `
What waits there goes back at no cost, what runs is finished, and its processes
stay. It holds until noctua undrain, also when they or the driver start anew.
Exit code 2 when the time of --timeout is up before they are drained.

Examples:
  noctua drain n07 --workdir work --reason "disk is slow"
  noctua drain n07 n08 --workdir work --wait && reboot-nodes n07 n08
  noctua drain n07 --workdir work --timeout 30m
`;

export const undrain = `
Examples:
  noctua undrain n07 --workdir work
`;

export const completion = `
Commands, their options and what these may be; it asks no driver.

Examples:
  source <(noctua completion bash)          in ~/.bashrc
  source <(noctua completion zsh)           in ~/.zshrc, after compinit
  noctua completion fish > ~/.config/fish/completions/noctua.fish
`;

export const config = `
A flag says a setting, else a variable, else the settings file (--config, else
NOCTUA_CONFIG, else <workdir>/noctua.yaml), else it has its default. Exit code
64 when there are mistakes. docs/configuration.md has all settings.

Examples:
  noctua config --workdir work
  NOCTUA_ACTOR_SLOTS=8 noctua config actor --workdir work
`;

export const bench = `
It runs events that do nothing but take their time, as \`noctua run\` would: first
without outputs, then with a file of 1 kB each, stored and merged. Everything is
in a new folder, whose disk it measures too, and which it removes.

Examples:
  noctua bench
  noctua bench --folder /lustre/me --event-time 100ms --time 30s
  noctua bench --event-time 0ms --json | jq '.runs[].eventsPerSecond'
`;

// For tests: clients of the driver's port that speak the generated protocol, on real sockets.

import {
  credentials,
  status,
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type StatusObject,
} from "@grpc/grpc-js";
import {
  ActorHello,
  ActorServiceClient,
  type ActorSessionRequest,
  type ActorSessionResponse,
} from "../../../gen/noctua/v1/actor.js";
import { ClusterServiceClient, NodeState, type ListNodesResponse } from "../../../gen/noctua/v1/cluster.js";
import {
  JobServiceClient,
  JobState,
  SubmitJobRequest,
  type JobStatus,
  type WatchJobResponse,
  type WatchJobsResponse,
} from "../../../gen/noctua/v1/job.js";
import {
  MergerHello,
  MergerServiceClient,
  type MergerSessionRequest,
  type MergerSessionResponse,
} from "../../../gen/noctua/v1/merger.js";
import { Heartbeat, RunningEvents } from "../../../gen/noctua/v1/types.js";
import { present } from "../../shared/core/assert.js";
import { credentialDialing, type Dialing } from "../../shared/io/trust/dialing.js";
import type { PeerTrust } from "../../shared/io/trust/testing-trust.js";

type Case<Message, Name> = Extract<Message, { readonly $case: Name }>;

/** Where the driver is, and by which credentials; undefined for a client that has none. */
export interface DriverPort {
  readonly port: number;
  readonly trust: PeerTrust | undefined;
}

type Dialled<Of extends Client> = new (
  address: string,
  credential: Dialing["credentials"],
  options: Dialing["options"],
) => Of;

export function dial<Of extends Client>(
  client: Dialled<Of>,
  { port, trust }: DriverPort,
  role: keyof PeerTrust,
  options: Dialing["options"] = {},
): Of {
  const at = { host: "127.0.0.1", port };
  const how =
    trust === undefined
      ? { credentials: credentials.createInsecure(), options: {} }
      : credentialDialing(at, trust[role]);
  // Each client has its own connection, as each process has.
  return new client(`127.0.0.1:${port}`, how.credentials, {
    ...how.options,
    "grpc.use_local_subchannel_pool": 1,
    ...options,
  });
}

/** What comes over a stream, to be waited for. */
class Incoming<Message extends { readonly $case: string }> {
  /** All that came, in order. */
  readonly all: Message[] = [];
  #taken = 0;
  #wake: () => void = () => undefined;
  #status: StatusObject | undefined;

  put(message: Message | undefined): void {
    if (message !== undefined) this.all.push(message);
    this.#wake();
  }

  end(status: StatusObject): void {
    this.#status = status;
    this.#wake();
  }

  /** The next message of that kind; what came before it is passed over. Fails when the stream ends instead. */
  async next<Name extends Message["$case"]>(name: Name): Promise<Case<Message, Name>> {
    for (;;) {
      while (this.#taken < this.all.length) {
        const message = this.all[this.#taken];
        this.#taken += 1;
        if (message !== undefined && isCase(message, name)) return message;
      }
      if (this.#status !== undefined) throw new Error(`expected ${name}, found ${this.#status.details}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The status that the stream ended with. */
  async ended(): Promise<StatusObject> {
    while (this.#status === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#status;
  }
}

function isCase<Message extends { readonly $case: string }, Name extends Message["$case"]>(
  message: Message,
  name: Name,
): message is Case<Message, Name> {
  return message.$case === name;
}

/** What is said, on one side of a stream. */
type Said<Message extends { readonly message: unknown }> = NonNullable<Message["message"]>;

interface Sayable {
  readonly message: { readonly $case: string } | undefined;
}

/** One stream of an actor or a merger. */
export class TestStream<Request extends Sayable, Response extends Sayable> {
  readonly incoming = new Incoming<Said<Response>>();
  readonly #client: Client;
  readonly #stream: ClientDuplexStream<Request, Response>;
  readonly #wrap: (message: Said<Request>) => Request;

  constructor(
    client: Client,
    stream: ClientDuplexStream<Request, Response>,
    wrap: (message: Said<Request>) => Request,
    all: (response: Response) => readonly (Said<Response> | undefined)[] = ({ message }) => [
      message ?? undefined,
    ],
  ) {
    this.#client = client;
    this.#stream = stream;
    this.#wrap = wrap;
    stream.on("data", (response: Response) => {
      for (const message of all(response)) this.incoming.put(message);
    });
    stream.on("error", () => undefined); // It is in the status.
    stream.on("status", (status: StatusObject) => this.incoming.end(status));
  }

  say(message: Said<Request>): this {
    this.#stream.write(this.#wrap(message));
    return this;
  }

  /** Nothing more is said, and what the driver has to say is still heard. */
  halfClose(): this {
    this.#stream.end();
    return this;
  }

  /** Reads no more, as a peer does that hangs. */
  stopReading(): this {
    this.#stream.pause();
    return this;
  }

  readOn(): this {
    this.#stream.resume();
    return this;
  }

  /** Gone without a word. */
  vanish(): void {
    this.#stream.cancel();
    this.#client.close();
  }
}

export type TestActor = TestStream<ActorSessionRequest, ActorSessionResponse>;
export type TestMerger = TestStream<MergerSessionRequest, MergerSessionResponse>;

export function dialAsActor(at: DriverPort): TestActor {
  const client = dial(ActorServiceClient, at, "actor");
  return new TestStream(client, client.actorSession(), (message) => ({ message }), saidToActor);
}

function saidToActor({ message, acknowledged }: ActorSessionResponse): ActorSessionResponse["message"][] {
  if (acknowledged === undefined) return [message];
  return [message, { $case: "acknowledge", value: acknowledged }];
}

export function dialAsMerger(at: DriverPort): TestMerger {
  const client = dial(MergerServiceClient, at, "merger");
  return new TestStream(client, client.mergerSession(), (message) => ({ message }));
}

/** Of the jobs' service. */
export type JobClient = JobServiceClient;
export type JobsNews = WatchJobsResponse;
export const jobStates = JobState;

export function anEmptySubmission(): SubmitJobRequest {
  return SubmitJobRequest.create();
}

export function dialJobs(at: DriverPort): JobClient {
  return dial(JobServiceClient, at, "writer");
}

export type ClusterClient = ClusterServiceClient;
export type NodePage = ListNodesResponse;
export const nodeStates = NodeState;

export function dialCluster(at: DriverPort): ClusterClient {
  return dial(ClusterServiceClient, at, "writer");
}

/** What a watcher is sent, to be waited for. */
export class TestWatch {
  readonly #states: JobStatus[] = [];
  readonly #call: ClientReadableStream<WatchJobResponse>;
  #ended: StatusObject | undefined;
  /** Those who wait for news. */
  readonly #waiting: (() => void)[] = [];

  constructor(client: JobServiceClient, job: number, afterSequence: number) {
    this.#call = client.watchJob({ job, afterSequence });
    this.#call.on("data", (response: WatchJobResponse) => {
      this.#states.push(present(response.status, "status"));
      this.#tell();
    });
    this.#call.on("error", () => undefined); // It is in the status.
    this.#call.on("status", (ended: StatusObject) => {
      this.#ended = ended;
      this.#tell();
    });
  }

  async next(): Promise<JobStatus> {
    while (this.#states.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return present(this.#states.shift(), "state");
  }

  async ended(): Promise<string> {
    while (this.#ended === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return `${status[this.#ended.code]}: ${this.#ended.details}`;
  }

  /** What was sent and not looked at. */
  get left(): number {
    return this.#states.length;
  }

  leave(): void {
    this.#call.cancel();
  }

  #tell(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export function actorHello(
  changes: Partial<ActorHello> = {},
): Extract<NonNullable<ActorSessionRequest["message"]>, { $case: "hello" }> {
  const node = { name: "node-1", cores: 2, labels: {}, process: undefined };
  const value = { ...ActorHello.create(), actor: "actor", incarnation: "first", node, slots: 2, ...changes };
  return { $case: "hello", value };
}

/** Tells how far ranges of so many jobs are. */
export function heartbeatOf(
  jobs: number,
): Extract<NonNullable<ActorSessionRequest["message"]>, { $case: "heartbeat" }> {
  const running = Array.from({ length: jobs }, (_, i) => ({ ...RunningEvents.create(), job: i + 1 }));
  return { $case: "heartbeat", value: { ...Heartbeat.create(), running } };
}

export function mergerHello(
  changes: Partial<MergerHello> = {},
): Extract<NonNullable<MergerSessionRequest["message"]>, { $case: "hello" }> {
  const node = { name: "node-1", cores: 2, labels: {}, process: undefined };
  const value = {
    ...MergerHello.create(),
    merger: "merger",
    incarnation: "first",
    node,
    slots: 1,
    ...changes,
  };
  return { $case: "hello", value };
}

// One simulated merger: it takes whatever groups there are, and reports each as merged at once. Its merged files are there,
// with one byte each, since the driver gives them their names.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Client, type ClientDuplexStream } from "@grpc/grpc-js";
import {
  MergerServiceService,
  type HeldMerge,
  type MergerSessionRequest,
  type MergerSessionResponse,
} from "../../gen/noctua/v1/merger.js";
import { grantNumber, groupNumber, jobNumber } from "../../services/shared/core/id.js";
import { temporaryMergedPath } from "../../services/shared/core/names.js";
import type { Dialing } from "../../services/shared/io/trust/dialing.js";
import { errorMessage } from "../../services/shared/io/error-code.js";

export interface CrowdMergerOptions {
  readonly name: string;
  readonly workdir: string;
  readonly dial: Dialing;
  readonly onFailure: (reason: string) => void;
}

/** Groups that it has at a time. */
const slots = 8;

export class CrowdMerger {
  readonly #options: CrowdMergerOptions;
  readonly #stream: ClientDuplexStream<MergerSessionRequest, MergerSessionResponse>;
  #lastNumber = 0;
  #credit = slots;

  constructor(options: CrowdMergerOptions) {
    this.#options = options;
    const { target, credentials, options: channel } = options.dial;
    const client = new Client(target, credentials, channel);
    const { path, requestSerialize, responseDeserialize } = MergerServiceService.mergerSession;
    this.#stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.#stream.on("data", (response: MergerSessionResponse) => this.#hear(response));
    this.#stream.on("error", (error) => options.onFailure(`${options.name}: ${error.message}`));
    const node = { name: options.name, cores: 1, labels: {}, process: undefined };
    const hello = {
      merger: options.name,
      incarnation: "bench",
      epoch: 0,
      node,
      slots,
      held: [],
      more: false,
    };
    this.#say({ $case: "hello", value: hello });
    this.#say({ $case: "demand", value: { credit: this.#credit } });
  }

  #hear({ message }: MergerSessionResponse): void {
    if (message?.$case !== "task") return;
    const { merge } = message.value;
    if (merge === undefined) return;
    this.#merge(merge).catch((error: unknown) => this.#options.onFailure(errorMessage(error)));
  }

  async #merge(merge: HeldMerge): Promise<void> {
    const { workdir } = this.#options;
    const names = [jobNumber(merge.job), groupNumber(merge.group), grantNumber(merge.grant)] as const;
    const path = join(workdir, temporaryMergedPath(...names));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "m");
    this.#lastNumber += 1;
    this.#credit += 1;
    const merged = { sizeBytes: 1, adler32: 1, events: 1, wallMs: 1, guid: "" };
    const outcome = { $case: "merged", value: merged } as const;
    this.#say({ $case: "result", value: { number: this.#lastNumber, merge, outcome } });
    this.#say({ $case: "demand", value: { credit: this.#credit } });
  }

  #say(message: NonNullable<MergerSessionRequest["message"]>): void {
    this.#stream.write({ message });
  }
}

// Messages of results, encoded with as little work as can be: the crowd shares the machine with the driver that is
// measured. What a real actor would find out about its outputs is made up once, and used again and again.

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { ActorSessionRequest, RangeOutputs } from "../../gen/noctua/v1/actor.js";
import { seededRng } from "../../services/shared/core/rng.js";

/** Ranges under one grant that are reported together. */
export interface Reported {
  readonly number: number;
  readonly job: number;
  readonly grant: number;
  readonly first: readonly number[];
  readonly count: readonly number[];
  readonly ranges: number;
}

export function encodeRequest(message: ActorSessionRequest): Buffer {
  return bufferOf(ActorSessionRequest.encode(message));
}

/** A message of results: the columns that are made up are appended as bytes. */
export function encodeResults(reported: Reported): Buffer {
  const { number, job, grant, first, count, ranges } = reported;
  const spans = { first: [...first], count: [...count] };
  const outputs = { job, spans, grant: first.map(() => grant), sizeBytes: [], adler32: [], wallMs: [] };
  const writer = new BinaryWriter().uint32(lengthDelimited(resultsField)).fork();
  writer.uint32(numberTag).uint32(number);
  writer.uint32(lengthDelimited(outputsField)).fork();
  RangeOutputs.encode(outputs, writer).raw(madeUpColumns(ranges));
  return bufferOf(writer.join().join());
}

/** Numbers of the fields in actor.proto: results of a request, number and outputs of results. */
const resultsField = 3;
const numberTag = 1 << 3;
const outputsField = 2;

function lengthDelimited(field: number): number {
  return (field << 3) | 2;
}

const columns = new Map<number, Uint8Array>();

/** Sizes from 0.5 to 2 MB, and times from 10 to 30 s. */
function madeUpColumns(ranges: number): Uint8Array {
  const known = columns.get(ranges);
  if (known !== undefined) return known;
  const rng = seededRng(ranges);
  const column = (least: number, most: number): number[] =>
    Array.from({ length: ranges }, () => least + Math.floor(rng.next() * (most - least)));
  const made = RangeOutputs.encode({
    job: 0,
    spans: undefined,
    grant: [],
    sizeBytes: column(500_000, 2_000_000),
    adler32: column(1, 2 ** 32),
    wallMs: column(10_000, 30_000),
  }).finish();
  columns.set(ranges, made);
  return made;
}

/** gRPC copies from a Buffer, which may look at bytes that are there already. */
function bufferOf(writer: BinaryWriter): Buffer {
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

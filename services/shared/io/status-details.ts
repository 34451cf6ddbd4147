// What an error of gRPC says besides its code and message: google.rpc.Status with BadRequest, RetryInfo and ErrorInfo, in
// `grpc-status-details-bin`, as clients in many languages know how to read it.
//
//   G1. There and back is equal; what is not known of a status is passed over, and what can't be read is as if it were not
//       there: the code and the message say enough.

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** Metadata that carries them. */
export const detailsKey = "grpc-status-details-bin";
/** Whose reasons these are. */
const domain = "noctua";
const limitKey = "limit";
const typePrefix = "type.googleapis.com/google.rpc.";

/** A field of a request that is not as it should be. */
export interface FieldViolation {
  /** Path of the field in the request; empty when it is none of them. */
  readonly field: string;
  readonly description: string;
}

export interface StatusDetails {
  /** UPPER_SNAKE_CASE, for programs. */
  readonly reason: string;
  /** Which limit was reached; undefined when none was. */
  readonly limit: string | undefined;
  readonly violations: readonly FieldViolation[];
  /** So long to wait before the request is repeated; undefined when repeating does not help. */
  readonly retryAfterMs: number | undefined;
}

export function encodeDetails(code: number, message: string, details: StatusDetails): Buffer {
  const writer = new BinaryWriter().uint32(8).int32(code).uint32(18).string(message);
  const add = (type: string, value: Uint8Array): void => {
    writer.uint32(26).fork().uint32(10).string(`${typePrefix}${type}`).uint32(18).bytes(value).join();
  };
  add("ErrorInfo", errorInfo(details));
  if (details.violations.length > 0) add("BadRequest", badRequest(details.violations));
  if (details.retryAfterMs !== undefined) add("RetryInfo", retryInfo(details.retryAfterMs));
  return Buffer.from(writer.finish());
}

/** The limit is an entry of its metadata. */
function errorInfo({ reason, limit }: StatusDetails): Uint8Array {
  const writer = new BinaryWriter().uint32(10).string(reason).uint32(18).string(domain);
  if (limit !== undefined)
    writer.uint32(26).fork().uint32(10).string(limitKey).uint32(18).string(limit).join();
  return writer.finish();
}

function badRequest(violations: readonly FieldViolation[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const { field, description } of violations)
    writer.uint32(10).fork().uint32(10).string(field).uint32(18).string(description).join();
  return writer.finish();
}

function retryInfo(ms: number): Uint8Array {
  const writer = new BinaryWriter()
    .uint32(10)
    .fork()
    .uint32(8)
    .int64(Math.floor(ms / 1_000));
  return writer
    .uint32(16)
    .int32(Math.round((ms % 1_000) * 1e6))
    .join()
    .finish();
}

interface Found {
  reason: string;
  limit: string | undefined;
  readonly violations: FieldViolation[];
  retryAfterMs: number | undefined;
}

/** Undefined when they are not Noctua's (G1). */
export function decodeDetails(bytes: Uint8Array): StatusDetails | undefined {
  try {
    const found: Found = { reason: "", limit: undefined, violations: [], retryAfterMs: undefined };
    for (const any of bytesOf(bytes, 3)) read(any, found);
    return found.reason === "" ? undefined : found;
  } catch {
    return undefined; // (G1)
  }
}

function read(any: Uint8Array, found: Found): void {
  const value = bytesOf(any, 2)[0] ?? new Uint8Array();
  switch (textOf(any, 1).replace(typePrefix, "")) {
    case "ErrorInfo":
      if (textOf(value, 2) !== domain) break;
      found.reason = textOf(value, 1);
      for (const entry of bytesOf(value, 3))
        if (textOf(entry, 1) === limitKey) found.limit = textOf(entry, 2);
      break;
    case "BadRequest":
      for (const violation of bytesOf(value, 1))
        found.violations.push({ field: textOf(violation, 1), description: textOf(violation, 2) });
      break;
    case "RetryInfo":
      found.retryAfterMs = durationMs(bytesOf(value, 1)[0] ?? new Uint8Array());
      break;
    default:
  }
}

/** The values of a field that has bytes, or messages. */
function bytesOf(message: Uint8Array, field: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const values: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === field && type === WireType.LengthDelimited) values.push(reader.bytes());
    else reader.skip(type);
  }
  return values;
}

function textOf(message: Uint8Array, field: number): string {
  return Buffer.from(bytesOf(message, field).at(-1) ?? new Uint8Array()).toString("utf8");
}

function durationMs(message: Uint8Array): number {
  const reader = new BinaryReader(message);
  let ms = 0;
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === 1) ms += Number(reader.int64()) * 1_000;
    else if (number === 2) ms += reader.int32() / 1e6;
    else reader.skip(type);
  }
  return ms;
}

// How requests are read from their bytes, so that nobody can have the driver read what is no message, or make much of little.
//
//   W1. Bytes that are no message are told as what they are: the caller's mistake.
//   W2. A message has a size by what is asked: most are a few names and numbers. What is larger is not read.
//   W3. A message has so many parts at most: two bytes can make an object of a hundred.

import { status, type MethodDefinition, type ServiceDefinition } from "@grpc/grpc-js";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { errorMessage } from "../../shared/io/error-code.js";
import { messageBytesMax } from "../../shared/io/trust/limits.js";

/** What stands for a message that can't be read, and what its sender is told. */
export class Unreadable {
  readonly status: { readonly code: status; readonly details: string };

  constructor(code: status, details: string) {
    this.status = { code, details };
  }
}

/** The definition of a service with requests that are read as is told above. */
export function readable(definition: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(definition).map(([name, method]) => [name, readableMethod(method)]),
  );
}

function readableMethod(method: MethodDefinition<unknown, unknown>): MethodDefinition<unknown, unknown> {
  const { path, requestDeserialize } = method;
  const bytesMax = requestBytesMax(path);
  return {
    ...method,
    requestDeserialize: (bytes) => {
      if (bytes.length > bytesMax) {
        const details = `${path}: expected a message of at most ${bytesMax} bytes, found ${bytes.length}`;
        return new Unreadable(status.RESOURCE_EXHAUSTED, details); // (W2)
      }
      try {
        return requestDeserialize(isCounted(path, bytes) ? countedReader(bytes) : bytes);
      } catch (error) {
        if (error instanceof TooMany)
          return new Unreadable(status.RESOURCE_EXHAUSTED, `${path}: ${error.message}`); // (W3)
        return new Unreadable(
          status.INVALID_ARGUMENT,
          `${path}: the request is no message: ${errorMessage(error)}`,
        ); // (W1)
      }
    },
  };
}

/** In bytes: jobs and what is added to them have many inputs; sessions are batched below 64 KB, and hellos come in pieces. */
const sessionMessageBytesMax = 4 * 1024 * 1024;
const questionMessageBytesMax = 64 * 1024;

function requestBytesMax(path: string): number {
  if (/\/(?:SubmitJob|AddRanges)$/.test(path)) return messageBytesMax;
  return path.endsWith("Session") ? sessionMessageBytesMax : questionMessageBytesMax;
}

/** Messages within one message: a job of a million inputs has so many, and some. */
const messagePartsMax = 1_100_000;

/** Tags, lengths and numbers in one message: such a job has 13 million. */
const messageWordsMax = 16_000_000;

class TooMany extends Error {}

/** Only what is large can have many. */
function isCounted(path: string, bytes: Buffer): boolean {
  return path.startsWith("/noctua.") && bytes.length > messagePartsMax;
}

/** What ts-proto makes takes a reader too, in place of bytes, and notes in it how deep it is whenever a message begins or ends. */
function countedReader(bytes: Buffer): Buffer {
  const reader = new BinaryReader(bytes);
  const read = reader.uint32.bind(reader);
  let words = 0;
  reader.uint32 = () => {
    words += 1;
    if (words > messageWordsMax)
      throw new TooMany(`expected at most ${messageWordsMax} numbers in a message, found more`);
    return read();
  };
  let depth = 0;
  let ends = 0;
  const set = (next: number): void => {
    ends += 1;
    if (ends > 2 * messagePartsMax)
      throw new TooMany(`expected at most ${messagePartsMax} messages within one, found more`);
    depth = next;
  };
  Object.defineProperty(reader, "__tsProtoDecodeDepth", { get: () => depth, set });
  return reader as unknown as Buffer;
}

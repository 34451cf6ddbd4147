// Messages that are valid and extreme, and bytes that are no messages, drawn from the descriptors of the protos alone.

import fc from "fast-check";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { MethodDefinition, PackageDefinition } from "@grpc/proto-loader";
import { health, isService, own, reflection } from "../../services/driver/io/testing-stranger.js";
import { rolesFor, type Role } from "../../services/shared/core/role.js";
import { framed } from "./connection.js";

type Method = MethodDefinition<object, object>;

export interface Rpc {
  readonly path: string;
  readonly roles: readonly Role[];
  /** It may go on when all was said. */
  readonly isWatch: boolean;
  readonly message: fc.Arbitrary<Uint8Array>;
}

interface Field {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
}

interface MessageType {
  readonly name: string;
  readonly field: readonly Field[];
  readonly nestedType?: readonly MessageType[];
}

const packages: readonly PackageDefinition[] = [own, health, reflection];

/** Everything that the driver serves: a new rpc is among it by itself. */
export function allRpcs(): Rpc[] {
  return packages.flatMap((definitions) =>
    Object.values(definitions)
      .filter(isService)
      .flatMap((service) => Object.values(service))
      .map((method: Method) => ({
        path: method.path,
        roles: rolesFor(method.path),
        isWatch: method.responseStream && !method.requestStream,
        message: extreme(messageOf(method.requestType.type), definitions, 4),
      })),
  );
}

/** What a driver may say on such a stream, save the words of these names. */
export function saidTo(path: string, unsaid: readonly string[]): fc.Arbitrary<Uint8Array> {
  for (const definition of Object.values(own).filter(isService))
    for (const method of Object.values(definition))
      if (method.path === path) {
        const type = messageOf(method.responseType.type);
        const field = type.field.filter(({ name }) => !unsaid.includes(name));
        return extreme({ ...type, field }, own, 4);
      }
  throw new Error(`expected a stream ${path}`);
}

function messageOf(type: object): MessageType {
  if (!("field" in type) || !Array.isArray(type.field)) throw new Error("expected a message");
  return type as MessageType;
}

const limits = [0, 1, 2, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
const integer = fc.oneof(
  fc.constantFrom(...limits.map(BigInt), 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 5n }),
);
const real = fc.oneof(
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, Number.MIN_VALUE, Number.MAX_VALUE),
  fc.double(),
);
const text = fc
  .oneof(
    fc.constantFrom(
      "",
      "good",
      "/",
      "..",
      "../../x",
      "/in/1.lhe",
      "\0",
      "__proto__",
      "constructor",
      "%s%n",
      "\u202e",
      "a" + "😀".repeat(3_000),
      "a\nb",
      "x".repeat(257),
      "x".repeat(100_000),
    ),
    fc.string({ unit: "binary", maxLength: 20 }),
  )
  .map((said) => Buffer.from(said));
const bytes = fc.oneof(text, fc.constant(Buffer.from([0xff, 0xc0, 0x80])));

function extreme(type: MessageType, definitions: PackageDefinition, depth: number): fc.Arbitrary<Uint8Array> {
  const fields = type.field.map((field) => fieldOf(field, type, definitions, depth));
  const unknown = fc
    .tuple(fc.constantFrom(1_000, 19_000, 2 ** 29 - 1), integer)
    .map(([number, value]) => varintField(number, value));
  return fc
    .tuple(
      fc.tuple(...fields),
      fc.oneof({ weight: 9, arbitrary: fc.constant(nothing) }, { weight: 1, arbitrary: unknown }),
    )
    .map(([parts, more]) => Buffer.concat([...parts, more]));
}

const nothing = Buffer.alloc(0);

function fieldOf(
  field: Field,
  type: MessageType,
  definitions: PackageDefinition,
  depth: number,
): fc.Arbitrary<Uint8Array> {
  const value = valueOf(field, type, definitions, depth);
  if (value === undefined) return fc.constant(nothing);
  const times =
    field.label === "LABEL_REPEATED"
      ? fc.oneof(
          fc.array(value, { maxLength: 3 }),
          value.map((one) => Array.from({ length: one.length > 100 ? 3 : 2_000 }, () => one)),
        )
      : fc.array(value, { maxLength: 1 });
  return fc.oneof(
    { weight: 3, arbitrary: times.map((each) => Buffer.concat(each)) },
    { weight: 1, arbitrary: fc.constant(nothing) },
  );
}

function valueOf(
  field: Field,
  type: MessageType,
  definitions: PackageDefinition,
  depth: number,
): fc.Arbitrary<Uint8Array> | undefined {
  const { number } = field;
  switch (field.type) {
    case "TYPE_MESSAGE": {
      if (depth === 0) return fc.constant(delimited(number, nothing));
      return extreme(find(field.typeName, type, definitions), definitions, depth - 1).map((message) =>
        delimited(number, message),
      );
    }
    case "TYPE_STRING":
      return text.map((said) => delimited(number, said));
    case "TYPE_BYTES":
      return bytes.map((said) => delimited(number, said));
    case "TYPE_DOUBLE":
      return real.map((value) => new BinaryWriter().tag(number, WireType.Bit64).double(value).finish());
    case "TYPE_FLOAT":
      return real.map((value) =>
        new BinaryWriter()
          .tag(number, WireType.Bit32)
          .fixed32(value > 1 ? 2 ** 32 - 1 : 0)
          .finish(),
      );
    case "TYPE_FIXED32":
      return integer.map((value) =>
        new BinaryWriter()
          .tag(number, WireType.Bit32)
          .fixed32(Number(BigInt.asUintN(32, value)))
          .finish(),
      );
    case "TYPE_FIXED64":
      return integer.map((value) => new BinaryWriter().tag(number, WireType.Bit64).fixed64(value).finish());
    default:
      return integer.map((value) => varintField(number, value));
  }
}

function varintField(number: number, value: bigint): Uint8Array {
  return new BinaryWriter().tag(number, WireType.Varint).uint64(value).finish();
}

function delimited(number: number, content: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(content).finish();
}

function find(typeName: string, within: MessageType, definitions: PackageDefinition): MessageType {
  const name = typeName.split(".").at(-1) ?? "";
  const nested = within.nestedType?.find((type) => type.name === name);
  if (nested !== undefined) return nested;
  for (const [full, definition] of Object.entries(definitions))
    if (full.endsWith(`.${name}`) && "type" in definition) return messageOf(definition.type);
  throw new Error(`expected a type ${typeName}`);
}

/** What is on a stream in place of messages. */
export const senseless: fc.Arbitrary<{ readonly what: string; readonly bytes: Buffer }> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((some) => ({ what: "any bytes, framed", bytes: framed(some) })),
  fc
    .uint8Array({ minLength: 1, maxLength: 200 })
    .map((some) => ({ what: "any bytes", bytes: Buffer.from(some) })),
  fc.constantFrom(
    { what: "no bytes at all", bytes: nothing },
    { what: "a varint without end", bytes: framed(Buffer.alloc(100, 0xff)) },
    { what: "a length beyond the end", bytes: framed(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])) },
    { what: "a field without its value", bytes: framed(Buffer.from([0x08])) },
    { what: "wire type 7", bytes: framed(Buffer.from([0x0f])) },
    { what: "field 0", bytes: framed(Buffer.from([0x00, 0x00])) },
    { what: "groups within groups", bytes: framed(Buffer.alloc(100_000, 0xf3)) },
    { what: "messages within messages", bytes: framed(nestedMessages(20_000)) },
    { what: "a compressed message without an encoding", bytes: framed(Buffer.from([1, 2, 3]), 1) },
    { what: "flag 255", bytes: framed(Buffer.from([8, 1]), 255) },
    { what: "a shorter message than told", bytes: framed(Buffer.from([8, 1]), 0, 50) },
    { what: "a longer message than told", bytes: framed(Buffer.from([8, 1, 8, 1]), 0, 2) },
    { what: "half a prefix", bytes: Buffer.from([0, 0, 0]) },
    {
      what: "a thousand messages",
      bytes: Buffer.concat(Array.from({ length: 1_000 }, () => framed(nothing))),
    },
  ),
);

function nestedMessages(depth: number): Buffer {
  let inner: Buffer = nothing;
  for (let level = 0; level < depth && inner.length < 200_000; level += 1)
    inner = Buffer.from(delimited(1 + (level % 3), inner));
  return inner;
}

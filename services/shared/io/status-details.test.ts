import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDetails, encodeDetails } from "./status-details.js";

const text = fc.string({ unit: "grapheme" });

test("details are read as they were written (G1)", () => {
  const details = fc.record({
    reason: fc.stringMatching(/^[A-Z_]{1,40}$/),
    limit: fc.option(fc.stringMatching(/^[a-z_]{1,20}$/), { nil: undefined }),
    violations: fc.array(fc.record({ field: text, description: text })),
    retryAfterMs: fc.option(fc.nat(10_000_000), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.nat(16), text, details, (code, message, value) => {
      expect(decodeDetails(encodeDetails(code, message, value))).toEqual(value);
    }),
    { seed: 20_262 },
  );
});

test("bytes that are no details, or another's, are passed over (G1)", () => {
  expect(decodeDetails(Buffer.from([]))).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decodeDetails(bytes)).toBeUndefined();
    }),
    { seed: 20_263 },
  );
});

test("the bytes are those of google.rpc.Status", () => {
  const details = {
    reason: "A",
    limit: "n",
    violations: [{ field: "b", description: "c" }],
    retryAfterMs: 1_500,
  };
  const any = (type: string, value: string): string => {
    const name = `type.googleapis.com/google.rpc.${type}`;
    const body = `\x0a${sized(name)}\x12${sized(value)}`;
    return `\x1a${sized(body)}`;
  };
  expect(encodeDetails(3, "m", details).toString("latin1")).toBe(
    "\x08\x03\x12\x01m" +
      any("ErrorInfo", "\x0a\x01A\x12\x06noctua\x1a\x0a\x0a\x05limit\x12\x01n") +
      any("BadRequest", "\x0a\x06\x0a\x01b\x12\x01c") +
      any("RetryInfo", "\x0a\x08\x08\x01\x10\x80\xca\xb5\xee\x01"),
  );
});

/** A text of less than 128 bytes, behind its length. */
function sized(text: string): string {
  return String.fromCharCode(text.length) + text;
}

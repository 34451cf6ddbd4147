// What a payload says, however its bytes are cut, and what it must not say.

import { expect, test } from "vitest";
import { lineBytesMax } from "../core/stream-words.js";
import { StreamLines } from "./stream-lines.js";

function heard(...pieces: (string | Buffer)[]): unknown[] {
  const lines = new StreamLines();
  return pieces.flatMap((piece) => lines.take(Buffer.from(piece)));
}

test("however the bytes are cut, each line is one word (L1)", () => {
  const text = Buffer.from(
    '{"type":"ready"}\n{"type":"failed","id":"1.2","message":"bösé"}\n{"type":"done","id":"3.4"}\n',
  );
  const whole = heard(text);
  expect(whole).toEqual([
    { type: "ready" },
    { type: "failed", id: "1.2", class: "transient", message: "bösé" },
    { type: "done", id: "3.4" },
  ]);
  for (let at = 1; at < text.byteLength; at += 1) {
    expect(heard(text.subarray(0, at), text.subarray(at))).toEqual(whole);
  }
  expect(heard(...[...text].map((byte) => Buffer.from([byte])))).toEqual(whole);
});

test("fields that are not known are ignored, and a line may end as on Windows", () => {
  expect(heard('{"type":"progress","id":"1.2","events":3,"more":[]}\r\n')).toEqual([
    { type: "progress", id: "1.2", events: 3 },
  ]);
});

test.each([
  ["processing event 3", 'a JSON object on each line, found "processing event 3"'],
  ["", 'a JSON object on each line, found ""'],
  ["[1]", 'a JSON object on each line, found "[1]"'],
  ['{"type":"don"}', '"type" to be one of ready, done, failed, cancelled, progress, found'],
  ['{"type":"done","id":7}', '"id" to be the text that the range came with, found'],
  ['{"type":"failed","id":"1.2","class":"bad"}', '"class" to be one of transient, node, event, fatal, found'],
  ['{"type":"failed","id":"1.2","message":1}', '"message" to be a text, found'],
  ['{"type":"progress","id":"1.2"}', '"events" to be a number, found'],
])("%j makes no sense, and the flaw says why", (line, expected) => {
  expect(heard(`${line}\n`)).toEqual([
    { type: "flaw", message: expect.stringContaining(`expected ${expected}`) },
  ]);
});

test("of a line that is too long no more than the limit is kept, and nothing more is taken in (L2)", () => {
  const piece = "x".repeat(lineBytesMax / 2);
  const words = heard(piece, piece, "y", "\n", '{"type":"ready"}\n');
  expect(words).toHaveLength(1);
  expect(JSON.stringify(words)).toMatch(/expected lines of at most 1048576 bytes, found .{0,4}x{120}…/);
});

test("a whole line that is too long is one too", () => {
  expect(heard(`${"x".repeat(lineBytesMax + 1)}\n`)).toMatchObject([{ type: "flaw" }]);
});

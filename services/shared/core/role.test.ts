import fc from "fast-check";
import { expect, test } from "vitest";
import { identityOf, identityUri, rolesFor, roles } from "./role.js";

test("an identity is read from a certificate as it was written, whatever its name", () => {
  const identity = fc.record({
    run: fc.stringMatching(/^[\w-]{1,20}$/),
    role: fc.constantFrom(...roles),
    name: fc.option(fc.string({ minLength: 1, unit: "grapheme" }), { nil: undefined }),
  });
  const same = fc.property(identity, (given) => {
    expect(identityOf(identityUri(given))).toEqual(given);
  });
  fc.assert(same);
});

test("what we do not write names nobody", () => {
  const others = [
    "noctua://r/king",
    "noctua://r/actor/",
    "noctua://r/actor/a/b",
    "https://r/actor",
    "noctua://r/actor/%E0%A4%A",
    "",
  ];
  for (const uri of others) expect(identityOf(uri), uri).toBeUndefined();
});

test("what nobody has thought of is a writer's in the services of clients, and nobody's elsewhere", () => {
  expect(rolesFor("/noctua.v1.JobService/EraseJob")).toEqual(["writer"]);
  expect(rolesFor("/noctua.v1.PowerService/GetPower")).toEqual([]);
  expect(rolesFor("/noctua.v1.JobService/GetJob/more")).toEqual([]);
});

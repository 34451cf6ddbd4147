import { expect, test } from "vitest";
import { flawOfEnvironment } from "./environment-flaw.js";
import { noNeeds } from "./payload-needs.js";

const flawOf = (environment: Readonly<Record<string, string>>) =>
  flawOfEnvironment({ ...noNeeds, environment });

test("variables with ordinary names are fine, and so is none", () => {
  expect(flawOfEnvironment(noNeeds)).toBeUndefined();
  const passEnvironment = ["X509_USER_PROXY", "BEARER_TOKEN_FILE", "AWS_ACCESS_KEY_ID"];
  expect(flawOfEnvironment({ environment: { PATH: "/bin", _x1: "" }, passEnvironment })).toBeUndefined();
});

test("what Noctua sets itself is not to be set (V1)", () => {
  for (const name of ["NOCTUA_JOB", "TMPDIR"])
    expect(flawOf({ [name]: "x" })).toMatchObject({ part: "environment", found: JSON.stringify(name) });
});

test("secrets are refused, with the advice to pass the path of a file (V2)", () => {
  for (const name of ["BEARER_TOKEN", "aws_secret_access_key", "DB_PASSWORD", "CLIENT_SECRET"]) {
    expect(flawOfEnvironment({ environment: {}, passEnvironment: ["HOME", name] })).toEqual({
      part: "passEnvironment",
      expected: expect.stringMatching(/^no secret: .* the path of that/) as unknown,
      found: JSON.stringify(name),
    });
  }
});

test("a name that no program could have, one that stands twice, and too much of it all are refused", () => {
  for (const name of ["", "1st", "a=b", "a b", "x".repeat(257)])
    expect(flawOf({ [name]: "x" })).toBeDefined();
  expect(flawOfEnvironment({ environment: {}, passEnvironment: ["A", "B", "A"] })?.expected).toBe(
    "each variable once",
  );
  expect(flawOf({ A: "a\0b" })?.expected).toBe("a value without NUL for A");
  expect(flawOf({ A: "x".repeat(40_000), B: "x".repeat(40_000) })?.found).toBe("80000");
  const many = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`V${i}`, ""]));
  expect(flawOf(many)?.expected).toBe("at most 256 variables");
});

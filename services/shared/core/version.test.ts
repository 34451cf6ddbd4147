import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { noctuaVersion } from "./version.js";

test("the version is package.json's", () => {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  expect(JSON.parse(text)).toMatchObject({ version: noctuaVersion });
});

import { expect, it } from "vitest";
import { allMadeFiles } from "./made-files.js";

it("what is made in docs/ is up to date (npm run docs makes it so)", async () => {
  for (const { path, is, shouldBe } of await allMadeFiles()) expect(is, path).toBe(shouldBe);
});

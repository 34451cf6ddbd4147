import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { testFolder } from "../../shared/io/testing-folder.js";
import { filesFitting } from "./glob-files.js";

it("a pattern has so many names looked at, and no more (P7)", async () => {
  const folder = await testFolder();
  for (const name of ["a", "b", "c"]) await writeFile(join(folder, name), "");
  expect(await filesFitting(folder, "*", 3)).toHaveLength(3);
  await expect(filesFitting(folder, "*", 2)).rejects.toThrow("more than 2 names to look at");
});

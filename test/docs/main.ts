// npm run docs: makes anew what is made in docs/ (made-files.ts).

import { writeFile } from "node:fs/promises";
import { allMadeFiles } from "./made-files.js";

for (const { path, is, shouldBe } of await allMadeFiles())
  if (is !== shouldBe) await writeFile(path, shouldBe);

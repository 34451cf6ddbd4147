import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readAddress, writeAddress, type DriverAddress } from "./address-file.js";
import { testFolder } from "./testing-folder.js";

const address: DriverAddress = {
  host: "127.0.0.1",
  port: 4711,
  httpPort: 4712,
  run: "tawny",
  epoch: 3,
  isPlain: false,
  pid: 17,
  hostname: "node17",
};
let workdir: string;

beforeEach(async () => {
  workdir = await testFolder();
});

test("there is no address before a driver wrote it, and then the latest", async () => {
  expect(await readAddress(workdir)).toBeUndefined();
  await writeAddress(workdir, { ...address, epoch: 2 });
  await writeAddress(workdir, address);
  expect(await readAddress(workdir)).toEqual(address);
});

test("a damaged address file is an error that names the file and the field", async () => {
  await writeAddress(workdir, address);
  await writeFile(join(workdir, "driver", "address.json"), JSON.stringify({ ...address, port: 0 }));
  await expect(readAddress(workdir)).rejects.toThrow(/driver\/address\.json, found:.*\n?.*port/s);
  await writeFile(join(workdir, "driver", "address.json"), "{");
  await expect(readAddress(workdir)).rejects.toThrow(/driver\/address\.json, found:/);
});

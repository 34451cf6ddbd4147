import { chmod, chown, writeFile } from "node:fs/promises";
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

test("an address that somebody else may have planted is refused", async () => {
  const at = await testFolder();
  await writeAddress(at, address);
  await chmod(join(at, "driver"), 0o777);
  await expect(readAddress(at)).rejects.toThrow(/found mode 777: run {2}chmod 700 '.*driver'/);
  await chmod(join(at, "driver"), 0o700);
  await chmod(join(at, "driver", "address.json"), 0o644);
  await expect(readAddress(at)).rejects.toThrow(/found mode 644: run {2}chmod 600/);
});

test.skipIf(process.getuid?.() !== 0)("an address of another user is refused", async () => {
  const at = await testFolder();
  await writeAddress(at, address);
  await chown(join(at, "driver", "address.json"), 65_534, 65_534);
  await expect(readAddress(at)).rejects.toThrow(/to belong to user 0, found user 65534/);
});

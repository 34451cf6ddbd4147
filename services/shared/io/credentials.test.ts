import { chmod, mkdir, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bindCredentials, dialTarget, ensureToken, readToken } from "./credentials.js";
import { testFolder } from "./testing-folder.js";

const workdir = (): Promise<string> => testFolder();

test("two drivers that start at once go on with one token, which only its owner can read", async () => {
  const at = await workdir();
  const [one, two] = await Promise.all([ensureToken(at), ensureToken(at)]);
  expect(one).toBe(two);
  expect(await readToken(at)).toBe(one);
  expect((await stat(join(at, "driver"))).mode & 0o777).toBe(0o700);
  expect((await stat(join(at, "driver", "token"))).mode & 0o777).toBe(0o600);
  expect(await readdir(join(at, "driver"))).toEqual(["token"]);
});

test("a token or a folder that others can read is refused, with the command that mends it", async () => {
  const at = await workdir();
  await ensureToken(at);
  await chmod(join(at, "driver", "token"), 0o640);
  await expect(readToken(at)).rejects.toThrow(/found mode 640: run {2}chmod 600 '.*driver\/token'/);
  await expect(ensureToken(at)).rejects.toThrow(/chmod 600/);
  await chmod(join(at, "driver", "token"), 0o600);
  await chmod(join(at, "driver"), 0o755);
  await expect(ensureToken(at)).rejects.toThrow(/found mode 755: run {2}chmod 700 '.*driver'/);
});

test("a link in the place of the token is not followed", async () => {
  const at = await workdir();
  await ensureToken(at);
  await rm(join(at, "driver", "token"));
  await writeFile(join(at, "elsewhere"), "x".repeat(43), { mode: 0o600 });
  await symlink(join(at, "elsewhere"), join(at, "driver", "token"));
  await expect(readToken(at)).rejects.toThrow(/ELOOP/);
});

test("without a driver the error says so, and a damaged token names its file", async () => {
  const at = await workdir();
  await expect(readToken(at)).rejects.toThrow(
    /no driver has started on this workdir yet: there is no .*driver\/token/,
  );
  await mkdir(join(at, "driver"), { mode: 0o700 });
  await writeFile(join(at, "driver", "token"), "short", { mode: 0o600 });
  await expect(readToken(at)).rejects.toThrow(/expected a token of 43 letters in .*driver\/token, found 5/);
});

test("nothing but loopback is bound or dialled while streams are in the clear", () => {
  expect(() => bindCredentials("0.0.0.0")).toThrow(/loopback/);
  expect(() => dialTarget("node17", 5000)).toThrow(/loopback/);
  expect(() => dialTarget("127.example.org", 5000)).toThrow(/loopback/);
  expect(dialTarget("127.0.0.1", 5000)).toBe("127.0.0.1:5000");
  expect(dialTarget("::1", 5000)).toBe("[::1]:5000");
  bindCredentials("localhost");
});

import { X509Certificate } from "node:crypto";
import { chmod, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../testing-folder.js";
import { ensureAuthority, newAuthority, readAuthority } from "./authority.js";
import { readCredential } from "./credential.js";

const trust = (workdir: string, name = ""): string => join(workdir, "driver", "trust", name);
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test("two drivers that start at once go on with one authority, which only its owner can read (A1, A2)", async () => {
  const at = await testFolder();
  const [one, two] = await Promise.all([ensureAuthority(at, "r"), ensureAuthority(at, "r")]);
  const [first, second] = [
    await one.issue({ role: "driver", name: undefined }),
    await two.issue({ role: "driver", name: undefined }),
  ];
  expect(first.authority).toBe(second.authority);
  expect(first.pem).not.toBe(second.pem);
  expect(await readdir(trust(at))).toEqual([
    "actor.pem",
    "authority.pem",
    "merger.pem",
    "reader.pem",
    "writer.pem",
  ]);
  for (const name of await readdir(trust(at))) expect(await modeOf(trust(at, name))).toBe(0o600);
  expect([await modeOf(join(at, "driver")), await modeOf(trust(at))]).toEqual([0o700, 0o700]);
});

test("the next driver of a run leaves the credentials alone, and those of an earlier run go (A3)", async () => {
  const at = await testFolder();
  await ensureAuthority(at, "r");
  const before = await readCredential(at, "actor");
  await ensureAuthority(at, "r");
  expect(await readCredential(at, "actor")).toEqual(before);
  await ensureAuthority(at, "s");
  const after = await readCredential(at, "actor");
  expect(after.identity).toEqual({ run: "s", role: "actor", name: undefined });
  expect(after.authority).not.toBe(before.authority);
});

test("a credential that was damaged is made anew by the next driver", async () => {
  const at = await testFolder();
  await ensureAuthority(at, "r");
  await writeFile(trust(at, "actor.pem"), "half");
  await expect(readCredential(at, "actor")).rejects.toThrow(
    /expected a key, a certificate .* in .*actor.pem/,
  );
  await ensureAuthority(at, "r");
  expect((await readCredential(at, "actor")).identity.role).toBe("actor");
});

test("a certificate of another authority of the same run is found before anything is dialled", async () => {
  const at = await testFolder();
  await ensureAuthority(at, "r");
  const { pem } = await (await newAuthority("r")).issue({ role: "writer", name: undefined });
  const { authority } = await readCredential(at, "writer");
  const blocks = pem.slice(0, pem.lastIndexOf("-----BEGIN CERTIFICATE-----"));
  await writeFile(trust(at, "writer.pem"), blocks + authority);
  await expect(readCredential(at, "writer")).rejects.toThrow(/it was not made by the authority beside it/);
});

test("what others can read is refused, with the command that mends it (A1)", async () => {
  const at = await testFolder();
  await ensureAuthority(at, "r");
  await chmod(trust(at, "authority.pem"), 0o640);
  await expect(readAuthority(at)).rejects.toThrow(/found mode 640: run {2}chmod 600 '.*authority.pem'/);
  await expect(ensureAuthority(at, "r")).rejects.toThrow(/chmod 600/);
  await chmod(trust(at, "authority.pem"), 0o600);
  await chmod(trust(at), 0o755);
  await expect(ensureAuthority(at, "r")).rejects.toThrow(/found mode 755: run {2}chmod 700 '.*trust'/);
  await chmod(trust(at), 0o700);
  await chmod(trust(at, "writer.pem"), 0o604);
  await expect(readCredential(at, "writer")).rejects.toThrow(
    /found mode 604: run {2}chmod 600 '.*writer.pem'/,
  );
});

test("a link in the place of a key is not followed", async () => {
  const at = await testFolder();
  await ensureAuthority(at, "r");
  await writeFile(join(at, "elsewhere"), await readFile(trust(at, "writer.pem")), { mode: 0o600 });
  await rm(trust(at, "writer.pem"));
  await symlink(join(at, "elsewhere"), trust(at, "writer.pem"));
  await expect(readCredential(at, "writer")).rejects.toThrow(/writer.pem, found a link: remove it/);
});

test("a damaged authority names its file and what to do", async () => {
  const at = await testFolder();
  await ensureAuthority(at, "r");
  await writeFile(trust(at, "authority.pem"), "no key");
  await expect(ensureAuthority(at, "r")).rejects.toThrow(
    /expected the authority of a run in .*authority.pem, found: .*; stop the run, remove the folder .*trust, and start the driver again/,
  );
});

test("without a driver the error says so", async () => {
  const at = await testFolder();
  await expect(readCredential(at, "reader")).rejects.toThrow(
    /no driver has started on this workdir yet: there is no .*reader.pem/,
  );
  await expect(readAuthority(at)).rejects.toThrow(/no driver has started on this workdir yet/);
});

test("certificates begin a day ago, and last as long as they are told to (A4)", async () => {
  const { certificate, endsAtUnixMs } = await (
    await newAuthority("r")
  ).issue({ role: "reader", name: undefined }, 60_000);
  const { validFrom } = new X509Certificate(certificate);
  expect((endsAtUnixMs - Date.parse(validFrom)) / 1_000).toBeCloseTo(86_460, -1);
});

test("whoever only asks proves nothing as a server", async () => {
  const authority = await newAuthority("r");
  const usage = async (role: "reader" | "actor"): Promise<string[]> =>
    new X509Certificate((await authority.issue({ role, name: undefined })).certificate).keyUsage;
  const [client, server] = ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"];
  expect(await usage("reader")).toEqual([client]);
  expect(await usage("actor")).toEqual([client, server]);
});

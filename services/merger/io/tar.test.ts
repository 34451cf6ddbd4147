import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testFolder } from "../../shared/io/testing-folder.js";
import { tarEndBytes, tarHeader, tarPadding } from "../core/tar.js";

/** What the system's tar lists. */
async function listed(archive: readonly Uint8Array[]): Promise<string[]> {
  const folder = await testFolder();
  await writeFile(join(folder, "all.tar"), Buffer.concat(archive));
  const { stdout } = await promisify(execFile)("tar", ["-tvf", "all.tar"], {
    cwd: folder,
    env: { ...process.env, TZ: "UTC", LC_ALL: "C" },
  });
  return stdout.trimEnd().split("\n");
}

function member(name: string, text: string): Uint8Array[] {
  const bytes = Buffer.from(text);
  return [tarHeader(name, bytes.length), bytes, new Uint8Array(tarPadding(bytes.length))];
}

test("any tar lists the members, whose headers say nothing but name and size", async () => {
  const long = `${"n".repeat(150)}.jsonl`;
  const full = "f".repeat(512);
  const archive = [
    ...member("a.txt", "one\n"),
    ...member(long, "two"),
    ...member("full", full),
    ...member("none", ""),
  ];
  const lines = await listed([...archive, new Uint8Array(tarEndBytes)]);
  const expected = [
    ["4", "a.txt"],
    ["3", long],
    ["512", "full"],
    ["0", "none"],
  ] as const;
  expect(lines.map((line) => line.split(/\s+/))).toEqual(
    expected.map(([size, name]) => ["-rw-r--r--", "0/0", size, "1970-01-01", "00:00", name]),
  );
});

test("a member of more than 8 GiB has its size in a pax header", async () => {
  const size = 8 ** 11 + 5;
  const header = tarHeader("large.dat", size);
  const text = Buffer.from(header).toString("latin1");
  expect(text.slice(512, 531)).toBe(`19 size=${size}\n`);
  expect(header.length % 512).toBe(0);
  // Its bytes are not there, but its header can be read.
  await expect(listed([header])).rejects.toMatchObject({ stdout: expect.stringContaining(` ${size} `) });
});

test("a pax record counts the digits of its own length", () => {
  for (const length of [86, 87, 88, 89, 90, 91, 92, 986, 987, 988, 989, 990, 991]) {
    const name = "n".repeat(length + 100);
    const text = Buffer.from(tarHeader(name, 1)).toString("latin1", 512);
    const [told = ""] = /^\d+/.exec(text) ?? [];
    expect(text.slice(0, Number(told))).toBe(`${told} path=${name}\n`);
  }
});

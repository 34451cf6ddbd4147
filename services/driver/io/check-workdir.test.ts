import { chmod, chown, lchown, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { testFolder } from "../../shared/io/testing-folder.js";
import { checkWorkdir } from "./check-workdir.js";

const isRoot = process.getuid?.() === 0;
/** Some group that is nobody's own. */
const group = 4_711;
const stranger = 65_534;

let above: string;
let workdir: string;

beforeEach(async () => {
  above = join(await testFolder(), "project");
  workdir = join(above, "work");
  for (const path of [above, workdir, join(workdir, "jobs")]) {
    await mkdir(path);
    await chmod(path, 0o755);
  }
});

test("a workdir that others may read is fine, and one that is not there yet", async () => {
  expect(await checkWorkdir(workdir)).toEqual([]);
  expect(await checkWorkdir(join(above, "new", "work"))).toEqual([]);
});

test("a folder that was lent is no workdir: the driver would write over the credential in it (W4)", async () => {
  const trust = join(workdir, "driver", "trust");
  await mkdir(trust, { recursive: true });
  await writeFile(join(trust, "reader.pem"), "lent");
  await expect(checkWorkdir(workdir)).rejects.toThrow(
    `found ${workdir}, which  noctua credentials  made: its driver lives elsewhere`,
  );
  await mkdir(join(workdir, "driver", "claims")); // A driver was killed there before it had made any.
  expect(await checkWorkdir(workdir)).toEqual([]);
});

test.each([0o757, 0o1777, 0o777])(
  "a workdir that everybody may write to is refused (W1): %o",
  async (mode) => {
    await chmod(workdir, mode);
    await expect(checkWorkdir(workdir)).rejects.toThrow(
      `expected nobody else to be able to write to the folder ${workdir}, found mode ${mode.toString(8)}: run  chmod go-w '${workdir}'`,
    );
  },
);

test("so is its folder of jobs (W1)", async () => {
  await chmod(join(workdir, "jobs"), 0o757);
  await expect(checkWorkdir(workdir)).rejects.toThrow(/jobs, found mode 757: run {2}chmod go-w '.*jobs'/);
});

test("a folder above that everybody may write to is refused without the sticky bit (W2)", async () => {
  await chmod(above, 0o777);
  await expect(checkWorkdir(workdir)).rejects.toThrow(
    `expected nobody to be able to replace the workdir, found that everybody may, in ${above}, mode 777: run  chmod +t '${above}'`,
  );
  await chmod(above, 0o1777);
  expect(await checkWorkdir(workdir)).toEqual([]);
});

test("a link leads to the workdir, and what is above either is looked at (W3)", async () => {
  const link = join(above, "link");
  await symlink(workdir, link);
  expect(await checkWorkdir(link)).toEqual([]);
  await chmod(workdir, 0o757);
  await expect(checkWorkdir(link)).rejects.toThrow(/link, found mode 757/);
  await chmod(workdir, 0o755);
  await mkdir(join(above, "other"));
  await symlink(workdir, join(above, "other", "link"));
  await chmod(join(above, "other"), 0o757);
  await expect(checkWorkdir(join(above, "other", "link"))).rejects.toThrow(/everybody may, in .*other/);
  await chmod(above, 0o757);
  await expect(checkWorkdir(join(above, "other", "link"))).rejects.toThrow(/everybody may, in/);
});

test("what is no folder is refused", async () => {
  await expect(checkWorkdir("/dev/null")).rejects.toThrow("expected a folder at /dev/null");
});

describe.skipIf(!isRoot)("with other users, whom only root can play,", () => {
  test("a workdir of a group's is refused, and one of its owner's own group is not (W1)", async () => {
    await chown(workdir, 0, group);
    await chmod(workdir, 0o2770);
    await expect(checkWorkdir(workdir)).rejects.toThrow(/found mode 2770: run {2}chmod go-w/);
    await chown(workdir, 0, 0);
    expect(await checkWorkdir(workdir)).toEqual([]);
  });

  test("a folder above that a project shares is told of (W2)", async () => {
    await chown(above, stranger, group);
    await chmod(above, 0o2770);
    expect(await checkWorkdir(workdir)).toEqual([
      `${above} belongs to user ${stranger}`,
      `members of group ${group} may write to ${above}, mode 2770`,
    ]);
    await chmod(above, 0o3770);
    expect(await checkWorkdir(workdir)).toEqual([`${above} belongs to user ${stranger}`]);
  });

  test("a link of somebody else's is refused (W3)", async () => {
    const link = join(above, "link");
    await symlink(workdir, link);
    await lchown(link, stranger, stranger);
    await expect(checkWorkdir(link)).rejects.toThrow(/found one of user 65534 at .*link: choose another/);
  });
});

// Where a run may lie: whoever can write to the workdir, or to a folder above, can put folders of his own in the place of the
// run's (P8).
//
//   W1. The workdir and jobs/ in it are this user's, and nobody else may write to them, a private group aside; else it is
//       refused, with the command that mends it. (driver/ is for this user only: private-file.ts.)
//   W2. Above it, what everybody may write to has the sticky bit, or is refused. Who owns a folder there, or is of a group that
//       may write to it, is trusted, as on file systems that a project shares, and told of.
//   W3. The workdir may be a link, this user's or root's: what it leads to is looked at, and what is above either.
//   W4. A folder that `noctua credentials` made is refused (lent-folder.ts).

import { lstat, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { jobsFolder } from "../../shared/core/names.js";
import { errorCode } from "../../shared/io/error-code.js";
import { checkMayBegin } from "../../shared/io/trust/lent-folder.js";

/** What is looked at of a folder. */
interface Standing {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Throws when it is refused; returns who else is trusted, in sentences. What is not there yet is made as it should be. */
export async function checkWorkdir(workdir: string): Promise<readonly string[]> {
  const user = process.getuid?.() ?? 0;
  checkMayBegin(workdir); // (W4)
  const warnings = [];
  for (const path of [workdir, join(workdir, jobsFolder)]) warnings.push(...(await checkOwn(path, user)));
  const real = await realpath(workdir).catch(unlessAbsent);
  await checkLinks([workdir, ...foldersAbove(workdir)], user);
  for (const path of new Set([...foldersAbove(workdir), ...foldersAbove(real ?? workdir)]))
    warnings.push(...(await checkAbove(path, user)));
  return warnings;
}

/** (W1) */
async function checkOwn(path: string, user: number): Promise<readonly string[]> {
  const found = await standingOf(path);
  if (found === undefined) return [];
  const { mode, uid } = found;
  const canMend = user === uid || user === 0;
  const remedy = canMend
    ? `run  chmod go-w '${path}'`
    : `choose a folder of your own, such as ${path}/noctua`;
  if (uid !== user && uid !== 0 && user !== 0) {
    throw new Error(`expected the folder ${path} to belong to user ${user}, found user ${uid}: ${remedy}`);
  }
  if (isEverybodys(mode) || isShared(found))
    throw new Error(
      `expected nobody else to be able to write to the folder ${path}, found mode ${shown(mode)}: ${remedy}`,
    );
  return uid === user ? [] : [`${path} belongs to user ${uid}`];
}

/** (W2) */
async function checkAbove(path: string, user: number): Promise<readonly string[]> {
  const found = await standingOf(path);
  if (found === undefined) return [];
  const { mode, uid, gid } = found;
  const isSticky = (mode & 0o1000) !== 0;
  if (isEverybodys(mode) && !isSticky)
    throw new Error(
      `expected nobody to be able to replace the workdir, found that everybody may, in ${path}, mode ${shown(mode)}: ` +
        `run  chmod +t '${path}'  or choose a workdir elsewhere`,
    );
  const owner = uid === user || uid === 0 ? [] : [`${path} belongs to user ${uid}`];
  if (!isShared(found) || isSticky) return owner;
  return [...owner, `members of group ${gid} may write to ${path}, mode ${shown(mode)}`];
}

/** (W3) */
async function checkLinks(paths: readonly string[], user: number): Promise<void> {
  for (const path of paths) {
    const found = await lstat(path).catch(unlessAbsent);
    if (found?.isSymbolicLink() !== true || found.uid === user || found.uid === 0) continue;
    throw new Error(
      `expected no link of somebody else's on the way to the workdir, found one of user ${found.uid} at ${path}: ` +
        "choose another workdir",
    );
  }
}

function isEverybodys(mode: number): boolean {
  return (mode & 0o002) !== 0;
}

/** True when there may be somebody in its group: one with the number of its owner is the owner's alone. */
function isShared({ mode, uid, gid }: Standing): boolean {
  return (mode & 0o020) !== 0 && gid !== uid && gid !== 0;
}

async function standingOf(path: string): Promise<Standing | undefined> {
  const found = await stat(path).catch(unlessAbsent);
  if (found === undefined) return undefined;
  if (!found.isDirectory()) throw new Error(`expected a folder at ${path}, found something else`);
  return { path, mode: found.mode, uid: found.uid, gid: found.gid };
}

function unlessAbsent(error: unknown): undefined {
  if (errorCode(error) !== "ENOENT") throw error;
}

function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...foldersAbove(above)];
}

function shown(mode: number): string {
  return (mode & 0o7777).toString(8);
}

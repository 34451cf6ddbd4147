import { expect, test } from "vitest";
import { patientClaim } from "./patient-claim.js";

const { signal } = new AbortController();
const failing = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

/** A claim of which each look finds the next of these. */
function claimThat(...looks: readonly (boolean | Error)[]) {
  const left = [...looks];
  const said: (string | undefined)[] = [];
  const claim = {
    isCurrent: () => {
      const look = left.shift() ?? true;
      return look instanceof Error ? Promise.reject(look) : Promise.resolve(look);
    },
  };
  const options = {
    onStall: (why: string | undefined) => void said.push(why),
    waitForSpace: () => Promise.resolve(),
  };
  return { claim: patientClaim(claim, options, signal), said };
}

test("a claim that finds no file descriptor is looked at again, and says for what it waits (P1)", async () => {
  const { claim, said } = claimThat(failing("EMFILE"), failing("ENFILE"), true);
  expect(await claim.isCurrent()).toBe(true);
  expect(said).toEqual([
    "no file descriptor (ulimit -n) for a look at this driver's claim on the workdir: EMFILE: it failed; nothing is lost, and it goes on when there is one",
    expect.stringContaining("no file descriptor on this machine for a look") as string,
    undefined,
  ]);
});

test("who was replaced meanwhile is told so by the look that succeeds (P1)", async () => {
  expect(await claimThat(failing("EMFILE"), false).claim.isCurrent()).toBe(false);
});

test("a claim that cannot be read for another reason ends the driver, as before", async () => {
  await expect(claimThat(failing("EIO")).claim.isCurrent()).rejects.toThrow("EIO");
});

import { expect, test } from "vitest";
import { noctuaVersion } from "../core/version.js";
import { commonSettings, mergerSettings as own } from "./known-settings.js";
import { ConfigError, readServiceConfig, type ServiceHelp } from "./service-arguments.js";

const help: ServiceHelp = { service: "merger", description: "Look around.", example: "--workdir /barn" };

const configOf = (...args: string[]): Promise<unknown> =>
  readServiceConfig(help, { args, environment: { NOCTUA_MERGER_NICE: "7" } }, (settings) => ({
    workdir: settings(commonSettings.workdir),
    slots: settings(own.slots),
    nice: settings(own.nice),
    labels: settings(own.labels),
  }));

async function refusalOf(...args: string[]): Promise<ConfigError> {
  const refusal: unknown = await configOf(...args).catch((error: unknown) => error);
  if (refusal instanceof ConfigError) return refusal;
  throw new Error("expected a refusal");
}

test("what comes out is complete and frozen, and labels are said again and again", async () => {
  const config = await configOf("--workdir", "/barn/", "--slots", "3", "--label", "a=1", "--label", "b=2");
  expect(config).toEqual({ workdir: "/barn", slots: 3, nice: 7, labels: { a: "1", b: "2" } });
  expect(Object.isFrozen(config)).toBe(true);
});

test("what is wrong with the arguments is told with all that is wrong with the settings, as it was written", async () => {
  const { message, exitCode } = await refusalOf("--label=fast", "--sluts", "2", "--name", "../x", "mouse");
  expect(exitCode).toBe(64);
  expect(message.split("\n")).toEqual([
    "--workdir (or NOCTUA_WORKDIR): expected a folder, found none",
    '--label: expected key=value, found "fast"',
    "--sluts: expected an option that is known, found none (did you mean --slots?)",
    '--name: expected 1 to 128 letters, digits, ".", "_" or "-", the first no "." or "-", found "../x"',
  ]);
  const { message: said } = await refusalOf("--slots", "0", "mouse", "--workdir", "/barn", "--nice", "x");
  expect(said.replaceAll(/:.*$/gm, "")).toBe("--slots\nexpected no arguments, found 1\n--nice");
});

test("an option without its value comes alone", async () => {
  expect((await refusalOf("--slots", "0", "--name")).message).toBe("--name: expected <name>, found none");
});

test("help and version are no mistakes, whatever else is said", async () => {
  expect(await refusalOf("--slots", "0", "--version")).toMatchObject({ message: noctuaVersion, exitCode: 0 });
  expect(await refusalOf("--help")).toMatchObject({ exitCode: 0 });
});

test.each([
  ["driver", "NOCTUA_DRIVER_LISTEN"],
  ["actor", "NOCTUA_ACTOR_NAME"],
  ["merger", "NOCTUA_MERGER_NAME"],
] as const)("the help of the %s fits 80 columns, and tells of variables", async (service, variable) => {
  const asked = readServiceConfig({ ...help, service }, { args: ["--help"], environment: {} }, () => ({}));
  const message: unknown = await asked.catch(
    (error: unknown) => error instanceof ConfigError && error.message,
  );
  expect(message).toMatch(/^Usage: noctua \w+ \[options\]\n\nLook around\.\n/);
  expect(message).toMatch(/ --log-level <word> +log no lines below it: .*\(default: +info\)/s);
  expect(message).toContain(variable);
  expect(message).toMatch(/\nExample:\n {2}noctua \w+ --workdir \/barn$/);
  for (const line of String(message).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

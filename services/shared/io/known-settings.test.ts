import { expect, test } from "vitest";
import { knownSettings } from "./known-settings.js";

test("no two settings share a variable or a key, and no two of a service a flag", () => {
  const flags = ({ section, flag }: (typeof knownSettings)[number]): string => `${section} ${flag}`;
  for (const of of [({ variable }) => variable, ({ path }) => path, flags] satisfies ((
    one: (typeof knownSettings)[number],
  ) => string)[])
    expect(new Set(knownSettings.map(of)).size).toBe(knownSettings.length);
});

test("names follow from where a setting stands (N1)", () => {
  const named = (path: string): unknown => knownSettings.find((one) => one.path === path);
  expect(named("driver.snapshotAfter")).toMatchObject({
    flag: "--snapshot-after",
    variable: "NOCTUA_DRIVER_SNAPSHOT_AFTER",
  });
  expect(named("logLevel")).toMatchObject({ flag: "--log-level", variable: "NOCTUA_LOG_LEVEL" });
  expect(named("actor.labels")).toMatchObject({ flag: "--label", variable: "NOCTUA_ACTOR_LABELS" });
});

test("no secret is a setting (N2)", () => {
  for (const { path } of knownSettings) expect(path).not.toMatch(/token|secret|passw|key$/i);
});

test.each(knownSettings)(
  "the default of $path can be read; only the workdir has none",
  ({ path, setting }) => {
    expect("value" in setting.read(setting.fallback, "")).toBe(path !== "workdir");
  },
);

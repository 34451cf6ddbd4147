// What `noctua config` tells of settings.

import { z } from "zod";
import type { FoundSetting, FoundSettings } from "../../shared/io/settings.js";

/** Version 1. */
export const configAnswerSchema = z.strictObject({
  schema: z.literal("noctua.config/v1"),
  file: z.string().optional().describe("The settings file; absent when there is none."),
  settings: z.array(
    z.strictObject({
      setting: z.string().describe("Its key in a settings file, such as actor.slots."),
      flag: z.string(),
      variable: z.string().optional().describe("Absent of what only its flag can say."),
      source: z.enum(["flag", "variable", "file", "default"]).describe("Who said it."),
      place: z
        .string()
        .optional()
        .describe("Such as NOCTUA_ACTOR_SLOTS or /data/run1/noctua.yaml:3; absent for a default."),
      value: z.string().optional().describe("As people write it; absent when it is found out at the start."),
    }),
  ),
});

type ConfigAnswer = z.output<typeof configAnswerSchema>;

export function configAnswer({ file, found }: FoundSettings): ConfigAnswer {
  return {
    schema: "noctua.config/v1",
    ...(file === undefined ? {} : { file }),
    settings: found.map((one) => {
      const { path, flag, variable, source, place, setting } = one;
      const value = valueText(one);
      return {
        setting: path,
        flag,
        ...(setting.isOnce ? {} : { variable }),
        source,
        ...(place === "" ? {} : { place }),
        ...(value === undefined ? {} : { value }),
      };
    }),
  };
}

/** As people write it, but a folder as it is found; undefined when nobody said it and it has no default. */
export function valueText({ setting, written, folder }: FoundSetting): string | undefined {
  if (written.length === 0) return undefined;
  const reading = setting.read(written, folder);
  return "value" in reading && typeof reading.value === "string" ? reading.value : written.join(",");
}

// A settings file as a JSON Schema, for editors. It refuses nothing that `noctua config` takes.

import { knownSettings, type NamedSetting } from "../../services/shared/io/known-settings.js";

const services = ["driver", "actor", "merger"];

export function settingsJsonSchema(): object {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Noctua settings",
    description: "noctua.yaml; noctua config shows what holds, and who said so.",
    ...mappingOf(
      "",
      Object.fromEntries(
        services.map((service) => [service, { description: `Of a ${service}.`, ...mappingOf(service) }]),
      ),
    ),
  };
}

/** Those of one section; all of it may be commented out. What is meant for one start stands in no file. */
function mappingOf(section: string, more: object = {}): object {
  const settings = knownSettings.filter((one) => one.section === section && !one.setting.isOnce);
  const properties = Object.fromEntries(settings.map((one) => [one.key, formOf(one)]));
  return { type: ["object", "null"], properties: { ...properties, ...more }, additionalProperties: false };
}

function formOf({ setting: { text, fallbackText, inFile } }: NamedSetting): object {
  const about = fallbackText === "" ? text : `${text} (default: ${fallbackText})`;
  return { description: `${about.charAt(0).toUpperCase()}${about.slice(1)}.`, ...inFile };
}

// All settings as tables of Markdown: one for what is common, one for each service.

import { knownSettings, type NamedSetting } from "../../services/shared/io/known-settings.js";

const titles: Readonly<Record<string, string>> = {
  "": "For all (`output` is of commands)",
  driver: "Driver: `driver` in the file",
  actor: "Actor: `actor` in the file",
  merger: "Merger: `merger` in the file",
};

export function settingTables(): string {
  const parts = Object.entries(titles).map(([section, title]) => {
    const rows = knownSettings.filter((one) => one.section === section).map(rowOf);
    const table = [
      ["key", "flag", "variable", "is", "default", "means"],
      Array<string>(6).fill("---"),
      ...rows,
    ];
    return [`### ${title}`, "", ...table.map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
  });
  return `${parts.join("\n\n")}\n`;
}

function rowOf({ key, flag, variable, setting }: NamedSetting): readonly string[] {
  const { text, expected, fallbackText, isOnce } = setting;
  if (isOnce) return ["", `\`${flag}\``, "", "for one start", "", text];
  return [
    `\`${key}\``,
    `\`${flag}\``,
    `\`${variable}\``,
    expected,
    fallbackText,
    text.replace(`: ${expected.replace("one of ", "")}`, ""),
  ];
}

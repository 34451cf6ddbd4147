// noctua config: each setting with its value, and who said so.

import { Argument, type Command } from "commander";
import { harmless } from "../../shared/core/harmless.js";
import { knownSettings } from "../../shared/io/known-settings.js";
import type { FoundSettings } from "../../shared/io/settings.js";
import { tableText } from "../core/columns.js";
import { exitCodes } from "../io/cli-error.js";
import { configAnswer, valueText } from "../io/config-answer.js";
import * as help from "../io/help.js";
import { serviceNames, type ServiceName } from "../io/load-service.js";
import { printJson, withOutput, type OutputForm } from "../io/output-form.js";
import type { Terminal } from "../io/terminal.js";
import { settingsOf, workdirIfAny } from "./command-settings.js";
import type { CommandWorld } from "./world.js";

export function addConfig(noctua: Command, { terminal, env, perform }: CommandWorld): void {
  const command = withOutput(noctua.command("config"));
  command
    .description("show each setting, and who said so")
    .addArgument(
      new Argument("[service]", "driver, actor or merger: its settings alone").choices(serviceNames),
    )
    .option("--workdir <folder>", "where the run lives; its noctua.yaml is read")
    .addHelpText("after", help.config)
    .action((service: ServiceName | undefined, given: { output: OutputForm }) =>
      perform(async () => {
        const wanted = knownSettings.filter(
          ({ path, section }) => path !== workdirIfAny.path && ["", service ?? section].includes(section),
        );
        const settings = await settingsOf(command, [workdirIfAny, ...wanted], env);
        showConfig(settings, given.output, terminal);
        return exitCodes.ok;
      }),
    );
}

function showConfig(settings: FoundSettings, output: OutputForm, terminal: Terminal): void {
  const { file, found } = settings;
  if (output !== "text") {
    printJson(terminal, output, configAnswer(settings));
    return;
  }
  const columns = ["SETTING", "FROM", "VALUE"].map((title) => ({ title }));
  const rows = found.map((one) => {
    const from = one.source === "file" ? `line ${one.place.replace(/^.*:/, "")}` : one.place;
    return [one.path, from === "" ? "default" : from, valueText(one) ?? `(${one.setting.fallbackText})`];
  });
  terminal.print(harmless(`settings file: ${file ?? "none"}\n\n${tableText(columns, rows)}`));
}

// How `--help` lists what a command takes: its own options first, then those that most commands have; choices in words, and no
// default that is nothing.

import { Help, type Argument, type Command, type HelpConfiguration, type Option } from "commander";

/** What most commands have, in the order in which it is listed. */
const common = ["--workdir", "--config", "--output", "--json", "--help"];

const plain = new Help();

export const helpForm: HelpConfiguration = {
  visibleOptions: (command: Command) => {
    const options = plain.visibleOptions(command);
    const rankOf = ({ long }: Option): number => common.indexOf(long ?? "");
    return options.toSorted((one, other) => rankOf(one) - rankOf(other));
  },
  optionDescription: described,
  argumentDescription: described,
};

function described({ description, defaultValue, defaultValueDescription }: Option | Argument): string {
  const value: unknown = defaultValueDescription ?? defaultValue;
  const isTold = (typeof value === "string" && value !== "") || typeof value === "number";
  return isTold ? `${description} (default: ${value})` : description;
}

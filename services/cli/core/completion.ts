// Scripts that have a shell complete what is typed after `noctua`. They ask nothing: all that they know stands in them.

import type { CommandShape, Completed, OptionShape } from "./command-shape.js";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function completionScript(shell: Shell, commands: readonly CommandShape[]): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands);
}

interface Place {
  readonly command: string;
  readonly option: OptionShape;
  readonly value: Completed;
}

/** Where the value of an option is to stand. */
function valuePlaces(commands: readonly CommandShape[]): readonly Place[] {
  return commands.flatMap(({ name, options }) =>
    options.flatMap((option) =>
      option.value === undefined ? [] : [{ command: name, option, value: option.value }],
    ),
  );
}

function bashScript(commands: readonly CommandShape[]): string {
  const values = valuePlaces(commands).map(
    ({ command, option, value }) => `    "${command} ${option.flag}") ${bashOf(value)}; return ;;`,
  );
  const flags = commands.map(
    ({ name, options }) => `      ${name}) _noctua_words ${options.map(({ flag }) => flag).join(" ")} ;;`,
  );
  const takes = commands.map(({ name, takes: what }) => `    ${name}) ${bashOf(what)} ;;`);
  return `# Completion of noctua for bash. In ~/.bashrc:  source <(noctua completion bash)

_noctua_words() { COMPREPLY=($(compgen -W "$*" -- "\${COMP_WORDS[COMP_CWORD]}")); }
_noctua_files() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "\${COMP_WORDS[COMP_CWORD]}"))
  compopt -o filenames 2>/dev/null
}

_noctua() {
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _noctua_words ${commands.map(({ name }) => name).join(" ")}
    return
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join("\n")}
  esac
  if [[ \${COMP_WORDS[COMP_CWORD]} == -* ]]; then
    case "\${COMP_WORDS[1]}" in
${flags.join("\n")}
    esac
    return
  fi
  case "\${COMP_WORDS[1]}" in
${takes.join("\n")}
  esac
}

complete -F _noctua noctua
`;
}

function bashOf(what: Completed): string {
  switch (what.kind) {
    case "files":
      return "_noctua_files -f";
    case "folders":
      return "_noctua_files -d";
    case "words":
      return `_noctua_words ${what.words.join(" ")}`;
    case "anything":
      return ":";
  }
}

function zshScript(commands: readonly CommandShape[]): string {
  const described = (name: string, text: string): string => quoted(`${name.replaceAll(":", "\\:")}:${text}`);
  const values = valuePlaces(commands).map(
    ({ command, option, value }) => `    '${command} ${option.flag}') ${zshOf(value)}; return ;;`,
  );
  const flags = commands.map(({ name, options }) => {
    const all = options.map(({ flag, description }) => described(flag, description));
    return `      ${name}) flags=(${all.join(" ")}) ;;`;
  });
  const takes = commands.map(({ name, takes: what }) => `    ${name}) ${zshOf(what)} ;;`);
  return `#compdef noctua
# Completion of noctua for zsh. In ~/.zshrc, after compinit:  source <(noctua completion zsh)

_noctua() {
  local -a commands flags
  if (( CURRENT == 2 )); then
    commands=(${commands.map(({ name, description }) => described(name, description)).join(" ")})
    _describe command commands
    return
  fi
  case "\${words[2]} \${words[CURRENT-1]}" in
${values.join("\n")}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    case "\${words[2]}" in
${flags.join("\n")}
    esac
    _describe option flags
    return
  fi
  case "\${words[2]}" in
${takes.join("\n")}
  esac
}

if [ "\${funcstack[1]}" = _noctua ]; then _noctua "$@"; else compdef _noctua noctua; fi
`;
}

function zshOf(what: Completed): string {
  switch (what.kind) {
    case "files":
      return "_files";
    case "folders":
      return "_files -/";
    case "words":
      return `compadd -- ${what.words.join(" ")}`;
    case "anything":
      return "_message 'a value'";
  }
}

function fishScript(commands: readonly CommandShape[]): string {
  const lines = commands.flatMap(({ name, description, options, takes }) => {
    const after = `complete -c noctua -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c noctua -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...(takes.kind === "anything" ? [] : [`${after} ${fishOf(takes, "")}`]),
      ...options.map(({ flag, description: text, value }) => {
        const taken = value === undefined ? "" : ` ${fishOf(value, "-r ")}`;
        return `${after} -l ${flag.slice(2)} -d ${quoted(text)}${taken}`;
      }),
    ];
  });
  return `# Completion of noctua for fish:  noctua completion fish > ~/.config/fish/completions/noctua.fish

complete -c noctua -f
${lines.join("\n")}
`;
}

function fishOf(what: Completed, required: string): string {
  switch (what.kind) {
    case "files":
      return `${required}-F`;
    case "folders":
      return `${required}-f -a '(__fish_complete_directories)'`;
    case "words":
      return `${required}-f -a '${what.words.join(" ")}'`;
    case "anything":
      return `${required}-f`;
  }
}

/** In single quotes, as the three shells read it: each quote ends them, and is escaped by itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

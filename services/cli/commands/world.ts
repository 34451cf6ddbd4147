// What commands need of the process.

import type { ExitCode } from "../io/cli-error.js";
import type { KeySource } from "../io/keyboard.js";
import type { LiveSink } from "../io/live-lines.js";
import type { ServiceCommand } from "../io/service-team.js";
import type { Terminal } from "../io/terminal.js";

export interface CommandWorld {
  readonly terminal: Terminal;
  /** Of what is redrawn; what is printed once goes to the terminal. */
  readonly stdout: LiveSink;
  readonly stdin: KeySource;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execPath: string;
  /** How a service is started. */
  readonly serviceCommand: ServiceCommand;
  /** Runs a command until it is done or told to stop. */
  readonly perform: (act: (signal: AbortSignal) => Promise<ExitCode>) => Promise<void>;
}

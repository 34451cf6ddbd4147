// The world is wrong: what failed, as a value.

/** Decides what is done about a failure (design.md, "Failure, by class"). */
export const failureClasses = ["transient", "node", "event", "fatal"] as const;

/** `transient`: try again anywhere; `node`: elsewhere; `event`: this event is bad; `fatal`: no range can succeed. */
export type FailureClass = (typeof failureClasses)[number];

/** What went wrong, in words that say what was expected and what was found. */
export interface Failure {
  readonly class: FailureClass;
  /** One sentence, at most `failureMessageMax` characters. */
  readonly message: string;
  /** Of the process, when it ended by itself. */
  readonly exitCode: number | undefined;
  /** The signal that ended the process, such as `SIGKILL`; empty when none did. */
  readonly signal: string;
  /** The last of what the process wrote to stderr, at most `stderrTailBytesMax` bytes. */
  readonly stderrTail: string;
}

export const failureMessageMax = 1_000;
export const stderrTailBytesMax = 4_096;

/** A failure that has no process to speak of. */
export function failureOf(failureClass: FailureClass, message: string): Failure {
  return {
    class: failureClass,
    message: message.slice(0, failureMessageMax),
    exitCode: undefined,
    signal: "",
    stderrTail: "",
  };
}

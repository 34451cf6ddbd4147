// What can be typed after `noctua`, for those who complete it.

/** What may stand somewhere. */
export type Completed =
  | { readonly kind: "files" }
  | { readonly kind: "folders" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** Nobody can tell: a number, a name. */
  | { readonly kind: "anything" };

export interface OptionShape {
  /** With its dashes. */
  readonly flag: string;
  readonly description: string;
  /** Undefined when it takes none. */
  readonly value: Completed | undefined;
}

export interface CommandShape {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionShape[];
  /** What its arguments may be; of several, the first of which something is known. */
  readonly takes: Completed;
}

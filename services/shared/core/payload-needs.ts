// What a payload is given of its node.

export interface PayloadNeeds {
  /** Variables of its environment; `{jobDir}` in the values is filled in. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names of variables that it gets as its actor has them, where its actor has them. */
  readonly passEnvironment: readonly string[];
}

/** Of a payload that asks for nothing. */
export const noNeeds: PayloadNeeds = { environment: {}, passEnvironment: [] };

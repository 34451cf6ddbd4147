// What Node's errors carry besides their message.

/** The code of a system error, such as `ENOENT`; empty when it has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** What to tell people of whatever was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What to tell the log of what should never have been thrown. */
export function errorFields(error: unknown): { readonly error: string; readonly stack: string | undefined } {
  return { error: errorMessage(error), stack: error instanceof Error ? error.stack : undefined };
}

// What a job file may say of its payload's environment.

import { z } from "zod";
import { flawOfEnvironment } from "../../shared/core/environment-flaw.js";
import { placeholderMistakes, streamPlaceholders } from "../core/placeholders.js";
import { readAs } from "./described.js";

const variablesExpected =
  "variables with their values, such as { X509_CERT_DIR: /etc/certs, LANG: C } (numbers go in quotes)";
const namesExpected = "a list of names of variables, such as [X509_USER_PROXY]";

type Variables = Readonly<Record<string, string>>;

/** Variables with their values; looked at as a whole, so that a mistake names the variable. */
export const variablesSchema = readAs<Variables>(
  z.record(z.string(), z.string()).meta({ title: "variables" }),
  (written, context) => {
    const environment = variablesIn(written);
    const flaw =
      environment === undefined
        ? { expected: variablesExpected, found: undefined }
        : (flawOfEnvironment({ environment, passEnvironment: [] }) ??
          placeholderMistakes(Object.values(environment), streamPlaceholders)[0]);
    if (environment !== undefined && flaw === undefined) return environment;
    const { expected: message, found } = flaw ?? { expected: variablesExpected, found: undefined };
    context.addIssue({ code: "custom", message, input: written, params: { found } });
    return z.NEVER;
  },
);

/** Names of variables, to be passed on as they are. */
export const variableNames = z
  .array(z.string({ error: namesExpected }), { error: namesExpected })
  .superRefine((passEnvironment, context) => {
    const flaw = flawOfEnvironment({ environment: {}, passEnvironment });
    if (flaw === undefined) return;
    context.addIssue({ code: "custom", message: flaw.expected, params: { found: flaw.found } });
  });

/** Undefined when it is something else. */
function variablesIn(written: unknown): Variables | undefined {
  if (typeof written !== "object" || written === null || Array.isArray(written)) return undefined;
  const entries = Object.entries(written);
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return texts.length === entries.length ? Object.fromEntries(texts) : undefined;
}

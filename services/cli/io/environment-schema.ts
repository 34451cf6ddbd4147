// What a job file may say of its payload's environment.

import { z } from "zod";
import { flawOfEnvironment } from "../../shared/core/environment-flaw.js";
import { placeholderMistakes, streamPlaceholders } from "../core/placeholders.js";
import { readAs } from "./described.js";
import { textsIn, type Texts } from "./text-mapping.js";

const variablesExpected =
  "variables with their values, such as { X509_CERT_DIR: /etc/certs, LANG: C } (numbers go in quotes)";
const namesExpected = "a list of names of variables, such as [X509_USER_PROXY]";

/** Variables with their values; looked at as a whole, so that a mistake names the variable. */
export const variablesSchema = readAs<Texts>(
  z.record(z.string(), z.string()).meta({ title: "variables" }),
  (written, context) => {
    const read = textsIn(written);
    const flaw =
      "found" in read
        ? { expected: variablesExpected, found: read.found }
        : (flawOfEnvironment({ environment: read.texts, passEnvironment: [] }) ??
          placeholderMistakes(Object.values(read.texts), streamPlaceholders)[0]);
    if ("texts" in read && flaw === undefined) return read.texts;
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

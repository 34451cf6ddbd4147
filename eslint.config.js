// The laws that a linter can see. (STYLE.md gives the reasons; test/laws plants a violation of each and looks for it.)
//
//   L1. A file is one idea: 300 lines, functions of 70, four parameters, complexity 12.
//   L2. Types are not argued with: no any, no !, and `as` only where ids and messages are parsed.
//   L3. Names lead to one place: no default exports, no re-exports.
//   L4. Time and chance come in as arguments: services/shared/io/system-clock.ts alone asks the machine.
//   L5. The environment is read once: by main.ts and io/config.ts.
//   L6. core/ is synchronous and knows neither time nor chance.

import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const tests = ["**/*.test.ts", "**/*.test.mjs", "test/**"];
const scripts = ["**/*.mjs", "**/*.cjs", "**/*.js"];
const parsers = ["**/id.ts", "**/wire.ts", "**/wire-*.ts", "**/journal-codec*.ts", "**/parse-*.ts"];
const clock = ["services/shared/io/system-clock.ts"];
const environmentReaders = ["services/*/main.ts", "services/*/io/config.ts"];
const core = ["services/*/core/**/*.ts"];

const notAllowed = {
  enums: { selector: "TSEnumDeclaration", message: "Use a union of string literals (STYLE.md)." },
  reExports: [
    { selector: "ExportAllDeclaration", message: "No barrel files: import from where the thing lives." },
    {
      selector: "ExportNamedDeclaration[source]",
      message: "No re-exports: import from where the thing lives.",
    },
  ],
  assertions: {
    selector: "TSAsExpression:not([typeAnnotation.typeName.name='const']), TSTypeAssertion",
    message: "`as` is for id.ts, wire*.ts, journal-codec*.ts and parse-*.ts; parse or narrow instead.",
  },
  waiting: [
    { selector: ":function[async=true]", message: "core/ is synchronous: decide here, wait in io/." },
    { selector: "AwaitExpression, ForOfStatement[await=true]", message: "core/ is synchronous." },
    { selector: "ImportExpression", message: "core/ is synchronous: import at the top." },
    {
      selector: "TSTypeReference[typeName.name=/^(Promise|PromiseLike|Date|AsyncIterable|AsyncGenerator)$/]",
      message: "core/ is synchronous, and its times are numbers.",
    },
  ],
};

const everywhere = [notAllowed.enums, ...notAllowed.reExports];
const timeAndChanceGlobals = ["setTimeout", "setInterval"].map((name) => ({
  name,
  message: "Timers belong to services/shared/io/system-clock.ts.",
}));
const timeAndChanceProperties = [
  { object: "Date", property: "now", message: "Take a Clock as an argument." },
  { object: "performance", property: "now", message: "Take a Clock as an argument." },
  { object: "process", property: "hrtime", message: "Take a Clock as an argument." },
  { object: "Math", property: "random", message: "Take an Rng as an argument." },
];
const timeAndChanceSyntax = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Take a Clock as an argument.",
  },
  { selector: "CallExpression[callee.name='Date']", message: "Take a Clock as an argument." },
];
const timeAndChanceModules = ["node:timers", "node:timers/promises", "timers", "timers/promises"];
const environment = {
  object: "process",
  property: "env",
  message: "Configuration is read once, in main.ts.",
};
const environmentImport = { name: "node:process", importNames: ["env"], message: environment.message };

/**
 * @typedef {import("eslint").Linter.RuleEntry} RuleEntry
 * @typedef {{ selector: string, message: string }} BadSyntax
 */

/** @param {BadSyntax[]} more @returns {RuleEntry} */
const restrictSyntax = (...more) => ["error", ...everywhere, ...more];
/** @param {object[]} globals @returns {RuleEntry} */
const restrictGlobals = (globals) => ["error", { globals, checkGlobalObject: true }];
/** @param {(object | string)[]} paths @returns {RuleEntry} */
const restrictImports = (paths) => ["error", { paths }];

/** From eslint's own recommended set: what neither the compiler nor typescript-eslint sees. */
const mistakes = Object.fromEntries(
  [
    ...["for-direction", "no-async-promise-executor", "no-case-declarations", "no-compare-neg-zero"],
    ...["no-cond-assign", "no-constant-binary-expression", "no-constant-condition", "no-control-regex"],
    ...["no-debugger", "no-dupe-else-if", "no-duplicate-case", "no-empty", "no-empty-character-class"],
    ...["no-empty-pattern", "no-ex-assign", "no-fallthrough", "no-invalid-regexp", "no-irregular-whitespace"],
    ...["no-loss-of-precision", "no-misleading-character-class", "no-prototype-builtins", "no-regex-spaces"],
    ...["no-self-assign", "no-self-compare", "no-sparse-arrays", "no-unsafe-finally"],
    ...["no-unused-labels", "no-useless-assignment", "no-useless-backreference", "no-useless-catch"],
    ...["no-useless-escape", "no-var", "prefer-const", "preserve-caught-error", "require-yield", "use-isnan"],
  ].map((rule) => [rule, "error"]),
);

export default defineConfig(
  globalIgnores(["gen/", "dist/", "build/", "coverage/", "examples/*/input/", "examples/*/work/"]),
  {
    files: ["**/*.ts", ...scripts],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      ...mistakes,
      eqeqeq: "error",
      "max-lines": ["error", { max: 300 }],
      "max-lines-per-function": ["error", { max: 70 }],
      "max-params": ["error", { max: 4 }],
      // A switch over a union counts as one decision: that it is exhaustive is what makes it simple.
      complexity: ["error", { max: 12, variant: "modified" }],
      "no-restricted-exports": [
        "error",
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      "no-restricted-syntax": restrictSyntax(notAllowed.assertions),
      "@typescript-eslint/consistent-type-assertions": [
        "error",
        { assertionStyle: "as", objectLiteralTypeAssertions: "never" },
      ],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  {
    files: ["services/**/*.ts"],
    rules: {
      "no-restricted-syntax": restrictSyntax(notAllowed.assertions, ...timeAndChanceSyntax),
      "no-restricted-globals": restrictGlobals(timeAndChanceGlobals),
      "no-restricted-properties": ["error", ...timeAndChanceProperties, environment],
      "no-restricted-imports": restrictImports([...timeAndChanceModules, environmentImport]),
    },
  },
  {
    files: parsers,
    rules: { "no-restricted-syntax": restrictSyntax(...timeAndChanceSyntax) },
  },
  {
    files: clock,
    rules: {
      "no-restricted-syntax": restrictSyntax(notAllowed.assertions),
      "no-restricted-globals": "off",
      "no-restricted-properties": ["error", environment],
      "no-restricted-imports": restrictImports([environmentImport]),
    },
  },
  {
    files: environmentReaders,
    rules: {
      "no-restricted-properties": ["error", ...timeAndChanceProperties],
      "no-restricted-imports": restrictImports(timeAndChanceModules),
    },
  },
  {
    files: core,
    rules: {
      "no-restricted-syntax": restrictSyntax(
        ...notAllowed.waiting,
        ...timeAndChanceSyntax,
        notAllowed.assertions,
      ),
      "no-restricted-globals": restrictGlobals([
        ...timeAndChanceGlobals,
        ...["Promise", "Date", "queueMicrotask", "setImmediate"].map((name) => ({
          name,
          message: "core/ is synchronous, and takes the time as an argument.",
        })),
      ]),
    },
  },
  {
    files: core.flatMap((folder) => parsers.map((parser) => [folder, parser])),
    rules: { "no-restricted-syntax": restrictSyntax(...notAllowed.waiting, ...timeAndChanceSyntax) },
  },
  {
    // Tests may wait, look at the clock and throw the dice; what they must not be is long or loosely typed in the signature.
    files: tests,
    rules: {
      "max-lines-per-function": "off",
      "no-restricted-syntax": restrictSyntax(),
      "no-restricted-globals": "off",
      "no-restricted-properties": "off",
      "no-restricted-imports": "off",
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/require-await": "off",
      // A checker looks at a few kinds of fact, and rightly at no others.
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    // Scripts say their types in JSDoc, which these rules do not read.
    files: scripts,
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/restrict-template-expressions": "off",
    },
  },
  {
    // Their tools ask for a default export.
    files: ["eslint.config.js", "vitest.config.ts"],
    rules: { "no-restricted-exports": "off" },
  },
);

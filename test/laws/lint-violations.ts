// One violation of each law that the linter holds, each in a file of its own.

export interface LintViolation {
  readonly what: string;
  readonly file: string;
  readonly code: string;
  readonly rule: string;
}

const syntax = "no-restricted-syntax";
const globals = "no-restricted-globals";
const properties = "no-restricted-properties";
const imports = "no-restricted-imports";

const lines = (count: number, line: string): string => `${line}\n`.repeat(count);

export const violations: readonly LintViolation[] = [
  ...inFolder("services/driver/core", [
    ["core waits", "export async function f(g: () => Promise<void>): Promise<void> { await g(); }", syntax],
    ["core names a promise", "export type Later = Promise<number>;", syntax],
    ["core makes a promise", "export const f = (): unknown => Promise.resolve(1);", globals],
    ["core asks for the date", "export const f = (): string => new Date(5).toISOString();", globals],
    ["core asks for the time", "export const f = (): number => globalThis.Date.now();", globals],
    ["core throws the dice", "export const f = (): number => Math.random();", properties],
    ["core sets a timer", "export const f = (): unknown => setTimeout(() => 1, 5);", globals],
    ["core imports late", `export const f = (): unknown => import("./decide.js");`, syntax],
    ["core asserts a type", "export const f = (x: unknown): number => x as number;", syntax],
  ]),
  ...inFolder("services/driver/io", [
    ["io asks for the time", "export const f = (): number => Date.now();", properties],
    ["io asks for today", "export const f = (): unknown => new Date();", syntax],
    ["io asks for the tick", "export const f = (): number => performance.now();", properties],
    ["io throws the dice", "export const f = (): number => Math.random();", properties],
    ["io sets a timer", "export const f = (): unknown => setInterval(() => 1, 5);", globals],
    ["io sets a timer by the back door", "export const f = globalThis.setTimeout(() => 1, 5);", globals],
    ["io imports timers", `import "node:timers/promises";`, imports],
    ["io reads the environment", `export const f = process.env["HOME"];`, properties],
    ["io takes the environment apart", "export const { env } = process;", properties],
    ["io imports the environment", `import { env } from "node:process";\nexport const f = env;`, imports],
    ["a type is asserted", "export const f = (x: unknown): number => x as number;", syntax],
    ["any", "export const f: any = 1;", "@typescript-eslint/no-explicit-any"],
    ["!", "export const f = (x?: number): number => x!;", "@typescript-eslint/no-non-null-assertion"],
    ["an enum", "export enum Colour { red }", syntax],
    ["a default export", "const f = 1;\nexport default f;", "no-restricted-exports"],
    ["a barrel", `export * from "./config.js";`, syntax],
    ["a re-export", `export { readWorkdir } from "./config.js";`, syntax],
    ["a file of 301 lines", lines(301, "// One more."), "max-lines"],
    [
      "a function of 71 lines",
      `export function f(): void {\n${lines(69, "  // One more.")}}`,
      "max-lines-per-function",
    ],
    [
      "five parameters",
      "export const f = (a: 1, b: 1, c: 1, d: 1, e: 1): number => a + b + c + d + e;",
      "max-params",
    ],
    [
      "thirteen ways through",
      `export function f(x: number): void {\n${lines(12, "  if (x > 1) f(x - 1);")}}`,
      "complexity",
    ],
    [
      "a case is forgotten",
      `export function f(x: "a" | "b"): number { switch (x) { case "a": return 1; default: return 2; } }`,
      "@typescript-eslint/switch-exhaustiveness-check",
    ],
    [
      "a promise without an owner",
      "export function f(g: () => Promise<void>): void { g(); }",
      "@typescript-eslint/no-floating-promises",
    ],
    [
      "a type imported as a value",
      `import { Buffer } from "node:buffer";\nexport const f = (x: Buffer): number => x.length;`,
      "@typescript-eslint/consistent-type-imports",
    ],
    [
      "an export without a return type",
      "export const f = (x: number) => x;",
      "@typescript-eslint/explicit-module-boundary-types",
    ],
    [
      "a cause is lost",
      "export function f(): void { try { f(); } catch (error) { throw new Error(String(error)); } }",
      "preserve-caught-error",
    ],
  ]),
];

function inFolder(folder: string, rows: readonly (readonly [string, string, string])[]): LintViolation[] {
  return rows.map(([what, code, rule], index) => ({
    what,
    file: `${folder}/planted-${index}.ts`,
    code: `${code}\n`,
    rule,
  }));
}

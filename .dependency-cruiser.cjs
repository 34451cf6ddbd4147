// The law of imports: core sees core; io sees core and io; main sees its own service; services meet only on the wire;
// services/shared is below all; generated code stops at the wire. Cycles are refused, type-only ones too.
//
// A rule's $1 is the name of the importing file's own service.

const testFile = "\\.test\\.(ts|mjs)$";
const wireFiles = ["wire\\.(test\\.)?ts", "wire-[^/]+\\.ts", "journal-codec[^/]*\\.ts"].map(
  (name) => `^services/[^/]+/io/(|.*/)${name}$`,
);

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "A cycle is one thing in two files. Type-only imports count.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "core-sees-core",
      comment: "core/ imports its own core/ and shared/core: no io, no Node, no package.",
      severity: "error",
      from: { path: "^services/([^/]+)/core/", pathNot: testFile },
      to: { pathNot: "^services/($1|shared)/core/" },
    },
    {
      name: "core-tests-see-core",
      comment: "A test in core/ may use packages and Node, but of Noctua only what core/ may see.",
      severity: "error",
      from: { path: `^services/([^/]+)/core/.*${testFile}` },
      to: { path: "^(services|gen|test|examples|tools)/", pathNot: "^services/($1|shared)/core/" },
    },
    {
      name: "io-sees-core-and-io",
      comment: "io/ imports core/ and io/ of its own service and of shared. Services meet only on the wire.",
      severity: "error",
      from: { path: "^services/([^/]+)/io/" },
      to: { path: "^services/", pathNot: "^services/($1|shared)/(core|io)/" },
    },
    {
      name: "commands-see-their-cli",
      comment: "A command imports the cli's core, io and commands, and shared.",
      severity: "error",
      from: { path: "^services/([^/]+)/commands/" },
      to: { path: "^services/", pathNot: "^services/($1/(core|io|commands)|shared/(core|io))/" },
    },
    {
      name: "main-sees-its-service",
      comment: "main.ts wires its own service, from its parts and shared.",
      severity: "error",
      from: { path: "^services/([^/]+)/[^/]+$" },
      to: { path: "^services/", pathNot: "^services/($1|shared)/" },
    },
    {
      name: "nobody-sees-main",
      comment: "main.ts is where a process starts; whoever wants it starts the process.",
      severity: "error",
      from: { pathNot: testFile },
      to: { path: "^services/[^/]+/main\\.ts$" },
    },
    {
      name: "generated-code-stops-at-the-wire",
      comment:
        "gen/ is for wire.ts, wire-*.ts and journal-codec*.ts in an io folder, their tests, and test/.",
      severity: "error",
      from: { pathNot: ["^(gen|test)/", ...wireFiles] },
      to: { path: "^gen/" },
    },
    {
      name: "services-stand-below",
      comment: "Nothing in services/ imports tests, examples or tools.",
      severity: "error",
      from: { path: "^services/" },
      to: { path: "^(test|examples|tools|deploy)/" },
    },
    {
      name: "examples-stand-outside",
      comment: "An example has what a user has: the bundles and the protos.",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^(services|gen|test|tools)/" },
    },
    {
      name: "payloads-stand-alone",
      comment: "Users copy one of these files beside their program.",
      severity: "error",
      from: { path: "^payloads/", pathNot: testFile },
      to: { dependencyTypesNot: ["core"] },
    },
    {
      name: "tools-stand-alone",
      comment: "Tools run before anything is built.",
      severity: "error",
      from: { path: "^tools/" },
      to: { path: "^(services|gen|test|examples)/" },
    },
    {
      name: "no-development-packages",
      comment:
        "What ships, and what a user runs, imports dependencies only. (Two files are for tests and nothing else.)",
      severity: "error",
      from: {
        path: "^(services|examples)/",
        pathNot: [testFile, "^services/(shared/io/testing-folder|cli/commands/testing)\\.ts$"],
      },
      to: { dependencyTypes: ["npm-dev"] },
    },
    {
      name: "no-unlisted-packages",
      comment: "A package that package.json does not name is there by chance.",
      severity: "error",
      from: { pathNot: "^(gen|node_modules)/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-missing-files",
      comment: "An import leads somewhere.",
      severity: "error",
      from: { pathNot: "^node_modules/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|build|examples/[^/]+/(input|work))/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      mainFields: ["module", "main", "types"],
    },
  },
};

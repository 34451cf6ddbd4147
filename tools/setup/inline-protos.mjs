// Makes grpc-health-check and @grpc/reflection work in a bundle: both read .proto files that lie beside them, and beside a
// bundle nothing lies. Their loadSync(file, …) becomes fromJSON({ the parsed file }, …).
//
//   I1. A file that no longer looks as expected fails the build: a bundle that fails at its first call would be worse.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Where each package reads its proto: its file, the call in it, and the proto relative to the package. */
const readers = [
  {
    file: "grpc-health-check/build/src/health.js",
    call: "(0, proto_loader_1.loadSync)('health/v1/health.proto',",
    replacement: "(0, proto_loader_1.fromJSON)",
    proto: "grpc-health-check/proto/health/v1/health.proto",
  },
  ...["v1", "v1alpha"].map((version) => ({
    file: `@grpc/reflection/build/src/implementations/reflection-${version}.js`,
    call: "protoLoader.loadSync(protoPath,",
    replacement: "protoLoader.fromJSON",
    proto: `@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`,
  })),
];

/**
 * @param {string} root
 * @returns {import("esbuild").Plugin}
 */
export function inlineProtos(root) {
  return {
    name: "inline-protos",
    setup(build) {
      for (const { file, call, replacement, proto } of readers) {
        build.onLoad({ filter: new RegExp(`/node_modules/${file.replaceAll(".", "\\.")}$`) }, ({ path }) => {
          const source = readFileSync(path, "utf8");
          if (source.split(call).length !== 2) throw new Error(`expected "${call}" once in ${path}`); // (I1)
          const parsed = parseProto(root, join(root, "node_modules", proto));
          return { contents: source.replace(call, () => `${replacement}(${parsed},`) };
        });
      }
    },
  };
}

/**
 * By the very protobufjs that proto-loader will read it with.
 *
 * @param {string} root
 * @param {string} proto
 */
function parseProto(root, proto) {
  const protoLoader = createRequire(join(root, "package.json")).resolve("@grpc/proto-loader");
  const { parse } = createRequire(protoLoader)("protobufjs");
  return JSON.stringify(parse(readFileSync(proto, "utf8"), { keepCase: true }).root.toJSON());
}

// Reflection: a client in any language can ask the driver what it speaks.
//
// The descriptors are handed over as buf compiled them. Going through proto-loader instead gives descriptors that
// Python's protobuf refuses (maps, well-known types, lost imports).

import { BinaryReader } from "@bufbuild/protobuf/wire";
import { ReflectionService } from "@grpc/reflection";
import { descriptorSetBase64 } from "../../../gen/descriptor-set.js";

export function reflectionService(services: readonly string[]): ReflectionService {
  const reader = new BinaryReader(Buffer.from(descriptorSetBase64, "base64"));
  const fileDescriptorProtos: Buffer[] = [];
  while (reader.pos < reader.len) {
    reader.uint32(); // The tag: a FileDescriptorSet has one field, its files.
    fileDescriptorProtos.push(Buffer.from(reader.bytes()));
  }
  // The service reads nothing of a definition but its files.
  const definition = {
    format: "Protocol Buffer 3 EnumDescriptorProto",
    type: {},
    fileDescriptorProtos,
  } as const;
  return new ReflectionService({ noctua: definition }, { services: [...services] });
}

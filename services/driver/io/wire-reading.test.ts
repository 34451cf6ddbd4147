import type { MethodDefinition } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { JobServiceService } from "../../../gen/noctua/v1/job.js";
import { readable, Unreadable } from "./wire-reading.js";

test("a message of too many numbers is not read, though its size is allowed (W3, P7)", () => {
  const { submitJob } = readable({
    submitJob: JobServiceService.submitJob as MethodDefinition<unknown, unknown>,
  });
  const numbers = (count: number): Buffer => Buffer.alloc(2 * count, Buffer.from([0x78, 0])); // Field 15, which nobody knows.
  expect(submitJob?.requestDeserialize(numbers(1_000_000))).not.toBeInstanceOf(Unreadable);
  expect(submitJob?.requestDeserialize(numbers(16_000_001))).toMatchObject({
    status: {
      details: "/noctua.v1.JobService/SubmitJob: expected at most 16000000 numbers in a message, found more",
    },
  });
});

import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { detailsKey, encodeDetails, type StatusDetails } from "../../shared/io/status-details.js";
import { exitCodes } from "./cli-error.js";
import { explained } from "./driver-answer.js";

function anError(code: status, details: string, said: StatusDetails): ServiceError {
  const metadata = new Metadata();
  metadata.set(detailsKey, encodeDetails(code, details, said));
  return Object.assign(new Error(details), { code, details, metadata });
}

test("each field that is wrong has a line of its own", () => {
  const violations = [
    { field: "spec.retry", description: "expected a value, found none" },
    { field: "spec.merge", description: "expected a value, found none" },
  ];
  const said = { reason: "INVALID_FIELD", violations, limit: undefined, retryAfterMs: undefined };
  expect(explained(anError(status.INVALID_ARGUMENT, "two mistakes", said), "/w")).toMatchObject({
    exitCode: exitCodes.usage,
    message: "spec.retry: expected a value, found none\nspec.merge: expected a value, found none",
  });
});

test("a driver that can't answer now is not taken for none, and says when to ask again", () => {
  const said = { reason: "JOURNAL_STALLED", violations: [], limit: undefined, retryAfterMs: 5_000 };
  expect(explained(anError(status.UNAVAILABLE, "the journal is full", said), "/w")).toMatchObject({
    exitCode: exitCodes.driverUnavailable,
    message: "the journal is full: ask again in 5s",
  });
});

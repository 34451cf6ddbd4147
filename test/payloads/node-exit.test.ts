// A payload in JavaScript that exits in the middle of a range, while its helper listens.

import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ActorSide } from "./actor-side.js";

const helper = join(import.meta.dirname, "..", "..", "payloads", "node", "noctua-payload.mjs");
const program = `
import { Payload } from ${JSON.stringify(helper)};
const payload = await Payload.open();
await payload.run(() => process.exit(3));
`;

test("process.exit ends a payload at once: it does not wait for what the actor says next", async () => {
  const actor = await ActorSide.start([process.execPath, "--input-type=module", "-e", program]);
  onTestFinished(() => actor.close());
  actor.open();
  expect(await actor.hear()).toEqual({ type: "ready" });
  actor.grant("1.1", "x");
  expect(await actor.ended()).toMatchObject({ code: 3 });
});

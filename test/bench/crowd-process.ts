// One process of a crowd: joins with all its actors, works, and tells what it did when it is asked.

import { readAddress } from "../../services/shared/io/address-file.js";
import { dialing } from "../../services/shared/io/trust/dialing.js";
import { errorMessage } from "../../services/shared/io/error-code.js";
import { CrowdActor } from "./crowd-actor.js";
import { CrowdMerger } from "./crowd-merger.js";
import { TallyBook } from "./crowd-tally.js";
import type { CrowdOrder, FromCrowd, ToCrowd } from "./crowd-words.js";

const book = new TallyBook();
const actors: CrowdActor[] = [];

function tell(message: FromCrowd): void {
  process.send?.(message);
}

async function join(order: CrowdOrder): Promise<void> {
  const address = await readAddress(order.workdir);
  if (address === undefined) throw new Error("expected a driver's address in the workdir, found none");
  const asActor = await dialing(order.workdir, address, "actor");
  const asMerger = await dialing(order.workdir, address, "merger");
  const onFailure = (reason: string): void => tell({ kind: "failed", reason });
  for (let i = 1; i <= order.actors; i += 1) {
    actors.push(new CrowdActor({ name: `${order.prefix}-${i}`, dial: asActor, order, book, onFailure }));
  }
  for (let i = 1; i <= order.mergers; i += 1) {
    new CrowdMerger({
      name: `${order.prefix}-merger-${i}`,
      workdir: order.workdir,
      dial: asMerger,
      onFailure,
    });
  }
  await Promise.all(actors.map((actor) => actor.join()));
  tell({ kind: "joined" });
}

process.on("message", (message: ToCrowd) => {
  switch (message.kind) {
    case "join":
      join(message.order).catch((error: unknown) => tell({ kind: "failed", reason: errorMessage(error) }));
      return;
    case "work":
      for (const actor of actors) actor.work();
      return;
    case "rest":
      for (const actor of actors) actor.rest();
      return;
    case "tell":
      tell({ kind: "tally", tally: book.close() });
      return;
    case "leave":
      process.exit(0);
  }
});

// Whoever started it is gone: so is what it was for.
process.on("disconnect", () => process.exit(0));

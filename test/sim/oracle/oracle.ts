// What every oracle is: it sees what an onlooker sees, keeps notes, and complains when a promise is broken.

import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import type { Sighting } from "../sighting.js";
import type { Books } from "./books.js";

/** Says which promise is broken, and how. */
export type Complain = (promise: string, flaw: string) => void;

export interface Oracle {
  /** A fact has become durable; the books do not have it yet. */
  readonly fact?: (fact: DurableFact, books: Books) => void;
  /** Of what became durable, the books have it. */
  readonly see?: (sighting: Sighting, books: Books) => void;
  /** The world has come to rest, and all jobs should be over. */
  readonly end?: (books: Books) => void;
}

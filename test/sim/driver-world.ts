// What a simulated driver finds around it, and whom it tells of its end.

import type { FarmView } from "../../services/driver/core/state/farm.js";
import type { HandInShelf } from "./hand-ins.js";
import type { JournalDisk } from "./journal-disk.js";
import type { Network } from "./network.js";
import type { Profile } from "./profile.js";
import type { SharedFiles } from "./shared-files.js";
import type { Sight } from "./sighting.js";
import type { Timeline } from "./timeline.js";

export interface DriverWorld {
  readonly timeline: Timeline;
  readonly network: Network;
  readonly disk: JournalDisk;
  readonly files: SharedFiles;
  readonly handIns: HandInShelf;
  readonly sight: Sight;
  /** The world is not as it should be. */
  readonly complain: (promise: string, flaw: string) => void;
  readonly profile: Profile;
  /** The epoch that was claimed last. */
  readonly claims: { highest: number };
}

export interface DriverOwner {
  /** The journal was read, and nothing decided yet. */
  readonly onRecovered: (farm: FarmView) => void;
  /** It came to its end by itself. */
  readonly onEnd: (error: unknown) => void;
}

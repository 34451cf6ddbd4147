// Which hosts can be reached from another machine, and by which name.

import { isIP } from "node:net";
import { hostname } from "node:os";

/** True for addresses and the name that stay on this machine. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

/** How others dial who listens there: who listens on all addresses is known by the name of this machine. */
export function reachableHost(host: string): string {
  return host === "0.0.0.0" || host === "::" ? hostname() : host;
}

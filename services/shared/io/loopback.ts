// Which hosts cannot be reached from another machine.

import { isIP } from "node:net";

/** True for addresses and the name that stay on this machine. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

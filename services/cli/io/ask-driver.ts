// One question to a service of the driver of a workdir, and its answer.
//
//   A1. Address and credential are read anew for each connection: a driver that was restarted has another port.
//   A2. What goes wrong becomes a `CliError` that says what to do, and nothing waits for ever.

import type { CallOptions, ChannelCredentials, ClientOptions, ServiceError } from "@grpc/grpc-js";
import { readAddress } from "../../shared/io/address-file.js";
import { systemClock } from "../../shared/io/system-clock.js";
import { NoDriverYet } from "../../shared/io/trust/credential.js";
import { dialing } from "../../shared/io/trust/dialing.js";
import { explained } from "./driver-answer.js";
import { notDialled } from "./no-driver.js";

/** How long one question may take. */
const answerMsMax = 30_000;

export type Done<Answer> = (error: ServiceError | null, answer: Answer) => void;

/** Makes connections to one of the services. */
type Connection<Driver> = new (
  address: string,
  credentials: ChannelCredentials,
  options: Partial<ClientOptions>,
) => Driver;

/** On a connection of its own (A1, A2). */
export async function askDriver<Driver extends { close(): void }, Answer>(
  connection: Connection<Driver>,
  { workdir, signal }: { readonly workdir: string; readonly signal: AbortSignal },
  call: (driver: Driver, how: Partial<CallOptions>, done: Done<Answer>) => { cancel(): void },
): Promise<Answer> {
  signal.throwIfAborted();
  const driver = await dialDriver(connection, workdir);
  let cancel = (): void => undefined;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const how = { deadline: systemClock.unixMs() + answerMsMax };
      const asked = call(driver, how, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
      cancel = () => asked.cancel();
      signal.addEventListener("abort", cancel, { once: true });
    });
  } catch (error) {
    signal.throwIfAborted();
    throw explained(error, workdir);
  } finally {
    signal.removeEventListener("abort", cancel);
    driver.close();
  }
}

export async function dialDriver<Driver>(connection: Connection<Driver>, workdir: string): Promise<Driver> {
  try {
    const address = await readAddress(workdir);
    if (address === undefined) {
      throw new NoDriverYet(
        `no driver has been started on ${workdir}: there is no driver/address.json in it`,
      );
    }
    const { target, credentials, options } = await dialing(workdir, address, "client");
    return new connection(target, credentials, {
      ...options,
      // A connection of its own: a shared one may be waiting out the backoff of an earlier driver on this port.
      "grpc.use_local_subchannel_pool": 1,
    });
  } catch (error) {
    throw notDialled(error, workdir);
  }
}

// Where the driver can be reached: <workdir>/driver/address.json. Written anew by each start of a driver, read again
// before each dial, since a driver that was restarted has another port.

import { dirname, join } from "node:path";
import { z } from "zod";
import { writeFileAtomically } from "./atomic-file.js";
import { errorCode, errorMessage } from "./error-code.js";
import { checkPrivateFolder, ensurePrivateFolder, readPrivateFile } from "./private-file.js";

/** Where the driver of a workdir can be reached, and which process it is. */
export interface DriverAddress {
  /** Name or address of the host, as peers dial it. */
  readonly host: string;
  /** Of gRPC. */
  readonly port: number;
  /** Of health and metrics. */
  readonly httpPort: number;
  /** Name of the run. */
  readonly run: string;
  readonly epoch: number;
  readonly pid: number;
  /** Streams are not encrypted, and everybody on the machine may ask everything: for tests only. */
  readonly isPlain: boolean;
  /** Of the machine, to tell whether `pid` can be looked up here. */
  readonly hostname: string;
}

const port = z.number().int().min(1).max(65_535);

const addressFile = z.object({
  host: z.string().min(1),
  port,
  httpPort: port,
  run: z.string().min(1),
  epoch: z.number().int().min(1),
  pid: z.number().int().min(1),
  isPlain: z.boolean(),
  hostname: z.string().min(1),
});

/** For the driver. */
export async function writeAddress(workdir: string, address: DriverAddress): Promise<void> {
  const path = addressPath(workdir);
  await ensurePrivateFolder(dirname(path));
  await writeFileAtomically(path, `${JSON.stringify(addressFile.parse(address), undefined, 2)}\n`, {
    mode: 0o600,
  });
}

/** For everybody else; undefined while no driver has written it. */
export async function readAddress(workdir: string): Promise<DriverAddress | undefined> {
  const path = addressPath(workdir);
  const text = await readOwn(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return addressFile.parse(JSON.parse(text));
  } catch (error) {
    const found = error instanceof z.ZodError ? z.prettifyError(error) : errorMessage(error);
    throw new Error(`expected the address of a driver in ${path}, found: ${found}: start its driver again`, {
      cause: error,
    });
  }
}

/** An address that somebody else has planted would lead to his driver. */
async function readOwn(path: string): Promise<string> {
  await checkPrivateFolder(dirname(path));
  return readPrivateFile(path);
}

function addressPath(workdir: string): string {
  return join(workdir, "driver", "address.json");
}

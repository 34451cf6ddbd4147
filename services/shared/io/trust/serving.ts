// How the ports of a run are served: who may connect, and who may ask what.
//
//   S1. gRPC takes no connection without a certificate of the run's authority, and no TLS below 1.3.
//   S2. Every call is checked: its role allows it, and its certificate has not ended since the connection was made. Whoever
//       serves calls that last is told of them, to end them with their certificate.
//   S3. In the plain form everybody may ask everything, so nothing but loopback is bound; the service's log says so.

import { ServerInterceptingCall, status, type ServerInterceptor } from "@grpc/grpc-js";
import type { TlsOptions } from "node:tls";
import { rolesFor, type Identity } from "../../core/role.js";
import { isLoopback } from "../loopback.js";
import { systemClock } from "../system-clock.js";
import { identityIn, type Credential } from "./credential.js";

/** What a port shows of itself; `"plain"` is for tests on loopback. */
export type ServerTrust = Credential | "plain";

/** What TLS is served with (S1). */
export function tlsServing({ pem, certificate, authority }: Credential): TlsOptions {
  return {
    key: pem,
    cert: certificate,
    ca: authority,
    minVersion: "TLSv1.3",
    requestCert: true,
    rejectUnauthorized: true,
  };
}

/** Throws when something would be served without TLS to other machines (S3). */
export function checkHost(trust: ServerTrust, host: string): void {
  if (trust !== "plain" || isLoopback(host)) return;
  throw new Error(
    `expected a loopback address to listen on with --insecure-loopback, such as 127.0.0.1, found ${host}`,
  );
}

/** How a call is ended for its caller. */
export interface CallEnd {
  readonly code: status;
  readonly details: string;
}

/** Is told of a call that begins, and how to end it; returns what is to be called when it is over. */
export type EnterCall = (certificate: PeerCertificate, end: (how: CallEnd) => void) => () => void;

const enterNowhere: EnterCall = () => () => undefined;

/** Refuses what a call's role may not ask (S2). */
export function checkCalls(trust: ServerTrust, enter = enterNowhere): readonly ServerInterceptor[] {
  if (trust === "plain") return [];
  return [
    (method, call) => {
      let isEnded = false;
      let leave: () => void = () => undefined;
      const end = (how: CallEnd): void => {
        isEnded = true;
        call.sendStatus(how);
      };
      return new ServerInterceptingCall(call, {
        start: (next) =>
          next({
            onReceiveMetadata: (metadata, pass) => {
              const certificate = call.getAuthContext().sslPeerCertificate;
              const refused = refusal(method.path, certificate, trust.identity.run);
              if (refused !== undefined || certificate === undefined) return end(refused ?? unknownCaller);
              leave = enter(certificate, end);
              pass(metadata);
            },
            onCancel: () => leave(), // However it ends.
          }),
        sendMessage: (message, pass) => {
          if (!isEnded) pass(message); // A handler learns of the end a moment later.
        },
      });
    },
  ];
}

/** Who is on the other end of a call; undefined in the plain form, where nobody knows. */
export function callerOf(call: {
  getAuthContext(): { readonly sslPeerCertificate?: PeerCertificate } | null;
}): Identity | undefined {
  return identityIn(call.getAuthContext()?.sslPeerCertificate?.subjectaltname);
}

/** What is looked at of a certificate that TLS has verified. */
export interface PeerCertificate {
  readonly subjectaltname?: string | undefined;
  readonly valid_to?: string;
  readonly fingerprint256?: string;
}

/** True of a certificate that was good when the connection was made, and is so no more (S2). */
export function hasEnded(certificate: PeerCertificate | undefined): boolean {
  return !(endOf(certificate) > systemClock.unixMs());
}

/** Wall time, in ms; not a number for what says none. */
export function endOf(certificate: PeerCertificate | undefined): number {
  return Date.parse(certificate?.valid_to ?? "");
}

const unknownCaller: CallEnd = {
  code: status.UNAUTHENTICATED,
  details: "the call carries no certificate of this run: make a credential with  noctua credentials",
};

/** Of calls with a credential that has ended. */
export function endedCredential(certificate: PeerCertificate | undefined): CallEnd {
  const details = `the credential ended at ${certificate?.valid_to ?? ""}: have another made, with  noctua credentials`;
  return { code: status.UNAUTHENTICATED, details };
}

function refusal(path: string, certificate: PeerCertificate | undefined, run: string): CallEnd | undefined {
  const identity = identityIn(certificate?.subjectaltname);
  if (identity?.run !== run) return unknownCaller;
  if (hasEnded(certificate)) return endedCredential(certificate);
  const allowed = rolesFor(path);
  if (allowed.includes(identity.role)) return undefined;
  const found = `and the credential has the role ${identity.role}`;
  const [least] = allowed;
  if (least === undefined)
    return { code: status.UNIMPLEMENTED, details: `${path} is served to nobody, ${found}` };
  const remedy = `have another made by whoever started the run, with  noctua credentials FOLDER --role ${least} --workdir WORKDIR`;
  return {
    code: status.PERMISSION_DENIED,
    details: `${path} needs the role ${allowed.join(" or ")}, ${found}: ${remedy}`,
  };
}

// Between what request ids were used for and their pieces of a snapshot (journal-codec-state.ts).

import * as wire from "../../../../gen/noctua/journal/v1/snapshot.js";
import { jobNumber } from "../../../shared/core/id.js";
import { known } from "../../../shared/io/wire-checks.js";
import type { ClientRequest } from "../../core/state/client-requests.js";

const requestKinds: Record<ClientRequest["asked"], wire.RequestKind> = {
  submit: wire.RequestKind.REQUEST_KIND_SUBMIT,
  cancel: wire.RequestKind.REQUEST_KIND_CANCEL,
  pause: wire.RequestKind.REQUEST_KIND_PAUSE,
  resume: wire.RequestKind.REQUEST_KIND_RESUME,
  retry: wire.RequestKind.REQUEST_KIND_RETRY,
  close: wire.RequestKind.REQUEST_KIND_CLOSE,
  add: wire.RequestKind.REQUEST_KIND_ADD,
  drain: wire.RequestKind.REQUEST_KIND_DRAIN,
  undrain: wire.RequestKind.REQUEST_KIND_UNDRAIN,
};

export function requestToWire(requestId: string, { asked, ...request }: ClientRequest): wire.Request {
  const none = { job: 0, firstInput: 0, inputs: 0, node: "" };
  return { ...none, ...request, requestId, asked: requestKinds[asked] };
}

export function requestFromWire(message: wire.Request, where: string): ClientRequest {
  const { asked, firstInput, inputs, node } = message;
  const kind = known(requestKinds, asked, where);
  if (kind === "drain" || kind === "undrain") return { asked: kind, node };
  const request = { job: jobNumber(message.job) };
  return kind === "add" ? { asked: kind, ...request, firstInput, inputs } : { asked: kind, ...request };
}

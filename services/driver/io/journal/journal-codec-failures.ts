// Between the facts about failures, of ranges and of nodes, and their messages (journal-codec.ts).

import * as wire from "../../../../gen/noctua/journal/v1/fact.js";
import type { Spans as WireSpans } from "../../../../gen/noctua/v1/types.js";
import * as id from "../../../shared/core/id.js";
import { known } from "../../../shared/io/wire-checks.js";
import { failureFromWire, failureToWire, spansFromWire } from "../../../shared/io/wire-types.js";
import type { DurableFact } from "../../core/facts/fact.js";
import type { FailureFact, Suspicion } from "../../core/facts/fact-failure.js";

type WireFact = NonNullable<wire.Fact["fact"]>;
type FactOf<K extends FailureFact["kind"]> = Extract<DurableFact, { readonly kind: K }>;
type Case = "rangeFailed" | "rangeTried" | "rangesSuspected" | "rangeGivenUp" | `node${string}`;
type FailureCase = Extract<WireFact, { readonly $case: Case }>;
type ValueOf<C extends FailureCase["$case"]> = Extract<FailureCase, { readonly $case: C }>["value"];

const suspicions: Record<Suspicion, wire.Suspicion> = {
  "node-death": wire.Suspicion.SUSPICION_NODE_DEATH,
  "payload-death": wire.Suspicion.SUSPICION_PAYLOAD_DEATH,
};

export const failuresToWire: { readonly [K in FailureFact["kind"]]: (fact: FactOf<K>) => WireFact } = {
  "range-failed": (fact) => ({
    $case: "rangeFailed",
    value: { ...fact, failure: failureToWire(fact.failure) },
  }),
  "range-tried": (fact) => ({
    $case: "rangeTried",
    value: { ...fact, failure: failureToWire(fact.failure), avoids: [...fact.avoids] },
  }),
  "ranges-suspected": ({ job, spans, of, alone }) => ({
    $case: "rangesSuspected",
    value: { job, spans: spans as WireSpans, suspicion: suspicions[of], alone },
  }),
  "range-given-up": (fact) => ({
    $case: "rangeGivenUp",
    value: { ...fact, grant: fact.grant ?? 0, failure: failureToWire(fact.failure) },
  }),
  "node-quarantined": (value) => ({ $case: "nodeQuarantined", value }),
  "node-restored": (value) => ({ $case: "nodeRestored", value }),
};

export const failuresFromWire: {
  readonly [C in FailureCase["$case"]]: (value: ValueOf<C>, where: string) => FailureFact;
} = {
  rangeFailed: (value, where) => ({
    kind: "range-failed",
    ...tryFromWire(value, where),
  }),
  rangeTried: (value, where) => ({
    kind: "range-tried",
    ...tryFromWire(value, where),
    counted: value.counted,
    dueUnixMs: value.dueUnixMs,
    avoids: value.avoids,
  }),
  rangesSuspected: (value, where) => ({
    kind: "ranges-suspected",
    job: id.jobNumber(value.job),
    spans: spansFromWire(value.spans, `${where}.spans`),
    of: known(suspicions, value.suspicion, `${where}.suspicion`),
    alone: value.alone,
  }),
  rangeGivenUp: (value, where) => ({
    kind: "range-given-up",
    job: id.jobNumber(value.job),
    range: value.range,
    grant: value.grant === 0 ? undefined : id.grantNumber(value.grant),
    node: value.node,
    failure: failureFromWire(value.failure, `${where}.failure`),
  }),
  nodeQuarantined: (value) => ({ kind: "node-quarantined", ...value }),
  nodeRestored: (value) => ({ kind: "node-restored", ...value }),
};

function tryFromWire(
  value: wire.RangeFailed,
  where: string,
): Omit<Extract<DurableFact, { kind: "range-failed" }>, "kind"> {
  return {
    job: id.jobNumber(value.job),
    range: value.range,
    grant: id.grantNumber(value.grant),
    node: value.node,
    failure: failureFromWire(value.failure, `${where}.failure`),
    final: value.final,
  };
}

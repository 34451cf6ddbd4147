// The counted latencies in /metrics: as histograms whose buckets end at powers of two of a microsecond, since that is how
// they are counted. Counting stays what it is, and the exposition is made when somebody asks.

import { Gauge, Histogram, type Registry } from "prom-client";
import type { Latencies, LatencyFigure } from "../core/latencies.js";

/** 16 µs, 64 µs, … 17 minutes: each bucket ends at four times the one before. */
const powers = [4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30] as const;

type Values = Awaited<ReturnType<Histogram["get"]>>["values"];

/** Adds a histogram of seconds. */
export function exposeLatency(
  registry: Registry,
  latencies: Pick<Latencies, "of">,
  figure: LatencyFigure,
  named: { readonly name: string; readonly help: string },
): void {
  new LatencyHistogram({ ...named, registers: [registry] }, latencies, figure);
}

/** To say of which type a metric is, in the library's own words. */
const anyHistogram = new Histogram({ name: "latency", help: "latency", registers: [] });

interface Configuration {
  readonly name: string;
  readonly help: string;
  readonly registers: Registry[];
}

class LatencyHistogram extends Gauge {
  readonly #name: string;
  readonly #latencies: Pick<Latencies, "of">;
  readonly #figure: LatencyFigure;

  constructor(configuration: Configuration, latencies: Pick<Latencies, "of">, figure: LatencyFigure) {
    super(configuration);
    this.#name = configuration.name;
    this.#latencies = latencies;
    this.#figure = figure;
  }

  override async get(): Promise<Awaited<ReturnType<Gauge["get"]>>> {
    const [own, { type, aggregator }] = await Promise.all([super.get(), anyHistogram.get()]);
    return { ...own, type, aggregator, values: this.#values() };
  }

  #values(): Values {
    const counts = this.#latencies.of(this.#figure);
    const bucket = (le: number | string, value: number): Values[number] => {
      return { metricName: `${this.#name}_bucket`, labels: { le }, value };
    };
    return [
      ...powers.map((power) => bucket(2 ** power / 1e6, counts.below(power))),
      bucket("+Inf", counts.count),
      { metricName: `${this.#name}_sum`, labels: {}, value: counts.sum / 1e6 },
      { metricName: `${this.#name}_count`, labels: {}, value: counts.count },
    ];
  }
}

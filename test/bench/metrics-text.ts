// Reads what /metrics says.

/** Values by the series' full name, labels included, as it stands in the text. */
export class Metrics {
  readonly #series: ReadonlyMap<string, number>;

  constructor(text: string) {
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    this.#series = new Map(lines.map(seriesOf));
  }

  /** The value of one series; 0 when there is none, since a counter begins when something is counted. */
  value(series: string): number {
    return this.#series.get(series) ?? 0;
  }

  /** The sum of all series of a metric whose labels hold `label`. */
  sum(metric: string, label = ""): number {
    let total = 0;
    for (const [series, value] of this.#series)
      if (series.startsWith(`${metric}{`) && series.includes(label)) total += value;
    return total;
  }
}

function seriesOf(line: string): [string, number] {
  const blank = line.lastIndexOf(" ");
  return [line.slice(0, blank), Number(line.slice(blank + 1))];
}

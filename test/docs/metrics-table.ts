// The metrics of a service as docs/metrics.md has them, from what it exposes.

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** What any process of Node tells is not Noctua's to explain. */
const ofAnyProcess = /^(process|nodejs)_/;

function metricsIn(exposition: string): Metric[] {
  return [...exposition.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)/gm)]
    .filter(([, name = ""]) => !ofAnyProcess.test(name))
    .map(([, name = "", help = "", type = ""]) => {
      const series = new RegExp(`^${name}(?:_bucket)?\\{(.*)\\} `, "m").exec(exposition)?.[1] ?? "";
      const labels = [...series.matchAll(/(\w+)="/g)].map(([, label = ""]) => label);
      return { name, type, help, labels: labels.filter((label) => label !== "le") };
    });
}

/** Rows of a table. What has no series at present says nothing of its labels: then they are taken from `rows` as they were. */
export function metricRows(exposition: string, rows: readonly string[]): string[] {
  return metricsIn(exposition).map(({ name, type, help, labels }) => {
    const told = rows.find((row) => row.startsWith(`| \`${name}\` |`))?.split(" | ")[2] ?? "";
    const seen = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${type} | ${seen === "" ? told : seen} | ${help} |`;
  });
}

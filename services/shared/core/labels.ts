// What nodes are labelled with, and what is required of them.

/** Keys are unique; which comes first means nothing. */
export type Labels = Readonly<Record<string, string>>;

/** Labels of one node, or required by one job. */
const labelsMax = 64;
const keyPattern = /^[A-Za-z][\w.-]{0,62}$/;
// eslint-disable-next-line no-control-regex -- Control characters are what is kept out.
const valuePattern = /^[^\u0000-\u001f\u007f]{0,63}$/;

/** What is wrong with labels. */
export interface LabelsFlaw {
  readonly expected: string;
  readonly found: string;
}

/** Undefined when nothing is wrong. */
export function flawOfLabels(labels: Labels): LabelsFlaw | undefined {
  const entries = Object.entries(labels);
  if (entries.length > labelsMax)
    return { expected: `at most ${labelsMax} labels`, found: String(entries.length) };
  for (const [key, value] of entries) {
    if (!keyPattern.test(key)) {
      const expected = "label keys of 1 to 63 letters, digits, '.', '_' or '-', a letter first";
      return { expected, found: JSON.stringify(key.slice(0, 100)) };
    }
    if (!valuePattern.test(value)) {
      const expected = `a value of at most 63 characters, none a control character, for label ${key}`;
      return { expected, found: JSON.stringify(value.slice(0, 100)) };
    }
  }
  return undefined;
}

/** Whether a node with these labels has all that is required; where nothing is, any has. */
export function meets(labels: Labels, required: Labels): boolean {
  for (const key in required) if (labels[key] !== required[key]) return false;
  return true;
}

/** Nodes with equal labels are of one kind; its name is the same for all of them, and for no others. */
export function kindOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

// Marks that are promises to come back: each needs the number of an issue, or a reason, beside it.

import { listSources, readLines } from "./sources.mjs";

const places = /^(services|test|tools|examples|payloads|proto)\/.*\.(ts|js|mjs|cjs|proto|py|hpp|cpp)$/;
/** They hold the marks that they look for. */
const exempt = /^(tools\/checks|test\/laws)\//;

const rules = [
  { mark: /\b(TODO|FIXME|XXX|HACK)\b(?!.*#\d)/, problem: "a mark without the number of an issue" },
  {
    mark: /\b(test|it|describe)\.(skip|todo)\b(?!.*#\d)/,
    problem: "a skipped test without the number of an issue",
  },
  { mark: /\b(test|it|describe)\.only\b/, problem: "a test that keeps the others from running" },
  { mark: /eslint-disable(?!.* -- \S)/, problem: "a lint rule switched off without ` -- why`" },
];

/**
 * One line for each mark that stands alone.
 *
 * @param {string} root
 */
export async function findBareMarks(root) {
  const paths = (await listSources(root)).filter((path) => places.test(path) && !exempt.test(path));
  return paths.flatMap((path) =>
    readLines(root, path).flatMap((line, index) =>
      rules.filter(({ mark }) => mark.test(line)).map(({ problem }) => `${path}:${index + 1}: ${problem}`),
    ),
  );
}

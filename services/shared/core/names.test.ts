import { describe, expect, test } from "vitest";
import { grantNumber, groupNumber, jobNumber } from "./id.js";
import {
  jobFolder,
  mergedFolder,
  mergedPath,
  outputNamed,
  outputPath,
  outputsFolder,
  temporaryMergedPath,
} from "./names.js";

const job = jobNumber(3);
const events = { input: 1, first: 41, last: 50 };

describe("names of a job's files", () => {
  test("lie in the job's own folder", () => {
    expect(jobFolder(job)).toBe("jobs/3");
    expect(outputsFolder(job)).toBe("jobs/3/outputs");
    expect(mergedFolder(job)).toBe("jobs/3/merged");
  });

  test("say which events an output is of, counting inputs as people do", () => {
    const path = outputPath({ job, range: 5_000, grant: grantNumber(7), events }, ".lhe");
    expect(path).toBe("jobs/3/outputs/00001/input2.events41-50.grant7.lhe");
  });

  test("differ between two grants of one range, and of one group (N1)", () => {
    const named = (grant: number): string[] => [
      outputPath({ job, range: 0, grant: grantNumber(grant), events }, ""),
      temporaryMergedPath(job, groupNumber(2), grantNumber(grant)),
    ];
    expect(new Set([...named(1), ...named(2)]).size).toBe(4);
    expect(named(1)[1]).toBe("jobs/3/merged/2.1.tmp");
  });

  test("fan out: no folder holds more than 4096 outputs (N2)", () => {
    const perFolder = new Map<string, number>();
    for (let range = 0; range < 10_000; range += 1) {
      const path = outputPath({ job, range, grant: grantNumber(1), events }, "");
      const folder = path.slice(0, path.lastIndexOf("/"));
      perFolder.set(folder, (perFolder.get(folder) ?? 0) + 1);
    }
    expect([...perFolder.values()]).toEqual([4_096, 4_096, 1_808]);
  });

  test("of outputs say which they are of, also while they become one", () => {
    const name = "input2.events7-9.grant11.lhe";
    for (const one of [name, `${name}.part`])
      expect(outputNamed(one)).toEqual({ input: 1, first: 7, grant: 11 });
    expect(outputNamed("2.11.tmp")).toBeUndefined();
  });

  test("sort merged files by group", () => {
    const spec = { name: "drell-yan", outputSuffix: ".lhe" };
    expect(mergedPath(job, { group: 12, late: 0 }, spec)).toBe("jobs/3/merged/drell-yan.0012.lhe");
    expect(mergedPath(job, { group: 123_456, late: 0 }, spec)).toBe("jobs/3/merged/drell-yan.123456.lhe");
    expect(mergedPath(job, { group: 12, late: 2 }, spec)).toBe("jobs/3/merged/drell-yan.0012.late2.lhe");
  });
});

import { expect, test } from "vitest";
import { fillPlaceholders, type Filling } from "./placeholders.js";

const payload: Filling<"payload"> = {
  input: "/in/{first}.lhe",
  first: "3",
  last: "4",
  output: "/out",
  jobDir: "/job $1",
};

test("placeholders are filled in wherever they stand in an argument", () => {
  const command = ["{jobDir}/run", "--events={first}-{last}", "{output}", "@{output}{output}"];
  expect(fillPlaceholders(command, payload)).toEqual(["/job $1/run", "--events=3-4", "/out", "@/out/out"]);
});

test("what was filled in is not looked at again", () => {
  expect(fillPlaceholders(["{input}"], payload)).toEqual(["/in/{first}.lhe"]);
});

test("what is no placeholder of the command stays as it is", () => {
  const command = ["awk", "{print $1}", "{}", "{inputs}", "{constructor}", "$&"];
  expect(fillPlaceholders(command, payload)).toEqual(command);
});

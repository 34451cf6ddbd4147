import { expect, test } from "vitest";
import { fillCommand } from "./exec-command.js";

const places = { input: "/in/{first}.lhe", first: "3", last: "4", output: "/out", jobDir: "/job $1" };

test("places are filled wherever they stand, and unknown ones are left alone", () => {
  const command = ["{jobDir}/run", "--events={first}-{last}", "{other}", "{output}"];
  expect(fillCommand(command, places)).toEqual(["/job $1/run", "--events=3-4", "{other}", "/out"]);
});

test("what was filled in is not looked at again", () => {
  expect(fillCommand(["{input}"], places)).toEqual(["/in/{first}.lhe"]);
});

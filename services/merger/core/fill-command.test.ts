import { expect, test } from "vitest";
import { fillCommand } from "./fill-command.js";

const places = { inputs: "/w/inputs", output: "/w/{jobDir}/out", jobDir: "/home/me" };

test("places are filled wherever they stand in an argument, and what was filled in is left alone", () => {
  expect(fillCommand(["{jobDir}/merge", "--to={output}", "@{inputs}{inputs}"], places)).toEqual([
    "/home/me/merge",
    "--to=/w/{jobDir}/out",
    "@/w/inputs/w/inputs",
  ]);
});

test("what is no place stays as it is", () => {
  expect(fillCommand(["awk", "{print $1}", "{}", "{input}", "$&"], places)).toEqual([
    "awk",
    "{print $1}",
    "{}",
    "{input}",
    "$&",
  ]);
});

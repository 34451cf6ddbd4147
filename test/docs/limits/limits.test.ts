import { expect, it } from "vitest";
import { untestedLimits } from "./limits-table.js";

it("each limit in the table names a test that is there", () => {
  expect(untestedLimits()).toEqual([]);
});

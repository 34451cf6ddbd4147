import { hostname } from "node:os";
import { expect, test } from "vitest";
import { isLoopback, reachableHost } from "./loopback.js";

test("names and addresses that stay on the machine are told from others", () => {
  for (const host of ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
    expect(isLoopback(host), host).toBe(true);
  for (const host of ["0.0.0.0", "node17", "127.example.org", "10.0.0.1"])
    expect(isLoopback(host), host).toBe(false);
});

test("who listens on all addresses is dialled by the name of the machine", () => {
  expect(["0.0.0.0", "::", "10.0.0.1"].map(reachableHost)).toEqual([hostname(), hostname(), "10.0.0.1"]);
});

// For tests: a workdir whose driver answers from books.

import { onTestFinished } from "vitest";
import { testFolder } from "../../shared/io/testing-folder.js";
import { emptyBooks, FakeDriver, type FakeBooks } from "./wire-fake-driver.js";

export interface ServedBooks {
  readonly workdir: string;
  readonly books: FakeBooks;
  readonly driver: FakeDriver;
}

/** They go when the test is over. */
export async function servedBooks(): Promise<ServedBooks> {
  const workdir = await testFolder();
  const books = emptyBooks();
  const driver = await FakeDriver.start({ workdir, books });
  onTestFinished(() => driver.stop());
  return { workdir, books, driver };
}

import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { LogStream, type LogTarget } from "./log-stream.js";

/** A file that may have no room. */
class Room extends EventEmitter implements LogTarget {
  hasRoom = true;
  text = "";

  write(text: string, done: (error?: Error | null) => void): boolean {
    if (this.hasRoom) this.text += text;
    const error = this.hasRoom ? undefined : new Error("no space left on device");
    done(error);
    if (error !== undefined) this.emit("error", error);
    return true;
  }
}

const logTo = (room: Room): LogStream => new LogStream(room, (lines) => `${lines} lost\n`);

test("a line is written at once", () => {
  const room = new Room();
  const log = logTo(room);
  log.write("one\n");
  log.write("two\n");
  expect(room.text).toBe("one\ntwo\n");
});

test("a log without room ends nobody; when there is room it says how many lines were left out (S1)", () => {
  const room = new Room();
  const log = logTo(room);
  log.write("one\n");
  room.hasRoom = false;
  log.write("two\n");
  log.write("three\n");
  room.hasRoom = true;
  log.write("four\n");
  log.write("five\n");
  expect(room.text).toBe("one\n\nfour\n2 lost\nfive\n");
});

test("many logs listen to one target once", () => {
  const room = new Room();
  logTo(room);
  logTo(room);
  expect(room.listenerCount("error")).toBe(1);
});

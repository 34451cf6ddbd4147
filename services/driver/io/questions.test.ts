import { expect, test } from "vitest";
import { questionBytesMax, QuestionRoom } from "./questions.js";

test("what waits fits into one frame: who asks for more is told to try again, until there is room (Q2, P7)", () => {
  const room = new QuestionRoom();
  room.enter(questionBytesMax - 1);
  room.enter(1);
  expect(() => room.enter(1)).toThrow(`requests of ${questionBytesMax} bytes`);
  room.leave(1);
  room.enter(1);
});

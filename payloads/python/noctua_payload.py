"""Write a Noctua payload of kind "stream" in Python 3.9 or newer, with nothing but the standard library.

    import noctua_payload

    payload = noctua_payload.Payload()      # reads what the job is: payload.job
    geometry = load_geometry()              # the costly start, paid once

    def process(event_range):               # for each range of events, in a thread of its slot
        with open(event_range.output, "w") as output:
            for number in range(event_range.first, event_range.last + 1):
                output.write(simulate(geometry, event_range.input, number))

    payload.run(process)                    # says "ready", and returns when the actor says "stop"

What is guaranteed (docs/payload-protocol.md is the protocol's one full text):

  P1. Each range that process() was called for is answered once: done when it returns, failed when it raises.
  P2. Ranges of a slot are processed in order, one at a time; with one slot all of them in the main thread.
  P3. After "stop" or end of file what runs is finished, nothing else is begun, and run() returns.
  P4. Programs that the payload starts do not inherit the two pipes; stdout and stderr stay the payload's own.
"""

import errno
import json
import os
import queue
import sys
import threading
import time
import traceback

__all__ = ["Cancelled", "EventRange", "Job", "Payload", "ProtocolError", "RangeFailed"]

PROTOCOL = 1
FAILURE_CLASSES = ("event", "transient", "node", "fatal")
LINE_BYTES_MAX = 1 << 20
MESSAGE_CHARACTERS_MAX = 4000
PROGRESS_SECONDS_MIN = 0.1
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class RangeFailed(Exception):
    """Raise it in process() to say of which class the failure is: event, transient, node or fatal."""

    def __init__(self, failure_class, message):
        if failure_class not in FAILURE_CLASSES:
            raise ValueError(f"expected a failure class of {', '.join(FAILURE_CLASSES)}, found {failure_class!r}")
        super().__init__(message)
        self.failure_class = failure_class


class Cancelled(Exception):
    """Raised by EventRange.check() to leave a range that is no longer wanted."""


class ProtocolError(Exception):
    """The actor does not speak as expected, or there is none."""


class Job:
    """What the actor says first. Paths are absolute; `slots` ranges may be processed at once."""

    def __init__(self, message):
        self.number = field(message, "job", int)
        self.name = field(message, "name", str)
        self.slots = field(message, "slots", int)
        self.folder = field(message, "jobDir", str)
        self.scratch = field(message, "scratch", str)


class EventRange:
    """Events `first` to `last` (counted from 1, both included) of the file `input`, to be written to `output`.

    `output` is None in a job without outputs.
    """

    def __init__(self, message, say):
        self.id = field(message, "id", str)
        self.slot = field(message, "slot", int)
        self.input = field(message, "input", str)
        self.first = field(message, "first", int)
        self.last = field(message, "last", int)
        self.output = field(message, "output", str) if "output" in message else None
        self._say = say
        self._cancelled = threading.Event()
        self._progress_at = float("-inf")

    @property
    def cancelled(self):
        """True when the range is no longer wanted: it may be finished all the same."""
        return self._cancelled.is_set()

    def check(self):
        """Raises Cancelled when the range is no longer wanted."""
        if self.cancelled:
            raise Cancelled()

    def progress(self, events):
        """Says how many events of the range are done. Ten times a second at most; what is more is left out."""
        now = time.monotonic()
        if now - self._progress_at >= PROGRESS_SECONDS_MIN:
            self._progress_at = now
            self._say({"type": "progress", "id": self.id, "events": events})


class Payload:
    """The payload's side of the talk. Made once, before the costly start; it waits for what the job is."""

    def __init__(self):
        self._in = open_pipe("NOCTUA_IN_FD", "rb")
        self._out = open_pipe("NOCTUA_OUT_FD", "wb")
        self._speaking = threading.Lock()
        self._held = {}  # ranges that are not answered yet, by id
        self._holding = threading.Lock()
        self._stopped = threading.Event()
        self._broken = None  # what ended the listening, to be raised by run()
        message = self._read()
        if message is None or message.get("type") != "open":
            raise ProtocolError(f'expected "open" as the first message, found {message}')
        if message.get("protocol") != PROTOCOL:
            raise ProtocolError(f"expected protocol {PROTOCOL}, found {message.get('protocol')}")
        self.job = Job(message)

    def run(self, process):
        """Says ready, and calls process(event_range) for each range until the actor says stop."""
        queues = [queue.SimpleQueue() for _ in range(self.job.slots)]
        reader = threading.Thread(target=self._listen, args=(queues,), daemon=True)
        self._say({"type": "ready"})
        reader.start()
        threads = [threading.Thread(target=self._serve, args=(ranges, process)) for ranges in queues[1:]]
        for thread in threads:
            thread.start()
        self._serve(queues[0], process)  # (P2)
        for thread in threads:
            thread.join()
        if self._broken is not None:
            raise self._broken

    def _listen(self, queues):
        """Hands each range to its slot, until there is nothing more to hear."""
        try:
            while True:
                message = self._read()
                if message is None or message.get("type") == "stop":
                    break
                self._hear(message, queues)
        except Exception as error:
            self._broken = error
        self._stopped.set()
        for ranges in queues:
            ranges.put(None)

    def _hear(self, message, queues):
        kind = message.get("type")
        if kind == "range":
            event_range = EventRange(message, self._say)
            if not 0 <= event_range.slot < len(queues):
                raise ProtocolError(f"expected a slot from 0 to {len(queues) - 1}, found {event_range.slot}")
            with self._holding:
                self._held[event_range.id] = event_range
            queues[event_range.slot].put(event_range)
        elif kind == "cancel":
            with self._holding:
                event_range = self._held.get(message.get("id"))
            if event_range is not None:  # else it was answered while the message came
                event_range._cancelled.set()
        # Messages of other types are for payloads that know them.

    def _serve(self, ranges, process):
        """One slot's ranges, one after the other (P2)."""
        while True:
            event_range = ranges.get()
            if event_range is None or self._stopped.is_set():  # (P3)
                return
            answer = outcome_of(process, event_range)
            flush_words()
            with self._holding:
                del self._held[event_range.id]
            self._say({**answer, "id": event_range.id})  # (P1)

    def _read(self):
        """The next message, or None where the actor speaks no more."""
        line = self._in.readline(LINE_BYTES_MAX + 1)
        if not line.endswith(b"\n"):
            if len(line) > LINE_BYTES_MAX:
                raise ProtocolError(f"expected lines of at most {LINE_BYTES_MAX} bytes, found a longer one")
            return None  # a last half line is of an actor that died
        try:
            message = json.loads(line)
        except ValueError as error:
            raise ProtocolError(f"expected a JSON object a line, found {line[:100]!r}") from error
        if not isinstance(message, dict):
            raise ProtocolError(f"expected a JSON object a line, found {line[:100]!r}")
        return message

    def _say(self, message):
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        try:
            with self._speaking:
                self._out.write(line)
        except BrokenPipeError:
            pass  # The actor is gone: its end of file on the other pipe ends run().


def flush_words():
    """What was printed about a range is to stand in the log of that range, and not below a later one."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass  # closed, or there is none


def outcome_of(process, event_range):
    """The answer to a range. SystemExit is a failure too: a thread that exits would end nothing."""
    if event_range.cancelled:
        return {"type": "cancelled"}
    try:
        process(event_range)
        return {"type": "done"}
    except Cancelled:
        return {"type": "cancelled"} if event_range.cancelled else failed("transient", "left without being cancelled")
    except RangeFailed as error:
        return failed(error.failure_class, str(error))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        traceback.print_exc(file=sys.stderr)
        is_of_node = isinstance(error, MemoryError) or getattr(error, "errno", None) in NO_SPACE
        return failed("node" if is_of_node else "transient", f"{type(error).__name__}: {error}")


def failed(failure_class, message):
    return {"type": "failed", "class": failure_class, "message": message[:MESSAGE_CHARACTERS_MAX]}


def field(message, name, kind):
    value = message.get(name)
    if type(value) is not kind:
        raise ProtocolError(f'expected "{name}" of "{message.get("type")}" to be {kind.__name__}, found {value!r}')
    return value


def open_pipe(variable, mode):
    """Opens the pipe whose number the actor put into the environment; reads are buffered, writes are not."""
    number = os.environ.get(variable)
    if number is None:
        raise ProtocolError(f"{variable} is not set: this program is started by Noctua, as a payload of kind stream")
    descriptor = int(number)
    os.set_inheritable(descriptor, False)  # (P4)
    return PipeWriter(descriptor) if mode == "wb" else os.fdopen(descriptor, mode)


class PipeWriter:
    """Writes all of a line: an unbuffered file may write a part of it."""

    def __init__(self, descriptor):
        self._descriptor = descriptor

    def write(self, line):
        while line:
            line = line[os.write(self._descriptor, line) :]

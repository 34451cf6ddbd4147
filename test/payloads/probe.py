"""Does with a range what its input says, for test/payloads/every-language.test.ts."""

import errno
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "payloads", "python"))
import noctua_payload  # noqa: E402

payload = noctua_payload.Payload()
job = payload.job
met = threading.Barrier(2)


def write(event_range):
    if event_range.output is None:
        return
    with open(event_range.output, "w") as output:
        output.write(f"{job.number} {job.name} {event_range.input} {event_range.first} {event_range.last}\n")


def process(event_range):
    what = os.path.basename(event_range.input)
    if what == "refuse":
        raise noctua_payload.RangeFailed("event", 'no "leptons":\n é')
    if what == "break":
        raise ValueError("broken")
    if what == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if what == "long":
        raise RuntimeError("x" * 3_000_000)
    if what == "linger":
        event_range.progress(1)
        while True:
            event_range.check()
            time.sleep(0.005)
    if what == "report":
        for events in range(1, 1001):
            event_range.progress(events)
    if what == "shout":
        print("hello", flush=True)
    if what == "meet":
        met.wait()
    if what == "wait":
        event_range.progress(1)
        while not os.path.exists(os.path.join(job.scratch, "go")):
            time.sleep(0.005)
    if what == "spawn":
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        sleeper = subprocess.Popen(["sleep", "100"], close_fds=False, **quiet)
        with open(os.path.join(job.scratch, "pid"), "w") as output:
            output.write(str(sleeper.pid))
    write(event_range)


payload.run(process)
print("over", flush=True)

"""A payload of kind stream: the invariant mass of two muons. Each line of the input is an event: px py pz E, twice, in GeV."""

import math
import os
import sys

# Where noctua_payload.py lies beside the program, this line is not needed.
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "payloads", "python"))
from noctua_payload import Payload, RangeFailed  # noqa: E402

events_of = {}  # of each input, read once


def mass(number, line):
    try:
        px1, py1, pz1, e1, px2, py2, pz2, e2 = (float(word) for word in line.split())
    except ValueError as error:
        raise RangeFailed("event", f"event {number}: expected eight numbers, found {line.strip()}") from error
    square = (e1 + e2) ** 2 - (px1 + px2) ** 2 - (py1 + py2) ** 2 - (pz1 + pz2) ** 2
    return math.sqrt(max(0, square))


def process(event_range):
    path = event_range.input
    if path not in events_of:
        with open(path) as lines:
            events_of[path] = lines.readlines()
    with open(event_range.output, "w") as output:
        for number in range(event_range.first, event_range.last + 1):
            output.write(f"{number} {mass(number, events_of[path][number - 1]):.3f}\n")


Payload().run(process)

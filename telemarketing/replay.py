"""A session file -> the calls in it, by the very parser and tracker that follow live ones.

In: a file made by `telemarketing capture`, or any dump of an AMI connection. Out: the last known
state of every call, in order of start. Touches no database.
"""

from pathlib import Path

from telemarketing.ami.capture import read_session
from telemarketing.ami.parsing import parse_event
from telemarketing.calls.directory import Directory
from telemarketing.calls.tracker import Tracker
from telemarketing.model.call import Call, CallKey


def replay_calls(path: Path, pbx: str, directory: Directory) -> list[Call]:
    """Follow a recorded session from its first message to its last.

    Args:
        path: the file.
        pbx: under which name the calls are reported.
        directory: tells which channel is ours.

    Raises:
        CaptureError: the file cannot be read, or is no AMI session.
    """
    tracker = Tracker(pbx, directory)
    calls: dict[CallKey, Call] = {}
    for message in read_session(path):
        event = parse_event(message.headers, message.received_at)
        if event is None:
            continue
        for fact in tracker.apply(event):
            calls[fact.call.key] = fact.call
    for call in tracker.live_calls():
        calls[call.key] = call
    return sorted(calls.values(), key=lambda call: (call.started_at, call.linkedid))

"""The simulated PBX says of each channel what a real Asterisk 22 was recorded to say."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from telemarketing.ami.capture import read_session
from telemarketing.ami.wire import Framer, Message, parse_message
from telemarketing.pbxsim import group, inbound, internal, outbound
from telemarketing.pbxsim.office import Office
from telemarketing.pbxsim.pbx import Pbx
from telemarketing.pbxsim.script import Scene, Script

SCENARIOS = Path(__file__).parent.parent / "scenarios"
TOLD = ("ChannelStateDesc", "DestChannelStateDesc", "DialStatus", "Cause", "BridgeNumChannels")
OF_CHANNELS = frozenset(
    {
        "Newchannel",
        "Newstate",
        "DialBegin",
        "DialEnd",
        "BridgeEnter",
        "BridgeLeave",
        "HangupRequest",
        "SoftHangupRequest",
        "Hangup",
    }
)
"""Not DialState: whether it or the Newstate of the same ringing comes first is chance."""

PAIRS: list[tuple[str, Scene, tuple[str, ...]]] = [
    ("outbound/answered", outbound.answered, ("101",)),
    ("outbound/client_hangs_up", outbound.client_hangs_up, ("101",)),
    ("outbound/no_answer", outbound.no_answer, ("101",)),
    ("outbound/provider_gives_up", outbound.provider_gives_up, ("101",)),
    ("outbound/busy", outbound.busy, ("101",)),
    ("outbound/rejected", outbound.rejected, ("101",)),
    ("outbound/cancelled", outbound.cancelled, ("101",)),
    ("outbound/unallocated", outbound.failed, ("101",)),
    ("inbound/answered", inbound.answered, ("101",)),
    ("inbound/client_hangs_up", inbound.client_hangs_up, ("101",)),
    ("inbound/missed", inbound.missed, ("101",)),
    ("inbound/no_answer", inbound.no_answer, ("101",)),
    ("group/answered", group.answered, ("101", "103", "102")),
    ("group/missed", group.missed, ("101", "102", "103")),
    ("group/no_answer", group.no_answer, ("101", "102", "103")),
    ("internal/answered", internal.answered, ("101", "102")),
    ("internal/no_answer", internal.no_answer, ("101", "102")),
]


def lives_of_channels(messages: list[Message]) -> dict[str, list[tuple[str, ...]]]:
    """What was told of each endpoint's channel, in order: event and what it says of its state."""
    lives: dict[str, list[tuple[str, ...]]] = {}
    for _, headers in messages:
        if headers.get("Event") not in OF_CHANNELS:
            continue
        channel = headers.get("DestChannel") or headers["Channel"]
        told = tuple(headers[name] for name in TOLD if name in headers)
        lives.setdefault(channel.rpartition("-")[0], []).append((headers["Event"], *told))
    return lives


async def simulated(scene: Scene, script: Script) -> list[Message]:
    """All that the simulated PBX says of a scene."""
    said: list[bytes] = []
    rng = Random(1)  # noqa: S311
    await scene(Pbx(Office(), say=said.append, recorder=None, rng=rng), script)
    framed = Framer().feed(b"".join(said))
    return [parse_message(raw.lstrip(b"\r\n"), 0) for raw in framed]


@pytest.mark.parametrize(("recorded", "scene", "extensions"), PAIRS, ids=str)
async def test_each_channel_lives_as_in_the_recording(
    recorded: str, scene: Scene, extensions: tuple[str, ...]
) -> None:
    """The same events with the same states, statuses and causes in the same order."""
    session = await asyncio.to_thread(lambda: list(read_session(SCENARIOS / f"{recorded}.22.ami")))
    number = "" if scene.__module__ == internal.__name__ else "0501000001"

    said = await simulated(scene, Script(extensions, number, 0.001, 0.001))

    lives = lives_of_channels(said)
    assert len(lives) == len(extensions) + bool(number)
    assert lives == lives_of_channels(session)

"""Who hears whom: the bridges of one conversation, joined through Local channels.

In: the legs and the bridges they stand in. Out: the legs that talk with the other party now. A
Local channel is a tube: whoever is in a bridge with its one half hears whoever is with the other.
"""

from collections.abc import Iterable

from telemarketing.calls.directory import Side
from telemarketing.calls.legs import Leg
from telemarketing.model.call import Direction

_SILENT = "holding_bridge"
"""Parking and waiting rooms: those within hear music, not each other."""


def is_silent(technology: str) -> bool:
    """Tell whether those in a bridge of this technology do not hear each other."""
    return technology == _SILENT


def talking_legs(legs: Iterable[Leg], direction: Direction | None) -> set[str]:
    """Find the legs of people of ours and outside that hear each other.

    Args:
        legs: all legs of one conversation.
        direction: internal calls are talks between two of ours, all others need both sides.

    Returns:
        Their uniqueids, of both sides; empty when nobody talks.
    """
    bridged = [leg for leg in legs if leg.bridge_id is not None]
    if len(bridged) < 2:
        return set()
    talking: set[str] = set()
    for room in _rooms(bridged):
        ours = [leg.uniqueid for leg in room if leg.side is Side.OURS]
        outside = [leg.uniqueid for leg in room if leg.side is Side.OUTSIDE]
        if (ours and outside) or (direction is Direction.INTERNAL and len(ours) > 1):
            talking.update(ours, outside)
    return talking


def _rooms(bridged: list[Leg]) -> list[list[Leg]]:
    """Group the legs by bridge, then join bridges that hold the two halves of one Local channel."""
    rooms: dict[str, list[Leg]] = {}
    for leg in bridged:
        rooms.setdefault(leg.bridge_id or "", []).append(leg)
    first_half: dict[str, str] = {}
    joined: dict[str, str] = {}
    for leg in bridged:
        if leg.side is not Side.PLUMBING or leg.name[-2:] not in (";1", ";2"):
            continue
        here = _root(joined, leg.bridge_id or "")
        there = _root(joined, first_half.setdefault(leg.name[:-2], here))
        if there != here:
            joined[here] = there
            rooms[there] += rooms.pop(here)
    return list(rooms.values())


def _root(joined: dict[str, str], bridge_id: str) -> str:
    while bridge_id in joined:
        bridge_id = joined[bridge_id]
    return bridge_id

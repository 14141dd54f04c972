"""Each scene, heard by the product's own link over TCP, is the call that was meant."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from telemarketing.model.call import Call, CallOperator, Direction, Disposition
from telemarketing.pbxsim import group, inbound, internal, outbound
from telemarketing.pbxsim.casting import MIX
from telemarketing.pbxsim.history import finished_call
from telemarketing.pbxsim.office import WITHHELD, Office
from telemarketing.pbxsim.script import Scene, Script
from telemarketing.pbxsim.simulation import Simulation
from tests.pbxsim.ear import SECRET, listening

RING_S = 0.12
TALK_S = 0.16
CLOSE_S = 0.05
NUMBER = "0501000007"
E164 = "+380501000007"


@dataclass(frozen=True, slots=True)
class Meant:
    """What a scene means, beside its script."""

    scene: Scene
    direction: Direction
    disposition: Disposition
    extensions: tuple[str, ...] = ("101",)
    rings: bool = True
    cause: int | None = 16

    @property
    def answered(self) -> bool:
        return self.disposition is Disposition.ANSWERED


OUT, IN, BETWEEN = Direction.OUTBOUND, Direction.INBOUND, Direction.INTERNAL
THREE = ("102", "103", "104")
SCENES = [
    Meant(outbound.answered, OUT, Disposition.ANSWERED),
    Meant(outbound.client_hangs_up, OUT, Disposition.ANSWERED),
    Meant(outbound.no_answer, OUT, Disposition.NO_ANSWER, cause=0),
    Meant(outbound.provider_gives_up, OUT, Disposition.NO_ANSWER, cause=19),
    Meant(outbound.busy, OUT, Disposition.BUSY, rings=False, cause=17),
    Meant(outbound.rejected, OUT, Disposition.BUSY, cause=21),
    Meant(outbound.cancelled, OUT, Disposition.CANCELLED, cause=127),
    Meant(outbound.failed, OUT, Disposition.FAILED, rings=False, cause=1),
    Meant(inbound.answered, IN, Disposition.ANSWERED),
    Meant(inbound.client_hangs_up, IN, Disposition.ANSWERED),
    Meant(inbound.missed, IN, Disposition.CANCELLED, cause=127),
    Meant(inbound.no_answer, IN, Disposition.NO_ANSWER, cause=19),
    Meant(inbound.busy, IN, Disposition.BUSY, rings=False, cause=17),
    Meant(group.answered, IN, Disposition.ANSWERED, THREE),
    Meant(group.missed, IN, Disposition.CANCELLED, THREE, cause=127),
    Meant(group.no_answer, IN, Disposition.NO_ANSWER, THREE, cause=19),
    Meant(internal.answered, BETWEEN, Disposition.ANSWERED, ("101", "102"), cause=None),
    Meant(internal.no_answer, BETWEEN, Disposition.NO_ANSWER, ("101", "102"), cause=None),
]


def test_every_scene_is_tried() -> None:
    """A scene that the call centre plays and nobody has tried would be a lie of the demo."""
    assert {meant.scene for meant in SCENES} >= set(MIX)


@pytest.mark.parametrize(
    "meant",
    SCENES,
    ids=lambda meant: f"{meant.scene.__module__.rpartition('.')[2]}-{meant.scene.__name__}",
)
async def test_a_scene_is_heard_as_it_was_meant(meant: Meant, tmp_path: Path) -> None:
    """Direction, number, people, disposition, cause exact; ringing and talk as long as they were.

    The history tells the same scene in the same way.
    """
    number = "" if meant.direction is BETWEEN else NUMBER
    async with Simulation(secret=SECRET, recordings=tmp_path) as simulation:
        async with listening(simulation) as ear:
            script = Script(meant.extensions, number, RING_S, TALK_S)
            began_s = asyncio.get_running_loop().time()
            await meant.scene(simulation.pbx, script)
            lasted_s = asyncio.get_running_loop().time() - began_s
            call = await ear.only_call()
            assert ear.link.rights.missing == []
        assert not simulation.pbx.channels

    assert call.direction is meant.direction
    assert call.disposition is meant.disposition
    assert call.number == (None if meant.direction is BETWEEN else E164)
    assert call.hangup_cause == meant.cause
    assert call.seen_from_start
    assert not call.end_estimated
    ring_s, talk_s = RING_S * meant.rings, TALK_S * meant.answered
    # By as much as the scene went on longer than it was meant to, on a machine with much to do.
    late_s = CLOSE_S + max(0.0, lasted_s - ring_s - talk_s)
    assert -CLOSE_S < call.ring_ms / 1000 - ring_s < late_s
    assert -CLOSE_S < call.talk_ms / 1000 - talk_s < late_s
    _check_people(call, meant)
    _check_recording(call, meant, tmp_path)
    told_later = finished_call(
        Office(),
        meant.scene,
        script,
        pbx="main",
        linkedid=call.linkedid,
        at=call.started_at,
        recordings=tmp_path,
    )
    assert timeless(told_later) == timeless(call)


def timeless(call: Call) -> Call:
    """The call with 1 in place of every length of time that is not 0."""
    return replace(
        call,
        answered_at=call.answered_at and 1,
        ended_at=1,
        ring_ms=min(call.ring_ms, 1),
        talk_ms=min(call.talk_ms, 1),
        operators=tuple(
            CallOperator(one.extension, min(one.ring_ms, 1), min(one.talk_ms, 1))
            for one in call.operators
        ),
    )


def _check_people(call: Call, meant: Meant) -> None:
    assert [one.extension for one in call.operators] == list(meant.extensions)
    talked = [one.extension for one in call.operators if one.talk_ms]
    if not meant.answered:
        assert talked == []
        assert call.answered_by is None
    elif meant.direction is BETWEEN:
        assert talked == ["101", "102"]
        assert call.answered_by == "102"
    else:
        assert talked == [call.answered_by] == [meant.extensions[-1]]
    placed = None if meant.direction is IN else "101"
    assert call.placed_by == placed
    dids = {THREE: "380443002100", ("101",): "380443010101"}
    assert call.did == (dids[meant.extensions] if meant.direction is IN else None)


def _check_recording(call: Call, meant: Meant, root: Path) -> None:
    files = [str(path) for path in root.rglob("*") if path.is_file()]
    assert files == list(call.recordings)
    assert len(files) == meant.answered


async def test_a_withheld_number_is_withheld(tmp_path: Path) -> None:
    """The trunk says `anonymous`, and so does the name of the recording."""
    simulation = Simulation(secret=SECRET, recordings=tmp_path)
    async with simulation, listening(simulation) as ear:
        await inbound.answered(simulation.pbx, Script(("101",), WITHHELD, 0.01, 0.05))
        call = await ear.only_call()

    assert call.withheld
    assert call.number is None
    assert call.raw_number == "anonymous"
    assert "/in-380443010101-anonymous-" in call.recordings[0]


async def test_without_a_folder_nothing_is_recorded() -> None:
    """A PBX for load names no file that is not there."""
    async with Simulation(secret=SECRET) as simulation, listening(simulation) as ear:
        await outbound.answered(simulation.pbx, Script(("101",), NUMBER, 0.01, 0.05))
        call = await ear.only_call()

    assert call.recordings == ()

"""The sound files of the simulated PBX."""

import wave
from array import array
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from telemarketing.pbxsim import outbound
from telemarketing.pbxsim.pace import Pace
from telemarketing.pbxsim.recorder import write_wav
from telemarketing.pbxsim.recording_names import Kind, recording_path
from telemarketing.pbxsim.script import Script
from telemarketing.pbxsim.simulation import Simulation
from telemarketing.pbxsim.speech import SAMPLES_PER_S, dialogue
from tests.pbxsim.ear import SECRET, listening


def loudness(samples: "array[int]", piece_s: float) -> list[float]:
    """The mean amplitude of each piece."""
    length = round(piece_s * SAMPLES_PER_S)
    pieces = [samples[start : start + length] for start in range(0, len(samples), length)]
    return [sum(map(abs, piece)) / len(piece) for piece in pieces]


def spoken(lasts_ms: int, seed: int = 1) -> "array[int]":
    """The samples of a dialogue."""
    return array("h", dialogue(lasts_ms, Random(seed)))  # noqa: S311


@pytest.mark.parametrize("lasts_ms", [0, 1, 999, 61_234, 600_000])
def test_a_dialogue_has_exactly_the_length_of_the_talk(lasts_ms: int) -> None:
    """To the sample, from nothing to ten minutes."""
    assert len(spoken(lasts_ms)) == lasts_ms * SAMPLES_PER_S // 1000


def test_a_dialogue_looks_like_two_people_who_speak_in_turns() -> None:
    """Loud and quiet tenths of a second alternate, one voice louder than the other, no clipping."""
    samples = spoken(60_000)
    pieces = loudness(samples, 0.1)

    silent = sum(piece < 100 for piece in pieces) / len(pieces)
    assert 0.03 < silent < 0.5
    voiced = sorted(piece for piece in pieces if piece > 500)
    assert voiced[int(len(voiced) * 0.9)] > 1.8 * voiced[int(len(voiced) * 0.2)]
    assert max(map(abs, samples)) < 32_767


def test_no_second_of_a_dialogue_is_silent() -> None:
    """Silence of more than a second and a half is nowhere in ten minutes."""
    assert min(loudness(spoken(600_000), 1.5)) > 100


def test_the_same_seed_gives_the_same_sound_and_another_one_another() -> None:
    """So a demo can be shown twice."""
    assert spoken(5000) == spoken(5000)
    assert spoken(5000) != spoken(5000, seed=2)


def test_a_file_is_what_players_expect(tmp_path: Path) -> None:
    """PCM, 8 kHz, 16 bit, mono, in a folder that was not there."""
    path = tmp_path / "2026" / "11" / "x.wav"

    write_wav(path, 1500, Random(1))  # noqa: S311

    with wave.open(str(path)) as file:
        assert file.getparams()[:4] == (1, 2, 8000, 12_000)


def test_a_file_is_named_by_the_time_of_the_pbx() -> None:
    """Its folder too, though in UTC it is still the day before."""
    began = datetime(2026, 11, 21, 23, 5, 9, tzinfo=UTC)

    path = recording_path(
        Kind.INBOUND,
        called="380443002100",
        caller="380501000001",
        began_at=round(began.timestamp() * 1000),
        zone=ZoneInfo("Europe/Kyiv"),
        uniqueid="1795302309.7",
    )

    assert str(path) == ("2026/11/22/in-380443002100-380501000001-20261122-010509-1795302309.7.wav")


async def test_the_file_is_complete_before_the_last_hangup(tmp_path: Path) -> None:
    """Whoever sees the call end finds as much sound as there was talk."""
    simulation = Simulation(secret=SECRET, recordings=tmp_path)
    async with simulation, listening(simulation) as ear:
        await outbound.answered(simulation.pbx, Script(("101",), "0501000001", 0.01, 0.3))
        call = await ear.only_call()
        (path,) = call.recordings

    with wave.open(path) as file:
        assert abs(file.getnframes() / SAMPLES_PER_S * 1000 - call.talk_ms) <= 20
    assert Path(path).is_relative_to(tmp_path)


async def test_a_folder_that_cannot_be_written_ends_the_simulation(tmp_path: Path) -> None:
    """A demo without sound would look as if the product had lost it."""
    in_the_way = tmp_path / "monitor"
    in_the_way.touch()
    pace = Pace(calls_per_s=200, ring_s=0.01, talk_s=0.01)
    async with Simulation(secret=SECRET, recordings=in_the_way, pace=pace) as simulation:
        with pytest.raises(ExceptionGroup) as failed:
            await simulation.live()

    assert all(isinstance(reason, OSError) for reason in failed.value.exceptions)

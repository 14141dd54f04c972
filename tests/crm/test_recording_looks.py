"""What looks at a sound file add up to."""

import pytest

from telemarketing.crm.recordings import EMPTY_MS, STEADY_MS, judge
from telemarketing.media.finder import Forbidden, Seen, Sight, Unseen
from telemarketing.media.roots import Denied
from telemarketing.model.recording import Recording, RecordingState

NOW = 1_795_316_428_000
SOUND = Seen("/rec/a.wav", 16_044, has_sound=True, duration_ms=1000)
HEADER = Seen("/rec/a.wav", 44, has_sound=False, duration_ms=0)


def never_seen() -> Recording:
    """A recording for which nobody has looked."""
    return Recording(7, 0, "a.wav", RecordingState.EXPECTED, None, None, None, None)


def after(*looks: tuple[int, Sight]) -> Recording:
    """A recording after looks at these milliseconds."""
    recording = never_seen()
    for at, sight in looks:
        recording = judge(recording, sight, NOW + at, given_up=False)
    return recording


def test_a_file_is_ready_when_it_has_stopped_growing() -> None:
    """Two looks of the same size make it ready, with its place, size and length."""
    once = after((0, SOUND))
    twice = after((0, SOUND), (STEADY_MS, SOUND))

    assert once.state is RecordingState.EXPECTED
    assert twice == Recording(
        7, 0, "a.wav", RecordingState.READY, "/rec/a.wav", 16_044, 1000, NOW + STEADY_MS
    )


@pytest.mark.parametrize(
    ("between_ms", "earlier"),
    [
        (STEADY_MS - 1, SOUND),
        (STEADY_MS, Seen("/rec/a.wav", 8_044, has_sound=True, duration_ms=500)),
        (STEADY_MS, Seen("/rec/2026/11/22/a.wav", 16_044, has_sound=True, duration_ms=1000)),
        (STEADY_MS, Unseen(elsewhere=False)),
    ],
    ids=["too soon", "it grew", "another file", "it was not there"],
)
def test_a_file_that_may_still_grow_is_expected(between_ms: int, earlier: Sight) -> None:
    """Nobody hears half a talk."""
    assert after((0, earlier), (between_ms, SOUND)).state is RecordingState.EXPECTED


def test_a_header_alone_is_empty_after_a_while() -> None:
    """A file without sound gets longer than one with sound, and then is called empty."""
    assert after((0, HEADER), (STEADY_MS, HEADER)).state is RecordingState.EXPECTED
    assert after((0, HEADER), (EMPTY_MS, HEADER)).state is RecordingState.EMPTY


@pytest.mark.parametrize(
    ("elsewhere", "state"), [(False, RecordingState.MISSING), (True, RecordingState.OUTSIDE)]
)
def test_what_does_not_come_is_given_up(elsewhere: bool, state: RecordingState) -> None:
    """A file that was named elsewhere and came nowhere is a matter of the settings."""
    sight = Unseen(elsewhere=elsewhere)

    assert judge(never_seen(), sight, NOW, given_up=False).state is RecordingState.EXPECTED
    assert judge(never_seen(), sight, NOW, given_up=True).state is state


def test_what_may_not_be_had_is_told_at_once() -> None:
    """A folder that denies is named; a way out of the roots is final."""
    denied = after((0, Denied("/rec/2026")))

    assert (denied.state, denied.file) == (RecordingState.UNREADABLE, "/rec/2026")
    assert after((0, Forbidden())).state is RecordingState.OUTSIDE

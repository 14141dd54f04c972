"""Recordings in the panel: who may hear them, how they are sent, and what is said of lost ones."""

import asyncio
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import Call, Direction
from telemarketing.model.changes import RecordingChanged
from telemarketing.model.recording import RecordingState
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.recordings import list_recordings, update_looked_at
from tests.make import answered, ended, make_call
from tests.media.test_media_audio import wav
from tests.people import People, Person
from tests.web.panel import Answer, PanelUnderTest, Visitor

SOUND = wav(2)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A stored call with recordings in these states."""

    id: int
    panel: PanelUnderTest

    def audio(self, position: int | str = 0) -> str:
        """Where the sound of a recording is."""
        return f"/calls/{self.id}/recordings/{position}/audio"

    async def shown_to(self, person: Person) -> str:
        """The fragment, without its line breaks."""
        visitor = await self.panel.signed_in(person)
        return " ".join((await visitor.get(f"/calls/{self.id}/recordings")).text.split())


async def add(
    panel: PanelUnderTest, call: Call | None = None, **states: tuple[RecordingState, str]
) -> Recorded:
    """Store a talk of 101 whose recordings have these names, states and files."""
    call = replace(call or ended(answered(make_call())), recordings=tuple(states))
    await CallLog(panel.database).record([call])
    async with panel.database.writing() as tx:
        stored = await list_calls(tx, CallFilter(), 100)
        (call_id,) = (one.id for one in stored if one.call.key == call.key)
        known = (await list_recordings(tx, [call_id])).get(call_id, ())
        await update_looked_at(
            tx,
            [
                replace(one, state=state, file=file, duration_ms=2000, looked_at=panel.now_ms)
                for one, (state, file) in zip(known, states.values(), strict=True)
            ],
        )
    return Recorded(call_id, panel)


def ready(panel: PanelUnderTest, name: str = "a.wav", content: bytes = SOUND) -> Path:
    """A file in the folder of recordings."""
    file = panel.recordings / name
    file.write_bytes(content)
    return file


@pytest.fixture
async def recorded(panel: PanelUnderTest) -> Recorded:
    """A talk of 101 with one recording that is ready."""
    return await add(panel, a=(RecordingState.READY, str(ready(panel))))


@pytest.fixture
async def operator(panel: PanelUnderTest, people: People) -> Visitor:
    """The browser of whoever talked."""
    return await panel.signed_in(people.operator)


async def asked(visitor: Visitor, recorded: Recorded, **headers: str) -> Answer:
    """Ask for the sound; `Range_` and the like become headers."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await visitor.get(recorded.audio(), headers=sent)


async def test_the_whole_sound_is_sent(recorded: Recorded, operator: Visitor) -> None:
    """As the sound that it is, to be played in the page, kept by nobody in between."""
    answer = await asked(operator, recorded)

    assert (answer.status, answer.body) == (200, SOUND)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Disposition"] == 'inline; filename="a.wav"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_a_part_is_sent_when_a_part_is_asked_for(
    recorded: Recorded, operator: Visitor
) -> None:
    """So a player seeks without loading what lies before."""
    size = len(SOUND)
    parts = {
        "bytes=0-": (0, size),
        "bytes=0-0": (0, 1),
        "bytes=100-199": (100, 200),
        "bytes=1000-9999999": (1000, size),
        "bytes=-44": (size - 44, size),
    }
    for wanted, (start, end) in parts.items():
        answer = await asked(operator, recorded, Range=wanted)
        assert (answer.status, answer.body) == (206, SOUND[start:end])
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"


async def test_a_part_that_is_not_there_is_refused(recorded: Recorded, operator: Visitor) -> None:
    """With the size that there is."""
    for wanted in (f"bytes={len(SOUND)}-", "bytes=5-2", "bytes=a-b", "lines=1-2"):
        answer = await asked(operator, recorded, Range=wanted)
        assert (answer.status, answer.body) == (416, b"")
        assert answer.headers["Content-Range"] == f"bytes */{len(SOUND)}"


async def test_what_a_browser_has_is_not_sent_again(recorded: Recorded, operator: Visitor) -> None:
    """By its tag or by its time; a file that changed is sent whole."""
    first = await asked(operator, recorded)
    same = await asked(operator, recorded, If_None_Match=first.headers["ETag"])
    since = await asked(operator, recorded, If_Modified_Since=first.headers["Last-Modified"])
    ready(recorded.panel, content=wav(3))
    changed = await asked(operator, recorded, If_None_Match=first.headers["ETag"])

    assert [one.status for one in (same, since, changed)] == [304, 304, 200]
    assert changed.body == wav(3)


async def test_only_who_may_see_the_call_hears_it(
    panel: PanelUnderTest, people: People, recorded: Recorded
) -> None:
    """To a stranger and to a colleague there is no such file, and no word about it."""
    for person in people:
        visitor = await panel.signed_in(person)
        heard = await visitor.get(recorded.audio())
        told = await visitor.get(f"/calls/{recorded.id}/recordings")
        again = await visitor.post(f"/calls/{recorded.id}/recordings/search")
        may = person in (people.operator, people.supervisor, people.administrator)
        assert [heard.status, told.status, again.status] == [200 if may else 404] * 3
        assert (SOUND in heard.body) is may

    nobody = await panel.visitor()
    assert (await nobody.get(recorded.audio())).status == 401


async def test_what_is_no_recording_is_not_found(recorded: Recorded, operator: Visitor) -> None:
    """Whatever stands in the address."""
    for number in ("7", "-1", "a", "9" * 9, "9" * 18, "9" * 400, "%00", "0x0", "..%2f0", "٠"):
        assert (await operator.get(recorded.audio(number))).status == 404
        assert (await operator.get(f"/calls/{number}/recordings")).status == 404


async def test_only_what_is_complete_is_sent(panel: PanelUnderTest, operator: Visitor) -> None:
    """A file that is growing, or was never to be opened, is not played though it is there."""
    file = str(ready(panel))
    for state in RecordingState:
        recorded = await add(panel, a=(state, file))
        expected = 200 if state is RecordingState.READY else 404
        assert (await asked(operator, recorded)).status == expected


async def test_a_file_that_is_not_inside_any_more_is_not_sent(
    panel: PanelUnderTest, operator: Visitor, tmp_path: Path
) -> None:
    """A stored path outside the folders, or a link that leads out now, is nobody's sound."""
    secret = tmp_path / "secret.wav"
    secret.write_bytes(SOUND)
    (panel.recordings / "link.wav").symlink_to(secret)
    outside = await add(panel, x=(RecordingState.READY, str(secret)))
    linked = await add(panel, x=(RecordingState.READY, str(panel.recordings / "link.wav")))

    assert (await asked(operator, outside)).status == 404
    assert (await asked(operator, linked)).status == 404


async def test_a_file_that_was_converted_is_still_heard(
    panel: PanelUnderTest, operator: Visitor
) -> None:
    """A night job made mp3 of it: it is found by its name, and is what it is now."""
    ready(panel, "a.mp3", b"\xff\xfb" + bytes(1000))
    recorded = await add(panel, a=(RecordingState.READY, str(panel.recordings / "a.wav")))
    answer = await asked(operator, recorded)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "audio/mpeg")


async def test_a_file_that_is_gone_is_logged(panel: PanelUnderTest, operator: Visitor) -> None:
    """The player says that it cannot play; the administrator finds why."""
    recorded = await add(panel, a=(RecordingState.READY, str(panel.recordings / "a.wav")))
    with capture_logs() as lines:
        assert (await asked(operator, recorded)).status == 404

    assert "a recording that was there is gone" in [line["event"] for line in lines]


async def test_the_name_for_saving_is_harmless(panel: PanelUnderTest, operator: Visitor) -> None:
    """Letters that a header or another system may misread are left out."""
    names = {
        "q-\u0456-\u201c1\u201d.wav": "q-_-_1_.wav",
        'a"; filename=evil.html; x=".wav': "a_filename_evil.html_x_.wav",
        "x" * 200 + ".wav": "x" * 116 + ".wav",
    }
    for name, shown in names.items():
        recorded = await add(panel, a=(RecordingState.READY, str(ready(panel, name))))
        answer = await asked(operator, recorded)
        assert answer.headers["Content-Disposition"] == f'inline; filename="{shown}"'


async def test_what_browsers_cannot_play_is_offered_for_saving(
    panel: PanelUnderTest, operator: Visitor, people: People
) -> None:
    """GSM in WAV is what some offices record: a link with a sentence instead of a dead player."""
    recorded = await add(panel, a=(RecordingState.READY, str(ready(panel, "a.WAV"))))
    answer = await asked(operator, recorded)
    shown = await recorded.shown_to(people.operator)

    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "Browsers cannot play this kind of file." in shown
    assert "data-player" not in shown


def open_count() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_listener_who_hangs_up_disturbs_nobody(
    panel: PanelUnderTest, recorded: Recorded, operator: Visitor
) -> None:
    """A big file is cut off in the middle, quietly, and no file stays open."""
    ready(panel, content=wav(1) + bytes(50_000_000))
    before = open_count()
    with capture_logs() as lines:
        for _ in range(5):
            async with operator.session.get(recorded.audio()) as got:
                assert len(await got.content.read(1000)) > 0
        async with asyncio.timeout(10):
            while open_count() > before:  # noqa: ASYNC110 - of the kernel
                await asyncio.sleep(0.01)
        small = await asked(operator, recorded, Range="bytes=0-9")

    assert small.body == wav(1)[:10]
    assert lines == []


async def test_a_ready_recording_has_a_player(recorded: Recorded, people: People) -> None:
    """With its length and its own address."""
    shown = await recorded.shown_to(people.operator)

    assert f'src="{recorded.audio()}"' in shown
    assert f'id="player-{recorded.id}-0"' in shown
    assert "0:02" in shown
    assert "live:calls" not in shown


async def test_what_is_expected_asks_again(panel: PanelUnderTest, people: People) -> None:
    """While the file is not complete the fragment follows the changes of calls."""
    over = await add(panel, a=(RecordingState.EXPECTED, ""))
    talking = answered(make_call())
    going_on = await add(panel, talking, a=(RecordingState.EXPECTED, ""))

    assert "not complete yet" in (shown := await over.shown_to(people.operator))
    assert f'hx-get="/calls/{over.id}/recordings"' in shown
    assert "live:calls" in shown
    assert "The call is being recorded." in await going_on.shown_to(people.operator)


async def test_a_lost_recording_is_said_in_words(panel: PanelUnderTest, people: People) -> None:
    """Names of files and folders are for administrators; others hear what it means."""
    words = {
        RecordingState.MISSING: ("did not appear in time", "the PBX named secret_path"),
        RecordingState.UNREADABLE: ("may not be read", "/rec/2026 denies it"),
        RecordingState.OUTSIDE: ("not where recordings may be", "secret_path, which is not inside"),
    }
    for state, (plain, full) in words.items():
        recorded = await add(panel, secret_path=(state, "/rec/2026"))
        to_operator = await recorded.shown_to(people.operator)
        assert plain in to_operator
        assert "secret_path" not in to_operator
        assert "/rec/" not in to_operator
        assert "Look again" in to_operator
        assert full in await recorded.shown_to(people.administrator)


async def test_silence_is_said_once_there_was_a_talk(panel: PanelUnderTest, people: People) -> None:
    """An answered call without sound or without any file is a fault to show."""
    empty = await add(panel, a=(RecordingState.EMPTY, "/rec/a.wav"))
    none = await add(panel)
    internal = await add(
        panel, ended(answered(make_call(direction=Direction.INTERNAL, number=None)))
    )

    assert "There is no sound in the recording." in await empty.shown_to(people.operator)
    assert "No recording was made." in await none.shown_to(people.operator)
    assert "No recording" not in await internal.shown_to(people.operator)


async def test_of_an_unanswered_call_nothing_is_said(panel: PanelUnderTest, people: People) -> None:
    """There was nothing to record, and a file without sound is no news."""
    for state in RecordingState:
        call = await add(panel, ended(make_call()), a=(state, "/rec/a.wav"))
        words = re.sub(r"<[^>]*>|\s", "", await call.shown_to(people.operator))
        assert bool(words) is (state is RecordingState.READY)


async def test_somebody_lets_a_lost_file_be_looked_for_again(
    panel: PanelUnderTest, operator: Visitor
) -> None:
    """It is expected anew, and whoever looks for files and whoever looks at pages is told."""
    recorded = await add(panel, a=(RecordingState.MISSING, ""))
    with panel.live.follow() as follower:
        answer = await operator.post(f"/calls/{recorded.id}/recordings/search")
        async with asyncio.timeout(5):
            changes, _ = await follower.read()

    assert "not complete yet" in answer.text
    (change,) = changes
    assert isinstance(change, RecordingChanged)
    assert change.call_id == recorded.id
    assert change.lead_id is not None

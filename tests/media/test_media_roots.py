"""Nothing outside the configured folders is ever opened, whatever a PBX says."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemarketing.media.finder import Finder, Forbidden, Seen, Unseen
from telemarketing.media.roots import Denied, NotOpened, OpenFile, Roots
from tests.media.test_media_audio import wav

STARTED_AT = 1_795_316_428_000  # 2026-11-22 03:00:28 in Kyiv, 01:00:28 UTC
KYIV = ZoneInfo("Europe/Kyiv")
SOUND = wav(1)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root among other things: sounds and a link in it, secrets beside it."""
    top = tmp_path_factory.mktemp("disk")
    day = top / "rec" / "2026/11/22"
    day.mkdir(parents=True)
    (day / "a.wav").write_bytes(SOUND)
    (top / "secret.wav").write_bytes(b"secret")
    (top / "out").mkdir()
    (top / "out" / "a.wav").write_bytes(b"secret")
    (top / "rec" / "escape.wav").symlink_to(top / "secret.wav")
    (top / "rec" / "relative.wav").symlink_to("../secret.wav")
    (top / "rec" / "away").symlink_to(top / "out")
    (top / "rec" / "inside.wav").symlink_to(day / "a.wav")
    (top / "rec" / "loop.wav").symlink_to("loop.wav")
    (top / "rec" / "gone.wav").symlink_to("nothing.wav")
    (top / "rec" / "folder.wav").mkdir()
    (top / "rec" / "zero.wav").symlink_to("/dev/zero")
    os.mkfifo(top / "rec" / "pipe.wav")
    (top / "linked").symlink_to("rec")
    return top


def open_at(disk: Path, tail: str, root: str = "rec") -> OpenFile | Denied | NotOpened:
    """Open below the root, and close what was opened."""
    opening = Roots([disk / root]).open(str(disk / root), tail)
    if isinstance(opening, OpenFile):
        with opening:
            assert os.read(opening.fd, 100_000) == SOUND
    return opening


@pytest.mark.parametrize("root", ["rec", "linked"])
@pytest.mark.parametrize("tail", ["2026/11/22/a.wav", "inside.wav"])
def test_a_file_inside_is_opened(disk: Path, root: str, tail: str) -> None:
    """Also through a link that stays inside, and below a root that is a link itself."""
    opening = open_at(disk, tail, root)

    assert isinstance(opening, OpenFile)
    assert (opening.path, opening.size_bytes) == (str(disk / root / tail), len(SOUND))


@pytest.mark.parametrize(
    "tail",
    ["escape.wav", "relative.wav", "away/a.wav", "../secret.wav", "zero.wav", "/etc/passwd"],
)
def test_what_leads_out_is_outside(disk: Path, tail: str) -> None:
    """Links out, ways up and absolute paths are known for what they are, and not opened."""
    assert open_at(disk, tail) is NotOpened.OUTSIDE


@pytest.mark.parametrize("tail", ["pipe.wav", "folder.wav", "2026/11"])
def test_only_regular_files_are_opened(disk: Path, tail: str) -> None:
    """A pipe would wait for its writer for ever."""
    assert open_at(disk, tail) is NotOpened.NO_FILE


def test_a_socket_is_no_file(disk: Path) -> None:
    """Whoever listens there is not disturbed."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(disk / "rec" / "socket.wav"))
        assert open_at(disk, "socket.wav") is NotOpened.NO_FILE


@pytest.mark.parametrize(
    "tail",
    ["nothing.wav", "loop.wav", "gone.wav", "2026/11/22/a.wav/b", "x" * 300, "a\0b", "\ud800.wav"],
)
def test_what_is_not_there_is_absent(disk: Path, tail: str) -> None:
    """Broken and circular links, too long names and names that cannot be are no files."""
    assert open_at(disk, tail) is NotOpened.ABSENT


def test_only_configured_folders_are_roots(disk: Path) -> None:
    """A root that the settings do not name is none, and one that is not there holds nothing."""
    assert Roots([disk / "rec"]).open(str(disk), "secret.wav") is NotOpened.OUTSIDE
    assert Roots([disk / "no"]).open(str(disk / "no"), "a.wav") is NotOpened.ABSENT


def test_a_file_that_changes_places_is_never_read_outside(tmp_path: Path) -> None:
    """While a name flips between a sound inside and a link to a secret, only sound is read."""
    root = tmp_path / "rec"
    root.mkdir()
    (root / "good.wav").write_bytes(SOUND)
    (tmp_path / "secret.wav").write_bytes(b"secret")
    (root / "bad.wav").symlink_to(tmp_path / "secret.wav")
    flipping = (
        "import os, sys\n"
        "os.chdir(sys.argv[1])\n"
        "while True:\n"
        "    os.link('good.wav', 'next'); os.replace('next', 'a.wav')\n"
        "    os.symlink('../secret.wav', 'next'); os.replace('next', 'a.wav')\n"
    )
    seen = set()
    with subprocess.Popen([sys.executable, "-c", flipping, str(root)]) as other:
        try:
            for _ in range(20_000):
                opening = Roots([root]).open(str(root), "a.wav")
                if isinstance(opening, OpenFile):
                    with opening:
                        assert os.read(opening.fd, 100_000) == SOUND
                seen.add(type(opening) if isinstance(opening, OpenFile) else opening)
                if len(seen) == 3:
                    break
        finally:
            other.kill()

    assert {OpenFile, NotOpened.OUTSIDE} <= seen


_DENIED = """
import sys
from pathlib import Path
from telemarketing.media.roots import Roots
opening = Roots([Path(sys.argv[1])]).open(sys.argv[1], sys.argv[2])
print(type(opening).__name__, getattr(opening, "what", ""))
"""


@pytest.mark.process
@pytest.mark.parametrize("closed", ["rec", "rec/2026/11", "rec/2026/11/22/a.wav", "."])
def test_what_denies_is_named(tmp_path: Path, closed: str) -> None:
    """The topmost folder that may not be passed, or else the file, is what has to be mended."""
    day = tmp_path / "top" / "rec" / "2026/11/22"
    day.mkdir(parents=True)
    (day / "a.wav").write_bytes(SOUND)
    root, wrong = tmp_path / "top" / "rec", tmp_path / "top" / closed
    wrong.chmod(0)
    # Root may read everything, unless it gives these capabilities up.
    without = ["--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all"]
    told = subprocess.run(
        ["setpriv", *without, sys.executable, "-c", _DENIED, str(root), "2026/11/22/a.wav"],
        capture_output=True,
        text=True,
        check=True,
    )
    wrong.chmod(0o700)

    assert told.stdout.strip() == f"Denied {wrong}"


def test_a_look_tells_length_and_place(disk: Path) -> None:
    """A bare name is found in the folder of the office's day, with its size and length."""
    finder = Finder(Roots([disk / "rec"]), KYIV)

    assert finder.look("a.wav", STARTED_AT) == Seen(
        str(disk / "rec/2026/11/22/a.wav"), len(SOUND), has_sound=True, duration_ms=1000
    )
    assert finder.look("a.wav49", STARTED_AT) == finder.look("a.wav", STARTED_AT)


def test_a_look_tells_why_there_is_nothing(disk: Path) -> None:
    """Not there, elsewhere, and never to be opened are three things."""
    finder = Finder(Roots([disk / "rec"]), KYIV)

    assert finder.look("b.wav", STARTED_AT) == Unseen(elsewhere=False)
    assert finder.look("/pbx/2026/11/22/b.wav", STARTED_AT) == Unseen(elsewhere=True)
    assert finder.look("/pbx/2026/11/22/a.wav", STARTED_AT) == finder.look("a.wav", STARTED_AT)
    assert finder.look("/etc/passwd", STARTED_AT) == Forbidden()
    assert finder.look("escape.wav", STARTED_AT) == Forbidden()
    assert finder.look("pipe.wav", STARTED_AT) == Forbidden()


def test_a_name_of_other_bytes_is_found(tmp_path: Path) -> None:
    """A PBX that writes in another code page gets its files played all the same."""
    (tmp_path / os.fsdecode(b"\xce\xe2.wav")).write_bytes(SOUND)
    finder = Finder(Roots([tmp_path]), KYIV)

    seen = finder.look(r"\xce\xe2.wav", STARTED_AT)

    assert isinstance(seen, Seen)
    assert seen.file == rf"{tmp_path}/\xce\xe2.wav"
    opened = finder.open(seen.file, "whatever.wav", STARTED_AT)
    assert opened is not None
    with opened:
        assert opened.size_bytes == len(SOUND)


def test_a_file_that_was_moved_is_opened_where_it_is_now(disk: Path) -> None:
    """What was found once is looked for again by its name when it is no longer there."""
    finder = Finder(Roots([disk / "rec"]), KYIV)
    moved = finder.open("/old/a.wav", "a.wav", STARTED_AT)

    assert moved is not None
    with moved:
        assert moved.path == str(disk / "rec/2026/11/22/a.wav")
    assert finder.open(None, "escape.wav", STARTED_AT) is None


opened_for_reading: list[str] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    """Python tells every open() of this process; hooks stay for good, so this one is idle else."""
    if event != "open" or not watching:
        return
    name, _, flags = arguments
    if isinstance(name, str) and isinstance(flags, int) and not flags & os.O_PATH:
        opened_for_reading.append(os.path.realpath(name))


watching: list[bool] = []
sys.addaudithook(_note)


@pytest.fixture
def watched() -> Iterator[None]:
    """Note what is opened for reading."""
    watching.append(True)
    yield
    watching.clear()
    opened_for_reading.clear()


_PIECES = st.sampled_from(
    [
        *["", ".", "..", "/", "//", "2026", "11", "22", "rec", "away", "linked", "out", "a.wav"],
        *["escape.wav", "relative.wav", "secret.wav", "pipe.wav", "zero.wav", "inside.wav", "TOP"],
        *[
            "proc/self/root",
            "\0",
            "\n",
            "\\xff",
            "é",
            "\ud800",
            "a",
            ".wav",
            "~",
            "$HOME",
            "%2e%2e",
        ],
    ]
)


@given(pieces=st.lists(_PIECES | st.text(max_size=5), max_size=12), glue=st.sampled_from("/ "))
@settings(
    max_examples=600,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_the_name_nothing_outside_is_opened(
    disk: Path, watched: None, pieces: list[str], glue: str
) -> None:
    """Every file that is opened for reading lies truly inside the root, and what is read is it."""
    named = glue.strip().join(pieces) if glue == " " else "/".join(pieces)
    named = named.replace("TOP", str(disk))
    opened_for_reading.clear()
    finder = Finder(Roots([disk / "rec"]), KYIV)

    opened = finder.open(named, named, STARTED_AT)
    sight = finder.look(named, STARTED_AT)

    if opened is not None:
        with opened:
            assert os.read(opened.fd, 100_000) == SOUND
    if isinstance(sight, Seen):
        assert sight.file.startswith(f"{disk}/rec/")
    inside = [path for path in opened_for_reading if path.startswith(f"{disk}/rec/")]
    assert opened_for_reading == inside
    assert bool(inside) == isinstance(sight, Seen)

"""Where a recording may lie, by what the PBX called it."""

import pytest

from telemarketing.media.names import place_of, places, readable, spellings

ROOT = "/rec"
DAYS = ["2026/11/22", "2026/11/21"]
NAME = "q-101-380441234567-1795316428.0.wav"


def exact(named: str, *roots: str) -> list[str]:
    """Whole paths of the places under the very name."""
    return ["/".join(place) for place in places(named, roots or (ROOT,), DAYS).exact]


def test_a_path_below_a_root_is_that_file() -> None:
    """An absolute path of ours is taken as it is, and looked for by its date below other roots."""
    assert exact(f"/rec/x/{NAME}") == [f"/rec/x/{NAME}"]
    assert exact(f"/rec/2026/11/22/{NAME}", "/rec", "/old") == [
        f"/rec/2026/11/22/{NAME}",
        f"/old/2026/11/22/{NAME}",
    ]


def test_a_root_is_a_whole_folder() -> None:
    """A folder whose name only begins like a root is outside."""
    assert exact(f"/recordings/{NAME}") == []
    assert places(f"/recordings/{NAME}", (ROOT,), DAYS).elsewhere


def test_a_folder_mounted_elsewhere_is_found_by_its_days() -> None:
    """The PBX's own prefix is dropped as far as the folders of the day."""
    named = f"/var/spool/asterisk/monitor/2026/11/22/{NAME}"

    assert exact(named) == [f"/rec/2026/11/22/{NAME}"]
    assert places(named, (ROOT,), DAYS).elsewhere


def test_a_bare_name_lies_in_a_folder_of_its_day_or_in_none() -> None:
    """The day of the call in each zone, then the root itself."""
    assert exact(NAME) == [
        f"/rec/2026/11/22/{NAME}",
        f"/rec/2026/11/21/{NAME}",
        f"/rec/{NAME}",
    ]


def test_the_day_in_a_name_goes_first() -> None:
    """FreePBX writes its own day into the name, whatever zone it keeps."""
    named = "out-0441234567-101-20261123-000028-1795316428.0.wav"

    assert exact(named)[0] == f"/rec/2026/11/23/{named}"


def test_a_relative_path_begins_at_the_root() -> None:
    """MixMonitor takes names relative to its own folder."""
    assert exact(f"shop/{NAME}") == [f"/rec/shop/{NAME}"]


@pytest.mark.parametrize(
    "named",
    [
        "",
        ".",
        "..",
        "../x.wav",
        "a/../../x.wav",
        "/rec",
        "/rec/",
        "/rec/../etc/passwd",
        "/etc/passwd",
        "//etc/passwd",
        "/",
        "a\0b.wav",
        "a\nb.wav",
        "a\x1b[2J.wav",
        "x" * 4097,
    ],
)
def test_what_can_only_be_outside_has_no_place(named: str) -> None:
    """Ways up, foreign paths, control characters and endless names lead nowhere."""
    found = places(named, (ROOT,), DAYS)

    assert found.exact == ()
    assert found.renamed == ()


def test_dots_inside_are_resolved_before_anything_is_looked_at() -> None:
    """A path that goes up and comes back is where it ends."""
    assert exact("/etc/../rec/./x.wav") == ["/rec/x.wav"]
    assert exact("//rec//x.wav") == ["/rec/x.wav"]


def test_an_extension_may_be_another_one() -> None:
    """`wav49` is written as `WAV`, a name without any as `raw`; an office may make mp3 of it."""
    renamed = ["/".join(place) for place in places("/rec/x.wav49", (ROOT,), DAYS).renamed]
    without = ["/".join(place) for place in places("/rec/x.1", (ROOT,), DAYS).renamed]

    assert {"/rec/x.WAV", "/rec/x.mp3"} <= set(renamed)
    assert {"/rec/x.1.raw", "/rec/x.1.wav"} <= set(without)


def test_bytes_that_are_no_utf_8_come_back() -> None:
    """The socket spells them out; the file system and the database get each what they can take."""
    on_disk = b"/rec/\xce\xe2-101.wav".decode("utf-8", "surrogateescape")
    told = r"/rec/\xce\xe2-101.wav"

    assert readable(on_disk) == told
    assert spellings(told) == (told, on_disk)
    assert exact(told) == [told, on_disk]
    assert place_of(told, (ROOT,)) == [(ROOT, told[5:]), (ROOT, on_disk[5:])]


def test_a_stored_path_means_nothing_when_its_root_is_gone() -> None:
    """Settings may change after a file was found."""
    assert place_of("/rec/x.wav", ("/other",)) == []

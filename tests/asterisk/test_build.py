"""Where the Debian mirror's address comes from: the machine's own apt, in either format."""

from pathlib import Path

import pytest

from tests.asterisk.build import CannotBuild, debian_mirror

_OTHER_SUPPLIER = "deb [arch=amd64 signed-by=/k.gpg] http://other.invalid/apt cloud-bookworm main\n"
_SECURITY = """Types: deb
URIs: http://mirror.invalid/debian-security
Suites: bookworm-security
Components: main
"""
_DEB822 = """# The main archive.
Types: deb deb-src
# URIs: http://comment.invalid/debian
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main contrib
"""


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    """An empty folder of apt's settings."""
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_deb822_sources_are_understood(apt: Path) -> None:
    """Neither a comment, nor the security archive, nor another supplier is taken for Debian."""
    (apt / "sources.list.d" / "a.list").write_text(_OTHER_SUPPLIER)
    (apt / "sources.list.d" / "debian.sources").write_text(f"{_SECURITY}\n{_DEB822}")

    assert debian_mirror(apt, "bookworm") == "http://mirror.invalid/debian"


def test_one_line_sources_are_understood(apt: Path) -> None:
    """Options in brackets and remarks at the end do not hide the address."""
    (apt / "sources.list").write_text(
        "# deb http://comment.invalid/debian bookworm main\n"
        "deb-src http://source.invalid/debian bookworm main\n"
        "deb http://mirror.invalid/debian-security bookworm-security main\n"
        "deb [ arch=amd64 trusted=yes ] http://mirror.invalid/debian bookworm main # ours\n"
    )

    assert debian_mirror(apt, "bookworm") == "http://mirror.invalid/debian"


def test_a_machine_without_a_debian_mirror_is_told_so(apt: Path) -> None:
    """The message names what was looked for, and where."""
    (apt / "sources.list").write_text(_OTHER_SUPPLIER)

    with pytest.raises(CannotBuild, match="no Debian mirror for bookworm"):
        debian_mirror(apt, "bookworm")

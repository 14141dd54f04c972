"""On whose side a channel stands: each rule, and which of two rules wins."""

import pytest

from telemarketing.ami.events import Channel
from telemarketing.calls.directory import Directory, Side, Telephones
from telemarketing.phones import Numbering


def side(
    name: str, *, context: str = "", trunks: tuple[str, ...] = (), owned: tuple[str, ...] = ()
) -> Side:
    """The side of a channel of this name where extensions have two to five digits."""
    directory = Directory(
        extension_pattern="[0-9]{2,5}",
        trunks=trunks,
        trunk_contexts=("from-trunk",),
        normalise=Numbering("UA").normalise,
    )
    directory.replace_telephones(Telephones(frozenset(owned)))
    return directory.side(Channel(name, "1.1", "1.1", "Down", None, context, ""))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PJSIP/101-0000002a", Side.OURS),
        ("SIP/101-0000002a", Side.OURS),
        ("IAX2/101-742", Side.OURS),
        ("PJSIP/provider-0000002a", Side.OUTSIDE),
        ("PJSIP/kyiv-101-0000002a", Side.OUTSIDE),
        ("PJSIP/380441234567-0000002a", Side.OUTSIDE),
        ("DAHDI/12-1", Side.OUTSIDE),
        ("DAHDI/i1/0441234567-1", Side.OUTSIDE),
        ("Local/101@from-queue-0000002a;1", Side.PLUMBING),
    ],
)
def test_the_look_of_a_name_decides_where_nobody_said_anything(name: str, expected: Side) -> None:
    """A desk phone's technology and an extension's name make it ours; DAHDI is a trunk."""
    assert side(name) is expected


def test_an_operators_own_extension_is_ours_however_it_looks() -> None:
    """A softphone with a name, and a telephone on an analogue line."""
    assert side("PJSIP/anna-00000001", owned=("anna",)) is Side.OURS
    assert side("DAHDI/12-1", owned=("12",)) is Side.OURS


def test_a_trunk_of_the_settings_wins_over_an_operators_extension() -> None:
    """What the administrator wrote is more certain than any list."""
    assert side("PJSIP/400-00000001", trunks=("400",), owned=("400",)) is Side.OUTSIDE


def test_no_setting_makes_a_person_of_plumbing() -> None:
    """A Local channel joins others, whatever it is called."""
    assert side("Local/101-00000001;1", owned=("101",)) is Side.PLUMBING


def test_the_context_decides_only_over_a_look_alike_that_is_nobodys() -> None:
    """A trunk called 101 comes in by a trunk's context; an operator's 101 is ours in any."""
    assert side("PJSIP/101-00000001", context="from-trunk") is Side.OUTSIDE
    assert side("PJSIP/101-00000001", context="from-trunk", owned=("101",)) is Side.OURS
    assert side("PJSIP/provider-00000001", context="from-internal") is Side.OUTSIDE

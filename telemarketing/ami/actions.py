"""What this program asks of Asterisk, as typed values.

In: nothing. Out: the headers of an action, without its ActionID. Only what is used is here. An
action that could smuggle a second one in a line break cannot leave: `refuse_line_breaks` is called
by whoever writes to the socket.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from telemarketing.errors import Refused


class Action:
    """An action; each subclass is spelled like its page in the Asterisk documentation."""

    __slots__ = ()

    def headers(self) -> dict[str, str]:
        """Return the headers as Asterisk spells them."""
        return {"Action": type(self).__name__}


@dataclass(frozen=True, slots=True)
class Login(Action):
    """Opens the session; Asterisk says the same of a wrong name, secret and address."""

    username: str
    secret: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        """See Action."""
        # Spelled out: dataclass(slots=True) makes a new class, and bare super() keeps the old one.
        return {"Action": "Login", "Username": self.username, "Secret": self.secret}


@dataclass(frozen=True, slots=True)
class Ping(Action):
    """Asks for a sign of life; needs no right."""


@dataclass(frozen=True, slots=True)
class ListCommands(Action):
    """Asks which actions this session may use; needs no right."""


@dataclass(frozen=True, slots=True)
class CoreShowChannels(Action):
    """Asks for every channel that lives now; needs `reporting` (or `system`) in write."""


def refuse_line_breaks(headers: Mapping[str, str]) -> None:
    """Raise Refused when a key or value holds CR, LF or NUL: Asterisk would read two headers."""
    for key, value in headers.items():
        if not {"\r", "\n", "\0"}.isdisjoint(key + value):
            # The value itself is not shown: it may be the secret.
            raise Refused(f"{key!r} of an AMI action holds a line break or NUL: take it out")

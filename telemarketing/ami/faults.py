"""Why no connection to a PBX comes about, and what cures it, in a sentence for people.

In: an exception of the operating system or of TLS. Out: the sentence. Pure.
"""

import errno
import os
import re
import socket
import ssl

_CURES = {
    errno.ECONNREFUSED: "check that Asterisk runs, that the section [general] of its manager.conf"
    " has `enabled = yes`, and that `port` and `bindaddr` there match the settings",
    errno.ECONNRESET: "check what listens there, and that it is Asterisk's manager interface",
    errno.EHOSTUNREACH: "check the host in the settings, and the network on the way to it",
    errno.ENETUNREACH: "check the host in the settings, and the network of this machine",
}
_ERRNO = re.compile(r"\[Errno (\d+)\]")
_OTHER_NAMES = frozenset({62, 64})
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""

NO_ANSWER = "no answer: check the host in the settings, and the firewalls on the way to it"


def why_not_connected(error: OSError | UnicodeError) -> str:
    """Say why a connection was not made, and the cure; the caller says to where.

    Args:
        error: what asyncio raised.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _why_not_trusted(error)
    if isinstance(error, ssl.SSLError):
        return (
            f"no TLS ({error.reason or error.strerror}): check that this is the port of "
            "`tlsbindaddr` in manager.conf and that `tlsenable = yes` is there, or set "
            "`tls.enabled = false` in the settings"
        )
    if isinstance(error, socket.gaierror | UnicodeError):
        return "this name is not known: check the host in the settings, and this machine's DNS"
    return _in_words(error)


def _why_not_trusted(error: ssl.SSLCertVerificationError) -> str:
    cure = "name the file of the authority that signed it in `tls.ca_file` of the settings"
    if error.verify_code in _OTHER_NAMES:
        cure = "set the host to a name that it has, or `tls.verify_hostname = false`"
    return f"its certificate is not trusted ({error.verify_message}): {cure}"


def _in_words(error: OSError) -> str:
    """Without the address, which asyncio's text repeats once for each address of the host."""
    number = errno.ECONNRESET if isinstance(error, ConnectionResetError) else error.errno
    if number is None and (found := _ERRNO.search(str(error))) is not None:
        number = int(found[1])
    if number is None:
        return str(error)
    words = os.strerror(number)
    return f"{words}: {_CURES[number]}" if number in _CURES else words

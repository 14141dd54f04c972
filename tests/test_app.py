"""What the settings of a PBX make of its link."""

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from telemarketing.ami.link import LinkState
from telemarketing.assembly import make_link
from telemarketing.config import PbxSettings, TlsSettings
from telemarketing.errors import ConfigError
from tests.ami.server import AmiServer


async def outcome(pbx: PbxSettings) -> LinkState:
    """Try once to follow a PBX, and tell whether it is followed."""
    link = make_link(pbx)
    following = asyncio.create_task(link.run())
    try:
        async with asyncio.timeout(10):
            await link.reached(LinkState.CONNECTING)
            return await link.reached(LinkState.FOLLOWING, LinkState.DISCONNECTED)
    finally:
        link.close()
        await following


@pytest.mark.parametrize(
    ("verify_hostname", "expected"),
    [(True, LinkState.DISCONNECTED), (False, LinkState.FOLLOWING)],
)
async def test_a_certificate_of_another_name_is_taken_only_when_asked_for(
    tmp_path: Path, verify_hostname: bool, expected: LinkState
) -> None:
    """`verify_hostname = false` trusts whoever the authority signed, by whatever name."""
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    certificate = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("pbx.example").configure_cert(certificate)
    tls = TlsSettings(enabled=True, ca_file=ca_file, verify_hostname=verify_hostname)

    async with AmiServer(certificate) as server:
        pbx = PbxSettings(name="main", port=server.port, secret=SecretStr(server.secret), tls=tls)

        assert await outcome(pbx) is expected


async def test_without_a_check_of_the_name_strangers_are_refused_all_the_same(
    tmp_path: Path,
) -> None:
    """`verify_hostname = false` leaves the check of who signed the certificate."""
    ca_file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(ca_file))
    certificate = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(certificate)
    tls = TlsSettings(enabled=True, ca_file=ca_file, verify_hostname=False)

    async with AmiServer(certificate) as server:
        pbx = PbxSettings(name="main", port=server.port, secret=SecretStr(server.secret), tls=tls)

        assert await outcome(pbx) is LinkState.DISCONNECTED


@pytest.mark.parametrize("content", [None, "these are no certificates\n"])
def test_a_ca_file_that_cannot_be_used_is_a_fault_of_the_settings(
    tmp_path: Path, content: str | None
) -> None:
    """Absent or no PEM: one sentence with the PBX, the key, the file and the cure."""
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content)

    with pytest.raises(ConfigError) as refusal:
        make_link(PbxSettings(name="main", tls=TlsSettings(enabled=True, ca_file=ca_file)))

    (sentence,) = str(refusal.value).splitlines()
    assert sentence.startswith(f"pbx main: tls.ca_file {ca_file} cannot be used (")
    assert sentence.endswith("name a readable file with certificates in PEM form")

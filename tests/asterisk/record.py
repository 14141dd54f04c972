"""Record cases on real Asterisks: `python -m tests.asterisk.record [--version 22] [--case NAME]`.

Each case is placed while an AMI session with all rights listens; what came is written below
tests/scenarios, with the truth of the SIP endpoints beside it.
"""

import argparse
import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Self

from telemarketing.ami.capture import SessionWriter
from telemarketing.clock import now_ms
from tests.asterisk.build import SUITES
from tests.asterisk.cases import CASES, Case, place
from tests.asterisk.office import Office, open_office
from tests.asterisk.pbx import AMI_PORT, Pbx
from tests.asterisk.truth import Truth

SCENARIOS = Path(__file__).parent.parent / "scenarios"
_QUIET_S = 0.3
_SETTLES_WITHIN_S = 10.0
_MESSAGE_END = b"\r\n\r\n"
# Asterisk ends some messages with a blank line too many, which the next one then begins with.
_CREATED = re.compile(rb"\s*Event: Newchannel\r\n.*?^Uniqueid: (\S+)", re.MULTILINE | re.DOTALL)
_GONE = re.compile(rb"\s*Event: Hangup\r\n.*?^Uniqueid: (\S+)", re.MULTILINE | re.DOTALL)


class Recorder:
    """One AMI session with all rights, written to a file as it comes."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: SessionWriter
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._session = session
        self._channels: set[bytes] = set()

    @classmethod
    async def connect(cls, pbx: Pbx, session: SessionWriter) -> Self:
        """Log in as the user who may read everything."""
        reader, writer = await asyncio.open_connection(pbx.host, AMI_PORT, limit=1 << 20)
        await reader.readline()
        login = f"Action: Login\r\nUsername: capture\r\nSecret: {pbx.capture_secret}\r\n\r\n"
        writer.write(login.encode())
        response = await reader.readuntil(_MESSAGE_END)
        assert response.startswith(b"Response: Success"), response
        return cls(reader, writer, session)

    async def listen(self) -> None:
        """Write what comes, for ever."""
        while True:
            message = await self._reader.readuntil(_MESSAGE_END)
            self._session.write(message, now_ms())
            if created := _CREATED.match(message):
                self._channels.add(created[1])
            elif gone := _GONE.match(message):
                self._channels.discard(gone[1])

    async def settled(self) -> None:
        """Wait until every channel is gone and the events that follow a call have come."""
        async with asyncio.timeout(_SETTLES_WITHIN_S):
            seen = -1
            while self._channels or seen != self._session.message_count:
                seen = self._session.message_count
                await asyncio.sleep(_QUIET_S)

    def close(self) -> None:
        """End the session."""
        self._writer.close()


async def record(case: Case, pbx: Pbx, office: Office, file: Path) -> Truth:
    """Place one case, write the AMI messages of it to a new file, and return its truth."""
    with SessionWriter(file, f"{case.what} Asterisk {pbx.version}.") as session:
        recorder = await Recorder.connect(pbx, session)
        listening = asyncio.create_task(recorder.listen())
        try:
            truth = await place(case, office.departments[0], pbx.version)
            await recorder.settled()
        finally:
            listening.cancel()
            recorder.close()
    return truth


async def _record_all(version: int, cases: list[Case], folder: Path) -> None:
    with Pbx(version) as pbx:
        async with open_office(pbx) as office:
            for case in cases:
                await _record_again(case, pbx, office, folder / f"{case.name}.{version}.ami")


async def _record_again(case: Case, pbx: Pbx, office: Office, file: Path) -> None:
    """Replace an older recording, but only by a complete one."""
    unfinished = file.with_suffix(".unfinished")
    _clear_the_way(unfinished)
    truth = await record(case, pbx, office, unfinished)
    _keep(unfinished, file, truth)


def _clear_the_way(unfinished: Path) -> None:
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.unlink(missing_ok=True)


def _keep(unfinished: Path, file: Path, truth: Truth) -> None:
    unfinished.rename(file)
    file.with_suffix(".json").write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n")
    print(f"{file}: {file.stat().st_size // 1024} KB", flush=True)  # noqa: T201


async def _run(versions: list[int], cases: list[Case], folder: Path) -> None:
    async with asyncio.TaskGroup() as group:
        for version in versions:
            group.create_task(_record_all(version, cases, folder))


def main() -> None:
    """Record what the arguments name; everything without arguments."""
    parser = argparse.ArgumentParser(prog="python -m tests.asterisk.record")
    parser.add_argument("--version", type=int, choices=SUITES, action="append", dest="versions")
    parser.add_argument("--case", choices=CASES, action="append", dest="cases", metavar="KIND/NAME")
    parser.add_argument("--folder", type=Path, default=SCENARIOS)
    arguments = parser.parse_args(sys.argv[1:])
    cases = [CASES[name] for name in arguments.cases or CASES]
    asyncio.run(_run(arguments.versions or list(SUITES), cases, arguments.folder))


if __name__ == "__main__":
    main()

"""Session files: written without secrets, read whoever made them."""

import resource
from pathlib import Path

import pytest

from telemarketing.ami.capture import SessionWriter, read_session
from telemarketing.errors import CaptureError
from tests.ami.server import event


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that does not exist yet."""
    return tmp_path / "session.ami"


def names(path: Path) -> list[str]:
    """The events of a file."""
    return [message.headers.get("Event", "response") for message in read_session(path)]


def instants(path: Path) -> list[int]:
    """The arrivals of a file."""
    return [message.received_at for message in read_session(path)]


class TestWriter:
    def test_file_is_the_wire_with_a_title_and_stamps(self, path: Path) -> None:
        """A session file is a comment, then each message with its arrival as last header."""
        with SessionWriter(path, "one call,\r\nAsterisk 22.10.1") as writer:
            writer.write(b"\r\nEvent: Hangup\r\nCause: 16", 1_795_314_603_812)

        assert path.read_bytes() == (
            b"# one call, Asterisk 22.10.1\r\n"
            b"Event: Hangup\r\nCause: 16\r\nReceivedAt: 1795314603.812\r\n\r\n"
        )
        assert writer.message_count == 1

    def test_what_was_written_survives_without_a_close(self, path: Path) -> None:
        """A program that is stopped leaves every message it has written."""
        writer = SessionWriter(path, "interrupted")
        writer.write(b"Event: Hangup", 1000)
        content = path.read_bytes()
        writer.__exit__(None, None, None)

        assert content.endswith(b"Event: Hangup\r\nReceivedAt: 1.000\r\n\r\n")

    def test_existing_file_is_not_touched(self, path: Path) -> None:
        """A recording never overwrites anything."""
        path.write_text("precious")
        with pytest.raises(CaptureError, match="exists already"):
            SessionWriter(path, "title")

        assert path.read_text() == "precious"

    def test_recording_is_for_its_owner_only(self, path: Path) -> None:
        """The numbers of callers are nobody else's business."""
        with SessionWriter(path, "title") as writer:
            writer.write(b"Event: A", 1000)

        assert path.stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("heard", [[], [b"Response: Error\r\nMessage: Authentication failed"]])
    def test_recording_of_nothing_leaves_the_name_free(
        self, path: Path, heard: list[bytes]
    ) -> None:
        """Where the PBX said nothing, or only No, the next try may have the same name."""
        with SessionWriter(path, "title") as writer:
            for raw in heard:
                writer.write(raw, 1000)

        assert writer.message_count == 0
        assert not path.exists()

    def test_refusal_among_others_is_recorded(self, path: Path) -> None:
        """What was refused in the course of a session belongs to it."""
        with SessionWriter(path, "title") as writer:
            writer.write(b"Event: A", 1000)
            writer.write(b"Response: Error\r\nMessage: Permission denied", 1000)

        assert names(path) == ["A", "response"]

    def test_missing_folder_is_said(self, path: Path) -> None:
        """A file that cannot be made is one sentence."""
        with pytest.raises(CaptureError, match="No such file or directory"):
            SessionWriter(path / "missing", "title")

    def test_file_that_takes_no_more_is_said(self, path: Path) -> None:
        """A disk that refuses the bytes is one sentence, and what it took before is readable."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        with SessionWriter(path, "title") as writer:
            writer.write(b"Event: A", 1000)
            resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5, before[1]))
            try:
                with pytest.raises(CaptureError, match="cannot be written: File too large"):
                    writer.write(b"Event: B\r\nX: 1", 1000)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)

        assert names(path) == ["A"]

    def test_disk_without_room_for_the_title_leaves_the_name_free(self, path: Path) -> None:
        """A file that could not even be begun is not there."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2, before[1]))
        try:
            with pytest.raises(CaptureError, match="cannot be written: File too large"):
                SessionWriter(path, "title")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

        assert not path.exists()

    @pytest.mark.parametrize(
        "header",
        [
            "Secret: abracadabra",
            "Password: abracadabra",
            "Key: abracadabra",
            "Challenge: abracadabra",
            "ReceivedChallenge: abracadabra",
            "ReceivedHash: abracadabra",
            "ExpectedResponse: abracadabra",
            "Variable: AMPUSERPASS\r\nValue: abracadabra",
            "Variable: SIP_SECRET\r\nValue: abracadabra",
            "Application: Authenticate\r\nAppData: abracadabra",
            "AppData: curl,https://example.com/our own secret/abracadabra",
        ],
    )
    def test_secrets_are_taken_out(self, path: Path, header: str) -> None:
        """Nothing that opens a door gets into a file that people send around."""
        with SessionWriter(path, "title", secrets=["our own secret/abracadabra"]) as writer:
            writer.write(f"Event: X\r\n{header}\r\nAfter: stays".encode(), 1000)
        content = path.read_text()

        assert "abracadabra" not in content
        assert "***" in content
        assert "After: stays" in content

    def test_ordinary_headers_stay(self, path: Path) -> None:
        """Numbers, names and variables of calls are not secrets."""
        raw = b"Event: VarSet\r\nVariable: BRIDGEPEER\r\nValue: PJSIP/101-1\r\nKeypad: 1"
        with SessionWriter(path, "title", secrets=["", "101"]) as writer:
            writer.write(raw, 1000)

        assert raw in path.read_bytes()


class TestReader:
    def test_own_file_comes_back(self, path: Path) -> None:
        """What the writer wrote, the reader gives."""
        with SessionWriter(path, "title") as writer:
            writer.write(b"Response: Success\r\nActionID: 1", 1000)
            writer.write("Event: NewCallerid\r\nCallerIDName: Олена".encode(), 2500)

        assert names(path) == ["response", "NewCallerid"]
        assert instants(path) == [1000, 2500]

    @pytest.mark.parametrize("end", ["\r\n", "\n"])
    @pytest.mark.parametrize("front", ["", "# comment", "Asterisk Call Manager/5.0.4", "\ufeff# x"])
    def test_dump_of_another_tool_is_read(self, path: Path, end: str, front: str) -> None:
        """LF or CRLF, comment, greeting or neither: it is the same session."""
        lines = [front] * bool(front) + ["Event: A", "X: 1", "", "", "Event: B", "X: 2", ""]
        path.write_bytes(end.join(lines).encode())

        assert [dict(message.headers) for message in read_session(path)] == [
            {"Event": "A", "X": "1"},
            {"Event": "B", "X": "2"},
        ]

    def test_instant_is_the_best_known_one(self, path: Path) -> None:
        """ReceivedAt, else Timestamp, else the message before, and at the front the first one."""
        path.write_bytes(
            event("A")
            + event("B", ReceivedAt="2.5", Timestamp="1.0")
            + event("C", Timestamp="3.25")
            + event("D", Timestamp="nan", ReceivedAt="1e999")
            + event("E", Timestamp="99999999999", ReceivedAt="-1")
        )

        assert instants(path) == [2500, 2500, 3250, 3250, 3250]

    def test_session_without_any_instant_is_read(self, path: Path) -> None:
        """Without any stamp all happens at the same instant, in order."""
        path.write_bytes(event("A") + event("B"))

        assert (names(path), instants(path)) == (["A", "B"], [0, 0])

    @pytest.mark.parametrize(("tail", "expected"), [("Event: B\r\nCau", ["A"]), ("\r\n", ["A"])])
    def test_cut_off_message_is_left_out(self, path: Path, tail: str, expected: list[str]) -> None:
        """A dump that ends in the middle of a line gives all before it."""
        path.write_bytes(event("A") + tail.encode())

        assert names(path) == expected

    def test_several_sessions_in_one_file_are_read(self, path: Path) -> None:
        """Files put one behind the other, with comments and greetings between, are one."""
        path.write_bytes(
            b"# one\r\n" + event("A") + b"# two\r\nAsterisk Call Manager/11.0.0\r\n" + event("B")
        )

        assert names(path) == ["A", "B"]

    @pytest.mark.parametrize(
        "content", [b"", b"# only a comment\r\n", b"\x7fELF\x00\x01\xff" * 100, b"{}\n\n[]\n\n"]
    )
    def test_file_that_is_no_session_is_refused(self, path: Path, content: bytes) -> None:
        """A file of another kind is one sentence with its name."""
        path.write_bytes(content)

        with pytest.raises(CaptureError, match=r"session\.ami holds no message"):
            list(read_session(path))

    def test_missing_file_is_said(self, path: Path) -> None:
        """A file that is not there is one sentence."""
        with pytest.raises(CaptureError, match="cannot be read: No such file"):
            list(read_session(path))

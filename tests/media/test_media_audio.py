"""What a sound file tells of itself."""

import io
import struct
import wave

import pytest

from telemarketing.media.audio import Sound, is_playable, measure, media_type


def wav(seconds: float, rate: int = 8000) -> bytes:
    """A WAV of 16-bit silence."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(int(seconds * rate) * 2))
    return made.getvalue()


def riff(code: int, bytes_a_second: int, before: bytes = b"") -> bytes:
    """The header of a WAV of another format, up to where its sound begins."""
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, code, 1, 8000, bytes_a_second, 1, 8)
    return b"RIFF\0\0\0\0WAVE" + fmt + before + struct.pack("<4sI", b"data", 0)


def test_the_length_is_that_of_the_bytes_there_are() -> None:
    """Ten minutes are ten minutes; what the header says of a broken recording does not count."""
    whole = wav(600)

    assert measure(whole[:4096], len(whole)) == Sound(has_sound=True, duration_ms=600_000)
    assert measure(whole[:4096], 44 + 16_000) == Sound(has_sound=True, duration_ms=1000)
    assert measure(wav(1.5, 16000), len(wav(1.5, 16000))).duration_ms == 1500


@pytest.mark.parametrize(("head", "size"), [(b"", 0), (wav(0), 44), (wav(0)[:20], 20)])
def test_a_header_alone_is_no_sound(head: bytes, size: int) -> None:
    """What an unanswered call or a killed Asterisk leaves is empty."""
    assert not measure(head, size).has_sound


@pytest.mark.parametrize(
    ("code", "bytes_a_second"), [(6, 8000), (7, 8000), (0x31, 1625)], ids=["alaw", "ulaw", "gsm"]
)
def test_formats_of_even_rate_have_a_length(code: int, bytes_a_second: int) -> None:
    """A-law, mu-law and GSM in WAV are measured too, behind chunks that mean nothing to us."""
    odd = struct.pack("<4sI", b"LIST", 3) + b"abc\0"
    head = riff(code, bytes_a_second, odd)

    assert measure(head, len(head) + bytes_a_second * 3) == Sound(has_sound=True, duration_ms=3000)


@pytest.mark.parametrize(
    ("head", "duration_ms"),
    [
        (b"OggS" + bytes(100), None),
        (b"\xff\xfb" + bytes(100), None),
        (riff(0x55, 4000), None),
        (riff(1, 0), None),
        (b"RIFF\0\0\0\0WAVE" + bytes(100), None),
    ],
)
def test_what_cannot_be_measured_has_no_length(head: bytes, duration_ms: int | None) -> None:
    """Another kind of file, or a strange WAV, still has sound."""
    assert measure(head, 100_000) == Sound(has_sound=True, duration_ms=duration_ms)


def test_browsers_play_by_extension() -> None:
    """`.WAV` is GSM inside, which no browser plays: it is offered as a download."""
    assert [media_type(f"a.{kind}") for kind in ("wav", "mp3", "ogg", "WAV", "gsm", "html")] == [
        "audio/wav",
        "audio/mpeg",
        "audio/ogg",
        *["application/octet-stream"] * 3,
    ]
    assert is_playable("/rec/a.wav")
    assert not is_playable("/rec/a.wav.html")

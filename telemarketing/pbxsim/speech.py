"""Sound that looks and sounds like two people on the telephone, and says nothing.

In: a length and a source of chance. Out: samples, 8 kHz, 16 bit, mono, in the machine's byte order.
Two voices speak in turns, in syllables and with pauses. The syllables are made once (50 ms); a
talk is put together of them, so an hour of it costs little more than the memory.
"""

from array import array
from functools import cache
from math import exp, pi, sin
from random import Random

SAMPLES_PER_S = 8000
_BYTES_PER_SAMPLE = 2

_VOWELS = (
    (730, 1090, 2440),
    (570, 840, 2410),
    (300, 870, 2240),
    (270, 2290, 3010),
    (530, 1840, 2480),
)
"""Resonances of a, o, u, i, e in Hz."""
_LOUDNESS = (1.0, 0.6, 0.25)
_DECAYS_PER_S = (350.0, 450.0, 600.0)
_SYLLABLES_PER_VOWEL = 4
_VOICES = ((112.0, 1.0, 9500.0), (195.0, 1.16, 6000.0))
"""Pitch in Hz, size of the resonances, loudness: our side is nearer to the microphone."""
_LINE_NOISE = 25.0


def dialogue(lasts_ms: int, rng: Random) -> bytes:
    """Make a talk of exactly this length."""
    missing_bytes = lasts_ms * SAMPLES_PER_S // 1000 * _BYTES_PER_SAMPLE
    pieces: list[bytes] = []
    voice = 0
    while missing_bytes > 0:
        for piece in _turn(voice, rng):
            pieces.append(piece[:missing_bytes])
            missing_bytes -= len(pieces[-1])
        voice = 1 - voice
    return b"".join(pieces)


def _turn(voice: int, rng: Random) -> list[bytes]:
    """What one of them says before the other answers: one to three phrases."""
    syllables = _syllables(voice)
    pieces = [_silence(rng, 0.15, 0.7)]
    for _ in range(rng.randint(1, 3)):
        for _ in range(rng.randint(3, 16)):
            pieces.append(rng.choice(syllables))
            pieces.append(_silence(rng, 0.01, 0.05))
        pieces.append(_silence(rng, 0.12, 0.45))
    return pieces


def _silence(rng: Random, least_s: float, most_s: float) -> bytes:
    """A piece of the noise of a quiet line."""
    length = round(rng.uniform(least_s, most_s) * SAMPLES_PER_S)
    start = rng.randrange(SAMPLES_PER_S - length)
    return _line_noise()[start * _BYTES_PER_SAMPLE : (start + length) * _BYTES_PER_SAMPLE]


@cache
def _line_noise() -> bytes:
    rng = Random("line")  # noqa: S311
    return _as_bytes([rng.gauss(0, _LINE_NOISE) for _ in range(SAMPLES_PER_S)])


@cache
def _syllables(voice: int) -> tuple[bytes, ...]:
    rng = Random(f"voice {voice}")  # noqa: S311
    pitch_hz, size, loudness = _VOICES[voice]
    return tuple(
        _as_bytes(_syllable(pitch_hz, [size * hz for hz in vowel], loudness, rng))
        for vowel in _VOWELS
        for _ in range(_SYLLABLES_PER_VOWEL)
    )


def _syllable(
    pitch_hz: float, resonances_hz: list[float], loudness: float, rng: Random
) -> list[float]:
    """A breath of noise, then a vowel that swells and fades while its pitch falls."""
    breath = loudness * rng.uniform(0.02, 0.12)
    samples = [rng.gauss(0, breath) for _ in range(rng.randint(100, 450))]
    stroke = _stroke(round(SAMPLES_PER_S / pitch_hz * 1.25), resonances_hz)
    strokes = rng.randint(round(pitch_hz * 0.08), round(pitch_hz * 0.22))
    loudness *= rng.uniform(0.55, 1.0)
    first = SAMPLES_PER_S / pitch_hz * rng.uniform(0.88, 1.0)
    for place in range(strokes):
        swell = loudness * sin(pi * (place + 0.5) / strokes) ** 0.6
        length = round(first * (1 + 0.2 * place / strokes))
        samples += [swell * sample for sample in stroke[:length]]
    return samples


def _stroke(length: int, resonances_hz: list[float]) -> list[float]:
    """One stroke of the vocal cords, ringing out in the resonances of the mouth."""
    seconds = [sample / SAMPLES_PER_S for sample in range(length)]
    parts = list(zip(resonances_hz, _LOUDNESS, _DECAYS_PER_S, strict=True))
    return [
        sum(loud * exp(-decay * t) * sin(2 * pi * hz * t) for hz, loud, decay in parts)
        for t in seconds
    ]


def _as_bytes(samples: list[float]) -> bytes:
    return array("h", (max(-32767, min(32767, round(one))) for one in samples)).tobytes()

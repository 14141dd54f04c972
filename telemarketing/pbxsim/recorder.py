"""Recordings as files: a talk that has just ended -> a WAV with a dialogue of the same length.

In: where and how long. Out: the file, complete, once the coroutine returns; a thread of its own
makes it, so nobody waits but the call whose sound it is.
"""

import asyncio
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from random import Random

from telemarketing.pbxsim.speech import SAMPLES_PER_S, dialogue


class Recorder:
    """Writes below one folder.

    Args:
        root: folder of the recordings; made when needed.
        seed: of the voices; the same seed and path give the same sound.
    """

    def __init__(self, root: Path, seed: int) -> None:
        """See the class."""
        self.root = root.absolute()
        self._seed = seed
        self._writer = ThreadPoolExecutor(1, "pbxsim-recorder")

    async def write(self, path: PurePosixPath, lasts_ms: int) -> None:
        """Write the sound of a talk below the root (10 ms for ten minutes).

        Raises:
            OSError: the folder cannot be written.
        """
        rng = Random(f"{self._seed} {path}")  # noqa: S311 - noises are no secrets
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, write_wav, self.root / path, lasts_ms, rng)

    def close(self) -> None:
        """Give the thread up; what it is writing it still finishes."""
        self._writer.shutdown(wait=False)


def write_wav(path: Path, lasts_ms: int, rng: Random) -> None:
    """Write a dialogue as 8 kHz, 16 bit, mono, with the folders above it; blocks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_PER_S)
        file.writeframes(dialogue(lasts_ms, rng))

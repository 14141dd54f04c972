"""`python -m telemarketing.pbxsim`: a simulated PBX of its own, for the demo and for load.

In: arguments. Out: a line when it listens, one a second with `--report`. It stores nothing but the
recordings.
"""

import asyncio
import contextlib
import signal
from pathlib import Path

import click

from telemarketing.pbxsim.office import Office
from telemarketing.pbxsim.pace import Pace
from telemarketing.pbxsim.simulation import Simulation

_FIRST_EXTENSION = 101
_TALKED_S = (385.0, 500.0)
"""Two are on the telephone at the start, one of them for more than seven minutes."""
_REPORT_EVERY_S = 1.0


@click.command()
@click.option("--port", default=5038, show_default=True, help="On 127.0.0.1; 0 = any free one.")
@click.option("--username", default="telemarketing", show_default=True, help="AMI account.")
@click.option("--secret", default="simulated", show_default=True, help="Of that account.")
@click.option("--recordings", type=click.Path(path_type=Path), help="Folder for sound files.")
@click.option("--quiet", is_flag=True, help="Record nothing.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same calls.")
@click.option("--rate", default=1 / 30, help="New calls a second.  [default: one in 30 s]")
@click.option("--operators", default=4, show_default=True, help="Telephones, from 101 on.")
@click.option("--ring-s", default=8.0, show_default=True, help="A middling ringing.")
@click.option("--talk-s", default=120.0, show_default=True, help="A middling talk.")
@click.option("--opening", is_flag=True, help="Half a minute of chosen calls before chance rules.")
@click.option("--report", is_flag=True, help="Print events and calls of every second.")
def main(
    port: int,
    username: str,
    secret: str,
    recordings: Path | None,
    quiet: bool,
    seed: int,
    rate: float,
    operators: int,
    ring_s: float,
    talk_s: float,
    opening: bool,
    report: bool,
) -> None:
    """Play a living call centre to whoever logs in to its manager interface.

    Load of 50 calls a second: --rate 50 --operators 400 --ring-s 0.5 --talk-s 2 --quiet
    """
    if not quiet and recordings is None:
        raise click.UsageError("say where sound files go (--recordings DIR), or --quiet")
    simulation = Simulation(
        port=port,
        username=username,
        secret=secret,
        recordings=None if quiet else recordings,
        office=Office(tuple(str(_FIRST_EXTENSION + place) for place in range(operators))),
        pace=Pace(rate, ring_s, talk_s),
        seed=seed,
        talked_s=_TALKED_S[: operators // 2],
    )
    # A shell that starts it in the background lets it ignore the signal that is to end it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(_live(simulation, opening=opening, report=report))
        except* OSError as failed:
            reasons = [str(reason) for reason in failed.exceptions]
            raise click.ClickException("; ".join(reasons)) from failed


async def _live(simulation: Simulation, *, opening: bool, report: bool) -> None:
    async with simulation, asyncio.TaskGroup() as tasks:
        click.echo(f"listening on 127.0.0.1:{simulation.port}")
        if report:
            tasks.create_task(_report(simulation))
        await simulation.live(with_opening=opening)


async def _report(simulation: Simulation) -> None:
    pbx = simulation.pbx
    while True:
        events, calls = pbx.event_count, pbx.call_count
        await asyncio.sleep(_REPORT_EVERY_S)
        click.echo(
            f"{pbx.event_count - events} events/s, {pbx.call_count - calls} calls ended/s, "
            f"{len(pbx.channels)} channels, {simulation.server.follower_count} clients"
        )


if __name__ == "__main__":
    main()

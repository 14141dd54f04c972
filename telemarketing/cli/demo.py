"""`telemarketing demo`: the product with a simulated PBX, for a first look."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import click


@click.command()
@click.option("--port", default=8420, show_default=True, help="Of the panel, on 127.0.0.1.")
def demo(port: int) -> None:
    """Show everything on made-up calls.

    A simulated PBX, people of each role, a week of history. Nothing of it stays: the folder in
    which it lies is removed at the end.
    """
    from telemarketing import logs
    from telemarketing.demo.run import run_demo

    logs.configure("warning", "console")
    with tempfile.TemporaryDirectory(prefix="telemarketing-demo-") as folder:
        asyncio.run(run_demo(Path(folder), port, click.echo))

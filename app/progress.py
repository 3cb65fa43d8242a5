"""A bar on the terminal for what takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_SLOW = 1.0  # seconds after which it appears
_CELLS = 30


@contextmanager
def progress_bar(wanted: bool = True) -> Iterator[Callable[[str, int, int], None]]:
    """What is to be told what is being done, how much is done, and of how much. The bar appears only where it is
    `wanted`, stderr is a terminal and a second has passed, never moves back, and goes at the end, whatever happens.
    """
    begin = time.monotonic()
    on_terminal = wanted and sys.stderr is not None and sys.stderr.isatty()
    shown, filled = "", 0

    def told(what: str, done: int, of: int) -> None:
        nonlocal shown, filled
        if not on_terminal or not (shown or time.monotonic() - begin > _SLOW):
            return
        filled = max(filled, _CELLS * done // max(of, 1))
        bar = f"[{'█' * filled}{'·' * (_CELLS - filled)}] {done} of {of}"
        line = (f"{bar}: {what}" if what else bar) if done < of else ""
        if line != shown:
            click.echo(f"\r{line:<{len(shown)}}\r", err=True, nl=False)
            shown = line

    try:
        yield told
    finally:
        told("", 1, 1)

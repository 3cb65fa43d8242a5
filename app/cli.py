"""The command `guidewright`: what its exit codes mean, and that nothing of a patient escapes in a fault.

The commands themselves are in guidewright.commands, so that `--version` answers before anything else is imported.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import Any, NoReturn, TextIO

from guidewright import __version__

OK, FINDINGS, UNUSABLE, INCOMPLETE, FAULT = 0, 1, 2, 3, 70
INTERRUPTED = 130  # as a shell reports a program that Ctrl-C ended
PIPE_CLOSED = 141  # and one whose reader went away


class Unwritten(Exception):
    """What a command says cannot be written, for this reason. No OSError, so that nobody takes it for another one."""

    def __init__(self, fault: OSError) -> None:
        super().__init__((fault.strerror or "unknown reason").lower())
        self.reader_gone = isinstance(fault, BrokenPipeError)


class _Output(io.FileIO):
    """An open file that says of its own faults that they come from writing."""

    def write(self, data: Any) -> int | None:  # type: ignore[override]
        try:
            return super().write(data)
        except OSError as fault:
            raise Unwritten(fault) from None


def _watched(stream: TextIO) -> TextIO:
    """The stream, or another one to the same file from which a fault of writing can be told."""
    binary = getattr(stream, "buffer", None)
    raw = getattr(binary, "raw", binary)  # with PYTHONUNBUFFERED the file itself
    if type(raw) is not io.FileIO:
        return stream
    stream.flush()
    buffer = io.BufferedWriter(_Output(raw.fileno(), "w", closefd=False))
    return io.TextIOWrapper(buffer, "utf-8", "backslashreplace", line_buffering=stream.isatty())


def main() -> NoReturn:
    """Runs the command line of this process, and ends it with one of the exit codes."""
    for stream in (sys.stdout, sys.stderr):
        # Where the locale knows ASCII only, texts are UTF-8 all the same, and nothing in one stops the answer.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    # A command ends before cycles could matter; looking for them while everything is still being built only costs time.
    gc.set_threshold(100_000)
    try:
        sys.stdout, sys.stderr = _watched(sys.stdout), _watched(sys.stderr)
        code = _run()
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Unwritten as fault:
        code = PIPE_CLOSED if fault.reader_gone else UNUSABLE
        _forget(sys.stdout)
        if not fault.reader_gone:
            _say(f"cannot write: {fault}")
    except Exception as fault:
        code = FAULT
        _say(fault_report(_what_and_where(fault)))
    sys.exit(code)


def _run() -> int:
    if sys.argv[1:] == ["--version"]:
        print(f"guidewright {__version__}")
        return OK
    import click

    from guidewright.commands import guidewright

    try:
        code = guidewright.main(prog_name="guidewright", standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as refusal:
        refusal.show()
        return refusal.exit_code
    return code if isinstance(code, int) else OK


def fault_report(what: str) -> str:
    """What a fault of ours says to whoever meets it. `what` must hold nothing of a record."""
    return (
        f"internal fault, nothing is answered: {what}\n"
        f"This is a fault of guidewright {__version__}, not of the record. Please report it: these lines and the "
        "version of the guideline, without data of the patient."
    )


def _what_and_where(fault: BaseException) -> str:
    """The kind of an exception and the innermost places. Its own text may quote a record, so it stays out."""
    places: list[str] = []
    trace = fault.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename.replace(os.sep, "/").split("/")
        places.append(f"{'/'.join(path[-2:])}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(fault).__name__} at {' < '.join(reversed(places[-4:]))}"


def _say(text: str) -> None:
    try:
        print(f"guidewright: {text}", file=sys.stderr, flush=True)
    except Unwritten:
        _forget(sys.stderr)


def _forget(stream: TextIO) -> None:
    """What could not be written must not be tried again when the interpreter ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError, AttributeError):
        return

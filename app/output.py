"""What every command shares: loading a guideline, refusing a file, writing the answer, and ending with an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from guidewright.cli import FAULT, UNUSABLE

if TYPE_CHECKING:
    from guidewright.embedding import Guideline
    from guidewright.rules.diagnostics import Diagnostic


class Refused(click.ClickException):
    """Something that the user asked for cannot be done."""

    exit_code = UNUSABLE

    def show(self, file: Any = None) -> None:
        print(f"guidewright: {self.message}", file=file or sys.stderr)


class Fault(Refused):
    """A fault of ours. The message holds nothing of a record."""

    exit_code = FAULT


def loaded_guideline(name: str | Path, format_: str = "text") -> Guideline:
    from guidewright.embedding import GuidelineError, load

    try:
        return load(name)
    except GuidelineError as fault:
        refuse(fault.diagnostics, fault.texts, format_)


def refuse(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str], format_: str, conclusion: str = "") -> NoReturn:
    """Tells what is wrong with a file, and ends."""
    from guidewright.rules.diagnostics import ordered, render, to_json

    every = ordered(diagnostics)
    if format_ == "json":
        write(json_text({"errors": to_json(every)}))
    else:
        from guidewright.layout import shows_colour

        last = f"{tally(every)}: {conclusion}\n" if conclusion else ""
        click.echo(render(every, texts, shows_colour(sys.stderr)) + last, err=True, nl=False)
    end(UNUSABLE)


def tally(diagnostics: Iterable[Diagnostic]) -> str:
    severities: list[str] = [d.severity for d in diagnostics]
    parts = [counted(n, severity) for severity in ("error", "warning", "note") if (n := severities.count(severity))]
    return ", ".join(parts if "error" in severities or not parts else ["no errors", *parts])


def counted(number: int, name: str) -> str:
    if number == 1:
        return f"1 {name.removesuffix('es') if name.endswith('xes') else name.removesuffix('s')}"
    return f"{number} {name if name.endswith('s') else name + 's'}"


def json_text(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def write_page(page: Any) -> None:
    from guidewright.layout import screen_of
    from guidewright.text_answer import text_page

    write(text_page(page, screen_of(sys.stdout)))


def write(text: str) -> None:
    if sys.stdout is None:
        return
    sys.stdout.write(text)
    sys.stdout.flush()


def end(code: int) -> NoReturn:
    raise click.exceptions.Exit(code)

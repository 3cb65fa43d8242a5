"""The command `guidewright sources`: a guideline's bibliography, and its statements in the texts of its sources."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

import click

from guidewright.cli import FINDINGS, OK
from guidewright.output import end, loaded_guideline, refuse, write

if TYPE_CHECKING:
    from guidewright.rules.diagnostics import Diagnostic
    from guidewright.rules.model import Guideline
    from guidewright.rules.source_text import SourceText
    from guidewright.sources_report import Format

SIZE_LIMIT = 10 * 1024 * 1024
"""Bytes that the text of a source may have."""


@click.command()
@click.argument("guideline")
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="SOURCE=FILE",
    help="A source's id and a text file of it, UTF-8. May be given once for each source.",
)
@click.option(
    "--format", "format_", type=click.Choice(("text", "json", "markdown")), default="text", help="How to answer."
)
def sources(guideline: str, texts: tuple[str, ...], format_: Format) -> NoReturn:
    """The sources of GUIDELINE, an id that ships or a folder: how each was read, and which rules it supports.

    With --text: where each anchored statement of that source stands in the text, beside our wording; which are no
    longer there, with the rules that rest on them; and which sentences no statement covers.

    Exit code 0: all were found. 1: a statement is no longer there. 2: wrong usage, or a file that cannot be used.
    """
    from guidewright.layout import screen_of
    from guidewright.sources_json import Compared
    from guidewright.sources_report import bibliography, report

    checked = loaded_guideline(guideline, format_).ready.guideline
    screen = screen_of(sys.stdout)
    files = _files(texts, checked)
    if not files:
        write(bibliography(checked, format_, screen))
        end(OK)
    from guidewright.rules.anchored import search

    read = _read(files, format_)
    compared = [Compared(search(checked.sources[id], text), files[id]) for id, text in read.items()]
    write(report(checked, compared, format_, screen))
    end(FINDINGS if any(found.searched.stale for found in compared) else OK)


def _files(texts: tuple[str, ...], guideline: Guideline) -> dict[str, str]:
    """The file that is named for each source."""
    from guidewright.rules.diagnostics import quoted, suggest

    found: dict[str, str] = {}
    for text in texts:
        id, equals, file = text.partition("=")
        if not (equals and id and file):
            raise click.UsageError(f"--text {quoted(text)} is not of the form SOURCE=FILE")
        if id not in guideline.sources:
            known = ", ".join(f"`{source}`" for source in list(guideline.sources)[:6])
            more = ", …" if len(guideline.sources) > 6 else ""
            help = suggest(id, guideline.sources) or (
                f"its sources are {known}{more}" if known else "it has no sources"
            )
            raise click.UsageError(f"the guideline has no source {quoted(id)}; {help}")
        if id in found:
            raise click.UsageError(f"--text names the source {quoted(id)} twice")
        found[id] = file
    return found


def _read(files: Mapping[str, str], format_: Format) -> dict[str, SourceText]:
    """The text of each source; ends where any cannot be used."""
    from dataclasses import replace

    from guidewright.rules.diagnostics import Place, error, quoted
    from guidewright.rules.reading import read_file
    from guidewright.rules.source_text import read_source_text

    found: dict[str, SourceText] = {}
    problems: list[Diagnostic] = []
    for id, file in files.items():
        content, faults = read_file(file, SIZE_LIMIT)
        if file.lower().endswith(".pdf"):
            help = "this looks like a PDF: give its text, as pdftotext extracts it"
            faults = tuple(replace(fault, help=help) if fault.code == "GW005" else fault for fault in faults)
        problems += faults
        if content is None:
            continue
        found[id] = read_source_text(content)
        if not found[id].words:
            problems.append(error("GW006", f"{quoted(file, 200)} holds no words", Place.of_file(file)))
    if problems:
        refuse(problems, {}, format_)
    return found

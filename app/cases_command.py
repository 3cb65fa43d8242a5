"""The command `test`: a guideline held against its own cases."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from guidewright.cli import FINDINGS, UNUSABLE
from guidewright.mutate_command import DEFAULT_SAMPLE, Size, run_mutations, sample_size

if TYPE_CHECKING:
    from guidewright.embedding import Guideline
    from guidewright.engine.cases.running import CaseResult
    from guidewright.rules.diagnostics import Diagnostic


@click.command("test")
@click.argument("guideline")
@click.option(
    "--case", "only", metavar="NAME", multiple=True, help="Run this case only (a part of its name is enough)."
)
@click.option("--watch", is_flag=True, help="Run again whenever a file of the guideline changes; end with Ctrl-C.")
@click.option(
    "--format", "format_", type=click.Choice(("text", "json", "junit")), default="text", help="How to answer."
)
@click.option("--cover", type=click.FloatRange(0, 100), metavar="PERCENT", help="Fail below this coverage.")
@click.option("--mutate", is_flag=True, help="Change the guideline in small ways, and report what no case notices.")
@click.option(
    "--sample",
    "size",
    callback=sample_size,
    metavar="NUMBER",
    help=f"With --mutate: try so many changes, or `all` ({DEFAULT_SAMPLE} by default).",
)
@click.option(
    "--write",
    "into",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="With --mutate: write the cases that would notice into FOLDER.",
)
def test(
    guideline: str,
    only: tuple[str, ...],
    watch: bool,
    format_: str,
    cover: float | None,
    mutate: bool,
    size: Size | None,
    into: Path | None,
) -> NoReturn:
    """Run the cases of GUIDELINE, an id that ships or a folder, and report what they reach of it.

    With --mutate: hold them against the guideline with one thing changed at a time (a bound, a test left out, a lost
    `unless` …). What no case notices is either proved to be the same for every patient, or shown with a made-up patient
    as a case that would notice it. This needs the extra `proofs`, and takes seconds for each of these.

    Exit code 0: all cases hold, and with --mutate no case was found that would notice more. 1: a case fails, the
    coverage is below --cover, or a change goes unnoticed or undecided. 2: the guideline or a case cannot be read, or
    nothing could be written.
    """
    if mutate and (only or watch or cover is not None or format_ == "junit"):
        raise click.UsageError("--mutate goes with neither --case, --watch, --cover nor --format junit")
    if not mutate and (size is not None or into is not None):
        raise click.UsageError("--sample and --write go with --mutate")
    from guidewright.embedding import GuidelineError, guideline_folder

    try:
        folder = guideline_folder(guideline)
    except GuidelineError as fault:
        raise click.UsageError(str(fault).strip()) from None
    if mutate:
        raise click.exceptions.Exit(run_mutations(folder, format_, size or DEFAULT_SAMPLE, into))
    code = _run(folder, only, format_, cover)
    while watch:
        _wait_for_change(folder)
        click.echo("\n" + "─" * 40)
        code = _run(folder, only, format_, cover)
    raise click.exceptions.Exit(code)


def _run(folder: Path, only: tuple[str, ...], format_: str, cover: float | None) -> int:
    from guidewright.case_files import case_files
    from guidewright.cases_report import cases_json, cases_junit, shown_percent, summary, unreadable_text
    from guidewright.embedding import GuidelineError, load
    from guidewright.engine.cases.running import coverage_of
    from guidewright.layout import fitted, screen_of

    try:
        loaded = load(folder)
    except GuidelineError as fault:
        click.echo(str(fault), err=True, nl=False)
        return UNUSABLE
    paths = [path for path in case_files(folder) if not only or any(name in path.stem for name in only)]
    if not paths:
        wanted = f" named like {', '.join(only)}" if only else ""
        click.echo(f"guidewright: there is no case{wanted} in {folder / 'cases'}", err=True)
        return UNUSABLE
    unreadable: dict[str, tuple[tuple[Diagnostic, ...], dict[str, str]]] = {}
    results = list(_results(loaded, paths, unreadable, format_))
    # What one case reaches says nothing about the guideline's cases.
    found = coverage_of(loaded.ready, results) if not only else None
    if format_ == "json":
        import json

        click.echo(json.dumps(cases_json(results, unreadable, found), ensure_ascii=False, indent=2))
    elif format_ == "junit":
        click.echo(cases_junit(loaded.id, results, unreadable), nl=False)
    else:
        click.echo(unreadable_text(unreadable), err=True, nl=False)
        click.echo(fitted(summary(results, unreadable, found), screen_of(sys.stdout)))
    if unreadable:
        return UNUSABLE
    if cover is not None and found is not None and found.percent < cover:
        click.echo(f"guidewright: coverage {shown_percent(found)} % is below {cover:g} %", err=True)
        return FINDINGS
    return 0 if all(result.passed for result in results) else FINDINGS


def _results(
    loaded: Guideline,
    paths: list[Path],
    unreadable: dict[str, tuple[tuple[Diagnostic, ...], dict[str, str]]],
    format_: str,
) -> Iterator[CaseResult]:
    from guidewright.case_files import read_cases
    from guidewright.cases_report import case_line
    from guidewright.engine.cases.running import run_case
    from guidewright.layout import fitted, screen_of
    from guidewright.progress import progress_bar

    # The lines about the cases are progress enough, and a bar would stand in them.
    with progress_bar(wanted=format_ != "text") as told:
        for number, (path, read) in enumerate(read_cases(paths, loaded.ready.guideline)):
            told("cases", number, len(paths))
            if read.case is None:
                unreadable[str(path)] = (read.diagnostics, dict(read.texts))
                continue
            result = run_case(loaded.ready, read.case)
            if format_ == "text":
                click.echo(fitted(case_line(result), screen_of(sys.stdout)))
            yield result


def _wait_for_change(folder: Path) -> None:
    """Until a file of the guideline or a case is written, appears or goes."""

    def state() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*.yaml") if path.is_file()}

    before = state()
    while True:
        time.sleep(0.5)
        try:
            if state() != before:
                return
        except OSError:
            continue

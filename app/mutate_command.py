"""`guidewright test --mutate`: which small changes of a guideline its own cases do not notice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import click

from guidewright.cli import FINDINGS, OK, UNUSABLE
from guidewright.output import Refused, json_text, write, write_page
from guidewright.output_files import check_folder, free_name, write_again

if TYPE_CHECKING:
    from guidewright.engine.cases.mutating import Suite
    from guidewright.mutate_report import Mutated
    from guidewright.rules.cases import Case
    from guidewright.rules.model import Guideline

Size: TypeAlias = int | Literal["all"]
DEFAULT_SAMPLE = 50
_OURS = "made by guidewright test --mutate"


def sample_size(context: click.Context, option: click.Parameter, text: str | None) -> Size | None:
    """What `--sample` says. Raises `BadParameter`."""
    if text is None or text == "all":
        return "all" if text else None
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise click.BadParameter(f"{text!r} is neither a number above zero nor `all`", context, option)
    return int(text)


def run_mutations(folder: Path, format_: str, size: Size, into: Path | None) -> int:
    """Tries so many mutations, tells what became of them, and gives the exit code. The cases that would notice what
    none does are written `into` a folder.
    """
    from guidewright.engine.cases.mutating import failing, suite_of
    from guidewright.engine.plan import plan_of
    from guidewright.engine.proofs.solving import ProverMissing

    if into is not None:
        check_folder(into, "--write")
    read = _read(folder)
    if read is None:
        return UNUSABLE
    guideline, cases = read
    suite = suite_of(plan_of(guideline), cases, guideline.date or date.today())
    if failed := failing(suite):
        named = ", ".join(failed[:5]) + (f" and {len(failed) - 5} more" if len(failed) > 5 else "")
        click.echo(f"guidewright: the guideline fails as it is: {named}; `guidewright test` says why", err=True)
        return FINDINGS
    try:
        mutated = _mutated(suite, size)
    except ProverMissing as missing:
        raise Refused(str(missing)) from None
    if into is not None:
        write_new_cases(mutated, into)
    if format_ == "json":
        from guidewright.mutate_report import mutated_json

        write(json_text(mutated_json(mutated)))
    else:
        from guidewright.mutate_report import mutated_page

        write_page(mutated_page(mutated))
    return OK if mutated.is_sound else FINDINGS


def _read(folder: Path) -> tuple[Guideline, list[Case]] | None:
    """The guideline with its places, and its cases; `None` after telling what is wrong with them."""
    from guidewright.case_files import case_files, read_cases
    from guidewright.rules.diagnostics import render
    from guidewright.rules.load import load_guideline

    loaded = load_guideline(folder)
    if loaded.guideline is None:
        click.echo(render(loaded.diagnostics, loaded.texts), err=True, nl=False)
        return None
    reads = [read for _, read in read_cases(case_files(folder), loaded.guideline)]
    cases = [read.case for read in reads if read.case is not None]
    for read in reads:
        if read.case is None:
            click.echo(render(read.diagnostics, read.texts), err=True, nl=False)
    if not reads:
        click.echo(f"guidewright: there is no case to hold against a mutation in {folder / 'cases'}", err=True)
    return (loaded.guideline, cases) if reads and len(cases) == len(reads) else None


def _mutated(suite: Suite, size: Size) -> Mutated:
    from guidewright.engine.cases.mutating import judged
    from guidewright.engine.cases.mutations import mutations_of, sample
    from guidewright.mutate_report import Mutated
    from guidewright.progress import progress_bar

    every = mutations_of(suite.plan.guideline)
    chosen = every if size == "all" else sample(every, size)
    found = []
    with progress_bar() as told:
        for number, mutation in enumerate(chosen):
            told("mutations", number, len(chosen))
            found.append(judged(mutation, suite))
    return Mutated(suite.plan.guideline, len(suite.cases), found, len(every), suite.as_of)


# --- the cases that would notice


def write_new_cases(mutated: Mutated, folder: Path) -> None:
    """A file for each case that would notice what none does. One of an earlier run is replaced; raises `Refused` where
    a file of another origin has the name. A folder that is missing is made.
    """
    contents = {folder / name: text.encode() for name, text in _files(mutated)}
    write_again(contents, folder, "--write", f"# {_OURS}")


def _files(mutated: Mutated) -> Iterator[tuple[str, str]]:
    from guidewright.case_writing import case_text
    from guidewright.engine.assessment import NOTICE

    comment = (f"{_OURS}: no real patient. Keep it where the guideline is right for this patient.", NOTICE)
    taken: set[str] = set()
    for case in {one.case.id: one.case for one in mutated.judged if one.case is not None}.values():
        name = free_name(case.id, taken)
        yield f"{name}.yaml", case_text(case.id, case.why, case.as_of, case.facts, case.expected, comment)

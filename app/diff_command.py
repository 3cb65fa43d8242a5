"""The command `guidewright diff`: what a new version of a guideline changes, for patients."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from guidewright.cli import FINDINGS, OK
from guidewright.output import Refused, end, json_text, refuse, write, write_page
from guidewright.patient_options import day_option

if TYPE_CHECKING:
    from guidewright.named_version import Version


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--patients",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Also compare what both versions say of the patient files in this folder.",
)
@day_option("The day on which patients are assessed; else the day of the new version, or today.")
@click.option(
    "--format", "format_", type=click.Choice(("text", "json", "markdown")), default="text", help="How to answer."
)
def diff(old: str, new: str, patients: Path | None, as_of: date | None, format_: str) -> NoReturn:
    """What the version NEW changes for patients, compared with OLD.

    Each is an id that ships, a folder, or a folder in a git revision, as REV:PATH (`HEAD~1:guidelines/mine`).

    For every rule, row, argument, box and derived fact it is proved that each patient, however incomplete the record,
    gets the same answer as before; or a smallest patient is shown who does not, with why before and why now. At most
    three ways of ending otherwise are shown of each. Then follows what was added, removed and reworded.

    Exit code 0: nothing changes for any patient. 1: something does, or it could not be decided. 2: a version cannot be
    used.
    """
    from guidewright.difference import difference_of
    from guidewright.engine.proofs.solving import ProverMissing
    from guidewright.progress import progress_bar

    before, after = _version(old, format_), _version(new, format_)
    files = None if patients is None else _patient_files(patients)
    try:
        day = as_of or after.guideline.ready.guideline.date or date.today()
        with progress_bar() as told:
            found = difference_of(before, after, day, files, lambda done, of: told("what ends otherwise", done, of))
    except ProverMissing as missing:
        raise Refused(str(missing)) from None
    if format_ == "json":
        from guidewright.difference_json import difference_json

        write(json_text(difference_json(found)))
    else:
        from guidewright.difference_page import difference_page

        page = difference_page(found)
        if format_ == "markdown":
            from guidewright.markdown_answer import markdown_page

            write(markdown_page(page))
        else:
            write_page(page)
    end(OK if found.changes_for_patients is False else FINDINGS)


def _version(name: str, format_: str) -> Version:
    from guidewright.embedding import GuidelineError
    from guidewright.named_version import version_named

    try:
        return version_named(name)
    except GuidelineError as fault:
        refuse(fault.diagnostics, fault.texts, format_)


def _patient_files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml", ".json") and path.is_file())
    if not files:
        from guidewright.rules.display import quoted

        raise Refused(f"there is no patient file in {quoted(str(folder), 200)}")
    return files

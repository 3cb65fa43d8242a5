"""The command `check`: everything that is wrong with a guideline, and what the proofs find in it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from guidewright.cli import FINDINGS
from guidewright.output import counted, end, json_text, refuse, tally, write
from guidewright.output_files import check_folder

if TYPE_CHECKING:
    from guidewright.engine.checking.findings import Findings
    from guidewright.rules.diagnostics import Diagnostic
    from guidewright.rules.load import Loaded
    from guidewright.rules.model import Guideline


@click.command()
@click.argument("guideline")
@click.option("--fast", is_flag=True, help="Skip the proofs.")
@click.option(
    "--witness",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write the patients that show the findings into FOLDER, for `guidewright evaluate`.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Show the notes too, with their patients, and what is accepted."
)
@click.option("--format", "format_", type=click.Choice(("text", "json")), default="text", help="How to answer.")
def check(guideline: str, fast: bool, folder: Path | None, everything: bool, format_: str) -> NoReturn:
    """Whether GUIDELINE, an id that ships or a folder, is well formed, and what is proved of it.

    Everything that is wrong is told with its place. Where the guideline can be used, its cases are read too (`test`
    runs them), and it is proved for every patient and every incomplete record, assessed on the guideline's `date` or
    else today, that its invariants hold, that each rule can fire, that answers exclude each other and so on; a finding
    shows the smallest patient for whom it is so. The proofs need the extra `proofs`.

    Exit code 0: nothing was found but notes. 1: errors or warnings. 2: there is no guideline at that place.
    """
    if fast and folder is not None:
        raise click.UsageError("--witness writes what the proofs find, and --fast skips them")
    if folder is not None:
        check_folder(folder, "--witness")
    place, loaded = _loaded(guideline, format_)
    diagnostics, texts = loaded.diagnostics, dict(loaded.texts)
    proved: Findings | None = None
    if loaded.guideline is not None:
        from guidewright.case_files import case_files, read_cases

        for _, read in read_cases(case_files(place), loaded.guideline):
            diagnostics += read.diagnostics
            texts |= read.texts
        proved = _findings(loaded.guideline, fast, everything)
        if folder is not None:
            from guidewright.rules.display import escaped
            from guidewright.witness_files import write_witnesses

            number = write_witnesses(proved, guideline, folder)
            click.echo(f"{counted(number, 'patients')} written into {escaped(str(folder))}", err=True)
    if format_ == "json":
        from guidewright.findings_report import findings_json

        write(json_text(findings_json(diagnostics, proved, _contents(loaded))))
    else:
        write(_text(diagnostics, proved, _contents(loaded), texts, everything))
    serious = proved is not None and any(finding.severity == "warning" for finding in proved.found)
    end(FINDINGS if diagnostics or serious else 0)


def _loaded(guideline: str, format_: str) -> tuple[Path, Loaded]:
    """The folder and what could be read of it. Ends where there is no guideline."""
    from guidewright.embedding import GuidelineError, guideline_folder
    from guidewright.rules.load import load_guideline

    try:
        place = guideline_folder(guideline)
    except GuidelineError as fault:
        refuse(fault.diagnostics, fault.texts, format_)
    loaded = load_guideline(place)
    if not any(Path(name).name == "guideline.yaml" for name in loaded.texts):
        refuse(loaded.diagnostics, loaded.texts, format_)
    return place, loaded


def _findings(guideline: Guideline, fast: bool, notes: bool) -> Findings:
    """What the proofs find, or where they cannot run, what is seen without them."""
    from guidewright.engine.checking.findings import findings
    from guidewright.engine.program import program_of
    from guidewright.engine.proofs.solving import ProverMissing
    from guidewright.progress import progress_bar

    program = program_of(guideline)
    as_of = guideline.date or date.today()
    if not fast:
        try:
            with progress_bar() as told:
                return findings(program, as_of, notes=notes, progress=told)
        except ProverMissing as missing:
            click.echo(f"guidewright: nothing was proved: {missing}", err=True)
    return findings(program, as_of, proofs=False)


def _contents(loaded: Loaded) -> Mapping[str, int]:
    from guidewright.contents import contents_of

    return contents_of(loaded.guideline) if loaded.guideline is not None else {}


def _text(
    diagnostics: tuple[Diagnostic, ...],
    proved: Findings | None,
    contents: Mapping[str, int],
    texts: Mapping[str, str],
    everything: bool,
) -> str:
    from guidewright.findings_report import diagnostic_of, findings_text, is_shown
    from guidewright.layout import fitted, screen_of

    screen = screen_of(sys.stdout)
    shown = [finding for finding in proved.found if is_shown(finding, everything)] if proved is not None else []
    blocks, last = findings_text(diagnostics, shown, proved, texts, screen, everything)
    inside = f": {', '.join(counted(n, name) for name, n in contents.items())}" if contents else ""
    counts = tally((*diagnostics, *map(diagnostic_of, shown)))
    return blocks + fitted(f"{counts or 'no errors'}{inside}", screen) + "\n" + last

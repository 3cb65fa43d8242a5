"""The command `guidewright outline`: the flowchart pages as text, for terminals, documents and screen readers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NoReturn

import click

from guidewright.cli import OK
from guidewright.output import end, loaded_guideline, write, write_page
from guidewright.patient_options import perhaps_about_a_patient, perhaps_assessed

if TYPE_CHECKING:
    from guidewright.engine.lockstep import EngineName
    from guidewright.rules.model import Guideline


@click.command()
@click.argument("guideline")
@perhaps_about_a_patient
@click.option("--stage", metavar="STAGE", help="This page only.")
@click.option(
    "--format", "format_", type=click.Choice(("text", "markdown", "html")), default="text", help="How to show it."
)
def outline(
    guideline: str, patient: str | None, engine: EngineName, as_of: date | None, stage: str | None, format_: str
) -> NoReturn:
    """The flowcharts of GUIDELINE, an id that ships or a folder, as numbered text: every box, every arrow and every
    rule, with the numbers of the pictures.

    With --patient: which boxes the way passes, where it stops and for what, and what became of each rule.
    """
    loaded = loaded_guideline(guideline)
    checked = loaded.ready.guideline
    _check_stage(stage, checked)
    assessment = perhaps_assessed(patient, loaded, as_of, engine)
    from guidewright.outline_page import outline_page
    from guidewright.visualize.outline import outline as outline_of

    page = outline_page(outline_of(checked, assessment), stage)
    match format_:
        case "markdown":
            from guidewright.markdown_answer import markdown_page

            write(markdown_page(page))
        case "html":
            from guidewright.pictured_outline import pictured_outline

            write(pictured_outline(page, checked, assessment, stage))
        case _:
            write_page(page)
    end(OK)


def _check_stage(stage: str | None, guideline: Guideline) -> None:
    """Ends the command where a stage is named that the guideline does not have."""
    from guidewright.rules.diagnostics import quoted, suggest

    ids = [known.id for known in guideline.stages]
    if stage is not None and stage not in ids:
        help = suggest(stage, ids) or f"its stages are {', '.join(f'`{id}`' for id in ids)}"
        raise click.UsageError(f"the guideline has no stage {quoted(stage)}; {help}")

"""What commands about a patient share: their options, which guideline is meant, reading the record, evaluating."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from guidewright.cli import fault_report
from guidewright.output import Fault, Refused, refuse

if TYPE_CHECKING:
    from guidewright.embedding import Assessment, Guideline
    from guidewright.engine.lockstep import EngineName
    from guidewright.rules.patient import Patient

ENGINES = ("lockstep", "compiled", "rete", "reference")

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _day(context: click.Context, option: click.Parameter, value: str | None) -> date | None:
    from guidewright.rules.literals import Trouble, read_day

    day = read_day(value) if value is not None else None
    if isinstance(day, Trouble):
        raise click.BadParameter(f"{day.message}{f' ({day.help})' if day.help else ''}", context, option)
    return day


def day_option(help: str) -> Callable[[_Command], _Command]:
    """The option `--as-of`, a day or nothing: `as_of`."""
    return click.option("--as-of", callback=_day, metavar="DATE", help=help)


_AS_OF = day_option("The day of assessment, instead of the one in the file.")
_ENGINE = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="lockstep",
    help="What evaluates; lockstep is two engines that must agree.",
)
_GUIDELINE = click.option(
    "--guideline",
    metavar="ID|FOLDER",
    help="The guideline. Without it: the one in whose cases/ the patient lies, else by its facts.",
)
_PATIENT = click.option(
    "--patient", type=click.Path(), metavar="FILE", help="A YAML or JSON file: what holds for this patient is marked."
)


def about_a_patient(command: _Command) -> _Command:
    """PATIENT and the options of every command that evaluates one: `patient`, `guideline`, `engine`, `as_of`."""
    for option in (_AS_OF, _ENGINE, _GUIDELINE):
        command = option(command)
    return click.argument("patient", type=click.Path())(command)


def perhaps_about_a_patient(command: _Command) -> _Command:
    """The options of a command about a guideline that may be shown for one patient: `patient`, `engine`, `as_of`."""
    for option in (_AS_OF, _ENGINE, _PATIENT):
        command = option(command)
    return command


def chosen_guideline(named: str | None, patient: str) -> tuple[str | Path, str | None]:
    """The guideline that is named, or among whose cases the patient lies, else the shipped one whose facts the record
    uses; then what tells the reader so.
    """
    from guidewright.shipped import shipped_ids

    if named is not None:
        return named, None
    beside = Path(os.path.abspath(patient)).parent
    if beside.name == "cases" and os.path.isfile(beside.parent / "guideline.yaml"):
        return beside.parent, None
    shipped = shipped_ids()
    if len(shipped) == 1:
        return shipped[0], None
    from guidewright.recognise import recognition

    meant, by_facts = recognition(patient, shipped)
    if meant is None:
        known = ", ".join(f"`{id}`" for id in shipped)
        ship = f"these ship: {known}" if shipped else "none ships with this installation"
        raise click.UsageError(f"name the guideline with --guideline; {ship}")
    why = "by the facts that the record names" if by_facts else "since the facts of the record do not tell which"
    return meant, f"The guideline {meant} was chosen {why}; --guideline names another."


def read_patient(path: str, guideline: Guideline, as_of: date | None, format_: str = "text") -> Patient:
    """The record. Where anything in it is wrong it is refused, as `format_` refuses; warnings go to stderr."""
    from guidewright.rules.diagnostics import render
    from guidewright.rules.patient import load_patient

    read = load_patient(path, guideline.ready.guideline, date.today(), as_of)
    if read.patient is None:
        refuse(read.diagnostics, read.texts, format_, "nothing was evaluated")
    if read.diagnostics:
        from guidewright.layout import shows_colour

        click.echo(render(read.diagnostics, read.texts, shows_colour(sys.stderr)), err=True, nl=False)
    return read.patient


def assessed(guideline: Guideline, patient: Patient, engine: EngineName) -> Assessment:
    """The answer for a record. Ends the command where the engines disagree or one of them is missing."""
    from guidewright.embedding import InternalFault, answered
    from guidewright.engine.lockstep import RuleEngineMissing
    from guidewright.rules.patient import PatientRead

    try:
        return answered(guideline, PatientRead(patient, (), {}), engine)
    except InternalFault as fault:
        raise Fault(fault_report(str(fault))) from None
    except RuleEngineMissing as fault:
        raise Refused(str(fault)) from None


def perhaps_assessed(
    patient: str | None, guideline: Guideline, as_of: date | None, engine: EngineName, format_: str = "text"
) -> Assessment | None:
    """The answer for the patient of `--patient`; nothing without one. `--as-of` alone is wrong usage."""
    if patient is not None:
        return assessed(guideline, read_patient(patient, guideline, as_of, format_), engine)
    if as_of is not None:
        raise click.UsageError("--as-of is the day of a patient's assessment; name the patient with --patient")
    return None

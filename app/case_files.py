"""The cases in a guideline's folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from guidewright.rules.cases import CaseRead, load_case
from guidewright.rules.diagnostics import Place, error
from guidewright.rules.model import Guideline


def case_files(folder: Path) -> list[Path]:
    """The files of the cases, in the order of their names."""
    return sorted(path for path in (folder / "cases").glob("*") if path.suffix in (".yaml", ".yml", ".json"))


def read_cases(paths: Iterable[Path], guideline: Guideline) -> Iterator[tuple[Path, CaseRead]]:
    """Each case as it is read. Of two with one id the second has an error."""
    seen: dict[str, Path] = {}
    for path in paths:
        read = load_case(path, guideline)
        if read.case is not None and read.case.id in seen:
            other = (("the other one", Place.of_file(str(seen[read.case.id]))),)
            twice = error("GW808", f"two cases are called `{read.case.id}`", Place.of_file(str(path)), related=other)
            read = replace(read, case=None, diagnostics=(*read.diagnostics, twice))
        elif read.case is not None:
            seen[read.case.id] = path
        yield path, read

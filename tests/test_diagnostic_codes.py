"""Every diagnostic code: documented with an example that yields it, at the text that is wrong, and nothing else."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pytest

from guidewright.rules.codes import CODES
from guidewright.rules.diagnostics import Diagnostic
from guidewright.rules.load import check_texts, load_guideline
from guidewright.rules.model import Guideline
from guidewright.rules.nodes import MAX_NODES
from guidewright.rules.patient import patient_from, read_patient
from guidewright.rules.reading import read_file, read_json, read_yaml

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "diagnostics.md"
MINIMAL = Path(__file__).parent / "minimal"
FILES = ("guideline.yaml", "facts.yaml", "sources.yaml", "1-workup.yaml")
BASE = {name: (MINIMAL / name).read_text(encoding="utf-8") for name in FILES}
PATIENT = (MINIMAL / "cases" / "patient.yaml").read_text(encoding="utf-8")
WARNINGS = {"GW414", "GW504", "GW713", "GW913"}

_HEADING = re.compile(r"^## (GW\d{3}) · (.+)$", re.MULTILINE)
_BLOCK = re.compile(
    r'^```yaml title="(?P<file>[^"]+)"(?: (?P<how>whole|and))?(?: at="(?P<at>[^\n]*)")?\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
_SECTION = re.compile(r"^([A-Za-z_]+):")
_ENTRY = re.compile(r"^  (?:- (?:\{)?id: ([A-Za-z0-9_-]+)|([^\s:#-][^:]*):)")


@dataclass(frozen=True, slots=True)
class Example:
    """One or more blocks of the page. `at` is the text that the diagnostic stands at, up to the end of its line."""

    code: str
    number: int
    at: str | None
    blocks: tuple[tuple[str, bool, str], ...]  # file, whether it is the whole of it, text

    @property
    def of_patient(self) -> bool:
        return self.blocks[0][0] == "patient.yaml"


def chapters() -> Iterator[tuple[str, str, str]]:
    """Code, title and body of each section of the page."""
    page = PAGE.read_text(encoding="utf-8")
    found = list(_HEADING.finditer(page))
    for heading, following in zip(found, [*found[1:], None], strict=True):
        yield heading[1], heading[2], page[heading.end() : following.start() if following else len(page)]


def examples() -> list[Example]:
    found: list[Example] = []
    for code, _, body in chapters():
        for block in _BLOCK.finditer(body):
            one = (block["file"], block["how"] == "whole", block["text"])
            if block["how"] == "and":
                found[-1] = replace(found[-1], blocks=(*found[-1].blocks, one))
            else:
                number = 1 + sum(example.code == code for example in found)
                found.append(Example(code, number, block["at"], (one,)))
    return found


EXAMPLES = examples()


def merged(base: str, change: str) -> str:
    """The base with the entries of the change in place of those of the same name; new ones stand behind them."""
    sections = _parts(base, _SECTION)
    for name, lines in _parts(change, _SECTION).items():
        entries = _parts("".join(lines[1:]), _ENTRY)
        old = sections.get(name)
        if old is not None and not any(key.startswith("?") for key in entries) and entries and len(old) > 1:
            kept = _parts("".join(old[1:]), _ENTRY) | entries
            sections[name] = [old[0], *(line for part in kept.values() for line in part)]
        else:
            sections[name] = lines
    return "".join(line for lines in sections.values() for line in lines)


def _parts(text: str, beginning: re.Pattern[str]) -> dict[str, list[str]]:
    """The lines that belong to each name; what stands before the first name belongs to `?`."""
    found: dict[str, list[str]] = {}
    name = "?"
    for line in text.splitlines(keepends=True):
        if match := beginning.match(line):
            name = next(group for group in match.groups() if group is not None)
            while name in found:
                name += "'"
        if line.strip() or found:
            found.setdefault(name, []).append(line)
    return found


def check(texts: dict[str, str]) -> tuple[Guideline | None, tuple[Diagnostic, ...]]:
    loaded = check_texts(texts, [], "guideline")
    return loaded.guideline, loaded.diagnostics


def minimal() -> Guideline:
    guideline, diagnostics = check(BASE)
    assert guideline is not None, diagnostics
    return guideline


def check_patient(text: str) -> tuple[Diagnostic, ...]:
    node, found = read_yaml(text, "patient.yaml")
    problems = list(found)
    if node is not None:
        read_patient(node, minimal(), date(2020, 12, 15), None, problems)
    return tuple(problems)


def run(example: Example) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    texts = {"patient.yaml": PATIENT} if example.of_patient else dict(BASE)
    for file, whole, text in example.blocks:
        texts[file] = text if whole else merged(texts[file], text)
    return texts, check_patient(texts["patient.yaml"]) if example.of_patient else check(texts)[1]


def stands_at(d: Diagnostic, texts: dict[str, str]) -> str:
    line = re.split(r"\r\n|\r|\n", texts[d.place.file])[d.place.line - 1]
    end = d.place.end_column if d.place.end_line == d.place.line else len(line) + 1
    return line[d.place.column - 1 : end - 1]


# What no block of YAML can show


def _file(tmp_path: Path, content: bytes) -> tuple[Diagnostic, ...]:
    path = tmp_path / "patient.yaml"
    path.write_bytes(content)
    return read_file(path)[1]


def _nested_anchors() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 10)]
    return "\n".join([*lines, "last: *a9", ""])


def _long_formula() -> tuple[Diagnostic, ...]:
    formula = " + ".join(["lesion.size"] * 300)
    fact = f"  lesion.sum: {{label: Sum, type: quantity, unit: mm, formula: {formula}}}\n"
    return check(BASE | {"facts.yaml": BASE["facts.yaml"] + fact})[1]


BY_CODE: dict[str, Callable[[Path], tuple[Diagnostic, ...]]] = {
    "GW001": lambda folder: read_file(folder / "missing.yaml")[1],
    "GW002": lambda folder: read_file(folder)[1],
    "GW003": lambda _: read_file("a\0b")[1],
    "GW004": lambda folder: _file(folder, b" " * 3 * 1024 * 1024),
    "GW005": lambda folder: _file(folder, "Läsion".encode("latin-1")),
    "GW027": lambda _: read_yaml(_nested_anchors(), "f.yaml")[1],
    "GW030": lambda _: read_yaml("title: ring \a\n", "f.yaml")[1],
    "GW040": lambda _: read_yaml("[" * 100 + "]" * 100, "f.yaml")[1],
    "GW041": lambda _: read_yaml("- a\n" * (MAX_NODES + 1), "f.yaml")[1],
    "GW043": lambda _: read_yaml("".join(f"- *a{n}\n" for n in range(1_000)), "f.yaml")[1],
    "GW050": lambda _: read_json('{"facts": {"lesion.new": true,}}', "patient.json")[1],
    "GW060": lambda _: (
        patient_from({"lesion.found_on": datetime(2020, 1, 1)}, minimal(), date(2020, 12, 15)).diagnostics
    ),
    "GW061": lambda _: patient_from({"lesion.size": float("nan")}, minimal(), date(2020, 12, 15)).diagnostics,
    "GW114": lambda folder: load_guideline(_without_facts(folder)).diagnostics,
    "GW274": lambda _: _long_formula(),
}


def _without_facts(folder: Path) -> Path:
    for name in FILES:
        if name != "facts.yaml":
            (folder / name).write_text(BASE[name], encoding="utf-8")
    return folder


# The page


def test_the_minimal_guideline_has_no_fault() -> None:
    loaded = load_guideline(MINIMAL)
    assert loaded.guideline is not None
    assert loaded.diagnostics == ()
    assert check_patient(PATIENT) == ()


def test_every_code_is_documented_in_order_under_its_title() -> None:
    assert [(code, title) for code, title, _ in chapters()] == list(CODES.items())


def test_every_code_has_an_example_and_words() -> None:
    shown = {example.code for example in EXAMPLES}
    assert sorted(shown | set(BY_CODE)) == sorted(CODES)
    assert not shown & set(BY_CODE)
    for code, _, body in chapters():
        words = _BLOCK.sub("", body).strip()
        assert words.endswith((".", ")", "*")), code
        assert ("*(" in words) == (code in BY_CODE), code


def test_no_block_of_the_page_is_left_out() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count('```yaml title="') == sum(len(example.blocks) for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.code}-{e.number}")
def test_an_example_yields_its_code_at_the_text_that_is_wrong(example: Example) -> None:
    texts, found = run(example)
    assert [d.code for d in found] == [example.code]
    assert stands_at(found[0], texts) == example.at
    assert found[0].severity == ("warning" if example.code in WARNINGS else "error")
    if not example.of_patient:
        guideline, _ = check(texts)
        assert (guideline is not None) == (example.code in WARNINGS)


@pytest.mark.parametrize("code", BY_CODE)
def test_what_no_block_can_show_yields_its_code(code: str, tmp_path: Path) -> None:
    found = BY_CODE[code](tmp_path)
    assert code in {d.code for d in found}
    assert {d.code for d in found} <= {code, "GW026"}


def test_no_code_is_unused() -> None:
    written = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("rules", "app", "engine", "visualize")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "codes.py"
    )
    assert [code for code in CODES if f'"{code}"' not in written] == []


def test_messages_are_worded_alike() -> None:
    for example in EXAMPLES:
        for d in run(example)[1]:
            assert not d.message.endswith("."), d.message
            assert d.message[0].islower() or d.message[0] in "`0123456789", d.message
            assert d.message.count("`") % 2 == 0, d.message
            assert d.help is None or not d.help.endswith("."), d.help

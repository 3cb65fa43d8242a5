"""Every diagnostic code: documented with an example that yields it, at the text that is wrong, and nothing else."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from planting import decide_nothing

from guidewright.cases_command import test as run_cases
from guidewright.engine.checking.findings import findings
from guidewright.engine.program import program_of
from guidewright.findings_report import diagnostic_of
from guidewright.rules.cases import load_case
from guidewright.rules.codes import CODES
from guidewright.rules.diagnostics import Diagnostic
from guidewright.rules.load import check_texts, load_guideline
from guidewright.rules.model import Guideline
from guidewright.rules.nodes import MAX_NODES
from guidewright.rules.patient import patient_from
from guidewright.rules.reading import read_file, read_json, read_yaml

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "diagnostics.md"
MINIMAL = Path(__file__).parent / "minimal"
FILES = ("guideline.yaml", "facts.yaml", "sources.yaml", "1-workup.yaml")
BASE = {name: (MINIMAL / name).read_text(encoding="utf-8") for name in FILES}
DAY = date(2020, 12, 15)
CASE = "cases/example.yaml"
EXAMPLE_CASE = (MINIMAL / CASE).read_text(encoding="utf-8")
NOTES = {"GW216", "GW217", "GW426", "GW430"}
PROVED = {code for code in CODES if "GW420" <= code <= "GW436" or "GW715" <= code <= "GW717"}
PROVED |= {"GW215", "GW216", "GW217", "GW508", "GW509"}
WARNINGS = {"GW414", "GW504", "GW713", "GW714", "GW913"} | PROVED - NOTES
USABLE = WARNINGS | NOTES

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
        return self.blocks[0][0] == CASE


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


def check_case(text: str, folder: Path) -> tuple[Diagnostic, ...]:
    path = folder / "example.yaml"
    path.write_text(text, encoding="utf-8")
    found = load_case(path, minimal()).diagnostics
    return tuple(replace(d, place=replace(d.place, file=CASE)) for d in found)


def run(example: Example, folder: Path) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    texts = {CASE: EXAMPLE_CASE} if example.of_patient else dict(BASE)
    for file, whole, text in example.blocks:
        texts[file] = text if whole else merged(texts[file], text)
    if example.code in PROVED:
        return texts, (*check(texts)[1], *proved(texts))
    return texts, check_case(texts[CASE], folder) if example.of_patient else check(texts)[1]


def proved(texts: dict[str, str]) -> tuple[Diagnostic, ...]:
    """What the proofs find, but for what they find in the minimal guideline too."""
    guideline, found = check(texts)
    assert guideline is not None, found
    known = {(f.code, f.about) for f in findings(program_of(minimal()), DAY, proofs=False).found}
    every = findings(program_of(guideline), DAY).found
    return tuple(diagnostic_of(f) for f in every if (f.code, f.about) not in known)


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
    "GW427": lambda _: _undecided(),
}


def _undecided() -> tuple[Diagnostic, ...]:
    with pytest.MonkeyPatch.context() as patch:
        decide_nothing(patch)
        return proved(BASE)


def _without_facts(folder: Path) -> Path:
    for name in FILES:
        if name != "facts.yaml":
            (folder / name).write_text(BASE[name], encoding="utf-8")
    return folder


# The page


def test_the_minimal_guideline_has_no_fault(tmp_path: Path) -> None:
    loaded = load_guideline(MINIMAL)
    assert loaded.guideline is not None
    assert loaded.diagnostics == ()
    assert check_case(EXAMPLE_CASE, tmp_path) == ()


def test_every_code_is_documented_in_order_under_its_title() -> None:
    assert [(code, title) for code, title, _ in chapters()] == list(CODES.items())


def test_every_code_has_an_example_and_words() -> None:
    shown = {example.code for example in EXAMPLES}
    described = {*BY_CODE, "GW808"}
    assert sorted(shown | described) == sorted(CODES)
    assert not shown & described
    for code, _, body in chapters():
        words = _BLOCK.sub("", body).strip()
        assert words.endswith((".", ")", "*")), code
        assert ("*(" in words) == (code in described), code


def test_no_block_of_the_page_is_left_out() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count('```yaml title="') == sum(len(example.blocks) for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.code}-{e.number}")
def test_an_example_yields_its_code_at_the_text_that_is_wrong(example: Example, tmp_path: Path) -> None:
    texts, found = run(example, tmp_path)
    assert [d.code for d in found] == [example.code]
    assert stands_at(found[0], texts) == example.at
    severity = "note" if example.code in NOTES else "warning" if example.code in WARNINGS else "error"
    assert found[0].severity == severity
    if not example.of_patient:
        guideline, _ = check(texts)
        assert (guideline is not None) == (example.code in USABLE)


@pytest.mark.parametrize("code", BY_CODE)
def test_what_no_block_can_show_yields_its_code(code: str, tmp_path: Path) -> None:
    found = BY_CODE[code](tmp_path)
    assert code in {d.code for d in found}
    assert {d.code for d in found} <= {code, "GW026"}


def test_two_cases_of_one_name_are_an_error(tmp_path: Path) -> None:
    shutil.copytree(MINIMAL, tmp_path / "minimal")
    folder = tmp_path / "minimal" / "cases"
    shutil.copy(folder / "example.yaml", folder / "other.yaml")
    result = CliRunner().invoke(run_cases, [str(tmp_path / "minimal")])
    assert result.exit_code != 0
    assert "error[GW808] two cases are called `example`" in result.output


def test_no_code_is_unused() -> None:
    written = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("rules", "app", "engine", "visualize")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "codes.py"
    )
    assert [code for code in CODES if f'"{code}"' not in written] == []


def test_messages_are_worded_alike(tmp_path: Path) -> None:
    for example in EXAMPLES:
        for d in run(example, tmp_path)[1]:
            assert not d.message.endswith("."), d.message
            assert d.message[0].islower() or d.message[0] in "`0123456789", d.message
            assert d.message.count("`") % 2 == 0, d.message
            assert d.help is None or not d.help.endswith("."), d.help


# Mistakes that authors make: told once, at the smallest text, with help


def changed(file: str, old: str, new: str) -> dict[str, str]:
    assert BASE[file].count(old) >= 1, old
    return BASE | {file: BASE[file].replace(old, new)}


R1_WHEN = 'when: {lesion.size: ">= {small}"}\n    acts'

SLIPS: list[tuple[str, str, str, str, str, str, str]] = [
    # file, text, what the author wrote instead, code, place, in the message, in the help
    ("1-workup.yaml", "{lesion.new: false}", "{lesion.new: yes}", "GW902", "yes", "not true or false", "`true`"),
    ("1-workup.yaml", "{lesion.new: false}", "{lesion.new: No}", "GW902", "No", "not true or false", "`false`"),
    ("1-workup.yaml", "{lesion.new: false}", '{lesion.new: "false"}', "GW902", '"false"', "", "without quotes"),
    ("1-workup.yaml", R1_WHEN, 'when: {lesion.size: ">= 10"}\n    acts', "GW905", '">= 10"', "no unit", "10 mm"),
    ("1-workup.yaml", R1_WHEN, "when: {lesion.size: 10}\n    acts", "GW905", "10", "no unit", "`10 mm`"),
    ("1-workup.yaml", R1_WHEN, 'when: {lesion.size: "> 10 cm"}\n    acts', "", "", "", ""),
    ("1-workup.yaml", R1_WHEN, 'when: {lesion.size: ">= 10mm"}\n    acts', "", "", "", ""),
    ("1-workup.yaml", R1_WHEN, 'when: {lesion.size: "≥ 10 mm"}\n    acts', "GW305", '"≥ 10 mm"', "`≥`", "`>=`"),
    ("1-workup.yaml", R1_WHEN, "when: {lesion.size: {small}}\n    acts", "GW017", "small", "no value", '"{small}"'),
    ("1-workup.yaml", R1_WHEN, "when: {lesion.count: [0..1]}\n    acts", "GW011", "[0..1]", "list", '"[0..1]"'),
    ("1-workup.yaml", R1_WHEN, "when: {lesion.pattern: Rim}\n    acts", "GW901", "Rim", "not one of", "`rim`"),
    ("1-workup.yaml", R1_WHEN, "when: {lesion.pattern: [unknown]}\n    acts", "GW307", "unknown", "alone", "`any:`"),
    ("1-workup.yaml", R1_WHEN, "when: {size: 10 mm}\n    acts", "GW201", "size", "unknown fact", "`lesion.size`"),
    ("1-workup.yaml", R1_WHEN, "when: {lesion: {size: 10 mm}}\n    acts", "GW201", "lesion", "", "`lesion.size`"),
    (
        "1-workup.yaml",
        R1_WHEN,
        "when: {unknown: lesion.size}\n    acts",
        "GW201",
        "unknown",
        "",
        "`lesion.size: unknown`",
    ),
    ("1-workup.yaml", R1_WHEN, "when: {or: [{lesion.new: true}]}\n    acts", "GW201", "or", "", "`any:`"),
    ("1-workup.yaml", R1_WHEN, "when: [lesion.new]\n    acts", "GW301", "[lesion.new]", "", "`all:`"),
    ("1-workup.yaml", R1_WHEN, "when: lesion.new\n    acts", "GW301", "lesion.new", "", "`lesion.new: …`"),
    ("1-workup.yaml", "rules: [R1]", "rules: [R1, R2]", "GW710", "R2", "stands", "one step"),
    ("1-workup.yaml", "rules: [R1]", "rules: [R11]", "GW709", "R11", "`R11`", "`R1`"),
    ("1-workup.yaml", "beside: [R2]", "", "GW711", "R2", "no step", "`beside:`"),
    ("1-workup.yaml", "go: biopsy}\n", "go: biopsi}\n", "GW704", "biopsi", "", "`biopsy`"),
    ("1-workup.yaml", "stage: workup", "stage: work-up", "GW115", "work-up", "names no stage", "`workup`"),
    ("1-workup.yaml", "[trial.S1]", "[trial.S11]", "GW602", "trial.S11", "no statement `S11`", "`trial.S1`"),
    ("1-workup.yaml", "[trial.S1]", "trial.S1", "GW107", "trial.S1", "list", "`[a, b]`"),
    ("1-workup.yaml", "[trial.S1]", "[]", "GW401", "R1", "nothing supports", "`expert: true`"),
    ("1-workup.yaml", "acts: [needle]", "acts: [nedle]", "GW407", "nedle", "`nedle`", "`needle`"),
    ("1-workup.yaml", "decide: Is", "decided: Is", "GW103", "decided", "unknown key", "`decide`"),
    ("1-workup.yaml", "    do: Take", "    Do: Take", "GW103", "Do", "unknown key", "`do`"),
    ("facts.yaml", "type: boolean", "type: Boolean", "GW110", "Boolean", "", "`boolean`"),
    ("facts.yaml", "unit: mm", "unit: milimeter", "GW906", "milimeter", "unknown unit", ""),
    (
        "guideline.yaml",
        "needle: {label: Fine-needle biopsy, part_of: biopsy}",
        "needle: Fine-needle biopsy",
        "GW101",
        "Fine-needle biopsy",
        "",
        "`{label: …}`",
    ),
    ("guideline.yaml", "10 mm", "10 milimetres", "GW906", "10 milimetres", "unknown unit", ""),
    ("guideline.yaml", "10 mm", "10 mg", "GW907", '">= {small}"', "parameter `small`", ""),
]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip[2][:40].replace("\n", " "))
def test_a_slip_is_told_where_it_is_with_help(slip: tuple[str, str, str, str, str, str, str]) -> None:
    file, old, new, code, place, message, help = slip
    texts = changed(file, old, new)
    guideline, found = check(texts)
    found = tuple(d for d in found if d.code != "GW913")
    if not code:
        assert (guideline is not None, found) == (True, ())
        return
    assert {d.code for d in found} == {code}
    assert stands_at(found[0], texts) == place
    assert message in found[0].message
    assert help in (found[0].help or "")


# What only follows from another fault is not told


CAUSES: list[tuple[str, str, str, list[str]]] = [
    # file, text, what stands instead, codes
    ("facts.yaml", "label: Found on", 'label: "Found on', ["GW012"]),
    ("guideline.yaml", "title: A", "title: [A", ["GW012"]),
    ("sources.yaml", "sources:", "sources: {", ["GW012"]),
    ("1-workup.yaml", "title: Workup", "title: [Workup", ["GW012"]),
    ("facts.yaml", "type: quantity", "type: quantities", ["GW110"]),
    ("facts.yaml", "    unit: mm\n", "", ["GW203"]),
    ("facts.yaml", "range: [1, 400]", "range: [400, 1]", ["GW204"]),
    ("facts.yaml", "range: [1, 400]", "formula: lesion.count * x", ["GW201"]),
    ("facts.yaml", "      rim: Rim", "      rim: [Rim]", ["GW101"]),
    ("guideline.yaml", "actions:", "action:", ["GW103"]),
    ("guideline.yaml", "value: 10 mm, ", "", ["GW104"]),
    ("guideline.yaml", "strength: {strong: Strong, weak: Weak}", "strength: [strong, weak]", ["GW101"]),
    ("guideline.yaml", "stages: [workup]", "stages: workup", ["GW107"]),
    ("sources.yaml", "S1: {says: Lesions of at least 10 mm can be sampled}", "S1: Lesions", ["GW101"]),
    ("sources.yaml", "kind: trial", "kind: study", ["GW110"]),
    ("1-workup.yaml", "{lesion.new: false}", "{lesion.old: false}", ["GW201"]),  # R2 is still beside the page
    ("1-workup.yaml", "    acts: [needle]", "    acts: [needle]\n    overrides: [R2]\n    unless: {x: 1}", ["GW201"]),
    ("1-workup.yaml", "- id: R1", "- name: R1", ["GW103", "GW104"]),  # nothing of a rule R1 that is missing on the page
    ("1-workup.yaml", "\nrules:", "\nrule:", ["GW103"]),
    ("1-workup.yaml", "pathway:", "path:", ["GW103"]),
    ("1-workup.yaml", "done: {end: Back to the team}", "done: Back to the team", ["GW101"]),
    (
        "1-workup.yaml",
        '{answer: "Yes", when: {lesion.size: ">= {small}"}',
        '{answer: "Yes", when: {lesion.size: 1}',
        ["GW905"],
    ),
]


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause[2][:40].replace("\n", " "))
def test_a_cause_is_told_without_its_consequences(cause: tuple[str, str, str, list[str]]) -> None:
    file, old, new, codes = cause
    guideline, found = check(changed(file, old, new))
    assert guideline is None
    assert sorted(d.code for d in found) == codes


def test_a_misspelt_definition_is_told_once_however_many_rules_name_it() -> None:
    rules = "".join(
        f"  - {{id: X{n}, flag: Large, when: {{lesion.size: '> {n} mm'}}, expert: true}}\n" for n in range(1, 41)
    )
    texts = changed("facts.yaml", "lesion.size:", "lesion.sise:")
    stage = texts["1-workup.yaml"].replace("rules:\n", "rules:\n" + rules, 1)
    beside = f"beside: [R2, {', '.join(f'X{n}' for n in range(1, 41))}]"
    guideline, found = check(texts | {"1-workup.yaml": stage.replace("beside: [R2]", beside)})
    assert guideline is None
    assert [(d.code, d.message, d.help) for d in found] == [
        ("GW201", "unknown fact `lesion.size`, here and in 41 other places", "did you mean `lesion.sise`?")
    ]
    assert len(found[0].related) == 2


def test_no_edit_of_a_line_raises_or_drowns_its_cause() -> None:
    """Each line left out, indented or with a misspelt key: mostly one message, never many."""
    counts = []
    for file, text in BASE.items():
        lines = text.splitlines(keepends=True)
        for i, line in enumerate(lines):
            misspelt = re.sub(r"([a-z]):", r"q\1:", line, count=1)
            for new in ("", "  " + line, misspelt):
                if line.strip() and new != line:
                    edited = "".join([*lines[:i], new, *lines[i + 1 :]])
                    counts.append(len(check(BASE | {file: edited})[1]))
    assert max(counts) <= 8
    assert sum(count <= 2 for count in counts) >= 0.9 * len(counts)


# All at once


def test_every_fault_of_a_guideline_is_told_in_one_run_in_order() -> None:
    texts = dict(BASE)
    for file, old, new in [
        ("guideline.yaml", "version: 1.0.0", "version: one"),
        ("guideline.yaml", "part_of: biopsy", "part_of: biospy"),
        ("facts.yaml", "range: [1, 20]", "range: [20, 1]"),
        ("facts.yaml", "may_be: [rim, nodular]", "may_be: [rim, noduler]"),
        ("sources.yaml", "kind: trial", "kind: study"),
        ("1-workup.yaml", R1_WHEN, "when: {lesion.sise: 3 mm}\n    acts"),
        ("1-workup.yaml", "strength: strong", "strength: stronger"),
        ("1-workup.yaml", "lesion.new: false", "lesion.new: no"),
        ("1-workup.yaml", "go: done}\n  done", "go: dne}\n  done"),
        ("1-workup.yaml", "beside: [R2]", "beside: [R2, R3]"),
    ]:
        assert old in texts[file], old
        texts[file] = texts[file].replace(old, new)
    guideline, found = check(texts)
    assert guideline is None
    assert [d.code for d in found if d.place.file == "1-workup.yaml"] == ["GW201", "GW402", "GW902", "GW704", "GW709"]
    assert sorted(d.code for d in found if d.place.file != "1-workup.yaml") == [
        "GW110",
        "GW113",
        "GW204",
        "GW206",
        "GW407",
    ]
    places = [(d.place.file, d.place.line, d.place.column) for d in found]
    assert places == sorted(places)


def test_circles_are_all_told_with_the_way_round() -> None:
    facts = BASE["facts.yaml"] + "".join(
        f"  {a}.x: {{label: X, type: boolean, holds: {{{b}.x: true}}}}\n" for a, b in ("ab", "ba", "cd", "de", "ec")
    )
    found = check(BASE | {"facts.yaml": facts})[1]
    assert [(d.code, d.message.rpartition(": ")[2]) for d in found] == [
        ("GW214", "`a.x` → `b.x` → `a.x`"),
        ("GW214", "`c.x` → `d.x` → `e.x` → `c.x`"),
    ]
    rules = "".join(
        f"  - {{id: {a}, flag: F, when: {{lesion.new: true}}, overrides: [{b}], expert: true}}\n"
        for a, b in (("A", "B"), ("B", "A"), ("C", "D"), ("D", "C"), ("E", "E"))
    )
    stage = BASE["1-workup.yaml"].replace("rules:\n", "rules:\n" + rules, 1)
    found = check(BASE | {"1-workup.yaml": stage.replace("beside: [R2]", "beside: [R2, A, B, C, D, E]")})[1]
    assert [d.code for d in found] == ["GW411"] * 3
    assert "`A`" in found[0].message
    assert "`C`" in found[1].message
    assert found[2].message == "the rule `E` overrides itself"


def test_a_warning_leaves_a_guideline_usable() -> None:
    guideline, found = check(changed("guideline.yaml", "  small:", "  large: {value: 5 cm, label: Large}\n  small:"))
    assert guideline is not None
    assert [(d.code, d.severity) for d in found] == [("GW913", "warning")]


def test_the_shipped_guideline_has_no_error_and_no_warning() -> None:
    loaded = load_guideline(ROOT / "guidelines" / "retroperitoneal-leiomyosarcoma")
    assert loaded.guideline is not None
    assert loaded.diagnostics == ()

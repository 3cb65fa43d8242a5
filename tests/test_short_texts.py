"""The texts for boxes of flowcharts, `short`, and the day of a version, `date`."""

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from guidewright.cache import load_cached
from guidewright.rules.json_schema import editor_schemas
from guidewright.rules.load import check_texts, load_guideline
from guidewright.rules.model import SHORT_LIMIT, Guideline
from guidewright.rules.stored import from_stored, to_stored

ROOT = Path(__file__).parent.parent
MINIMAL = ROOT / "tests" / "minimal"
SHIPPED = sorted(path.parent for path in (ROOT / "guidelines").glob("*/guideline.yaml"))
LONGEST = "x" * SHORT_LIMIT


def texts(short: str | None = None, day: str | None = None, small: str = "10 mm") -> dict[str, str]:
    """The minimal guideline, with `short` for its rule R1, `date`, and another value of its parameter."""
    found = {path.name: path.read_text(encoding="utf-8") for path in MINIMAL.glob("*.yaml")}
    if short is not None:
        found["1-workup.yaml"] = found["1-workup.yaml"].replace("do: Take a biopsy\n", f"do: Take a biopsy\n{short}\n")
        assert short in found["1-workup.yaml"]
    if day is not None:
        found["guideline.yaml"] += f"\ndate: {day}\n"
    found["guideline.yaml"] = found["guideline.yaml"].replace("value: 10 mm", f"value: {small}")
    return found


def read(files: dict[str, str]) -> Guideline:
    loaded = check_texts(files, [], "minimal")
    assert loaded.guideline is not None, loaded.diagnostics
    assert loaded.diagnostics == ()
    return loaded.guideline


def faults(files: dict[str, str]) -> list[tuple[str, str]]:
    loaded = check_texts(files, [], "minimal")
    assert loaded.guideline is None
    return [(d.code, d.message) for d in loaded.diagnostics]


# The text for a box


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("    short: Biopsy", "Biopsy"),
        ("    short: Biopsy from {small} on", "Biopsy from 10 mm on"),
        ("    short: >-\n      Biopsy  by\n      needle", "Biopsy by needle"),
        (f"    short: {LONGEST}", LONGEST),
        ("    short: 12", "12"),
    ],
)
def test_a_short_text_is_read_as_the_sentence_is(written: str, found: str) -> None:
    rule = read(texts(written)).rules["R1"]
    assert (rule.short, rule.text) == (found, "Take a biopsy")


def test_without_it_there_is_none() -> None:
    guideline = read(texts())
    assert [rule.short for rule in guideline.rules.values()] == [None, None]


def test_every_kind_of_rule_may_have_one() -> None:
    kinds = ["do: A", "avoid: A", "consider: A", "flag: A", "inform: A", "ask: [lesion.size], says: A"]
    rules = "".join(
        f"  - {{id: K{n}, {kind}, short: Text {n}, when: {{}}, expert: true}}\n" for n, kind in enumerate(kinds)
    )
    files = texts()
    files["1-workup.yaml"] = (
        files["1-workup.yaml"]
        .replace("rules:\n", f"rules:\n{rules}", 1)
        .replace("beside: [R2]", "beside: [R2, K0, K1, K2, K3, K4, K5]")
    )
    guideline = read(files)
    assert [guideline.rules[f"K{n}"].short for n in range(6)] == [f"Text {n}" for n in range(6)]


@pytest.mark.parametrize("written", [f"{LONGEST}x", f"{'x' * 30}  {'x' * 30}"])
def test_one_character_too_many_is_an_error(written: str) -> None:
    assert faults(texts(f"    short: {written}")) == [("GW116", "`short` of the rule `R1` has 61 characters")]


def test_the_length_is_that_of_what_is_shown() -> None:
    """A name in braces may be longer or shorter than the value that it stands for."""
    assert read(texts(f"    short: {'x' * 54} {{small}}")).rules["R1"].short == f"{'x' * 54} 10 mm"
    assert faults(texts(f"    short: {'x' * 55} {{small}}")) == [
        ("GW116", "`short` of the rule `R1` has 61 characters")
    ]


def test_what_it_comes_to_without_its_parameter_is_not_told() -> None:
    text = f"    short: {'x' * 58} {{small}}"
    assert faults(texts(text.replace("small", "smal"))) == [("GW912", "there is no parameter `smal`")]
    assert [code for code, _ in faults(texts(text, small="10 milimetres"))] == ["GW906"]


@pytest.mark.parametrize("written", ["", " ''", " [a, b]", " {a: b}"])
def test_it_is_a_text(written: str) -> None:
    assert [code for code, _ in faults(texts(f"    short:{written}"))] == ["GW105"]


def test_a_parameter_that_only_it_names_is_used() -> None:
    files = texts("    short: From {large} on")
    files["guideline.yaml"] = files["guideline.yaml"].replace("  small:", "  large: {value: 5 cm, label: L}\n  small:")
    assert read(files).rules["R1"].short == "From 5 cm on"


# The day of a version


def test_the_day_of_a_version_is_read() -> None:
    assert read(texts(day="2026-11-22")).date == date(2026, 11, 22)
    assert read(texts(day="'2024-02-29'")).date == date(2024, 2, 29)
    assert read(texts()).date is None


@pytest.mark.parametrize("day", ["2026-11", "2026", "22.11.2026", "2026-02-29", "2026-11-22T10:00", "soon", "true"])
def test_what_is_no_day_is_an_error(day: str) -> None:
    assert [code for code, _ in faults(texts(day=day))] == ["GW908"]


@pytest.mark.parametrize("day", ["", "[2026-11-22]", "{on: 2026-11-22}"])
def test_a_day_is_a_text(day: str) -> None:
    assert [code for code, _ in faults(texts(day=day))] == ["GW105"]


# What keeps them, and what an editor says of them


def test_both_come_back_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = texts("    short: Biopsy from {small} on", "2026-11-22")
    guideline = read(files)
    assert from_stored(json.loads(json.dumps(to_stored(guideline)))) == guideline
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "minimal").mkdir()
    for name, text in files.items():
        (tmp_path / "minimal" / name).write_text(text, encoding="utf-8")
    assert load_cached(tmp_path / "minimal")[0] is None
    kept, _ = load_cached(tmp_path / "minimal")
    assert kept is not None
    assert (kept.rules["R1"].short, kept.rules["R2"].short, kept.date) == (
        "Biopsy from 10 mm on",
        None,
        date(2026, 11, 22),
    )


@pytest.mark.parametrize(
    "short",
    [
        "Biopsy",
        LONGEST,
        f"{LONGEST}x",
        f"  {LONGEST}  ",
        f"{'x' * 30}  {'x' * 29}",
        f"{'x' * 30}  {'x' * 30}",
        f"{'x y' * 20}",
        f"{'x y' * 20}z",
        " ",
        "",
        "one\ntwo",
        f"{'x' * 54} {{small}}",
        f"{{ small }}{' ' * 60}on",
    ],
)
def test_the_schema_says_of_a_short_text_what_the_loader_says(short: str) -> None:
    rule = {"id": "R1", "do": "Take a biopsy", "short": short, "when": {}, "expert": True}
    stage = {"stage": "workup", "title": "Workup", "rules": [rule], "beside": ["R1"]}
    loaded = check_texts(texts() | {"1-workup.yaml": json.dumps(stage)}, [], "minimal")
    good = not any(d.severity == "error" for d in loaded.diagnostics)
    schema = editor_schemas(read(texts()))["stage.schema.json"]
    assert jsonschema.Draft7Validator(schema).is_valid(stage) == good, loaded.diagnostics


# The guidelines that ship


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_every_rule_that_ships_has_a_text_for_its_box(folder: Path) -> None:
    guideline = load_guideline(folder).guideline
    assert guideline is not None
    assert guideline.date is not None
    assert [rule.id for rule in guideline.rules.values() if rule.short is None] == []
    for rule in guideline.rules.values():
        assert rule.short is not None
        assert not rule.short.endswith("."), rule.id
        negated = rule.short.lower().startswith(("do not", "don't", "no ", "never", "avoid"))
        assert not (rule.kind == "avoid" and negated), f"{rule.id} would say no twice"

"""`guidewright cases`: made-up patients who reach all that can be reached, each a case that holds, and what is said of
the rest.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from strategies import AS_OF as PAST
from strategies import EXAMPLES, guideline_data, loaded, patient_of, record_data

from guidewright import generate_command
from guidewright.case_files import case_files, read_cases
from guidewright.case_writing import case_text
from guidewright.commands import guidewright as command
from guidewright.embedding import load
from guidewright.engine.assess import assess
from guidewright.engine.assessment import NOTICE
from guidewright.engine.cases import generating
from guidewright.engine.cases.coverage import Goal, goals_of, reached
from guidewright.engine.cases.expectations import misses
from guidewright.engine.cases.generating import MOST_FACTS, Generated, generated
from guidewright.engine.cases.limits import Stand
from guidewright.engine.outcome import Outcome
from guidewright.engine.plan import Plan, plan_of
from guidewright.engine.program import conditions_of
from guidewright.engine.reference import evaluate_naively
from guidewright.generated_cases import case_files_of, expected_of
from guidewright.rules import conditions
from guidewright.rules.cases import Case, Expected, load_case
from guidewright.rules.conditions import ALWAYS, Compare, OneOf, Within
from guidewright.rules.display import escaped
from guidewright.rules.domains import whole, written
from guidewright.rules.patient import patient_from
from guidewright.rules.values import Value, contains, single
from guidewright.shipped import shipped_folder

pytest.importorskip("z3")

MINIMAL = Path(__file__).parent / "minimal"
CURB = "curb-65"
LMS = "retroperitoneal-leiomyosarcoma"
AS_OF = date(2024, 3, 1)


@pytest.fixture(autouse=True)
def _uncached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", "")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [*map(str, arguments)])


def copied(source: Path, target: Path, cases: bool = False) -> Path:
    """A guideline without its cases, or with them."""
    shutil.copytree(source, target)
    if not cases:
        shutil.rmtree(target / "cases")
        (target / "cases").mkdir()
    return target


def curb() -> Plan:
    return load(CURB).ready.plan


@pytest.fixture(scope="module")
def found() -> Generated:
    plan = curb()
    assert plan.guideline.date is not None
    return generated(plan, plan.guideline.date)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """curb-65 with generated cases instead of its own."""
    source = shipped_folder(CURB)
    assert source is not None
    target = copied(source, tmp_path_factory.mktemp("generated") / CURB)
    result = run("cases", target, "--generate", "--into", target / "cases")
    assert result.exit_code == 0, result.output
    return target


def cases_in(folder: Path, plan: Plan) -> list[Case]:
    cases = [read.case for _, read in read_cases(case_files(folder), plan.guideline)]
    assert cases
    assert None not in cases
    return [case for case in cases if case is not None]


def outcomes(folder: Path, plan: Plan) -> list[Outcome]:
    return [evaluate_naively(plan.program, case.patient) for case in cases_in(folder, plan)]


# --- the cases hold, and reach everything


def test_generated_cases_hold_and_reach_the_whole_guideline(folder: Path) -> None:
    result = run("test", folder, "--cover", "100")
    assert result.exit_code == 0, result.output
    assert "Coverage of the guideline: 100 %" in result.output


def test_so_they_do_for_a_guideline_of_two_rules(tmp_path: Path) -> None:
    target = copied(MINIMAL, tmp_path / "minimal")
    assert run("cases", target, "--generate", "--into", target / "cases").exit_code == 0
    result = run("test", target, "--cover", "100")
    assert result.exit_code == 0, result.output
    assert len(case_files(target)) <= 4


def test_each_case_expects_something_and_fails_where_the_guideline_says_otherwise(folder: Path, tmp_path: Path) -> None:
    for case in cases_in(folder, curb()):
        assert case.expected != Expected(), case.id
    changed = Path(shutil.copytree(folder, tmp_path / "changed"))
    facts = changed / "facts.yaml"
    text = facts.read_text()
    assert text.count('patient.age: ">= 65 a"') == 2
    facts.write_text(text.replace('patient.age: ">= 65 a"', 'patient.age: "> 65 a"'))
    result = run("test", changed)
    assert result.exit_code == 1
    assert "FAIL" in result.output


def test_a_rule_that_does_not_fire_looks_at_something_and_is_meant_for_the_patient(found: Generated) -> None:
    guideline = curb().guideline
    blocked = {
        aim.purpose.id: patient.one
        for patient in found.patients
        for aim in patient.aims
        if isinstance(aim.purpose, Goal) and aim.purpose.kind == "not fired"
    }
    assert blocked.keys() == guideline.rules.keys()
    for id, one in blocked.items():
        always = guideline.rules[id].when == ALWAYS and guideline.rules[id].unless is None
        assert (one.outcome.applies is False) is always, id
        assert one.facts, id


def limits_of(plan: Plan) -> Iterator[tuple[str, Value, int]]:
    """Each limit that a test of a fact names, and on which side of it the answer changes: -1 below, 1 above."""
    for condition in conditions_of(plan.program):
        for test in conditions.tests_of(condition):
            match test.check:
                case Compare("<" | ">=", literal):
                    yield test.fact, literal.value, -1
                case Compare("<=" | ">", literal):
                    yield test.fact, literal.value, 1
                case Within(low, high):
                    yield test.fact, low.value, -1
                    yield test.fact, high.value, 1
                case OneOf(literals):
                    yield from ((test.fact, literal.value, side) for literal in literals for side in (-1, 1))
                case _:
                    pass


def test_somebody_stands_at_each_limit_and_somebody_just_beyond_it(folder: Path) -> None:
    plan = curb()
    known: dict[str, set[object]] = {}
    for outcome in outcomes(folder, plan):
        for id, fact in outcome.facts.items():
            known.setdefault(id, set()).add(single(fact.values))
    limits = {(id, limit, side) for id, limit, side in limits_of(plan) if isinstance(limit, int | Fraction)}
    assert len(limits) > 20
    for id, limit, side in limits:
        near = {limit + side, limit + Fraction(side, 10)}
        if not any(contains(run, value) for value in near for run in whole(plan.guideline.facts[id].type, AS_OF).spans):
            continue
        assert limit in known[id], f"nobody at {id} {limit}"
        assert known[id] & near, f"nobody beside {id} {limit}"


def test_what_a_case_says_of_the_other_side_of_a_limit_is_so(found: Generated) -> None:
    plan = curb()
    tried = 0
    for patient in found.patients:
        for aim in patient.aims:
            stand = aim.purpose
            if not isinstance(stand, Stand) or stand.fact not in patient.one.facts:
                continue
            beyond = written(stand.beyond, plan.guideline.facts[stand.fact].type)
            read = patient_from({**patient.one.facts, stand.fact: beyond}, plan.guideline, found.as_of, found.as_of)
            assert read.patient is not None
            here, there = patient.one.outcome, evaluate_naively(plan.program, read.patient)
            differing = {id for id, status in here.rules.items() if (status == "fired") != (there.rules[id] == "fired")}
            assert aim.decides == "firing"
            assert differing
            expected = expected_of(patient, plan)
            assert differing <= {*expected.fired, *expected.not_fired, *expected.open, *expected.overridden}
            tried += 1
    # Nine limits of facts that do not follow from others, each with two sides.
    assert tried >= 18


# --- few and readable


def test_no_patient_is_superfluous_and_none_has_too_many_facts(found: Generated) -> None:
    for patient in found.patients:
        assert patient.aims
        assert len(patient.one.facts) <= MOST_FACTS
        others = [other for other in found.patients if other is not patient]
        assert not all(any(aim.reached_by(other.one) for other in others) for aim in patient.aims)
        assert all(aim.reached_by(patient.one) for aim in patient.aims)


def test_the_same_guideline_gives_the_same_cases(tmp_path: Path) -> None:
    written: list[dict[str, str]] = []
    for seed in ("1", "2"):
        into = tmp_path / seed
        subprocess.run(
            [sys.executable, "-m", "guidewright", "cases", CURB, "--generate", "--into", into],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        )
        written.append({path.name: path.read_text() for path in into.iterdir()})
    assert written[0]
    assert written[0] == written[1]


def test_a_file_says_what_it_is_for_and_what_it_is_not(folder: Path) -> None:
    names = [path.name for path in case_files(folder)]
    assert "g-001-S3-fired.yaml" in names
    ids = {goal.id for goal in goals_of(curb())} | curb().guideline.facts.keys()
    for path in case_files(folder):
        number, _, rest = path.name.removeprefix("g-").partition("-")
        assert number.isdigit()
        assert any(rest.startswith(id.replace("/", "-")) for id in ids), rest
        head = [line for line in path.read_text().splitlines() if line.startswith("#")]
        assert "clinician has to read it before it counts" in " ".join(head)
        assert f"# {NOTICE}" in head
    whys = " ".join(" ".join(case.why.split()) for case in cases_in(folder, curb()))
    assert "P4 fires" in whys
    assert 'the answer "High" is taken at place/curb' in whys
    assert "P2 is overridden by P3" in whys
    assert "age just below 65 years (at 65 years" in whys


# --- what cannot be reached, and what was not decided


def with_a_dead_rule(target: Path) -> Path:
    copied(MINIMAL, target)
    path = target / "1-workup.yaml"
    rule = """  - id: R9
    do: What nobody gets
    when:
      all: [{lesion.size: ">= 20 mm"}, {lesion.size: "< 15 mm"}]
    expert: true

pathway:"""
    path.write_text(path.read_text().replace("\npathway:", rule, 1).replace("beside: [R2]", "beside: [R2, R9]"))
    return target


def test_what_no_patient_reaches_is_proved_and_said_and_all_else_is_reached(tmp_path: Path) -> None:
    target = with_a_dead_rule(tmp_path / "dead")
    result = run("cases", target, "--generate", "--into", target / "cases", "--format", "json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.output)
    assert said["impossible"] == [{"kind": "fired", "id": "R9", "side": None}]
    assert said["undecided"] == []
    assert said["notice"] == NOTICE
    tested = run("test", target, "--format", "json")
    assert tested.exit_code == 0, tested.output
    assert json.loads(tested.output)["coverage"]["missing"] == said["impossible"]
    text = run("cases", target, "--generate", "--into", tmp_path / "again").output
    assert "proved to be out of reach of every patient: R9 (fired)" in " ".join(text.split())


def test_what_is_not_decided_is_called_neither_reached_nor_impossible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generating, "seek", lambda goal, *rest: "undecided")
    monkeypatch.setattr(generating, "seek_pair", lambda *rest: "undecided")
    result = run("cases", MINIMAL, "--generate", "--into", tmp_path / "into")
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    assert "not decided: R1 (fired)" in text
    assert "lesion.size (at 10 mm)" in text
    assert "rules that fire 0 of 2" in text
    assert "out of reach" not in text
    # The empty record was tried without a prover, and says what it reaches.
    assert [path.name for path in (tmp_path / "into").iterdir()] == ["g-001-R1-open.yaml"]


def test_a_limit_that_changes_no_rule_is_said(tmp_path: Path) -> None:
    target = copied(MINIMAL, tmp_path / "idle")
    facts = target / "facts.yaml"
    derived = '\n  lesion.many:\n    label: Many lesions\n    type: boolean\n    holds: {lesion.count: "> 4"}\n'
    facts.write_text(facts.read_text().rstrip("\n") + derived)
    result = run("cases", target, "--generate", "--into", tmp_path / "into")
    assert "limits where no rule changes for anyone, proved: lesion.count 4" in " ".join(result.output.split())


def test_without_a_prover_nothing_is_generated_and_the_list_still_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    result = run("cases", MINIMAL, "--generate", "--into", tmp_path / "into")
    assert result.exit_code == 2
    assert "guidewright[proofs]" in result.output
    assert not (tmp_path / "into").exists()
    assert run("cases", MINIMAL).exit_code == 0


# --- where files go


def test_no_file_is_replaced_and_numbers_go_on(tmp_path: Path) -> None:
    into = tmp_path / "into"
    assert run("cases", MINIMAL, "--generate", "--into", into).exit_code == 0
    before = {path.name: path.read_text() for path in into.iterdir()}
    assert run("cases", MINIMAL, "--generate", "--into", into).exit_code == 0
    after = {path.name: path.read_text() for path in into.iterdir()}
    assert len(after) == 2 * len(before)
    assert {name: after[name] for name in before} == before
    assert any(name.startswith(f"g-{len(before) + 1:03}-") for name in after)


def test_a_file_that_came_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    into = tmp_path / "into"
    made = generate_command._generated

    def meanwhile(*arguments: object) -> Generated:
        into.mkdir()
        # A name that our numbers do not know, taken by somebody else.
        (into / "G-001.txt").write_text("theirs")
        result = made(*arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(generate_command, "_NUMBERED", re.compile("never"))
        for name, _ in case_files_of(result, load(MINIMAL).ready.plan):
            (into / name).write_text("theirs")
        return result

    monkeypatch.setattr(generate_command, "_generated", meanwhile)
    result = run("cases", MINIMAL, "--generate", "--into", into)
    assert result.exit_code == 2
    assert "nothing is replaced" in result.output
    assert {path.read_text() for path in into.iterdir()} == {"theirs"}


@pytest.mark.parametrize("where", ["the installation", "a file", "nowhere"])
def test_where_nothing_can_be_written_is_said_at_once(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate_command, "_generated", lambda *arguments: pytest.fail("it looked for patients"))
    (tmp_path / "file").write_text("mine")
    shipped = shipped_folder(CURB)
    assert shipped is not None
    into, told = {
        "the installation": (shipped / "cases", "belongs to the installation"),
        "a file": (tmp_path / "file", "is no folder"),
        "nowhere": (tmp_path / "no" / "where", "there is no folder"),
    }[where]
    result = run("cases", MINIMAL, "--generate", "--into", into)
    assert result.exit_code == 2
    assert told in result.output


def test_options_of_generating_need_it(tmp_path: Path) -> None:
    for arguments in (["--missing"], ["--into", tmp_path]):
        result = run("cases", MINIMAL, *arguments)
        assert result.exit_code == 2
        assert "go with --generate" in result.output


# --- only what is missing


def test_missing_writes_only_what_the_own_cases_do_not_reach(tmp_path: Path) -> None:
    target = copied(MINIMAL, tmp_path / "minimal")
    (target / "cases" / "large.yaml").write_text(
        "case: large\nwhy: A large one.\nas_of: 2024-03-01\nfacts: {lesion.size: 20 mm}\nexpect: {fired: [R1]}\n"
    )
    result = run("cases", target, "--generate", "--missing", "--into", tmp_path / "into", "--format", "json")
    assert result.exit_code == 0, result.output
    sought = [goal for patient in json.loads(result.output)["patients"] for goal in patient["for"]]
    assert {"kind": "fired", "id": "R1", "side": None} not in sought
    assert {"kind": "overridden", "id": "R1", "side": None} in sought
    # 20 mm is above the limit, but not at it.
    assert {"kind": "limit", "id": "lesion.size", "side": "at 10 mm"} in sought
    for path in (tmp_path / "into").iterdir():
        shutil.copy(path, target / "cases")
    assert run("test", target, "--cover", "100").exit_code == 0
    again = run("cases", target, "--generate", "--missing", "--into", tmp_path / "again")
    assert "the guideline's own cases reach everything" in " ".join(again.output.split())
    assert not (tmp_path / "again").exists()


def test_a_case_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    target = copied(MINIMAL, tmp_path / "minimal")
    (target / "cases" / "bad.yaml").write_text(
        "case: bad\nwhy: no\nas_of: 2024-03-01\nfacts: {}\nexpect: {fired: [X]}\n"
    )
    result = run("cases", target)
    assert result.exit_code == 2
    assert "GW806" in result.output


# --- the list


def test_the_list_says_why_each_is_a_case_and_what_it_alone_reaches(tmp_path: Path) -> None:
    target = copied(MINIMAL, tmp_path / "minimal")
    for id, facts in (
        ("large", "{lesion.size: 20 mm}"),
        ("small", "{lesion.size: 2 mm}"),
        ("tiny", "{lesion.size: 1 mm}"),
    ):
        (target / "cases" / f"{id}.yaml").write_text(
            f"case: {id}\nwhy: It is {id}.\nas_of: 2024-03-01\nfacts: {facts}\nexpect: {{}}\n"
        )
    text = run("cases", target).output
    assert "large (1 fact)\n  It is large.\n  alone reaches workup/size (Yes), small (" in text
    assert "small (1 fact)\n  It is small.\ntiny (1 fact)" in text
    assert "3 cases" in text
    said = json.loads(run("cases", target, "--format", "json").output)
    large, small, _ = said["cases"]
    assert {"kind": "fired", "id": "R1", "side": None} in large["alone"]
    assert small["alone"] == []
    assert small["file"] == "small.yaml"
    assert {"kind": "overridden", "id": "R1", "side": None} in said["coverage"]["missing"]


def test_a_guideline_without_cases_is_told_how_to_get_some(tmp_path: Path) -> None:
    result = run("cases", copied(MINIMAL, tmp_path / "minimal"))
    assert result.exit_code == 0
    assert "--generate" in result.output


# --- a part of a large guideline


def test_a_part_of_a_large_guideline_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = load(LMS).ready.plan
    every = generating.goals_of(plan)
    some = [goal for kind in ("fired", "overridden", "answer") for goal in every if goal.kind == kind][::40]
    speaking = {argument.id for argument in plan.program.arguments if argument.weight > 0}
    some += [goal for goal in every if goal.kind == "argument" and goal.id in speaking and goal.side == "true"][:2]
    limits = generating.stands_of
    monkeypatch.setattr(generating, "goals_of", lambda plan: some)
    monkeypatch.setattr(
        generating, "stands_of", lambda *known: (stand for stand in limits(*known) if stand.fact == "lesion.count")
    )
    assert plan.guideline.date is not None
    found = generated(plan, plan.guideline.date)
    assert found.undecided == found.impossible == ()
    met = frozenset[Goal]().union(*(reached(plan, patient.one.outcome) for patient in found.patients))
    assert {*some} <= met
    counts = {single(patient.one.outcome.facts["lesion.count"].values) for patient in found.patients}
    assert {0, 1, 2, 3, 4, 5, 6} <= counts
    for name, text in case_files_of(found, plan):
        (tmp_path / name).write_text(text)
        read = load_case(tmp_path / name, plan.guideline)
        assert read.case is not None, read.diagnostics
    arguments = [p for p in found.patients if any(getattr(a.purpose, "kind", "") == "argument" for a in p.aims)]
    assert any(expected_of(patient, plan).leading for patient in arguments)


# --- any guideline


@pytest.mark.parametrize("seed", range(EXAMPLES or 6))
def test_of_any_guideline_what_is_written_holds_and_what_is_impossible_is_reached_by_nobody(
    seed: int, tmp_path: Path
) -> None:
    data = guideline_data(Random(seed))
    guideline = loaded(data)
    plan = plan_of(guideline)
    found = generated(plan, PAST, milliseconds=3000)
    met: set[Goal] = set()
    for name, text in case_files_of(found, plan):
        (tmp_path / name).write_text(text)
        read = load_case(tmp_path / name, guideline)
        assert read.case is not None, (text, read.diagnostics)
        outcome = evaluate_naively(plan.program, read.case.patient)
        assert misses(read.case.expected, assess(plan, read.case.patient, outcome, "compiled")) == ()
        met |= reached(plan, outcome)
    unmet = {*goals_of(plan)} - met
    assert unmet <= {*found.impossible, *found.undecided}
    assert not met.intersection(found.impossible)
    random = Random(seed)
    for _ in range(20):
        outcome = evaluate_naively(plan.program, patient_of(record_data(data, random), guideline))
        assert not reached(plan, outcome).intersection(found.impossible)


# --- the text of a case


@pytest.mark.parametrize(
    ("why", "facts", "expected"),
    [
        ("Short.", {}, Expected()),
        ('It is "so": a # b, [c] {d} & more.', {"lesion.size": "20 mm"}, Expected(fired=("R1",))),
        ("- a list? " * 40, {"lesion.new": True, "lesion.count": 3}, Expected(must_not_fire=("R1",), open=("R2",))),
        ("Twice  spaced,\nover two lines. " * 9, {}, Expected(fired=("R1",))),
        ("yes", {"lesion.pattern": {"one_of": ["rim", "none"]}}, Expected(not_fired=("R1", "R2"), ask=("lesion.new",))),
    ],
)
def test_a_case_reads_back_as_it_was_written(
    why: str, facts: Mapping[str, object], expected: Expected, tmp_path: Path
) -> None:
    guideline = load(MINIMAL).ready.guideline
    path = tmp_path / "case.yaml"
    path.write_text(case_text("1-no", why, date(2024, 2, 29), facts, expected, ("for", "a: reader\nof it")))
    read = load_case(path, guideline)
    assert read.diagnostics == ()
    assert read.case is not None
    assert (read.case.id, read.case.why, read.case.expected) == ("1-no", " ".join(escaped(why).split()), expected)
    patient = patient_from(dict(facts), guideline, date(2024, 2, 29), date(2024, 2, 29)).patient
    assert patient is not None
    assert read.case.patient.as_of == date(2024, 2, 29)
    assert read.case.patient.records == patient.records


def test_long_lists_and_who_leads_read_back_too(tmp_path: Path) -> None:
    guideline = load(LMS).ready.guideline
    rules = tuple(guideline.rules)
    expected = Expected(fired=rules[:60], overridden=rules[60:62], leading={"origin": ("lms_metastasis",)})
    text = case_text("many", "Many.", date(2024, 1, 1), {}, expected)
    assert max(map(len, text.splitlines())) <= 120
    (tmp_path / "case.yaml").write_text(text)
    read = load_case(tmp_path / "case.yaml", guideline)
    assert read.case is not None, read.diagnostics
    assert read.case.expected == expected

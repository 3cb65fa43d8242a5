"""Mutations: what can slip, which slips a guideline's cases notice, and that what is said of the others is so."""

import importlib.util
import json
import os
import shutil
import sys
from collections import Counter
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from encoded_patients import every_value, is_true, values_of
from strategies import AS_OF, made_case

from guidewright import mutate_command
from guidewright.case_files import case_files, read_cases
from guidewright.cases_command import test as command
from guidewright.engine.cases import mutating
from guidewright.engine.cases.condition_mutations import changes_of
from guidewright.engine.cases.expectations import misses
from guidewright.engine.cases.leading import at_least, leads
from guidewright.engine.cases.mutating import failing, judged, suite_of
from guidewright.engine.cases.mutations import KINDS, mutations_of, sample
from guidewright.engine.checking.findings import findings
from guidewright.engine.comparing.differences import Effect, Shift, standing_of
from guidewright.engine.compiled import compile_program, evaluate_compiled
from guidewright.engine.lockstep import Ready, answer
from guidewright.engine.paths import path_through
from guidewright.engine.plan import plan_of
from guidewright.engine.program import program_of
from guidewright.engine.proofs.encoding import encoding_of
from guidewright.engine.proofs.propositions import Propositions, value_of
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.weighing import weigh
from guidewright.mutate_report import Mutated
from guidewright.rules.cases import load_case
from guidewright.rules.conditions import AllOf, Compare, Literal, Not, OneOf, Test
from guidewright.rules.load import load_guideline
from guidewright.rules.model import IntegerType
from guidewright.rules.patient import patient_from
from guidewright.rules.values import Span

ROOT = Path(__file__).parent.parent
MINIMAL = Path(__file__).parent / "minimal"
EXAMPLES = int(os.environ.get("GUIDEWRIGHT_EXAMPLES", "0"))
PLANTED = 100


def guideline_in(folder):
    guideline = load_guideline(folder).guideline
    assert guideline is not None
    return guideline


@pytest.fixture(scope="module")
def minimal():
    return guideline_in(MINIMAL)


@pytest.fixture(scope="module")
def curb():
    return guideline_in(ROOT / "guidelines" / "curb-65")


@pytest.fixture(scope="module")
def sarcoma():
    return guideline_in(ROOT / "guidelines" / "retroperitoneal-leiomyosarcoma")


@pytest.fixture(scope="module")
def sarcoma_mutations(sarcoma):
    return mutations_of(sarcoma)


def changed(tmp_path, *edits):
    """The minimal guideline with other texts in its files."""
    folder = Path(shutil.copytree(MINIMAL, tmp_path / "guideline"))
    for file, old, new in edits:
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


# --- what can slip


def test_the_slips_of_a_small_guideline_are_all_told(minimal):
    assert [(m.id, m.says) for m in mutations_of(minimal)] == [
        ("R1.when.comparison.1", "R1: `lesion.size: >= {small}` became `> {small}`"),
        ("R1.when.negated-test.1", "R1: `lesion.size: >= {small}` became its opposite"),
        ("R2.when.value.1", "R2: `lesion.new: false` became `true`"),
        ("workup/size.answer-1.comparison.1", "workup/size, answer 1: `lesion.size: >= {small}` became `> {small}`"),
        ("workup/size.answer-1.negated-test.1", "workup/size, answer 1: `lesion.size: >= {small}` became its opposite"),
        ("small.parameter.1", "small: `10 mm` became `11 mm`"),
        ("small.parameter.2", "small: `10 mm` became `9 mm`"),
        ("R1.act.1", "R1: `acts: needle` was left out"),
        ("R2.stop.1", "R2: `stops: biopsy` was left out"),
        ("workup/size.answers.1", "workup/size: the answers `Yes` and `No` led each where the other does"),
    ]


def test_each_slip_has_its_place(minimal):
    lines = {m.id: (Path(m.place.file).name, m.place.line) for m in mutations_of(minimal)}
    assert lines["R1.when.comparison.1"] == ("1-workup.yaml", 7)
    assert lines["small.parameter.1"] == ("guideline.yaml", 16)
    assert lines["R2.stop.1"] == ("1-workup.yaml", 12)


def test_the_changes_of_a_condition():
    kinds = {"n": IntegerType(Span(0, 9))}
    few = Test("n", Compare("<", Literal(3)))
    condition = AllOf((few, Not(Test("n", OneOf((Literal(0),))))))
    assert [(c.kind, c.says) for c in changes_of(condition, kinds)] == [
        ("any and all", "any one of `n: < 3, not: {n: 0}` became enough"),
        ("dropped test", "`n: < 3` was left out"),
        ("dropped test", "`not: {n: 0}` was left out"),
        ("comparison", "`n: < 3` became `<= 3`"),
        ("limit", "`n: < 3` became `< 4`"),
        ("limit", "`n: < 3` became `< 2`"),
        ("negated test", "`n: < 3` became its opposite"),
        ("negated test", "`not: {n: 0}` lost its `not`"),
        ("value", "`n: 0` became `1`"),
    ]


def test_a_limit_never_leaves_the_range():
    kinds = {"n": IntegerType(Span(0, 3))}
    limits = [c.says for c in changes_of(Test("n", Compare("<=", Literal(3))), kinds) if c.kind == "limit"]
    assert limits == ["`n: <= 3` became `<= 2`"]


def test_what_could_not_load_is_no_mutation(tmp_path):
    both = ("1-workup.yaml", "    acts: [needle]\n", "    acts: [needle]\n    despite: [R2]\n    overrides: [R2]\n")
    guideline = guideline_in(changed(tmp_path, both))
    touched = {m.id for m in mutations_of(guideline)}
    # Without `despite` R1 and R2 replace each other; without `acts` or `stops` there is nothing to do in spite of.
    assert "R1.override.1" in touched
    assert touched.isdisjoint({"R1.despite.1", "R1.act.1", "R2.stop.1"})


def test_what_is_otherwise_follows_from_the_other_answers(minimal):
    mutation = next(m for m in mutations_of(minimal) if m.id == "workup/size.answer-1.negated-test.1")
    program = program_of(mutation.guideline)
    read = patient_from({"lesion.size": "20 mm"}, mutation.guideline, AS_OF, AS_OF)
    way = path_through(mutation.guideline.stages[0], evaluate_naively(program, read.patient).answers)
    assert [taken.step.id for taken in way.steps] == ["start", "size", "done"]


def test_a_parameter_moves_in_every_condition_and_claim(curb):
    mutation = next(m for m in mutations_of(curb) if m.says == "admit_below: `92 %` became `93 %`")
    assert mutation.guideline.rules["P1"].when.check.literal.value == 93
    assert mutation.guideline.invariants["I1"].when.check.literal.value == 93
    assert mutation.guideline.parameters["admit_below"].written == "93 %"


def test_every_mutation_is_another_guideline_that_runs(curb, sarcoma, sarcoma_mutations):
    curb_mutations = mutations_of(curb)
    assert [m.id for m in mutations_of(curb)] == [m.id for m in curb_mutations]
    for guideline, every, number in ((curb, curb_mutations, 1000), (sarcoma, sarcoma_mutations, 30)):
        assert len({m.id for m in every}) == len(every)
        assert {m.kind for m in every} <= set(KINDS)
        ids = {*guideline.rules, *guideline.facts, *guideline.parameters}
        for mutation in sample(every, number):
            assert mutation.guideline != guideline
            assert mutation.about or mutation.says.startswith("the guideline")
            compile_program(program_of(mutation.guideline))
            assert ids >= {*mutation.guideline.rules, *mutation.guideline.facts}


@pytest.mark.parametrize("seed", range(6 + EXAMPLES))
def test_mutations_of_random_guidelines_run(seed):
    guideline = made_case(Random(seed)).guideline
    every = mutations_of(guideline)
    assert len({m.id for m in every}) == len(every)
    for mutation in every[::5]:
        assert mutation.guideline != guideline
        compile_program(program_of(mutation.guideline))


def test_a_sample_is_spread_and_always_the_same(sarcoma, sarcoma_mutations):
    every = sarcoma_mutations
    chosen = sample(every, 60)
    assert [m.id for m in sample(mutations_of(sarcoma), 60)] == [m.id for m in chosen]
    assert len(chosen) == 60
    assert {m.kind for m in chosen} == {m.kind for m in every}
    for kind in ("dropped test", "act", "stop"):
        # Nothing comes twice before everything has come once.
        many = Counter(m.about for m in sample(every, 400) if m.kind == kind)
        assert max(many.values()) == 1 or many.keys() == {m.about for m in every if m.kind == kind}
    position = {m.id: i for i, m in enumerate(every)}
    assert [position[m.id] for m in chosen] == sorted(position[m.id] for m in chosen)
    assert sample(every, len(every) + 1) == every


# --- a hundred planted faults


@pytest.fixture(scope="module")
def planted(curb):
    # The cases that mutations were shown to lack are left out, so that some mutations go unnoticed.
    files = [path for path in case_files(ROOT / "guidelines" / "curb-65") if not path.name.startswith("slip-")]
    suite = suite_of(plan_of(curb), [read.case for _, read in read_cases(files, curb)], curb.date)
    assert failing(suite) == ()
    return suite, [judged(mutation, suite) for mutation in sample(mutations_of(curb), PLANTED)]


def test_every_planted_fault_is_found_or_harmless(planted):
    _, found = planted
    assert len(found) == PLANTED
    assert Counter(one.verdict for one in found)["undecided"] == 0
    # The cases of a guideline that ships notice most of what a case can notice.
    verdicts = Counter(one.verdict for one in found)
    assert verdicts["noticed"] > 10 * verdicts["unnoticed"]


def test_the_case_that_notices_fails_on_the_mutation(planted):
    suite, found = planted
    cases = {case.id: case for case in suite.cases}
    noticed = [one for one in found if one.verdict == "noticed"]
    assert noticed
    for one in noticed:
        case = cases[one.by]
        outcome = evaluate_naively(program_of(one.mutation.guideline), case.patient)
        expected = [*case.expected.fired, *case.expected.not_fired, *case.expected.overridden, *case.expected.open]
        gone = [id for id in expected if id not in outcome.rules]
        assert gone or misses(case.expected, answer(Ready(one.mutation.guideline), case.patient, "reference"))


def test_a_made_up_case_holds_and_fails_on_the_mutation(planted):
    suite, found = planted
    unnoticed = [one for one in found if one.verdict == "unnoticed"]
    assert unnoticed
    for one in unnoticed:
        for guideline, missed in ((suite.plan.guideline, False), (one.mutation.guideline, True)):
            patient = patient_from(one.case.facts, guideline, suite.as_of, suite.as_of).patient
            assert bool(misses(one.case.expected, answer(Ready(guideline), patient, "reference"))) == missed


def test_what_is_beyond_cases_still_changes_for_its_patient(planted):
    suite, found = planted
    beyond = [one for one in found if one.verdict == "beyond"]
    assert beyond
    for one in beyond:
        assert_changes(one.changed, suite.plan.guideline, one.mutation, suite.as_of)


def assert_changes(change, guideline, mutation, as_of):
    programs = program_of(guideline), program_of(mutation.guideline)
    patients = [patient_from(change.patient.facts, p.guideline, as_of, as_of).patient for p in programs]
    outcomes = [evaluate_naively(p, patient) for p, patient in zip(programs, patients, strict=True)]
    if change.what == "fact":
        assert outcomes[0].facts[change.id].values != outcomes[1].facts[change.id].values
        return
    ends = tuple(standing_of(change.what, change.id, o, p) for o, p in zip(outcomes, programs, strict=True))
    assert ends == change.ends
    assert ends[0] != ends[1] or (change.what, change.id) in mutation.tells


def test_what_is_harmless_is_the_same_for_every_patient_of_the_cases(planted):
    suite, found = planted
    harmless = [one for one in found if one.verdict == "harmless"]
    assert harmless
    for one in harmless:
        program = program_of(one.mutation.guideline)
        for case in suite.cases:
            before, after = evaluate_naively(suite.plan.program, case.patient), evaluate_naively(program, case.patient)
            assert (before.rules, before.arguments) == (after.rules, after.arguments)
            assert {id: k.values for id, k in before.facts.items()} == {id: k.values for id, k in after.facts.items()}


def test_check_finds_what_contradicts_the_guideline_itself(curb):
    every = {m.id: m for m in mutations_of(curb)}
    known = {(f.code, f.about) for f in findings(program_of(curb), curb.date).found}

    def codes(id):
        found = findings(program_of(every[id].guideline), curb.date).found
        return {f.code for f in found if (f.code, f.about) not in known}

    assert "GW420" in codes("P1.stop.1")  # an invariant fails
    assert "GW425" in codes("place/crb.answers.1")  # rules are drawn where they never fire
    assert "GW426" in codes("P12.when.dropped-test.1")  # a rule fires where its page is not passed


@pytest.mark.parametrize("seed", range(3 + EXAMPLES))
def test_verdicts_on_random_guidelines_are_so(seed):
    random = Random(seed)
    made = made_case(random, patients=12)
    guideline = made.guideline
    suite = suite_of(plan_of(guideline), [], AS_OF, 2_000)
    patients = made.patients()
    for mutation in sample(mutations_of(guideline), 12):
        one = judged(mutation, suite)
        program = program_of(mutation.guideline)
        if one.verdict == "harmless":
            for patient in patients:
                before, after = evaluate_naively(suite.plan.program, patient), evaluate_naively(program, patient)
                gone = {id: "not_fired" for id in before.rules if id not in after.rules}
                after = replace(after, rules={**gone, **after.rules})
                assert shown(before, guideline) == shown(after, mutation.guideline), mutation.says
        elif one.changed is not None and one.verdict == "beyond":
            assert_changes(one.changed, guideline, mutation, AS_OF)
        elif one.case is not None:
            patient = one.case.patient
            assert not misses(one.case.expected, answer(Ready(guideline), patient, "reference"))


def shown(outcome, guideline):
    """All that an answer says of rules, arguments, ways and facts."""
    ways = [path_through(stage, outcome.answers) for stage in guideline.stages if outcome.applies is not False]
    steps = [[taken.step.id for taken in way.steps] for way in ways if way is not None]
    arguments = outcome.arguments if outcome.applies is not False else {}
    return outcome.rules, arguments, steps, {id: known.values for id, known in outcome.facts.items()}


# --- who leads


@pytest.mark.parametrize("weights", [(1, 2, -3), (2, 2, 2, -1), (-1, -2), (5,), ()])
def test_at_least_is_what_the_sum_says(weights):
    nodes = Propositions()
    variables = [nodes.variable(str(i)) for i in range(len(weights))]
    for limit in range(-6, 9):
        found = at_least(limit, list(zip(weights, variables, strict=True)), nodes)
        for values in product((False, True), repeat=len(weights)):
            total = sum(weight for weight, holds in zip(weights, values, strict=True) if holds)
            assert value_of(found, nodes, dict(zip(variables, values, strict=True))) == (total >= limit)


def test_who_leads_is_whom_the_weighing_says(sarcoma):
    program = program_of(sarcoma)
    compiled = compile_program(program)
    cases = [read.case for _, read in read_cases(case_files(ROOT / "guidelines" / sarcoma.id), sarcoma)]
    seen = set()
    for as_of in {case.patient.as_of for case in cases}:
        encoding = encoding_of(program, as_of)
        (weighing,) = sarcoma.weighings.values()
        wanted = {c.id: leads(c, weighing, encoding) for c in weighing.candidates}
        for case in cases:
            if case.patient.as_of != as_of:
                continue
            outcome = evaluate_compiled(compiled, case.patient)
            if outcome.applies is False:
                continue
            values = every_value(encoding.nodes, values_of(encoding, case.patient, outcome, False))
            leading = {id for id, proposition in wanted.items() if is_true(proposition, values)}
            assert leading == set(weigh(weighing, outcome.arguments).leading), case.id
            seen |= leading
    assert len(seen) > 3


def test_a_weight_is_noticed_by_who_leads(sarcoma, sarcoma_mutations):
    suite = suite_of(plan_of(sarcoma), [], sarcoma.date)
    mutation = next(m for m in sarcoma_mutations if m.id == "G05.weight.1")
    one = judged(mutation, suite)
    assert one.verdict == "unnoticed"
    assert set(one.case.expected.leading) == {"origin"}
    patient = one.case.patient
    assert not misses(one.case.expected, answer(Ready(sarcoma), patient, "reference"))
    assert misses(one.case.expected, answer(Ready(mutation.guideline), patient, "reference"))


def test_a_value_that_no_rule_asks_for_is_seen_too(sarcoma, sarcoma_mutations):
    suite = suite_of(plan_of(sarcoma), [], sarcoma.date)
    every = {m.id: m for m in sarcoma_mutations}
    shown_only = judged(every["primary.ajcc8_stage.row-4.comparison.1"], suite)
    assert (shown_only.verdict, shown_only.changed.id) == ("beyond", "primary.ajcc8_stage")
    assert_changes(shown_only.changed, sarcoma, shown_only.mutation, sarcoma.date)
    assert judged(every["primary.ajcc8_stage.row-4.order-of-rows.1"], suite).verdict == "harmless"


SHOWN = """  lesion.comment:
    label: Radiologist's comment
    type: text
  lesion.risk:
    label: Risk
    type: quantity
    unit: "%"
    range: [0, 100]
    table:
      - {when: {lesion.count: 1}, value: 10 %}
      - {when: {lesion.count: "> 1"}, value: 20 %}
  lesion.twice:
    label: Twice the risk
    type: quantity
    unit: "%"
    range: [0, 200]
    formula: lesion.risk * 2
  lesion.points:
    label: Points
    type: integer
    range: [0, 5]
    score:
      - {when: {lesion.new: true}, points: 1}
      - {when: {lesion.count: "> 3"}, points: 1}
"""


def test_numbers_that_are_only_shown_are_told_apart(tmp_path):
    guideline = guideline_in(changed(tmp_path, ("facts.yaml", SHOWN[: SHOWN.index("  lesion.risk")], SHOWN)))
    suite = suite_of(plan_of(guideline), [], AS_OF)
    found = {m.id: judged(m, suite) for m in mutations_of(guideline) if m.about[0].startswith("lesion.")}
    # The rows exclude each other.
    assert found.pop("lesion.risk.row-1.order-of-rows.1").verdict == "harmless"
    assert len(found) > 12
    for one in found.values():
        assert (one.verdict, one.changed.what, one.changed.id) == ("beyond", "fact", one.mutation.about[0])
        assert_changes(one.changed, guideline, one.mutation, AS_OF)


def test_what_could_not_be_decided_is_not_called_harmless(curb, monkeypatch):
    mutation = next(m for m in mutations_of(curb) if m.kind == "order of rows")
    suite = suite_of(plan_of(curb), [], curb.date)
    assert judged(mutation, suite).verdict == "harmless"
    undecided = Effect("rule", "P1", (Shift("fired", "open", None),))
    monkeypatch.setattr(mutating, "effect_of", lambda what, id, *_: undecided if id == "P1" else Effect(what, id, ()))
    assert judged(mutation, suite).verdict == "undecided"


@pytest.mark.parametrize("what", ["R1", "R2", "workup/size"])
def test_what_changes_beyond_cases_is_undecided_where_a_rule_is(what, minimal, monkeypatch):
    mutation = next(m for m in mutations_of(minimal) if m.kind == "answers")
    suite = suite_of(plan_of(minimal), [], AS_OF)
    assert judged(mutation, suite).verdict == "beyond"
    real = mutating.effect_of
    open_ = Effect("rule", what, (Shift("fired", "open", None),))
    monkeypatch.setattr(mutating, "effect_of", lambda kind, id, *more: open_ if id == what else real(kind, id, *more))
    one = judged(mutation, suite)
    assert one.verdict == ("undecided" if what in minimal.rules else "beyond")
    assert Mutated(minimal, 0, [one], 1, AS_OF).is_sound is (what not in minimal.rules)


def test_every_rule_is_looked_at_however_many_boxes_change(minimal, monkeypatch):
    """A case tells of a rule, also where more boxes that were touched end otherwise than are looked at of others."""
    every = mutations_of(minimal)
    limit = next(m for m in every if m.id == "R1.when.comparison.1")
    answers = next(m for m in every if m.kind == "answers")
    both = replace(limit.guideline, stages=answers.guideline.stages)
    monkeypatch.setattr(mutating, "_MOST_BEYOND", 1)
    mutation = replace(answers, guideline=both, about=("workup/biopsy",))
    assert judged(mutation, suite_of(plan_of(minimal), [], AS_OF)).verdict == "unnoticed"


# --- the command


CASE = """case: large
why: A large new lesion is sampled.
as_of: 2024-03-01
facts: {lesion.size: 20 mm, lesion.new: true}
expect: {fired: [R1], not_fired: [R2]}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", "")
    copy = changed(tmp_path)
    for case in (copy / "cases").glob("*"):
        case.unlink()
    (copy / "cases" / "large.yaml").write_text(CASE)
    return copy


def run(folder, *arguments):
    return CliRunner().invoke(command, [str(folder), "--mutate", *map(str, arguments)])


def test_what_no_case_notices_is_told_with_a_patient(folder):
    result = run(folder)
    assert result.exit_code == 1
    shown = " ".join(result.output.split())
    assert "1 case was held against 10 of 10 small changes." in shown
    assert "R1: `lesion.size: >= {small}` became `> {small}`" in shown
    assert 'Patient: lesion.size: "10 mm" Expect: fired: [R1]' in shown
    assert "R1: `lesion.size: >= {small}` became its opposite" not in shown
    assert "workup/biopsy: on the way → not on the way" in shown
    assert "something changes, but no case was found that could expect it" in shown
    assert "cannot expect" not in shown
    assert "Decision support for review by a clinician" in shown


def test_the_written_cases_hold_and_notice(folder):
    (folder / "cases" / "mine").mkdir()
    result = run(folder, "--write", folder / "cases")
    assert result.exit_code == 1
    written = sorted(path for path in (folder / "cases").glob("mutation-*.yaml"))
    assert written
    for path in written:
        assert load_case(path, guideline_in(folder)).case is not None
    assert CliRunner().invoke(command, [str(folder)]).exit_code == 0
    again = run(folder, "--format", "json")
    assert again.exit_code == 0
    counts = json.loads(again.output)["counts"]
    assert (counts["unnoticed"], counts["undecided"], counts["noticed"]) == (0, 0, 7)


def test_json_holds_every_mutation_that_was_tried(folder):
    told = json.loads(run(folder, "--format", "json", "--sample", 4).output)
    assert (told["schema"], told["mutations"], told["tried"]) == ("guidewright/mutations/1", 10, 4)
    assert len(told["results"]) == 4 == sum(told["counts"].values())
    every = json.loads(run(folder, "--format", "json", "--sample", "all").output)
    by_id = {one["id"]: one for one in every["results"]}
    assert len(by_id) == 10
    assert by_id["R2.when.value.1"]["verdict"] == "noticed"
    assert by_id["R2.when.value.1"]["noticed_by"] == "large"
    limit = by_id["R1.when.comparison.1"]
    assert limit["place"]["line"] == 7
    assert limit["case"]["facts"] == {"lesion.size": "10 mm"}
    assert limit["case"]["expect"] == {"fired": ["R1"]}
    assert by_id["workup/size.answers.1"]["verdict"] == "beyond"
    assert by_id["workup/size.answers.1"]["changes"]["what"] == "box"


def test_the_text_says_how_many_were_left_out(folder):
    assert "4 of 10 small changes; 6 were left out" in " ".join(run(folder, "--sample", 4).output.split())


def test_a_case_that_fails_already_tells_nothing(folder):
    (folder / "cases" / "wrong.yaml").write_text(CASE.replace("large", "wrong", 1).replace("20 mm", "2 mm"))
    result = run(folder)
    assert result.exit_code == 1
    assert "the guideline fails as it is: wrong" in result.stderr
    assert result.stdout == ""


def test_a_file_of_another_origin_is_not_replaced(folder, tmp_path):
    there = tmp_path / "new"
    there.mkdir()
    (there / "mutation-R1.when.comparison.1.yaml").write_text("mine")
    result = run(folder, "--write", there)
    assert result.exit_code == 2
    assert "is not one of ours" in result.stderr
    assert [path.read_text() for path in there.iterdir()] == ["mine"]
    (there / "mutation-R1.when.comparison.1.yaml").unlink()
    # A link is not ours, wherever it leads.
    elsewhere = tmp_path / "elsewhere.yaml"
    (there / "mutation-R1.when.comparison.1.yaml").symlink_to(elsewhere)
    for text in (None, "# made by guidewright test --mutate"):
        if text is not None:
            elsewhere.write_text(text)
        assert run(folder, "--write", there).exit_code == 2
        assert (elsewhere.read_text() if elsewhere.exists() else None) == text
    (there / "mutation-R1.when.comparison.1.yaml").unlink()
    assert run(folder, "--write", there).exit_code == run(folder, "--write", there).exit_code == 1


@pytest.mark.parametrize("where", ["the installation", "a file", "nowhere"])
def test_where_nothing_can_be_written_is_said_before_anything_is_tried(where, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(mutate_command, "_mutated", lambda *arguments: pytest.fail("it tried mutations"))
    (tmp_path / "file").write_text("mine")
    into, told = {
        "the installation": (ROOT / "guidelines" / "curb-65" / "cases", "belongs to the installation"),
        "a file": (tmp_path / "file", "is no folder"),
        "nowhere": (tmp_path / "no" / "where", "there is no folder"),
    }[where]
    result = run(folder, "--write", into)
    assert result.exit_code == 2
    assert told in result.stderr
    assert where == "nowhere" or "with --write" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mutate", "--watch"], "--mutate goes with neither"),
        (["--mutate", "--case", "large"], "--mutate goes with neither"),
        (["--mutate", "--format", "junit"], "--mutate goes with neither"),
        (["--mutate", "--sample", "0"], "neither a number above zero nor `all`"),
        (["--mutate", "--sample", "some"], "neither a number above zero nor `all`"),
        (["--sample", "5"], "go with --mutate"),
        (["--write", "x"], "go with --mutate"),
    ],
)
def test_wrong_usage_ends_with_2(folder, arguments, said):
    result = CliRunner().invoke(command, [str(folder), *arguments])
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_without_a_case_or_with_an_unreadable_one_nothing_is_tried(folder):
    (folder / "cases" / "large.yaml").write_text(CASE.replace("R1", "R9"))
    assert run(folder).exit_code == 2
    (folder / "cases" / "large.yaml").unlink()
    result = run(folder)
    assert result.exit_code == 2
    assert "there is no case" in result.stderr


def test_without_the_prover_nothing_is_claimed(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "z3", None)
    result = run(folder)
    assert result.exit_code == 2
    assert "guidewright[proofs]" in result.stderr


def test_texts_of_authors_are_made_harmless(tmp_path, folder):
    stage = folder / "1-workup.yaml"
    stage.write_text(stage.read_text().replace('answer: "No"', 'answer: "N\\u202eo"'))
    for format_ in ("text", "json"):
        assert "\u202e" not in run(folder, "--format", format_).output


# --- the hundred planted faults of the documentation


def test_the_documentation_counts_what_was_found():
    spec = importlib.util.spec_from_file_location("planted_faults", ROOT / "docs" / "planted_faults.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["planted_faults"] = module
    spec.loader.exec_module(module)
    assert sum(module.PLANTED.values()) >= 100
    guideline, found = module.planted_in("curb-65", 2)
    page = module.page([(guideline, found)])
    assert f"| **all** | 2 | {sum(one.case is not None for one in found)} |" in page
    quiet = replace(found[0], case=None, warnings=(), notes=(), compared="undecided")
    assert quiet.by_nobody
    assert not replace(quiet, compared="harmless").by_nobody
    assert "Found by nobody: 1." in module.page([(guideline, [quiet])])
    made = (ROOT / "docs" / "planted-faults.md").read_text(encoding="utf-8")
    assert made.startswith(module._INTRODUCTION)
    assert f"Of {sum(module.PLANTED.values())} faults " in made
    assert "Found by nobody: 0." in made

"""Conditions: what is read is written back the same, a negation turns every answer round, and English says it all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from strategies import Case, cases, guideline_data, loaded, patient_of, tried

from guidewright.engine.checks import truth_of
from guidewright.engine.plan import plan_of
from guidewright.engine.program import conditions_of, program_of
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.three_valued import negation
from guidewright.rules.condition_text import Vocabulary, read_condition, values_of, write_condition
from guidewright.rules.conditions import ALWAYS, AllOf, AnyOf, Condition, Not, Test, facts_of, negated
from guidewright.rules.conditions import tests_of as each_test  # pytest would take `tests_of` for a test
from guidewright.rules.diagnostics import Diagnostic
from guidewright.rules.english import condition_in_words
from guidewright.rules.model import Guideline
from guidewright.rules.reading import from_python, read_yaml


def vocabulary_of(guideline: Guideline) -> Vocabulary:
    written = {id: parameter.written for id, parameter in guideline.parameters.items()}
    return Vocabulary(dict(program_of(guideline).kinds), written)


def read(data: object, vocabulary: Vocabulary) -> Condition:
    node, found = from_python(data)
    assert node is not None
    assert not found
    problems: list[Diagnostic] = []
    condition = read_condition(node, vocabulary, problems, may_be_empty=True)
    assert condition is not None, [d.message for d in problems]
    return condition


@tried(8)
@given(cases())
def test_what_is_written_is_read_as_the_same(case: Case) -> None:
    vocabulary = vocabulary_of(case.guideline)
    for condition in conditions_of(program_of(case.guideline)):
        if condition in (ALWAYS, Not(ALWAYS)) or ALWAYS in getattr(condition, "parts", ()):
            continue
        assert read(write_condition(condition, vocabulary.facts), vocabulary) == condition


@tried(5)
@given(cases())
def test_a_negation_turns_every_truth_round(case: Case) -> None:
    plan = plan_of(case.guideline)
    for patient in case.patients():
        known = evaluate_naively(plan.program, patient).facts
        for condition in conditions_of(plan.program):
            truth = truth_of(condition, known.__getitem__, plan.program.kinds.__getitem__)
            other = truth_of(negated(condition), known.__getitem__, plan.program.kinds.__getitem__)
            assert other is negation(truth)


@tried(5)
@given(cases())
def test_english_names_every_fact_and_value(case: Case) -> None:
    plan = plan_of(case.guideline)
    for condition in conditions_of(plan.program):
        words = condition_in_words(condition, plan.named)
        assert words == words.strip() != ""
        assert words.count("(") == words.count(")")
        for fact in facts_of(condition):
            assert plan.named[fact].label[1:] in words


FACTS = {
    "a": {"label": "Alpha", "type": "integer"},
    "b": {"label": "Beta", "type": "boolean"},
    "c": {
        "label": "CT shows it",
        "type": "choice",
        "ordered": True,
        "values": {"x": "First", "y": "Second", "v": {"label": "Vague", "may_be": ["x", "y"]}},
    },
    "q": {"label": "Size of it", "type": "quantity", "unit": "mm"},
    "d": {"label": "Day", "type": "date"},
    "s": {"label": "Segments", "type": "choices", "values": {"1": "One", "2": "Two"}},
    "i": {"label": "Ratio", "type": "quantity", "unit": "1"},
    "u": {"label": "Marker", "type": "quantity", "unit": "[arb'U]/mL"},
    "m": {"label": "Time", "type": "quantity", "unit": "mo"},
}
GUIDELINE = {
    "guideline.yaml": {
        "id": "g",
        "title": "T",
        "version": "0.1.0",
        "status": "s",
        "language": "en",
        "stages": ["s"],
        "parameters": {"limit": {"value": "10 mm", "label": "L", "expert": True}},
    },
    "facts.yaml": {"facts": FACTS},
    "1-s.yaml": {
        "stage": "s",
        "title": "S",
        "beside": ["R"],
        "rules": [{"id": "R", "do": "x", "when": {"q": "> {limit}"}, "expert": True}],
    },
}


@pytest.fixture(scope="module")
def guideline() -> Guideline:
    return loaded(GUIDELINE)


@pytest.mark.parametrize(
    "data",
    [
        {"a": 1, "b": True},
        {"all": [{"a": ">= 1", "b": True}, {"a": "<= 5"}]},
        {"all": [{"a": ">= 1", "b": True}, {"c": "x"}]},
        {"all": [{"a": 1}]},
        {"all": [{"all": [{"a": 1}, {"b": True}]}, {"c": "x"}], "b": False},
        {"any": [{"a": 1}, {"all": [{"a": 2}, {"a": 3}]}], "not": {"not": {"b": True}}},
        {"all": [{"any": [{"a": 1}]}, {"any": [{"a": 2}, {"b": False}]}]},
        {"c": "v"},
        {"c": ">= x"},
        {"c": "!= y"},
        {"c": ["x", "y"]},
        {"q": "> {limit}"},
        {"q": "{limit}"},
        {"q": "[{limit}..2 cm)"},
        {"q": "(1 mm..2.5 mm]"},
        {"i": "[0..1.5]"},
        {"i": "(0.5..2)"},
        {"i": 2},
        {"i": "0.5"},
        {"i": "[0.5..1.25]"},
        {"m": "[3..4.5] mo"},
        {"m": "[3..4.5 mo)"},
        {"u": "[0..35] [arb'U]/mL"},
        {"u": "[0 [arb'U]/mL..35 [arb'U]/mL)"},
        {"u": "(0..35 [arb'U]/mL]"},
        {"d": ">= 2020-02-29"},
        {"d": "[2020-01-01..2020-12-31]"},
        {"d": "2020-02-29"},
        {"s": "1"},
        {"s": ["1", "2"]},
        {"s": "none"},
        {"b": "unknown"},
        {"b": "!= true"},
        {"a": [1, 2, -3]},
    ],
    ids=str,
)
def test_written_and_read(data: Any, guideline: Guideline) -> None:
    vocabulary = vocabulary_of(guideline)
    condition = read(data, vocabulary)
    assert read(write_condition(condition, vocabulary.facts), vocabulary) == condition


def test_an_interval_keeps_the_decimals_of_its_upper_end(guideline: Guideline) -> None:
    condition = read({"i": "[0..1.5]"}, vocabulary_of(guideline))
    assert isinstance(condition, Test)
    assert [str(value) for value in values_of(condition.check)] == ["0", "3/2"]
    shared = read({"m": "[3..4.5] mo"}, vocabulary_of(guideline))
    assert isinstance(shared, Test)
    assert [str(value) for value in values_of(shared.check)] == ["3", "9/2"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"a": ">= 1", "b": True}, "alpha at least 1 and beta: yes"),
        (
            {"any": [{"a": 1, "b": True}, {"c": ["x", "y"]}]},
            "(alpha: 1 and beta: yes) or (CT shows it: First or Second)",
        ),
        ({"not": {"b": True}}, "beta: not yes"),
        ({"not": {"any": [{"a": 1}, {"b": True}]}}, "not (alpha: 1 or beta: yes)"),
        ({"c": "v"}, "CT shows it recorded as “Vague”"),
        ({"d": "< 2020-02-29"}, "day before 2020-02-29"),
        ({"s": ["1", "2"]}, "segments include One or Two"),
        ({"m": "(3 mo..6 mo]"}, "time above 3 months, at most 6 months"),
        ({"b": "uncertain"}, "beta recorded, but uncertain"),
        ({"q": "none"}, "size of it not applicable"),
        ({"q": "!= {limit}"}, "size of it other than 10 mm"),
        ({}, "always"),
    ],
    ids=str,
)
def test_english(data: Any, words: str, guideline: Guideline) -> None:
    assert condition_in_words(read(data, vocabulary_of(guideline)), guideline.facts) == words


def test_de_morgan() -> None:
    a, b = (Test(name, next(iter(()), None)) for name in "ab")  # type: ignore[arg-type]
    assert negated(AllOf((a, b))) == AnyOf((Not(a), Not(b)))
    assert negated(AnyOf((a, Not(b)))) == AllOf((Not(a), b))
    assert [test.fact for test in each_test(AllOf((a, AnyOf((Not(b), a)))))] == ["a", "b", "a"]
    assert facts_of(AllOf((a, AnyOf((Not(b), a))))) == ("a", "b")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("a: '>= 1 mm'", "GW903"),
        ("q: 5", "GW905"),
        ("q: '>= 5 g'", "GW907"),
        ("b: 'yes'", "GW902"),
        ("c: z", "GW901"),
        ("c: [x, v]", "GW307"),
        ("c: '< v'", "GW307"),
        ("s: '!= 1'", "GW306"),
        ("b: '< true'", "GW306"),
        ("z: 1", "GW201"),
        ("a: [1, unknown]", "GW307"),
        ("a: [1, 1]", "GW308"),
        ("q: '[2 mm..1 mm]'", "GW910"),
        ("a: ['> 1', 2]", "GW303"),
        ("q: '> {none-such}'", "GW912"),
        ("any: {a: 1}", "GW302"),
        ("any: []", "GW302"),
        ("a: '(2..2]'", "GW910"),
        ("d: 2020-02-30", "GW908"),
    ],
)
def test_what_is_wrong_is_said(written: str, code: str, guideline: Guideline) -> None:
    node, found = read_yaml(written, "f")
    assert node is not None
    assert not found
    problems: list[Diagnostic] = []
    assert read_condition(node, vocabulary_of(guideline), problems) is None
    assert [d.code for d in problems] == [code]


def test_random_guidelines_are_not_trivial() -> None:
    """The strategies reach what they are there to reach."""
    from random import Random

    seen: set[str] = set()
    for seed in range(30):
        guideline = loaded(guideline_data(Random(seed)))
        for condition in conditions_of(program_of(guideline)):
            seen |= {type(test.check).__name__ for test in each_test(condition)}
            seen |= {name for name in ("AllOf", "AnyOf", "Not", "Test") if f"{name}(" in repr(condition)}
        seen |= {type(fact.derivation).__name__ for fact in guideline.facts.values()}
        for rule in guideline.rules.values():
            seen |= {
                name for name in ("acts", "stops", "despite", "overrides", "unless", "timing") if getattr(rule, name)
            }
        seen |= {"weigh" for _ in guideline.weighings} | {
            step.kind for stage in guideline.stages for step in stage.steps
        }
        seen |= {"confirmed" for c in conditions_of(program_of(guideline)) for f in facts_of(c) if f == "w.confirmed"}
        record = {id: "unknown" for id, fact in guideline.facts.items() if type(fact.type).__name__ != "TextType"}
        patient_of(record, guideline)
    wanted = (
        "OneOf Compare Within IsNone Record SaidAs AllOf AnyOf Not Test Formula Holds Table Score NoneType acts stops "
    )
    wanted += "despite overrides unless timing weigh box decision end link confirmed"
    assert set(wanted.split()) <= seen

"""Rules beside each other, limits where they meet, and parts of conditions: what is found is so, and only that."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from planting import CURB, DAY, FACTS, GUIDELINE, MINIMAL, decide_nothing, found_in, planted
from strategies import AS_OF, EXAMPLES, made_case, patient_of

from guidewright.engine.cases.spots import spots_of
from guidewright.engine.checking import claims
from guidewright.engine.checking import rule_relations as rule_relations_module
from guidewright.engine.checking.claims import Fault, Proofs
from guidewright.engine.checking.findings import Finding
from guidewright.engine.checking.redundant_parts import idle_parts, stated_conditions
from guidewright.engine.checking.rule_relations import rule_relations
from guidewright.engine.outcome import Outcome
from guidewright.engine.program import program_of
from guidewright.engine.proofs.witness import prover_of
from guidewright.engine.reference import evaluate_naively
from guidewright.rules.load import load_guideline

WORKUP = "1-workup.yaml"
NEW = {"GW429", "GW430", "GW431", "GW432", "GW435"}
WEIGH = """
weigh:
  origin:
    question: Where does the lesion come from?
    candidates:
      here:
        label: From here
        arguments:
          - {{id: G1, says: One, {}, because: [trial.S1]}}
          - {{id: G2, says: Two, {}, because: [trial.S1]}}
      there:
        label: From there
        arguments:
          - {{id: G3, says: Three, supports: 1, when: {{lesion.new: false}}, because: [trial.S1]}}
"""


def found(tmp_path: Path, *changes: tuple[str, str, str], folder: Path = MINIMAL) -> list[Finding]:
    """The findings of these kinds in a guideline with changes."""
    every = found_in(planted(tmp_path, folder, *changes), notes=True).found
    return [one for one in every if {one.code, one.of} & NEW]


def with_rules(*rules: str) -> tuple[tuple[str, str, str], ...]:
    """The small guideline with more rules, R3 and so on."""
    ids = [f"R{n}" for n in range(3, 3 + len(rules))]
    text = "".join(f"  - {{id: {id}, expert: true, {rule}}}\n" for id, rule in zip(ids, rules, strict=True))
    return (WORKUP, "\npathway:", f"{text}\npathway:"), (WORKUP, "beside: [R2]", f"beside: [R2, {', '.join(ids)}]")


def told(findings: list[Finding]) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.code, one.about) for one in findings]


# Rules beside each other


def test_two_rules_that_say_the_same_are_a_warning(tmp_path: Path) -> None:
    same = 'consider: A core biopsy, when: {lesion.size: ">= 1 cm"}, acts: [biopsy]'
    (one,) = found(tmp_path, *with_rules(same))
    assert (one.code, one.severity, one.about) == ("GW429", "warning", ("R1", "R3"))
    assert [text for text, _ in one.places] == ["the rule `R1`", "the rule `R3`"]
    assert "both act on `needle`" in one.message
    assert one.witness is not None
    assert [one.witness.outcome.rules[rule] for rule in one.about] == ["fired", "fired"]


@pytest.mark.parametrize(("words", "severity"), [("Write it down", "note"), ("See this", "warning")])
def test_other_words_for_the_same_patients_are_a_note(words: str, severity: str, tmp_path: Path) -> None:
    rules = [f'flag: {says}, when: {{lesion.size: ">= 20 mm"}}' for says in ("See this", words)]
    (one,) = found(tmp_path, *with_rules(*rules))
    assert (one.code, one.severity, one.about) == ("GW429", severity, ("R3", "R4"))


@pytest.mark.parametrize(
    ("rule", "narrow"),
    [
        # Alike for complete records, and for no others.
        ('consider: A core biopsy, when: {lesion.size: ">= 10 mm", lesion.new: known}, acts: [biopsy]', "R3"),
        ('consider: A core biopsy, when: {}, unless: {lesion.size: "< 10 mm"}, acts: [biopsy]', "R1"),
        ('consider: A core biopsy, when: {lesion.size: ">= 20 mm"}, acts: [biopsy]', "R3"),
    ],
)
def test_a_rule_that_fires_wherever_another_does(rule: str, narrow: str, tmp_path: Path) -> None:
    (one,) = found(tmp_path, *with_rules(rule))
    wide = "R1" if narrow == "R3" else "R3"
    assert (one.code, one.severity, one.about) == ("GW430", "note", (narrow, wide))
    assert one.witness is not None
    assert one.witness.outcome.rules[wide] == "fired"
    assert one.witness.outcome.rules[narrow] != "fired"


@pytest.mark.parametrize(
    "rule",
    [
        'do: Write it down, when: {lesion.size: ">= 20 mm"}',  # nothing in common
        'consider: A core biopsy, when: {lesion.size: "< 20 mm"}, acts: [biopsy]',
        # Where one fires, the other is replaced.
        'consider: A core biopsy, when: {lesion.size: ">= 10 mm"}, acts: [biopsy], overrides: [R1]',
        'consider: A core biopsy, when: {lesion.size: ">= 20 mm"}, acts: [biopsy], overrides: [R1]',
    ],
)
def test_rules_that_do_not_go_together(rule: str, tmp_path: Path) -> None:
    assert found(tmp_path, *with_rules(rule)) == []


# Parts of conditions

SIZES = 'lesion.size: ">= 20 mm"'
IDLE = [
    ('when: {lesion.size: ">= 20 mm", not: {lesion.size: "< 10 mm"}}', "not: {lesion.size: < 10 mm}", "when"),
    ('when: {any: [{lesion.size: ">= {small}"}, {lesion.size: ">= 20 mm"}]}', "lesion.size: >= 20 mm", "when"),
    ("when: {all: [{lesion.new: true}, {lesion.new: true}]}", "lesion.new: true", "when"),
    (f"when: {{lesion.new: true, {SIZES}}}, unless: {{lesion.new: false}}", "all", "unless"),
    (
        f"when: {{{SIZES}}}, unless: {{any: [{{lesion.new: false}}, {{lesion.size: 5 mm}}]}}",
        "lesion.size: 5 mm",
        "unless",
    ),
    (
        f"when: {{lesion.new: true, any: [{{lesion.new: true}}, {{{SIZES}, lesion.count: 2}}]}}",
        "any: [{lesion.new: true}, {lesion.size: >= 20 mm, lesion.count: 2}]",
        "when",
    ),
    ("when: {lesion.new: known, not: {lesion.new: unknown}}", "not: {lesion.new: unknown}", "when"),
]


@pytest.mark.parametrize(("rule", "part", "where"), IDLE, ids=lambda text: text[:60])
def test_a_part_that_changes_nothing(rule: str, part: str, where: str, tmp_path: Path) -> None:
    idle = [one for one in found(tmp_path, *with_rules(f"flag: See this, {rule}")) if one.code == "GW431"]
    shown = part if part == "all" else f"`{part}`"
    assert [one.message for one in idle] == [
        f"{shown} of the `{where}` of the rule `R3` can be left out: nothing changes, whatever is recorded"
    ]
    assert idle[0].about[0] == "R3"
    assert idle[0].witness is None


@pytest.mark.parametrize(
    "rule",
    [
        # It says what must be known.
        "when: {lesion.count: known, not: {lesion.count: 3}}",
        'when: {all: [{lesion.size: known}, {lesion.size: ">= 20 mm"}]}',
        "when: {any: [{lesion.new: true}, {lesion.new: false}]}",
        # What is not known is told as an assumption.
        "when: {any: [{lesion.new: unknown}, {lesion.new: false}]}, unless: {lesion.new: true}",
        # It can never fire, and that is what is told.
        "when: {lesion.new: known, lesion.count: 3, not: {lesion.new: known}}",
    ],
)
def test_a_part_that_is_needed(rule: str, tmp_path: Path) -> None:
    assert found(tmp_path, *with_rules(f"flag: See this, {rule}")) == []


RECORDED = "flag: See this, when: {lesion.new: known, lesion.count: 3}"
STAGES = "stages: [workup]"


def test_what_applies_says_already_is_no_part_of_a_rule(tmp_path: Path) -> None:
    """A test of the record is true or false; one of the fact itself may be open, and with it whether it applies."""
    applies = (GUIDELINE, STAGES, "applies: {lesion.new: known}\n" + STAGES)
    (one,) = found(tmp_path / "record", applies, *with_rules(RECORDED))
    assert (one.code, one.about) == ("GW431", ("R3", "lesion.new"))
    applies = (GUIDELINE, STAGES, "applies: {lesion.new: true}\n" + STAGES)
    assert found(tmp_path / "fact", applies, *with_rules(RECORDED.replace("known", "true"))) == []


def derived(*facts: str) -> tuple[str, str, str]:
    first = "  lesion.new:\n"
    return (FACTS, first, "".join(f"  {fact}\n" for fact in facts) + first)


def test_what_applies_follows_from_counts_for_everyone(tmp_path: Path) -> None:
    """Where the guideline is meant by what is recorded of a lesion, that is known; without it, it would be meant for
    more.
    """
    fact = "lesion.old: {label: Old, type: boolean, holds: {lesion.new: known, not: {lesion.new: true}}}"
    applies = (GUIDELINE, STAGES, "applies: {lesion.old: true}\n" + STAGES)
    assert found(tmp_path, derived(fact), applies) == []


ROWS = """lesion.kind: {{label: Kind, type: integer, range: [0, 9], table: [
    {{when: {{lesion.new: unknown}}, value: 1, expert: true}},
    {{when: {{{} lesion.count: 3}}, value: 2, expert: true}}]}}"""


def test_an_earlier_row_says_it_already(tmp_path: Path) -> None:
    (one,) = found(tmp_path / "idle", derived(ROWS.format("not: {lesion.new: unknown},")))
    assert (one.code, one.about) == ("GW431", ("lesion.kind", "lesion.new"))
    assert one.message.startswith("`not: {lesion.new: unknown}` of this row of `lesion.kind` can be left out")
    assert found(tmp_path / "needed", derived(ROWS.format("lesion.new: true,"))) == []


def test_the_way_to_a_decision_says_it_already(tmp_path: Path) -> None:
    size = '{answer: "Yes", when: {lesion.size: ">= {small}"}, go: biopsy}'
    start = "start: {title: Liver lesion, go: size}"
    recorded = """start:
    decide: Is it recorded whether the lesion is new?
    answers:
      - {answer: "Yes", when: {lesion.new: known}, go: size}
      - {answer: "No", otherwise: true, go: done}"""
    again = size.replace("lesion.size", "lesion.new: known, lesion.size")
    (one,) = found(tmp_path / "after", (WORKUP, start, recorded), (WORKUP, size, again))
    assert (one.code, one.about) == ("GW431", ("workup/size", "lesion.new"))
    assert found(tmp_path / "alone", (WORKUP, size, again)) == []


def test_a_part_that_decides_what_is_uncertain_is_needed(tmp_path: Path) -> None:
    """What a fact is derived from decides whether it is uncertain or merely unknown."""
    fact = (
        "lesion.odd: {label: Odd, type: boolean, "
        "holds: {lesion.new: true, any: [{lesion.new: true}, {lesion.count: 3}]}}"
    )
    asks = "flag: See this, when: {lesion.odd: known}"
    idle = found(tmp_path / "known", derived(fact), *with_rules(asks))
    assert told(idle) == [("GW431", ("lesion.odd", "lesion.new", "lesion.count"))]
    asks = asks.replace("known", "uncertain")
    assert found(tmp_path / "uncertain", derived(fact), *with_rules(asks)) == []


@pytest.mark.parametrize(("tolerance", "idle"), [("", True), ("tolerance: 2 mm,", False)])
def test_a_part_that_decides_whether_a_tolerance_counts_is_needed(tolerance: str, idle: bool, tmp_path: Path) -> None:
    """A tolerance counts only where what the fact is derived from is recorded."""
    fact = f"""lesion.seen: {{label: Seen, type: quantity, unit: mm, range: [0, 400], {tolerance} table: [
    {{when: {{any: [{{lesion.count: 3}}, {{lesion.count: 3, lesion.new: true}}]}}, value: 10 mm, expert: true}},
    {{otherwise: true, value: 12 mm, expert: true}}]}}"""
    assert [one.code for one in found(tmp_path, derived(fact))] == (["GW431"] if idle else [])


def test_a_part_of_an_argument(tmp_path: Path) -> None:
    weigh = WEIGH.format(
        "supports: 2, when: {lesion.count: 3, not: {lesion.count: 4}}", "supports: 1, when: {lesion.new: true}"
    )
    (one,) = found(tmp_path, *weighing(weigh))
    assert (one.code, one.about) == ("GW431", ("G1", "lesion.count"))


def weighing(weigh: str) -> tuple[tuple[str, str, str], ...]:
    return (WORKUP, "\npathway:", f"{weigh}\npathway:"), (WORKUP, "{title: Biopsy,", "{weigh: origin,")


# Limits

FLAGS = "flag: Below, when: {{{}}}", "flag: Above, when: {{{}}}"
OFF_BY_ONE = [
    # tests below and above, what is found, the value
    ("lesion.size", '"< 20 mm"', '"> 20 mm"', "neither `R3` nor `R4` fires", "20 mm"),
    ("lesion.size", '"<= 20 mm"', '">= 20 mm"', "both `R3` and `R4` fire", "20 mm"),
    ("lesion.size", '"< {mid}"', '"> 20 mm"', "neither `R3` nor `R4` fires", "20 mm"),
    ("lesion.size", '"[5 mm..20 mm]"', '">= 2 cm"', "both `R3` and `R4` fire", "20 mm"),
    ("lesion.count", '"<= 5"', '">= 7"', "neither `R3` nor `R4` fires", 6),
    ("lesion.count", '"< 6"', '"> 6"', "neither `R3` nor `R4` fires", 6),
    ("lesion.count", '"< 6"', '">= 5"', "both `R3` and `R4` fire", 5),
    ("lesion.found_on", '"< 2020-01-01"', '"> 2020-01-01"', "neither `R3` nor `R4` fires", "2020-01-01"),
]


@pytest.mark.parametrize(("fact", "below", "above", "says", "value"), OFF_BY_ONE)
@pytest.mark.parametrize("rest", ["", "lesion.new: true, ", "any: [{lesion.new: true}, {lesion.pattern: rim}], "])
def test_a_limit_that_is_off_by_one(
    fact: str, below: str, above: str, says: str, value: object, rest: str, tmp_path: Path
) -> None:
    rules = [flag.format(f"{rest}{fact}: {test}") for flag, test in zip(FLAGS, (below, above), strict=True)]
    middle = (GUIDELINE, "parameters:\n", "parameters:\n  mid: {value: 2 cm, label: Middle, because: [trial.S1]}\n")
    (one,) = [one for one in found(tmp_path, middle, *with_rules(*rules)) if one.code == "GW432"]
    assert one.severity == "warning"
    assert one.about == ("R3", "R4")
    assert one.message.startswith(f"where `{fact}` is exactly {value}, {says}; below it ")
    assert one.witness is not None
    assert one.witness.facts[fact] == value
    statuses = [one.witness.outcome.rules[rule] for rule in one.about]
    assert statuses == ["fired", "fired"] if "both" in says else statuses == ["not_fired", "not_fired"]


@pytest.mark.parametrize(
    ("below", "above"),
    [
        ('lesion.size: "< 20 mm"', 'not: {lesion.size: "< 20 mm"}'),
        ('lesion.size: "< 20 mm"', 'lesion.size: ">= 20 mm"'),
        ('lesion.size: "< 20 mm"', 'lesion.size: "> 21 mm"'),  # a run is left out, as may be meant
        ('lesion.size: "<= 20 mm"', 'lesion.size: ">= 19 mm"'),
        ('lesion.count: "<= 5"', 'lesion.count: ">= 6"'),
        ('lesion.count: "<= 5"', 'lesion.count: ">= 8"'),
        ('lesion.count: "<= 5", lesion.new: true', 'lesion.count: ">= 7"'),  # somebody else may take it
        ("lesion.count: 5", "lesion.count: 7"),  # no limits
        ('lesion.size: "<= 20 mm"', 'lesion.size: ">= 20 mm", lesion.new: true'),  # both may be meant to hold
        ('lesion.size: "< 20 mm", lesion.new: false', 'lesion.size: "> 20 mm", lesion.new: true'),
        ('lesion.size: "< 400 mm"', 'lesion.size: "> 400 mm"'),  # nothing is above it
        ('lesion.count: "<= 2"', 'lesion.count: "!= 1"'),
        # The rest leaves the limit out already.
        (
            'all: [{lesion.size: "< 20 mm"}, {not: {lesion.size: 20 mm}}]',
            'all: [{lesion.size: "> 20 mm"}, {not: {lesion.size: 20 mm}}]',
        ),
    ],
)
def test_limits_that_are_none(below: str, above: str, tmp_path: Path) -> None:
    rules = [flag.format(test) for flag, test in zip(FLAGS, (below, above), strict=True)]
    assert not [one for one in found(tmp_path, *with_rules(*rules)) if one.code not in ("GW430", "GW431")]


def test_a_limit_of_whom_the_guideline_is_not_meant_for(tmp_path: Path) -> None:
    applies = (GUIDELINE, STAGES, "applies: {not: {lesion.size: 20 mm}}\n" + STAGES)
    rules = [flag.format(f"lesion.size: {test}") for flag, test in zip(FLAGS, ('"< 20 mm"', '"> 20 mm"'), strict=True)]
    assert found(tmp_path, applies, *with_rules(*rules)) == []


@pytest.mark.parametrize(
    ("below", "above"), [("", "lesion.new: true, "), ("lesion.new: true, lesion.count: 3, ", "lesion.count: 3, ")]
)
def test_a_value_is_left_out_although_one_tests_more(below: str, above: str, tmp_path: Path) -> None:
    rules = (f'flag: A, when: {{{below}lesion.size: "< 20 mm"}}', f'flag: B, when: {{{above}lesion.size: "> 20 mm"}}')
    (one,) = found(tmp_path, *with_rules(*rules))
    assert (one.code, one.about) == ("GW432", ("R3", "R4"))


def test_the_rest_is_the_same_by_its_values(tmp_path: Path) -> None:
    rules = (
        'flag: Below, when: {lesion.size: ">= {small}", lesion.new: true, lesion.count: "< 3"}',
        'flag: Above, when: {lesion.count: "> 3", lesion.size: ">= 1 cm", lesion.new: true}',
    )
    (one,) = found(tmp_path, *with_rules(*rules))
    assert (one.code, one.about) == ("GW432", ("R3", "R4"))


def test_a_limit_inside_not_and_unless(tmp_path: Path) -> None:
    rules = (
        'flag: Below, when: {lesion.new: true, not: {lesion.size: "> 20 mm"}}',
        'flag: Above, when: {lesion.new: true}, unless: {lesion.size: "< 20 mm"}',
    )
    (one,) = [one for one in found(tmp_path, *with_rules(*rules)) if one.code == "GW432"]
    assert "both `R3` and `R4` fire" in one.message


def test_a_limit_is_taken_by_a_third(tmp_path: Path) -> None:
    third = "flag: At, when: {lesion.size: 20 mm}"
    rules = [flag.format(f"lesion.size: {test}") for flag, test in zip(FLAGS, ('"< 20 mm"', '"> 20 mm"'), strict=True)]
    assert "GW432" not in {one.code for one in found(tmp_path, *with_rules(*rules, third))}


def test_an_override_settles_a_limit(tmp_path: Path) -> None:
    below = 'flag: Below, when: {lesion.size: "<= 20 mm"}'
    above = 'flag: Above, when: {lesion.size: ">= 20 mm"}, overrides: [R3]'
    assert found(tmp_path, *with_rules(below, above)) == []


def test_rows_leave_a_limit_out(tmp_path: Path) -> None:
    rows = """lesion.kind: {{label: Kind, type: integer, range: [0, 9], {}: [
    {{id: W1, when: {{lesion.size: "{} 20 mm"}}, {}: 1, expert: true}},
    {{id: W2, when: {{lesion.size: "{} 20 mm"}}, {}: 2, expert: true}}{}]}}"""
    cases = [
        ("table", "value", "<", ">", "", "neither `W1` nor `W2` holds"),
        ("table", "value", "<=", ">=", "", None),  # the first row counts
        ("table", "value", "<", ">", ", {otherwise: true, value: 3, expert: true}", None),
        ("score", "points", "<", ">", "", "neither `W1` nor `W2` holds"),
        ("score", "points", "<=", ">=", "", "both `W1` and `W2` hold"),
    ]
    for number, (kind, gives, low, high, more, says) in enumerate(cases):
        fact = derived(rows.format(kind, low, gives, high, gives, more))
        findings = found(tmp_path / str(number), fact)
        assert told(findings) == ([("GW432", ("lesion.kind", "W1", "W2"))] if says else [])
        assert says is None or says in findings[0].message


def test_arguments_leave_a_limit_out(tmp_path: Path) -> None:
    weigh = WEIGH.format('supports: 2, when: {lesion.count: "< 3"}', 'opposes: 1, when: {lesion.count: "> 3"}')
    (one,) = found(tmp_path, *weighing(weigh))
    assert (one.code, one.about) == ("GW432", ("G1", "G2"))
    assert "neither `G1` nor `G2` holds" in one.message


@pytest.mark.parametrize(("last", "codes"), [("assumed", ["GW432"]), ("otherwise", [])])
def test_answers_leave_a_limit_out(last: str, codes: list[str], tmp_path: Path) -> None:
    """What is not known goes on by the assumption, and so would a value at the limit; `otherwise` is there for it."""
    old = """      - {answer: "Yes", when: {lesion.size: ">= {small}"}, go: biopsy}
      - {answer: "No", otherwise: true, go: done}
"""
    new = f"""      - {{answer: Large, when: {{lesion.size: "> {{small}}"}}, go: biopsy}}
      - {{answer: Small, when: {{lesion.size: "< {{small}}"}}, go: done}}
      - {{answer: Not known, {last}: true, go: done}}
"""
    findings = found(tmp_path, (WORKUP, old, new))
    assert [one.code for one in findings] == codes
    assert all("neither `Small` nor `Large` is true" in one.message for one in findings)
    assert all(one.about == ("workup/size",) for one in findings)


# Arguments


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("supports: 2", "supports: 1", "one thing counts twice"),
        ("supports: 2", "opposes: 1", "one takes back what the other gives"),
        ("confirms: true", "excludes: true", "it is confirmed and excluded at once"),
        ("confirms: true", "confirms: true", "one of them adds nothing"),
        ("confirms: true", "supports: 1", None),
    ],
)
def test_arguments_that_hold_for_the_same_patients(one: str, other: str, says: str | None, tmp_path: Path) -> None:
    large = ('lesion.size: ">= {small}"', 'lesion.size: ">= 1 cm"')
    weigh = WEIGH.format(*(f"{how}, when: {{{test}}}" for how, test in zip((one, other), large, strict=True)))
    findings = found(tmp_path, *weighing(weigh))
    assert told(findings) == ([("GW435", ("G1", "G2"))] if says else [])
    assert says is None or says in findings[0].message
    assert all(found.witness is not None and found.witness.outcome.arguments["G2"] is True for found in findings)


def test_arguments_that_differ_for_incomplete_records(tmp_path: Path) -> None:
    both = ["supports: 1, when: {lesion.new: true}", "supports: 1, when: {lesion.new: true, lesion.count: known}"]
    weigh = WEIGH.format(*both)
    assert found(tmp_path, *weighing(weigh)) == []


def test_of_arguments_that_never_hold_only_that_is_told(tmp_path: Path) -> None:
    never = "supports: 1, when: {lesion.new: known, not: {lesion.new: known}}"
    assert found(tmp_path, *weighing(WEIGH.format(never, never))) == []


# In the larger guideline, without time, and by random patients


def test_planted_in_a_guideline(tmp_path: Path) -> None:
    pressure = '{patient.diastolic: "<= 60 mm[Hg]"}'
    changes = [
        (FACTS, pressure, f'{pressure}, {{patient.diastolic: "< 50 mm[Hg]"}}'),
        (FACTS, '{crb65.points: "[1..2]"}', '{crb65.points: "[1..1]"}'),
    ]
    warnings = [one for one in found(tmp_path, *changes, folder=CURB) if one.severity == "warning"]
    assert told(warnings) == [
        ("GW432", ("crb65.risk", "C2", "C3")),
        ("GW431", ("patient.low_pressure", "patient.diastolic")),
    ]
    assert "where `crb65.points` is exactly 2" in warnings[0].message


def test_nothing_is_claimed_without_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = planted(tmp_path, MINIMAL, *with_rules(f"flag: See this, {IDLE[0][0]}"))
    decide_nothing(monkeypatch)
    findings = found_in(folder).found
    assert not NEW & {one.code for one in findings}
    undecided = [one for one in findings if one.of == "GW431"]
    assert {one.severity for one in undecided} == {"note"}
    assert {one.about[0] for one in undecided} == {"R3"}


SAME = 'consider: A core biopsy, when: {lesion.size: ">= 1 cm"}, acts: [biopsy]'


def test_pairs_are_asked_for_one_by_one_where_all_together_take_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag = 'flag: See this, when: {lesion.size: ">= 10 mm", lesion.count: known}'
    guideline = load_guideline(planted(tmp_path, MINIMAL, *with_rules(SAME, flag))).guideline
    assert guideline is not None
    program = program_of(guideline)
    for_all = evaluate_naively(program, patient_of({"lesion.size": "30 mm", "lesion.count": 3}, guideline))
    proofs = Proofs(prover_of(program, DAY), [for_all])
    assert {for_all.rules[id] for id in ("R1", "R3", "R4")} == {"fired"}
    monkeypatch.setattr(rule_relations_module, "find", lambda solver, wanted: "undecided")
    assert [fault.about for look in rule_relations(proofs, {"R2"}) for fault in look()] == [("R1", "R3")]


def test_a_pair_that_is_not_decided_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_relations_module, "find", lambda solver, wanted: "undecided")
    monkeypatch.setattr(claims, "can_be", lambda solver, wanted: None)
    undecided = [one for one in found_in(planted(tmp_path, MINIMAL, *with_rules(SAME))).found if one.of == "GW429"]
    assert [(one.code, one.severity, one.about) for one in undecided] == [("GW427", "note", ("R1", "R3"))]
    assert undecided[0].message.startswith("it could not be decided whether `R1` and `R3` fire for the same patients")


def test_what_is_said_of_random_guidelines_is_so_for_random_patients() -> None:
    pairs = parts = 0
    for seed in range(EXAMPLES or 24):
        made = made_case(Random(f"relations{seed}"), patients=12)
        program = program_of(made.guideline)
        proofs = Proofs(prover_of(program, AS_OF))
        outcomes = [(patient, evaluate_naively(program, patient)) for patient in made.patients()]
        meant = [outcome for _, outcome in outcomes if outcome.applies is not False]
        for fault in [fault for look in rule_relations(proofs, ()) for fault in look()]:
            pairs += 1
            assert all(_is_related(fault, outcome) for outcome in meant), f"seed {seed}: {fault.message}"
        for stated, idle in [
            (one, idle) for every in stated_conditions(proofs) for one in every() for idle in idle_parts(one, proofs)
        ]:
            parts += 1
            (spot,) = [spot for spot in spots_of(made.guideline) if spot.condition is stated.condition]
            shorter = program_of(spot.put(idle.rest))
            for patient, outcome in outcomes:
                assert _is_same(outcome, evaluate_naively(shorter, patient)), f"seed {seed}: {stated.what}: {idle.part}"
    assert pairs > 1
    assert parts > 40


def _is_related(fault: Fault, outcome: Outcome) -> bool:
    one, other = fault.about
    if fault.code == "GW435":
        return outcome.arguments[one] is outcome.arguments[other]
    fires, also = outcome.rules[one] == "fired", outcome.rules[other] == "fired"
    return fires is also if fault.code == "GW429" else also or not fires


def _is_same(one: Outcome, other: Outcome) -> bool:
    """For whom the guideline is not meant, what else follows does not count."""
    if one.applies is False:
        return other.applies is False
    facts = all(known.values == other.facts[id].values for id, known in one.facts.items())
    return facts and (one.applies, one.rules, one.arguments) == (other.applies, other.rules, other.arguments)

"""Pages for readers: what stands first, how they fit a terminal, and that nothing in a record steers one."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import guidewright
from guidewright.answer_page import answer_page
from guidewright.answer_words import Answer
from guidewright.document import MINUS, Document, Heading, Item, Paragraph, Span, Standing, Standings, said
from guidewright.engine.compiled import evaluate_compiled
from guidewright.explanation import Explained, explanation_page, ids_of
from guidewright.layout import NARROWEST, WIDEST, Screen, screen_of, wrapped
from guidewright.markdown_answer import markdown_page, markdown_text
from guidewright.rules.display import width
from guidewright.rules.patient import load_patient
from guidewright.text_answer import text_page

CASES = sorted((Path(__file__).parent.parent / "guidelines/retroperitoneal-leiomyosarcoma/cases").glob("*.yaml"))
COLOUR = re.compile(r"\x1b\[[0-9;]*m")

GUIDELINE = {
    "guideline.yaml": """
        id: small
        title: A small guideline
        version: 1.2.3
        status: for tests
        language: en
        grading:
          strength: {strong: Strong, weak: Weak}
          certainty: {high: High, low: Low}
        applies: {tumour: true}
        actions:
          treatment: {label: Treatment}
          operation: {label: Operation, part_of: treatment}
        stages: [care]
        """,
    "sources.yaml": """
        sources:
          one:
            cite: Guideline one, 2020
            kind: guideline
            read: full-text
            statements: {S1: {at: page 3, says: An operation helps}}
          two:
            cite: Consensus two, 2021.
            kind: consensus
            read: not-read
            statements: {S1: {says: An operation harms}}
        """,
    "facts.yaml": """
        facts:
          tumour: {label: Tumour present, type: boolean, question: Is there a tumour?}
          size: {label: Size of the tumour, type: quantity, unit: mm, range: [1, 400]}
          fit: {label: Fit for an operation, type: boolean, question: Is the patient fit?}
          bleeding: {label: Bleeding risk, type: boolean}
          operated_on: {label: Day of the operation, type: date}
          kind: {label: Kind of tumour, type: choice, values: {good: Harmless, bad: Cancer}}
          remark: {label: Remark, type: text}
          big:
            label: Big or small
            type: choice
            values: {big: Big, small: Small}
            table:
              - {id: T-1, when: {size: ">= 50 mm"}, value: big, expert: true}
              - {id: T-2, when: {size: "< 50 mm"}, value: small, expert: true}
        """,
    "1-care.yaml": """
        stage: care
        title: Care
        rules:
          - id: R-1
            do: Operate
            when: {size: ">= 10 mm", fit: true}
            unless: {bleeding: true}
            acts: [operation]
            strength: strong
            certainty: high
            because: [one.S1]
            although: [two.S1]
            except: The patient declines.
            signoff: required
          - id: R-2
            avoid: Do not operate on something harmless
            when: {kind: good}
            stops: [treatment]
            strength: weak
            certainty: low
            expert: true
          - id: R-3
            do: Scan
            timing: {every: [3 mo, 4 mo], from: operated_on, until: 36 mo}
            when: {tumour: true}
            expert: true
          - id: R-4
            avoid: Do not wait
            when: {size: "> 100 mm"}
            expert: true
          - id: R-5
            inform: It is cancer
            when: {origin.confirmed: cancer}
            unless: {operated_on: known}
            expert: true
          - id: R-6
            flag: Nobody knows yet
            when: {tumour: true}
            unless: {origin.confirmed: cancer}
            expert: true
        weigh:
          origin:
            question: What is it?
            candidates:
              cancer:
                label: Cancer
                arguments:
                  - {id: G-1, says: It is large, supports: 2, when: {size: "> 20 mm"}, expert: true}
                  - {id: G-2, says: The tissue shows cancer, confirms: true, when: {kind: bad}, expert: true}
              cyst:
                label: A cyst
                arguments:
                  - {id: G-3, says: It is not small, opposes: 1, when: {size: "> 5 mm"}, expert: true}
                  - {id: G-4, says: The tissue is cancer, excludes: true, when: {kind: bad}, expert: true}
        pathway:
          start: {title: A tumour, go: fit}
          fit:
            decide: Is the patient fit?
            answers:
              - {answer: "Yes", when: {fit: true}, go: operate}
              - {answer: "No", otherwise: true, go: end}
          operate: {title: Operate, rules: [R-1, R-2], go: end}
          end: {end: Follow up}
        beside: [R-3, R-4, R-5, R-6]
        """,
}
TREATED = {"tumour": True, "size": "30 mm", "fit": True}


def made_of(files: dict[str, str], folder: Path) -> guidewright.Guideline:
    for name, content in files.items():
        (folder / name).write_text("\n".join(line.removeprefix(" " * 8) for line in content.splitlines()[1:]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIDEWRIGHT_CACHE", "")
        return guidewright.load(folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> guidewright.Guideline:
    return made_of(GUIDELINE, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def shipped() -> guidewright.Guideline:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIDEWRIGHT_CACHE", "")
        return guidewright.load("retroperitoneal-leiomyosarcoma")


def page(guideline: guidewright.Guideline, facts: dict[str, Any], everything: bool = False, **more: Any) -> Document:
    assessment = guidewright.evaluate(guideline, facts, as_of="2024-05-01", engine="compiled", **more)
    return answer_page(Answer(assessment, guideline.ready.plan, everything))


def text(guideline: guidewright.Guideline, facts: dict[str, Any], columns: int = 100, everything: bool = False) -> str:
    return text_page(page(guideline, facts, everything), Screen(columns))


def section(shown: str, title: str) -> str:
    """The part of a page below a heading, up to the next one."""
    found = re.search(rf"^{re.escape(title)}\n─+\n(.*?)(?=^[^\n]*\n─+$|\Z)", shown, re.DOTALL | re.MULTILINE)
    assert found is not None, f"no section {title!r}"
    return found.group(1)


# --- what an answer says


def test_the_header_names_patient_day_version_and_notice(small: guidewright.Guideline) -> None:
    shown = text_page(page(small, TREATED, patient="case-7"), Screen(100)).splitlines()
    assert shown[:4] == [
        "A small guideline",
        "Patient case-7, as of 1 May 2024",
        "Guideline version 1.2.3, for tests",
        "Decision support for review by a clinician; not a prescription.",
    ]


def test_an_assumed_day_is_said_to_be_today(small: guidewright.Guideline) -> None:
    assessment = guidewright.evaluate(small, TREATED, engine="compiled")
    shown = text_page(answer_page(Answer(assessment, small.ready.plan)), Screen(100))
    assert "(today: the record names no day)" in shown
    assert str(date.today().year) in shown.splitlines()[1]


def test_a_recommendation_tells_why_how_strong_and_what_it_rests_on(small: guidewright.Guideline) -> None:
    recommended = section(text(small, TREATED), "What is recommended now")
    operate = recommended[recommended.index("✓ Operate") :].split("\n\n")[0]
    assert "Why: size of the tumour: 30 mm (at least 10 mm); fit for an operation" in operate
    assert "Disputed: An operation harms (Consensus two, 2021; consensus) [two.S1]" in operate
    assert "Except: The patient declines." in operate
    marks = (
        "strong · high certainty · needs a clinician's signature · disputed · rests on an assumption · with a proviso"
    )
    assert " ".join(operate.split()).endswith(f"{marks} · [R-1]")
    assert "[T-2]" in recommended


def test_prohibitions_come_first_and_say_what_they_forbid(small: guidewright.Guideline) -> None:
    recommended = section(
        text(small, TREATED | {"kind": "good", "operated_on": "2024-01-15"}), "What is recommended now"
    )
    assert recommended.startswith("Do not\n  ✗ Do not operate on something harmless\n")
    assert "Forbids for now: Treatment" in recommended
    assert "[R-1]" not in recommended


def test_dates_are_given_where_they_follow_and_else_what_is_missing(small: guidewright.Guideline) -> None:
    known = text(small, TREATED | {"operated_on": "2024-03-15"})
    assert "Due: 15 June 2024 to 15 July 2024, then 15 October 2024 to 15 November 2024" in known
    missing = " ".join(text(small, TREATED).split())
    assert (
        "When: every 3 to 4 months, until 36 months, counted from: Day of the operation (not recorded, so no" in missing
    )


def test_what_to_make_sure_of_is_one_section_by_fact(small: guidewright.Guideline) -> None:
    shown = section(text(small, TREATED), "Before acting, make sure")
    assert shown.startswith("2 recommendations above rest on 2 facts that are not recorded.\n")
    assert "• Bleeding risk\n    [R-1] takes this not to be so\n" in shown
    assert "\n    [R-1] would give way to: Do not operate on something harmless [R-2]\n" in shown


def test_facts_with_the_same_effect_stand_together_and_the_rest_is_counted(shipped: guidewright.Guideline) -> None:
    read = load_patient(CASES[0], shipped.ready.guideline, date(2024, 5, 1))
    assert read.patient is not None
    assessment = guidewright.evaluate_file(shipped, CASES[0], engine="compiled")
    brief = text_page(answer_page(Answer(assessment, shipped.ready.plan)), Screen(100))
    shown = section(brief, "Before acting, make sure")
    assert shown.count("•") + shown.count("!") >= 6
    assert "INR; Platelets; On an anticoagulant or on two antiplatelet drugs" in shown
    every = section(
        text_page(answer_page(Answer(assessment, shipped.ready.plan, everything=True)), Screen(100)),
        "Before acting, make sure",
    )
    assert every.count("•") + every.count("!") > shown.count("•") + shown.count("!")
    assert "--all" in shown
    assert "--all" not in every


def test_what_is_open_and_what_to_find_out(small: guidewright.Guideline) -> None:
    shown = text(small, {"tumour": True})
    assert section(shown, "Cannot be said yet").startswith("4 recommendations depend on what is not recorded.\n")
    questions = section(shown, "What to find out next")
    assert questions.startswith("A page of the guideline waits for it\n   1. Is the patient fit? → [R-1]\n")
    assert "Size of the tumour? → 4 recommendations, 2 arguments" in questions


def test_a_question_says_where_it_was_not_found_out_whether_it_matters(small: guidewright.Guideline) -> None:
    assessment = guidewright.evaluate(small, {"tumour": True}, as_of="2024-05-01", engine="compiled")
    doubtful = tuple(replace(question, exact=question.fact != "fit") for question in assessment.ask)
    shown = text_page(answer_page(Answer(replace(assessment, ask=doubtful), small.ready.plan)), Screen(100))
    questions = section(shown, "What to find out next")
    assert "Is the patient fit? → [R-1] (perhaps without effect)\n" in questions
    assert questions.count("perhaps") == 1
    assert "perhaps" not in section(text(small, {"tumour": True}), "What to find out next")


def test_the_weighing_shows_where_each_candidate_stands(small: guidewright.Guideline) -> None:
    shown = section(text(small, TREATED), "What is it?")
    assert "An ordering to discuss, not a probability." in shown
    assert re.search(r"▸ Cancer +\+2 \[ \+2 … \+2 \] +1 +0 +1 ", shown)
    assert re.search(rf"  A cyst +{MINUS}1 \[ {MINUS}1 … {MINUS}1 \] +0 +1 +1", shown)
    assert "+ It is large +2 [G-1]" in shown
    confirmed = section(text(small, TREATED | {"kind": "bad"}), "What is it?")
    assert "✓ Cancer" in confirmed
    assert "✗ A cyst" in confirmed
    assert "+ The tissue shows cancer confirms it [G-2]" in confirmed


def test_without_any_argument_there_is_no_table(small: guidewright.Guideline) -> None:
    assert section(text(small, {"tumour": True}), "What is it?").startswith("No argument speaks for or against")


def test_an_empty_record_is_told_what_to_find_out_first(small: guidewright.Guideline) -> None:
    shown = text(small, {})
    assert "Not known whether this guideline applies" in shown
    assert "It is meant for: tumour present: yes. The record says: Tumour present: not recorded." in shown
    assert "Nothing is recorded about this patient" in shown
    assert shown.index("1. Is there a tumour?") < shown.index("What is recommended now")
    assert "Nothing, from what is recorded. That is not an all-clear" in shown


def test_where_the_guideline_does_not_apply_nothing_is_recommended(small: guidewright.Guideline) -> None:
    shown = text(small, TREATED | {"tumour": False}, everything=True)
    assert "This guideline does not apply to this patient" in shown
    assert "The record says: Tumour present: no." in shown
    for absent in ("What is recommended now", "[R-1]", "What to find out next", "What is it?"):
        assert absent not in shown


def test_contradictions_name_their_sources(small: guidewright.Guideline) -> None:
    size = {"one_of": [{"value": "5 mm", "source": "CT"}, {"value": "60 mm", "source": "letter", "on": "2024-01-02"}]}
    shown = section(text(small, TREATED | {"size": size}), "Contradictions in the record")
    assert "Size of the tumour. The sources differ: 5 mm (CT) / 60 mm (letter; 2024-01-02)" in shown
    assert "[R-1]" in shown


def test_what_the_arguments_confirm_can_be_tested_and_is_explained(small: guidewright.Guideline) -> None:
    settled = TREATED | {"kind": "bad"}
    recommended = section(text(small, settled), "What is recommended now")
    assert "i It is cancer\n    Why: confirmed by the arguments (What is it?): Cancer" in recommended
    assert "Nobody knows yet" not in recommended
    assert "worked out: Cancer" in explained(small, settled, "R-5")
    not_so = section(text(small, TREATED | {"kind": "good"}, everything=True), "Considered, and why not")
    assert "Not so: confirmed by the arguments (What is it?): Cancer (it is: not applicable)" in not_so
    unsure = text(small, TREATED)
    kind = unsure[unsure.index("! Kind of tumour\n") :].split("\n\n")[0]
    assert "\n    [R-6] takes not to be so: confirmed by the arguments (What is it?): Cancer" in kind


def test_the_way_says_where_it_stops_and_for_what(small: guidewright.Guideline) -> None:
    assert "Boxes: 1 → 2 → 3 → 4\n    Ends at: Follow up" in text(small, TREATED)
    assert "Boxes: 1 → 2\n    Stops at: Is the patient fit?\n    Waits for: Fit for an operation" in text(
        small, {"tumour": True}
    )


def test_only_everything_shows_what_was_considered(small: guidewright.Guideline) -> None:
    facts = TREATED | {"kind": "good"}
    assert "Considered, and why not" not in text(small, facts)
    shown = text(small, facts, everything=True)
    assert "Not so: size of the tumour above 100 mm (it is: 30 mm)" in section(shown, "Considered, and why not")
    replaced = section(shown, "Replaced by something else")
    assert "- Operate [R-1]\n    Replaced by: Do not operate on something harmless [R-2]" in replaced
    stopped = section(text(small, TREATED | {"bleeding": True}, everything=True), "Considered, and why not")
    assert "- Operate [R-1]\n    Stopped by: bleeding risk: yes" in stopped


def test_the_end_says_how_it_was_worked_out(small: guidewright.Guideline) -> None:
    shown = section(text(small, TREATED), "How this was worked out")
    assert re.search(r"Guideline small 1\.2\.3 \(sha256:[0-9a-f]{12}\), worked out by one engine \(compiled\)\.", shown)


# --- what is known, in words

KNOWING = {
    **GUIDELINE,
    "facts.yaml": """
        facts:
          tumour: {label: Tumour present, type: boolean}
          seen_on: {label: Day seen, type: date}
          since:
            label: Months since
            type: quantity
            unit: mo
            range: [0, 600]
            formula: months_between(seen_on, as_of)
          points: {label: Points, type: integer, range: [0, 9], score: [{when: {fit: true}, points: 2}]}
          fit: {label: Fit, type: boolean}
          urgent: {label: Urgent, type: boolean}
          size: {label: Size, type: quantity, unit: mm, range: [1, 400]}
          scan: {label: Best scan, type: choice, values: {none: No scan yet, ct: CT}}
          second: {label: Second scan, type: choice, values: {none: No second, mr: MR}, only_if: {scan: ct}}
          deep: {label: Depth, type: quantity, unit: mm, range: [1, 400]}
          wide: {label: Width, type: quantity, unit: mm, range: [1, 400]}
          ratio: {label: Ratio, type: quantity, unit: "1", range: [0, 2], formula: wide / deep}
        """,
    "1-care.yaml": """
        stage: care
        title: Care
        rules:
          - {id: K-1, do: Scan early, when: {since: "< 36 mo"}, acts: [operation], expert: true}
          - {id: K-2, inform: Points are known, when: {points: ">= 0"}, expert: true}
          - {id: K-3, do: Book a scan, when: {scan: none}, acts: [operation], expert: true}
          - {id: K-4, inform: No second scan, when: {second: none}, expert: true}
          - {id: K-5, inform: Size lies between, when: {size: "[5 mm..60 mm)"}, expert: true}
          - id: K-6
            inform: Much holds
            when: {tumour: true, scan: none, size: known, wide: known, urgent: unknown, deep: unknown}
            expert: true
          - {id: K-7, avoid: Do not scan anyone unfit, when: {fit: false}, stops: [operation], expert: true}
          - {id: K-8, do: Tell the family, when: {tumour: true}, unless: {urgent: true}, expert: true}
          - {id: K-9, do: Tell the doctor, when: {tumour: true}, unless: {ratio: "> 1"}, expert: true}
          - {id: K-10, do: Tell the nurse, when: {tumour: true}, unless: {size: "> 300 mm"}, expert: true}
          - {id: K-11, do: Tell the ward, when: {tumour: true}, unless: {deep: "> 300 mm"}, expert: true}
          - {id: K-12, do: Tell the school, when: {tumour: true}, unless: {wide: "> 300 mm"}, expert: true}
          - {id: K-13, do: Tell the court, when: {tumour: true}, unless: {seen_on: known}, expert: true}
          - {id: K-14, do: Tell the bank, when: {tumour: true}, unless: {second: mr}, expert: true}
          - {id: K-16, do: Look again, timing: {once: [6 mo, 9 mo], from: seen_on}, when: {tumour: true}, expert: true}
          - {id: K-15, do: Tell the press, when: {tumour: true}, unless: {scan: ct}, expert: true}
        beside: [K-1, K-2, K-3, K-4, K-5, K-6, K-7, K-8, K-9, K-10, K-11, K-12, K-13, K-14, K-15, K-16]
        """,
}


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> guidewright.Guideline:
    return made_of(KNOWING, tmp_path_factory.mktemp("knowing"))


def joined_up(shown: str) -> str:
    return " ".join(shown.split())


def test_what_was_computed_is_shown_as_it_is(knowing: guidewright.Guideline) -> None:
    shown = joined_up(text(knowing, {"tumour": True, "seen_on": "2022-05-01"}))
    assert "Why: months since: 24 months (below 36 months)" in shown
    assert "Why: points: 0 or 2 (at least 0)" in shown
    shown = joined_up(text(knowing, {"tumour": True, "seen_on": "[2022-05-01..2023-05-01]"}))
    assert "Why: months since: 12 months to 24 months (below 36 months)" in shown
    assert "worked out: 12 months to 24 months" in explained(knowing, {"seen_on": "[2022-05-01..2023-05-01]"}, "K-1")
    assert "worked out: 0 or 2" in explained(knowing, {}, "K-2")


def test_what_nothing_narrows_is_not_known(knowing: guidewright.Guideline) -> None:
    assert "not known: it follows from other facts" in explained(knowing, {}, "K-1")
    assert "worked out" not in explained(knowing, {}, "K-1")


def test_an_option_called_none_is_shown_by_its_label(knowing: guidewright.Guideline) -> None:
    shown = joined_up(text(knowing, {"tumour": True, "scan": "none"}))
    assert "Why: best scan: No scan yet" in shown
    assert "recorded: No scan yet" in explained(knowing, {"scan": "none"}, "K-3")


def test_bounds_and_spans_are_words(knowing: guidewright.Guideline) -> None:
    between = joined_up(text(knowing, {"tumour": True, "size": "[10 mm..20 mm)"}))
    assert "Why: size: 10 mm or more, below 20 mm (5 mm or more, below 60 mm)" in between
    sources = [{"value": "< 5 mm", "source": "CT"}, {"value": "[20 mm..30 mm]", "source": "MR"}]
    shown = joined_up(text(knowing, {"tumour": True, "size": {"one_of": sources}}, everything=True))
    assert "The sources differ: below 5 mm (CT) / 20 mm to 30 mm (MR)" in shown
    for raw in ("..", "[20", "without the"):
        assert raw not in shown + between


def test_reasons_that_something_is_missing_are_never_folded_away(knowing: guidewright.Guideline) -> None:
    facts = {"tumour": True, "scan": "none", "size": "20 mm", "wide": "9 mm"}
    shown = joined_up(text(knowing, facts))
    assert "Why: urgent: not recorded; depth: not recorded; best scan: No scan yet; and 2 more" in shown


def test_what_would_forbid_an_act_comes_first_and_is_never_folded_away(knowing: guidewright.Guideline) -> None:
    shown = section(text(knowing, {"tumour": True, "scan": "none"}), "Before acting, make sure")
    first = shown.splitlines()[1:3]
    assert first == ["  ! Fit", "    [K-3] would give way to: Do not scan anyone unfit [K-7]"]
    assert "more to make sure of" not in shown or shown.index("! Fit") < shown.index("more to make sure of")


def test_a_fact_that_is_recorded_but_uncertain_is_not_called_unrecorded(knowing: guidewright.Guideline) -> None:
    only = {"tumour": True, "size": "[200 mm..350 mm]", "deep": "9 mm", "wide": "9 mm", "urgent": False, "fit": True}
    only |= {"scan": "none"}
    shown = section(text(knowing, only), "Before acting, make sure")
    assert shown.startswith("1 recommendation above rests on 1 fact that is not known.\n")
    shown = section(text(knowing, only | {"size": "200 mm", "urgent": "unknown"}), "Before acting, make sure")
    assert shown.startswith("1 recommendation above rests on 1 fact that is not recorded.\n")


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_why_something_could_not_be_worked_out_is_told(knowing: guidewright.Guideline, form: str) -> None:
    made = page(knowing, {"tumour": True, "wide": "400 mm", "deep": "1 mm"})
    shown = joined_up(text_page(made, Screen(100)) if form == "text" else markdown_page(made))
    assert "Could not be worked out" in shown
    assert re.search(r"Ratio\W* could not be worked out: what is computed \S+ lies outside the range", shown)
    assert "ould not be worked out" not in text(knowing, {"tumour": True})


def test_a_rule_that_rests_on_a_contradiction_says_so(knowing: guidewright.Guideline) -> None:
    size = {"one_of": [{"value": "5 mm", "source": "CT"}, {"value": "350 mm", "source": "MR"}]}
    shown = section(text(knowing, {"tumour": True, "size": size}), "What is recommended now")
    (nurse,) = [part for part in shown.split("\n\n") if "[K-10]" in part]
    assert "rests on a contradiction" in nurse
    assert "rests on a contradiction" not in text(knowing, {"tumour": True, "size": "5 mm"})


def test_a_fact_is_explained_too(knowing: guidewright.Guideline) -> None:
    shown = explained(knowing, {"seen_on": "2022-05-01"}, "since")
    assert shown.startswith("Months since\nA fact, not a rule · (since)\n")
    assert "worked out: 24 months" in section(shown, "What is known of it")
    assert "[K-1]" in section(shown, "What tests it")
    assert "• Day seen? (seen_on)" in section(explained(knowing, {}, "since"), "What would settle it")


def test_what_is_overdue_says_so(knowing: guidewright.Guideline) -> None:
    overdue = "Due: 1 November 2022 to 1 February 2023 (overdue)"
    assert overdue in text(knowing, {"tumour": True, "seen_on": "2022-05-01"})
    assert "(overdue)" not in text(knowing, {"tumour": True, "seen_on": "2024-04-01"})


def test_how_the_guideline_was_chosen_is_one_line(small: guidewright.Guideline) -> None:
    assessment = guidewright.evaluate(small, TREATED, as_of="2024-05-01", engine="compiled")
    shown = text_page(answer_page(Answer(assessment, small.ready.plan, chosen="Chosen so.")), Screen(100))
    assert shown.splitlines()[3] == "Chosen so."


# --- explanations


def explained(guideline: guidewright.Guideline, facts: dict[str, Any], id: str, columns: int = 100) -> str:
    from guidewright.rules.patient import patient_from

    read = patient_from(facts, guideline.ready.guideline, date(2024, 5, 1), date(2024, 5, 1), None)
    assert read.patient is not None
    plan = guideline.ready.plan
    assessment = guidewright.evaluate(guideline, facts, as_of="2024-05-01", engine="compiled")
    answer = Answer(assessment, plan, everything=True)
    shown = explanation_page(id, Explained(answer, evaluate_compiled(plan.compiled, read.patient)))
    assert markdown_page(shown)
    return text_page(shown, Screen(columns))


def test_a_rule_that_holds_is_explained_with_its_tests_sources_and_replacements(small: guidewright.Guideline) -> None:
    shown = explained(small, TREATED, "R-1")
    assert "✓ Size of the tumour at least 10 mm · recorded: 30 mm" in shown
    assert "It is stopped where\n  ? Bleeding risk: yes · not recorded" in shown
    assert "Do not operate on something harmless (it cannot be said yet) [R-2]" in section(shown, "What may replace it")
    sources = section(shown, "Sources")
    assert "Disputed" in sources
    assert "+ An operation helps (Guideline one, 2020, page 3; guideline, read in full) [one.S1]" in sources
    assert f"{MINUS} An operation harms (Consensus two, 2021; consensus, not read: to be checked) [two.S1]" in sources
    assert "Operate (it holds) [R-1]" in section(explained(small, TREATED, "R-2"), "What it replaces where it holds")


def test_why_not_and_what_would_settle_it(small: guidewright.Guideline) -> None:
    shown = explained(small, TREATED | {"size": "3 mm"}, "R-1")
    assert "Not so: size of the tumour at least 10 mm (it is: 3 mm)" in section(shown, "It does not hold")
    shown = explained(small, {"tumour": True, "fit": True}, "R-1")
    assert "? Size of the tumour at least 10 mm · not recorded" in section(shown, "It cannot be said yet")
    assert "• Size of the tumour? (size)" in section(shown, "What would settle it")
    shown = explained(small, TREATED | {"kind": "good"}, "R-1")
    assert "Replaced by: Do not operate on something harmless [R-2]" in shown


def test_rows_and_arguments_are_explained_too(small: guidewright.Guideline) -> None:
    shown = explained(small, TREATED, "T-2")
    assert "Works out: Big or small (big)" in shown
    assert "✓ Size of the tumour below 50 mm · recorded: 30 mm" in shown
    assert "only where none of the 1 row before it holds" in shown
    shown = explained(small, {"tumour": True}, "G-1")
    assert "Speaks for (+2): Cancer · [G-1]" in shown
    assert "• Size of the tumour? (size)" in section(shown, "What would settle it")
    assert "Excludes: A cyst" in explained(small, TREATED, "G-4")


@pytest.mark.parametrize("facts", [{}, TREATED, {"tumour": False}], ids=["empty", "treated", "not-meant"])
def test_every_id_can_be_explained(small: guidewright.Guideline, facts: dict[str, Any]) -> None:
    for id in ids_of(small.ready.plan):
        assert f"[{id}]" in explained(small, facts, id, 40)


# --- how it fits


@pytest.mark.parametrize("columns", [40, 80, 100])
@pytest.mark.parametrize("everything", [False, True])
def test_nothing_overflows(shipped: guidewright.Guideline, columns: int, everything: bool) -> None:
    for case in (CASES[0], CASES[1], CASES[2]):
        assessment = guidewright.evaluate_file(shipped, case, engine="compiled")
        shown = text_page(answer_page(Answer(assessment, shipped.ready.plan, everything)), Screen(columns, colour=True))
        assert max(width(COLOUR.sub("", row)) for row in shown.splitlines()) <= columns
        assert not any(row != row.rstrip() for row in COLOUR.sub("", shown).splitlines())


def test_without_colour_there_is_no_control_character(shipped: guidewright.Guideline) -> None:
    assessment = guidewright.evaluate_file(shipped, CASES[0], engine="compiled")
    made = answer_page(Answer(assessment, shipped.ready.plan, everything=True))
    plain, coloured = text_page(made, Screen(80)), text_page(made, Screen(80, colour=True))
    assert plain.replace("\n", "").isprintable()
    assert "\x1b[1;31m" in coloured
    assert COLOUR.sub("", coloured) == plain


def test_an_incomplete_record_stays_short(shipped: guidewright.Guideline) -> None:
    (incomplete,) = [case for case in CASES if case.name.startswith("V03")]
    assessment = guidewright.evaluate_file(shipped, incomplete, engine="compiled")
    assert len(text_page(answer_page(Answer(assessment, shipped.ready.plan)), Screen(100)).splitlines()) < 180


def rows(line: tuple[Span, ...], columns: int, indent: str = "") -> list[str]:
    return wrapped(line, Screen(columns), indent, indent)


def test_lines_break_between_words() -> None:
    assert rows(said("one two three four"), 9) == ["one two", "three", "four"]
    assert rows(said("a  b   c"), 40) == ["a b c"]
    assert rows(said(""), 40) == [""]


def test_spans_that_touch_share_a_word() -> None:
    assert rows((Span("aaaa (bb"), Span("cc)", "dim"), Span(" dd")), 8) == ["aaaa", "(bbcc)", "dd"]


def test_an_id_is_never_broken_and_other_long_words_are() -> None:
    assert rows((*said("see "), Span("[a-very-long-id]", keep=True)), 10) == ["see", "[a-very-long-id]"]
    assert rows(said("x https://example.org/a/b/c"), 12) == ["x", "https://", "example.org/", "a/b/c"]
    assert rows(said("abcdefghij" * 2), 8) == ["abcdefgh", "ijabcdef", "ghij"]


def test_wide_characters_are_measured() -> None:
    assert rows(said("肝臓の報告書"), 6) == ["肝臓の", "報告書"]
    assert rows(said("ab 肝臓 cd"), 7) == ["ab 肝臓", "cd"]
    assert rows(said("e\u0301a bb"), 5) == ["e\u0301a bb"]


def test_a_number_keeps_its_percent_sign() -> None:
    assert rows(said("below 20 % of it"), 8) == ["below", "20 % of", "it"]


def test_a_label_of_wide_characters_keeps_the_table_straight() -> None:
    made = [
        Standing("肝臓の転移", "leading", "3", "-10", "12", 1, 2, 3),
        Standing("Other", "excluded", "-1", "-1", "-1", 0, 1, 0),
    ]
    shown = text_page((Standings(tuple(made)),), Screen(100)).splitlines()
    places = [width(row[: row.index("[")]) for row in shown if "[" in row]
    assert len(places) == 2
    assert len(set(places)) == 1
    narrow = text_page((Standings(tuple(made)),), Screen(40))
    assert f"  ▸ 肝臓の転移\n      +3 [ {MINUS}10 … +12 ]\n      for 1, against 2, open 3\n" in narrow


def test_a_standing_that_cannot_move_has_a_bar_all_the_same() -> None:
    made = Standings((Standing("Only", "leading", "0", "0", "0", 0, 0, 0),))
    assert "●" in text_page((made,), Screen(100))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_width_of_the_terminal_counts_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, used in (("20", NARROWEST), ("72", 72), ("400", WIDEST)):
        monkeypatch.setenv("COLUMNS", columns)
        assert screen_of(io.StringIO(), {}).columns == used


def test_colours_only_on_a_terminal_that_wants_them() -> None:
    assert screen_of(Terminal(), {"TERM": "xterm"}).colour
    assert not screen_of(io.StringIO(), {"TERM": "xterm"}).colour
    assert not screen_of(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}).colour
    assert screen_of(Terminal(), {"TERM": "xterm", "NO_COLOR": ""}).colour
    assert not screen_of(Terminal(), {"TERM": "dumb"}).colour
    closed = io.StringIO()
    closed.close()
    assert not screen_of(closed, {}).colour


# --- harmless whatever a record says

EVIL = (
    "\x1b[31mred\x07 \u202egnp\u2066 \u200b a|b `c` <b>d</b> *e* _f_ [g](http://h) &amp; # \\ $x$ @you www.i.org "
    "\N{TEST TUBE}\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL} \u05e9\u05dc\u05d5\u05dd"
)


VISIBLE = EVIL.replace("\x1b", "").replace("\x07", "")  # what a record may hold


def test_a_control_character_in_a_record_is_refused(small: guidewright.Guideline) -> None:
    with pytest.raises(guidewright.PatientError, match="GW030"):
        page(small, TREATED | {"remark": EVIL})


def test_nothing_in_a_record_steers_the_terminal(small: guidewright.Guideline) -> None:
    sources = [{"value": "5 mm", "source": VISIBLE}, {"value": "60 mm", "source": "x", "note": VISIBLE}]
    facts = TREATED | {"size": {"one_of": sources}, "remark": VISIBLE}
    for made in (page(small, facts, everything=True, patient=EVIL), page(small, facts, patient=EVIL)):
        for shown in (text_page(made, Screen(60)), markdown_page(made)):
            assert shown.replace("\n", "").isprintable()
            assert "x1b[31mred" in shown.replace("\\", "")
            assert "u202egnp" in shown
    assert explained(small, facts, "R-1").replace("\n", "").isprintable()


def test_nothing_in_a_text_becomes_markdown() -> None:
    made = (
        Heading(2, said(EVIL)),
        Paragraph(said("- not a list")),
        Paragraph(said("1. not a list")),
        Paragraph(said("=== not a heading")),
        Paragraph(said(EVIL, "strong")),
        Item(said("+ not a list"), (said("# not a heading"),)),
        Item(said(EVIL), marker="+"),
        Standings((Standing("a | b", "leading", "1", "0", "2", 1, 0, 0),)),
    )
    shown = markdown_page(made)
    lines = shown.splitlines()
    assert lines[2:7:2] == ["\\- not a list", "1\\. not a list", "\\=== not a heading"]
    assert "- \\+ not a list" in lines
    assert "  - \\# not a heading" in lines
    assert any(line.startswith("- \\+ \\\\x1b") for line in lines)
    assert "| a \\| b | leading | +1 | 0 … +2 | 1 | 0 | 0 |" in lines
    for unescaped in (
        r"(?<!\\)<",
        r"(?<!\\)`",
        r"(?<!\\)\]\(",
        r"(?<![\\|]) \*\w",
        r"http:(?!\\)//",
        r"www\.",
        r"(?<!\\)@",
    ):
        assert not re.search(unescaped, shown), unescaped
    assert shown.replace("\n", "").isprintable()


def test_escaped_markdown_reads_as_it_was() -> None:
    plain = r"a*b_c`d[e]<f>|g\h~i&j$k@l#m{n} 20 % (o) http://p www.q"
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown_text(plain)) == plain


def test_markdown_says_the_same(small: guidewright.Guideline) -> None:
    facts = TREATED | {"kind": "good"}
    made = page(small, facts, everything=True)
    shown, marked = text_page(made, Screen(100)), markdown_page(made)

    def words(some: str) -> set[str]:
        return set(re.findall(r"[A-Za-z]{3,}|[A-Z]-\d", some))

    assert words(shown) - words(marked) <= {
        "net",
        "may",
        "become",
        "for",
        "against",
        "open",
        "leads",
        "far",
        "lead",
        "still",
    }
    assert marked == markdown_page(page(small, facts, everything=True))
    assert "\n\n\n" not in marked
    assert not any(row != row.rstrip() for row in marked.splitlines())

"""The report: what a board is told, in which order, and that nothing is left out or made up."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_text_answer import GUIDELINE, TREATED, made_of

import guidewright
from guidewright.answer_words import Answer
from guidewright.document import Blank, Block, Form, Heading, Item, Line, Paragraph, Span, Table, said
from guidewright.layout import Screen
from guidewright.markdown_answer import markdown_page
from guidewright.report import Report, report_of
from guidewright.report_columns import halves
from guidewright.report_markdown import report_markdown
from guidewright.report_pictures import stages_that_matter
from guidewright.report_question import points
from guidewright.rules.display import width
from guidewright.text_answer import text_page
from guidewright.visualize.references import references

CASES = Path(__file__).parent.parent / "guidelines" / "retroperitoneal-leiomyosarcoma" / "cases"
INTERVAL = {"one_of": [{"value": "5 mm", "source": "CT"}, {"value": "60 mm", "source": "letter", "on": "2024-01-02"}]}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> guidewright.Guideline:
    return made_of(GUIDELINE, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def shipped() -> guidewright.Guideline:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIDEWRIGHT_CACHE", "")
        return guidewright.load("retroperitoneal-leiomyosarcoma")


def answer_for(guideline: guidewright.Guideline, facts: dict[str, Any], **more: Any) -> Answer:
    assessment = guidewright.evaluate(guideline, facts, as_of="2024-05-01", engine="compiled", **more)
    return Answer(assessment, guideline.ready.plan)


def of_case(guideline: guidewright.Guideline, name: str) -> Answer:
    assessment = guidewright.evaluate_file(guideline, next(CASES.glob(f"{name}*.yaml")), engine="compiled")
    return Answer(assessment, guideline.ready.plan)


def report(guideline: guidewright.Guideline, facts: dict[str, Any], **more: Any) -> Report:
    return report_of(answer_for(guideline, facts, **more), None)


def line_words(line: Line) -> str:
    return "".join(span.text for span in line)


def block_words(block: Block) -> list[str]:
    match block:
        case Heading(_, line) | Paragraph(line):
            return [line_words(line)]
        case Item(line, below):
            return [line_words(line), *map(line_words, below)]
        case Table(header, rows):
            return [*header, *(line_words(cell) for row in rows for cell in row)]
        case Form(rows):
            return [blank.label for row in rows for blank in row]
        case _:
            raise AssertionError(f"a report has no {type(block).__name__}")


def section(made: Report, title: str) -> str:
    found = [part for part in made.sections if part.title == title]
    assert len(found) == 1, f"{title!r} among {[part.title for part in made.sections]}"
    return "\n".join(text for block in found[0].blocks for text in block_words(block))


def titles(made: Report) -> list[str]:
    return [part.title for part in made.sections]


# --- the whole sheet


def test_the_sections_stand_in_the_order_in_which_a_board_needs_them(small: guidewright.Guideline) -> None:
    sizes = {"one_of": [{"value": "12 mm", "source": "CT"}, {"value": "30 mm", "source": "letter"}]}
    assert titles(report(small, TREATED | {"size": sizes})) == [
        "The question",
        "Recorded facts",
        "Derived facts",
        "Contradictions",
        "Missing facts",
        "Recommendations",
        "Before acting, make sure",
        "What cannot be said yet",
        "What is it?",
        "The way through the flowchart",
        "Calendar",
        "Outcome",
        "References cited above",
    ]


def test_who_what_and_when_stand_at_the_top_and_at_the_foot(small: guidewright.Guideline) -> None:
    made = report(small, TREATED, patient="case-7")
    about = {label: line_words(value) for label, value in made.about}
    assert about["Patient"] == "case-7"
    assert about["As of"] == "1 May 2024"
    assert about["Guideline"] == f"small 1.2.3, for tests ({small.digest[:19]})"
    assert about["Engines"] == "worked out by one engine (compiled)"
    assert made.title == "A small guideline"
    foot = " ".join(made.running)
    for part in ("case-7", "1 May 2024", "1.2.3", small.digest[:19], "compiled", made.notice, "for tests"):
        assert part in foot


def test_a_day_that_the_record_does_not_name_is_said_to_be_today(small: guidewright.Guideline) -> None:
    assessment = guidewright.evaluate(small, TREATED, engine="compiled")
    made = report_of(Answer(assessment, small.ready.plan), None)
    assert "today: the record names no day" in line_words(dict(made.about)["As of"])
    assert str(date.today().year) in made.running[0]


def test_how_the_guideline_was_chosen_is_told(small: guidewright.Guideline) -> None:
    assessment = guidewright.evaluate(small, TREATED, engine="compiled")
    chosen = Answer(assessment, small.ready.plan, chosen="It was the only one.")
    assert line_words(dict(report_of(chosen, None).about)["Chosen"]) == "It was the only one."
    assert "Chosen" not in dict(report(small, TREATED).about)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_rule_that_fires_stands_once_among_the_recommendations(
    shipped: guidewright.Guideline, path: Path
) -> None:
    assessment = guidewright.evaluate_file(shipped, path, engine="compiled")
    made = report_of(Answer(assessment, shipped.ready.plan), None)
    fired = [rule for rule in assessment.with_status("fired") if rule.kind != "row"]
    shown: list[str] = []
    for part in made.sections:
        if part.id == "recommended":
            shown = [block.line[0].text for block in part.blocks if isinstance(block, Item)]
    assert sorted(shown) == sorted(f"[{rule.id}]" for rule in fired)
    if assessment.applies is not False:
        recommended = section(made, "Recommendations")
        for rule in fired:
            assert rule.text in recommended
        assert all(rule.id in section(made, "Outcome") for rule in fired if rule.signoff)


# --- what a board is asked


def test_the_question_names_where_the_way_stops_and_what_it_needs(small: guidewright.Guideline) -> None:
    asked = section(report(small, {"tumour": True}), "The question")
    assert "Question of the referring team" in asked
    assert "Is the patient fit? Needs: Fit for an operation (the way stops here: Care, box 2)." in asked


def test_where_nothing_is_open_the_question_says_so(small: guidewright.Guideline) -> None:
    asked = section(report(small, TREATED), "The question")
    assert "No way through the guideline stops, and no choice is left open on it." in asked
    assert "the 3 recommendations below; 1 needs a signature before use." in asked


def test_one_recommendation_is_not_counted(shipped: guidewright.Guideline) -> None:
    asked = section(report_of(of_case(shipped, "empty-record"), None), "The question")
    assert "accept, change or reject the recommendation below." in asked


def test_what_is_weighed_is_asked_with_what_was_accepted(shipped: guidewright.Guideline) -> None:
    asked = section(report_of(of_case(shipped, "V01"), None), "The question")
    assert "Where does the liver lesion come from? Accepted diagnosis of the liver lesion: Undetermined." in asked
    assert "Metastasis of the leiomyosarcoma leads; may still lead: Hepatocellular carcinoma" in asked


def test_an_accepted_diagnosis_against_the_arguments_is_told(shipped: guidewright.Guideline) -> None:
    facts = yaml.safe_load(next(CASES.glob("V13*.yaml")).read_text(encoding="utf-8"))["facts"]
    excluded = report(shipped, facts | {"diagnosis.accepted": "hcc"})
    assert "The arguments exclude what was accepted." in section(excluded, "The question")
    behind = report(shipped, facts | {"diagnosis.accepted": "primary_hepatic_sarcoma"})
    assert "The arguments put another first." in section(behind, "The question")
    first = section(report(shipped, facts | {"diagnosis.accepted": "lms_metastasis"}), "The question")
    assert "The arguments" not in first


def test_a_weighing_that_is_settled_is_no_question(shipped: guidewright.Guideline) -> None:
    settled = 0
    for path in CASES.glob("*.yaml"):
        assessment = guidewright.evaluate_file(shipped, path, engine="compiled")
        if assessment.applies and assessment.weighing["origin"].confirmed is not None:
            made = report_of(Answer(assessment, shipped.ready.plan), None)
            asked = section(made, "The question").split("\n")
            assert not any(line.startswith("Where does the liver lesion come from?") for line in asked)
            settled += 1
    assert settled


def test_a_choice_of_the_clinician_is_asked_with_its_options(shipped: guidewright.Guideline) -> None:
    for path in sorted(CASES.glob("*.yaml")):
        assessment = guidewright.evaluate_file(shipped, path, engine="compiled")
        answer = Answer(assessment, shipped.ready.plan)
        steps = {(s.id, step.id): step for s in shipped.ready.guideline.stages for step in s.steps}
        for stage, way in assessment.paths.items():
            for taken in way.steps:
                step = steps[stage, taken.step]
                if step.kind != "choose":
                    continue
                asked = section(report_of(answer, None), "The question")
                assert step.text in asked
                for rule in step.rules:
                    assert (f"[{rule}]" in asked) == (assessment.rules[rule].status in ("fired", "open"))
                return
    raise AssertionError("no case reaches a choice")


# --- facts


def test_a_recorded_fact_stands_with_its_source_and_date(small: guidewright.Guideline) -> None:
    facts = {"tumour": True, "size": {"value": "30 mm", "source": "CT", "on": "2024-01-02", "note": "thin slices"}}
    given = section(report(small, facts), "Recorded facts")
    assert "Size of the tumour\n30 mm (CT; 2024-01-02; thin slices)" in given
    assert "Recorded as yes: Tumour present." in given
    assert "1 of 2 entries name no source." in given


def test_yes_and_no_stand_together_unless_there_is_more_to_say(small: guidewright.Guideline) -> None:
    facts = {"tumour": True, "fit": False, "bleeding": {"value": True, "source": "letter"}}
    given = section(report(small, facts), "Recorded facts")
    assert "Recorded as yes: Tumour present." in given
    assert "Recorded as no: Fit for an operation." in given
    assert "Bleeding risk\nyes (letter)" in given


def test_both_sides_of_a_contradiction_are_shown_where_they_matter(small: guidewright.Guideline) -> None:
    made = report(small, TREATED | {"size": INTERVAL})
    assert "differ: 5 mm (CT) / 60 mm (letter; 2024-01-02)" in section(made, "Recorded facts")
    told = section(made, "Contradictions")
    assert "Size of the tumour. The sources differ: 5 mm (CT) / 60 mm (letter; 2024-01-02)." in told
    assert re.search(r"Matters for: .*\[R-1\]", told)
    assert "Contradictions" not in titles(report(small, TREATED))


def test_a_derived_fact_names_the_row_that_gave_it(small: guidewright.Guideline) -> None:
    assert "Big or small\nSmall\n[T-2]" in section(report(small, TREATED), "Derived facts")
    assert "Derived facts" not in titles(report(small, {"tumour": True}))


def test_what_could_not_be_worked_out_is_told(tmp_path: Path) -> None:
    more = '\n          ratio: {label: Ratio, type: quantity, unit: "1", range: [0, 2], formula: size / wide}'
    more += "\n          wide: {label: Width, type: quantity, unit: mm, range: [0, 400]}\n        "
    guideline = made_of(GUIDELINE | {"facts.yaml": GUIDELINE["facts.yaml"].rstrip() + more}, tmp_path)
    told = section(report(guideline, TREATED | {"wide": "0 mm"}), "Derived facts")
    assert re.search(r"Ratio\ncould not be worked out: .+", told)


def test_missing_facts_are_counted_and_the_first_ones_asked(shipped: guidewright.Guideline) -> None:
    answer = of_case(shipped, "V01")
    told = section(report_of(answer, None), "Missing facts")
    asked = answer.assessment.ask
    assert f"{len(asked)} facts to find out, the first 8" in told
    assert [question.question in told for question in asked[:9]] == [True] * 8 + [False]
    assert f"and {len(asked) - 8} more" in told


# --- recommendations


def test_prohibitions_come_first_then_what_to_do(shipped: guidewright.Guideline) -> None:
    found = next(part for part in report_of(of_case(shipped, "V02"), None).sections if part.id == "recommended")
    heads = [line_words(block.line) for block in found.blocks if isinstance(block, Heading)]
    assert heads == ["DO NOT", "Do", "Consider", "Ask for", "Note", "Know and tell"]


def test_a_recommendation_tells_why_how_strong_and_what_speaks_against_it(small: guidewright.Guideline) -> None:
    told = section(report(small, TREATED), "Recommendations")
    below = told[told.index("[R-1] Operate\n") :].split("\n")[1]
    assert below == (
        "strong · high certainty · reference 1 · needs a clinician's signature · disputed. "
        "Why: size of the tumour: 30 mm (at least 10 mm); fit for an operation. "
        "Disputed: An operation harms (reference 2). Except: The patient declines. "
        "Assumed not so: bleeding risk: yes. Provided that these do not hold: [R-2]."
    )


def test_a_prohibition_says_what_it_forbids(small: guidewright.Guideline) -> None:
    told = section(report(small, TREATED | {"kind": "good"}), "Recommendations")
    assert told.startswith("DO NOT\n[R-2] Do not operate on something harmless\n")
    assert "expert opinion. Why: kind of tumour: Harmless. Forbids for now: Treatment." in told
    assert "[R-1]" not in told


def test_a_recommendation_that_rests_on_a_contradiction_says_so(small: guidewright.Guideline) -> None:
    bleeding = {"one_of": [{"value": True, "source": "CT"}, {"value": False, "source": "letter"}]}
    told = section(report(small, TREATED | {"bleeding": bleeding}), "Recommendations")
    assert "rests on a contradiction" in told[told.index("[R-1]") :].split("\n")[1]


def test_without_a_recommendation_it_is_said_to_be_no_all_clear(small: guidewright.Guideline) -> None:
    assert "That is not an all-clear" in section(report(small, {}), "Recommendations")


def test_what_to_make_sure_of_names_what_would_change(small: guidewright.Guideline) -> None:
    told = section(report(small, TREATED), "Before acting, make sure")
    assert "Recommendations above rest on 2 facts not recorded." in told
    assert "Bleeding risk\n[R-1] takes not to be so: bleeding risk: yes" in told
    assert "[R-1] gives way to [R-2] Do not operate on something harmless" in told


def test_what_is_open_names_what_would_settle_it(small: guidewright.Guideline) -> None:
    told = section(report(small, {"tumour": True}), "What cannot be said yet")
    assert "[R-2]\ndo not? Do not operate on something harmless\nKind of tumour" in told
    assert "[R-1]\ndo? Operate\nSize of the tumour; Fit for an operation" in told
    assert "Also open: [R-5]" in told


def test_every_open_rule_is_named(shipped: guidewright.Guideline) -> None:
    answer = of_case(shipped, "V03")
    told = section(report_of(answer, None), "What cannot be said yet")
    rules = [rule.id for rule in answer.assessment.with_status("open") if rule.kind != "row"]
    assert sorted(re.findall(r"\[([A-D]-\d\d)\]", told)) == sorted(rules)


def test_the_references_are_those_that_are_cited(shipped: guidewright.Guideline) -> None:
    made = report_of(of_case(shipped, "V02"), None)
    told = section(made, "Recommendations")
    cited = {int(n) for found in re.findall(r"references? (\d+(?:, \d+)*)", told) for n in found.split(", ")}
    listed = section(made, "References cited above")
    numbers = {int(n) for n in re.findall(r"^(\d+) ", listed, re.MULTILINE)}
    assert cited == numbers
    by_number = {number: id for id, number in references(shipped.ready.guideline).items()}
    for number in numbers:
        assert f"{number} {shipped.ready.guideline.sources[by_number[number]].cite.rstrip('.')}." in listed
    assert "not read: to be checked" in listed


# --- weighing, way, calendar


def test_the_weighing_shows_standing_range_counts_and_the_heaviest_arguments(small: guidewright.Guideline) -> None:
    rows = section(report(small, TREATED), "What is it?").split("\n")
    assert "not a probability" in rows[0]
    place = rows.index("Cancer, leads so far")
    assert rows[place + 1 : place + 5] == ["+2 (+2 to +2)", "1: It is large (+2) [G-1]", "none", "1"]
    settled = section(report(small, TREATED | {"kind": "bad"}), "What is it?")
    assert "Cancer, confirmed" in settled
    assert "A cyst, excluded" in settled
    assert "2: The tissue shows cancer (confirms it) [G-2]; It is large (+2) [G-1]" in settled
    nothing = section(report(small, {"tumour": True}), "What is it?")
    assert nothing == "No argument speaks for or against any candidate yet. 4 arguments wait for facts."


def test_the_way_is_told_by_box_with_what_was_assumed(shipped: guidewright.Guideline) -> None:
    answer = of_case(shipped, "V02")
    told = section(report_of(answer, None), "The way through the flowchart")
    for path in answer.assessment.paths.values():
        boxes = " → ".join(f"{step.box}{'*' if step.assuming else ''}" for step in path.steps)
        assert boxes in told
    assert re.search(r"Stops at: Is there disease outside the liver\? NEEDS: Lung metastases; Peritoneal disease", told)
    assert "* assumed" in told


def test_markdown_tells_the_whole_way_in_words(small: guidewright.Guideline) -> None:
    shown = report_markdown(report(small, {"tumour": True}))
    assert "### Care\n\n- **1.** A tumour\n- **2.** Is the patient fit? **The way stops here. NEEDS:** Fit for" in shown
    assert "- **2.** Is the patient fit? **Yes.**" in report_markdown(report(small, TREATED))


def test_the_calendar_has_dates_where_the_start_is_known(small: guidewright.Guideline) -> None:
    dated = section(report(small, TREATED | {"operated_on": "2024-03-15"}), "Calendar")
    assert dated.startswith("When\nWhat\nId\n15 June 2024 to 15 July 2024\nScan\n[R-3]\n15 October 2024 to")
    undated = section(report(small, TREATED), "Calendar")
    assert "counted from: Day of the operation (not recorded, so no dates)\nScan\n[R-3]" in undated
    assert "names a date or a rhythm" in section(report(small, {}), "Calendar")


def test_the_calendar_is_in_the_order_of_days(shipped: guidewright.Guideline) -> None:
    found = 0
    for path in CASES.glob("*.yaml"):
        assessment = guidewright.evaluate_file(shipped, path, engine="compiled")
        due = [(due.earliest, due.latest) for rule in assessment.with_status("fired") for due in rule.due]
        if not due:
            continue
        made = report_of(Answer(assessment, shipped.ready.plan), None)
        table = next(part for part in made.sections if part.id == "calendar").blocks[0]
        assert isinstance(table, Table)
        assert len(table.rows) >= len(due)
        shown = [line_words(row[0]).split(" to ")[0] for row in table.rows[: len(due)]]
        assert shown == [f"{day:%-d %B %Y}" for day, _ in sorted(due)]
        found += 1
    assert found > 3


def test_what_is_overdue_says_so(tmp_path: Path) -> None:
    once = GUIDELINE["1-care.yaml"].replace(
        "{every: [3 mo, 4 mo], from: operated_on, until: 36 mo}", "{once: [6 mo, 9 mo], from: operated_on}"
    )
    guideline = made_of(GUIDELINE | {"1-care.yaml": once}, tmp_path)
    assert "(overdue)" in section(report(guideline, TREATED | {"operated_on": "2022-03-15"}), "Calendar")


def test_there_is_room_for_the_outcome(small: guidewright.Guideline) -> None:
    told = section(report(small, TREATED), "Outcome").split("\n")
    for asked in ("Decision", "Where it deviates from the guideline, and why", "Responsible", "Date", "Signature"):
        assert asked in told
    assert "1 recommendation to be signed before use, accepted or not: R-1" in told
    assert not any("to be signed" in line for line in section(report(small, {"tumour": True}), "Outcome").split("\n"))


# --- honest sheets


def test_an_empty_record_is_told_to_be_empty(small: guidewright.Guideline) -> None:
    made = report(small, {})
    assert titles(made)[:2] == ["Does this guideline apply?", "The question"]
    assert "Tumour present: not recorded" in section(made, "Does this guideline apply?")
    assert section(made, "Recorded facts") == "Nothing is recorded about this patient."
    assert "Is there a tumour?" in section(made, "Missing facts")


def test_a_guideline_that_does_not_apply_recommends_nothing(small: guidewright.Guideline) -> None:
    made = report(small, TREATED | {"tumour": False})
    assert titles(made) == [
        "This guideline does not apply to this patient",
        "Recorded facts",
        "Derived facts",
        "Outcome",
    ]
    told = section(made, "This guideline does not apply to this patient")
    assert "The record says: Tumour present: no." in told
    assert "No rule was applied. That is not an all-clear." in told
    assert "[R-1]" not in report_markdown(made)
    assert stages_that_matter(answer_for(small, TREATED | {"tumour": False})) == ()


# --- pages of the flowchart


def test_the_page_that_matters_is_the_one_where_the_way_stops(shipped: guidewright.Guideline) -> None:
    answer = of_case(shipped, "V02")
    stopped = {point.stage for point in points(answer) if point.stops}
    assert stopped == {"treatment"}
    assert set(stages_that_matter(answer)) == {"origin", "treatment"}
    assert stages_that_matter(of_case(shipped, "V01")) == ("origin",)


def test_never_more_than_two_pages_and_always_one(shipped: guidewright.Guideline) -> None:
    order = [stage.id for stage in shipped.ready.guideline.stages]
    for path in CASES.glob("*.yaml"):
        assessment = guidewright.evaluate_file(shipped, path, engine="compiled")
        chosen = stages_that_matter(Answer(assessment, shipped.ready.plan))
        assert len(chosen) == len(set(chosen)) <= 2
        assert list(chosen) == sorted(chosen, key=order.index)
        assert bool(chosen) == (assessment.applies is not False)


# --- tables and forms


def test_the_halves_of_a_table_are_alike_in_height_and_keep_the_order() -> None:
    long = "word " * 60
    rows = tuple((said(text), said("x")) for text in ("a", "b", long, "c", "d", "e", "f", "g", "h", "i"))
    left, right = halves(Table(("A", "B"), rows, (1, 1)))
    assert left.rows + right.rows == rows
    assert left.header == right.header == ("A", "B")
    assert 2 <= len(left.rows) <= 3
    alone, nothing = halves(Table(("A",), ((said("a"),),), (1,)))
    assert (len(alone.rows), len(nothing.rows)) == (1, 0)
    assert halves(Table(("A",), (), (1,)))[0].rows == ()


TABLE = Table(("Fact", "Value"), ((said("Size | big"), (Span("30 mm", "strong"),)), (said("1. x"), ())), (2, 1))
FORM = Form(((Blank("Decision", 2),), (Blank("Date"), Blank("Signature"))))


def test_a_table_in_markdown() -> None:
    assert markdown_page((TABLE,)).splitlines() == [
        "| Fact | Value |",
        "| --- | --- |",
        r"| Size \| big | **30 mm** |",
        "| 1. x |  |",
    ]
    assert "| Decision | |\n| Date | |\n| Signature | |\n" in markdown_page((FORM,))


def test_a_table_in_a_terminal_fits_and_names_its_columns_where_it_is_narrow() -> None:
    wide = text_page((TABLE,), Screen(60))
    assert re.search(r"^  Fact +Value\n  Size \| big +30 mm\n", wide)
    rows = tuple((said(f"{i} {'word ' * 9}"),) * 4 for i in range(3))
    narrow = text_page((Table(("One", "Two", "Three", "Four"), rows, (1, 1, 1, 1)),), Screen(40))
    assert narrow.startswith("  One: 0 word")
    assert narrow.count("Three: ") == 3
    for columns in (40, 60, 100):
        shown = text_page((Table(("One", "Two"), tuple(row[:2] for row in rows), (3, 1)), FORM), Screen(columns))
        assert max(map(width, shown.splitlines())) <= columns
        assert shown.count("word") == 3 * 2 * 9
    assert text_page((FORM,), Screen(40)).count("____\n") == 4

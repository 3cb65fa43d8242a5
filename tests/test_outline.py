"""The outline: every box and arrow of the pages exactly once, the patient's marks as the assessment has them, and no
text that becomes anything but text.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import guidewright
from guidewright.commands import guidewright as command
from guidewright.document import Document, Heading, Item, Line, Paragraph, Standings, said, signed
from guidewright.engine.assessment import NOTICE, Assessment
from guidewright.html_page import html_blocks
from guidewright.layout import Screen
from guidewright.markdown_answer import markdown_page
from guidewright.outline_page import outline_page
from guidewright.rules.english import condition_in_words
from guidewright.rules.model import Guideline
from guidewright.rules.units import show_number
from guidewright.text_answer import text_page
from guidewright.visualize.outline import outline
from guidewright.visualize.references import references

GUIDELINES = ("retroperitoneal-leiomyosarcoma", "curb-65")
SHIPPED = Path(__file__).parent.parent / "guidelines" / "retroperitoneal-leiomyosarcoma"
INDEX, INCOMPLETE = (next((SHIPPED / "cases").glob(f"{name}-*.yaml")) for name in ("V01", "V03"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(params=GUIDELINES)
def shipped(request: pytest.FixtureRequest) -> Guideline:
    return guidewright.load(request.param).ready.guideline


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(command, ["outline", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def words(line: Line) -> str:
    return "".join(span.text for span in line)


def boxes_of(page: Document) -> list[Item]:
    return [block for block in page if isinstance(block, Item) and (block.anchor or "").startswith("outline-box-")]


def rules_of(page: Document) -> list[Item]:
    """The entries of rules and arguments, which begin with words of ours and end with an id."""
    return [block for block in page if isinstance(block, Item) and block.line[-1].keep]


def lines_with(text: str, item: Item) -> list[str]:
    return [words(line) for line in item.below if text in words(line)]


def tree_of(page: Document) -> ElementTree.Element:
    return ElementTree.fromstring(f"<main>{html_blocks(page)}</main>")


# --- boxes, arrows and rules


def test_every_box_and_every_arrow_is_there_once(shipped: Guideline) -> None:
    shown = boxes_of(outline_page(outline(shipped)))
    steps = sorted((step for stage in shipped.stages for step in stage.steps), key=lambda step: step.box)
    assert [item.marker.strip() for item in shown] == [f"{step.box}." for step in steps]
    for stage in shipped.stages:
        boxes = {step.id: step.box for step in stage.steps}
        for step in stage.steps:
            (item,) = (item for item in shown if item.marker.strip() == f"{step.box}.")
            assert words(item.line).startswith(step.text if step.text != step.link else "")
            arrows = [words(line) for line in item.below if words(line).startswith("→ ")]
            if step.link is not None:
                (arrow,) = arrows
                page_id, _, target = step.link.rpartition("/")
                page = next(one for one in shipped.stages if one.id == (page_id or stage.id))
                box = next(one.box for one in page.steps if one.id == target)
                assert re.match(rf"→ go to box {box}\b", arrow)
                assert (page.title in arrow) == (page.id != stage.id)
            elif step.answers:
                expected = [f"→ {answer.text}: go to {boxes[answer.go]} · " for answer in step.answers]
                assert len(arrows) == len(expected)
                assert all(arrow.startswith(begin) for arrow, begin in zip(arrows, expected, strict=True))
            else:
                assert arrows == ([f"→ go to {boxes[step.go]}"] if step.go is not None else [])


def test_every_answer_says_on_what_condition_it_is_given(shipped: Guideline) -> None:
    shown = {item.marker.strip(): item for item in boxes_of(outline_page(outline(shipped)))}
    seen = Counter[str]()
    for step in (step for stage in shipped.stages for step in stage.steps):
        arrows = lines_with("→ ", shown[f"{step.box}."]) if step.answers else []
        for answer, arrow in zip(step.answers, arrows, strict=True):
            seen[answer.last or "when"] += 1
            if answer.last is None:
                assert arrow.endswith(f" · if {condition_in_words(answer.when, shipped.facts)}")
            else:
                assert ("(assumed)" in arrow) == (answer.last == "assumed")
                assert "if every other" in arrow or "if none of the others" in arrow
    assert seen["when"]


def test_every_rule_stands_on_its_box_whole(shipped: Guideline) -> None:
    page = outline_page(outline(shipped))
    where: dict[str, str | None] = {}
    box: str | None = None
    for block in page:
        if isinstance(block, Heading):
            box = "beside" if words(block.line) == "Throughout this page" else None
        elif isinstance(block, Item) and (block.anchor or "").startswith("outline-box-"):
            box = block.marker.strip()
        elif isinstance(block, Item) and block.line[-1].keep:
            id = block.line[-1].text.strip("[]")
            assert id not in where
            where[id] = box
    for stage in shipped.stages:
        for step in stage.steps:
            assert all(where[id] == f"{step.box}." for id in step.rules)
        assert all(where[id] == "beside" for id in stage.beside)
    numbers = references(shipped)
    for item in rules_of(page):
        rule = shipped.rules.get(item.line[-1].text.strip("[]"))
        if rule is None:
            continue
        shown = " ".join(words(line) for line in (item.line, *item.below))
        text = rule.text.removeprefix("Do not ") if rule.kind == "avoid" else rule.text
        for part in (text, rule.except_ or "", rule.note or ""):
            assert all(paragraph in shown for paragraph in part.split("\n\n"))
        assert bool(re.match(r"DO NOT\b", words(item.line))) == (rule.kind == "avoid")
        assert ("Needs a clinician's signature" in shown) == rule.signoff
        assert ("When: " in shown) == (rule.timing is not None)
        assert ("Unless: " in shown) == (rule.unless is not None)
        sources = {numbers[name.rpartition(".")[0]] for name in rule.evidence.because}
        listed = re.search(r"references? ([\d, ]+)", words(item.below[-1])) if item.below else None
        assert {int(number) for number in listed.group(1).split(",")} == sources if listed else not sources


@pytest.mark.parametrize(
    ("text", "short", "shown"),
    [
        ("Do not wait", "Waiting", "DO NOT wait [P1]"),
        ("Give no statin; rest", "Statins.", "DO NOT: Statins. Give no statin; rest [P1]"),
        ("Give no statin; rest", None, "DO NOT rule: Give no statin; rest [P1]"),
    ],
)
def test_a_prohibition_is_not_negated_twice(text: str, short: str | None, shown: str) -> None:
    model = guidewright.load("curb-65").ready.guideline
    rule = replace(model.rules["P1"], text=text, short=short)
    page = outline_page(outline(replace(model, rules={**model.rules, "P1": rule})))
    assert [words(item.line) for item in rules_of(page) if item.line[-1].text == "[P1]"] == [shown]


def test_the_sources_are_listed_by_their_numbers(shipped: Guideline) -> None:
    page = outline_page(outline(shipped))
    items = [b for b in page if isinstance(b, Item) and (b.anchor or "").startswith("outline-reference-")]
    expected = [(f"{number}.", shipped.sources[id].cite) for id, number in references(shipped).items()]
    assert [item.marker.strip() for item in items] == [number for number, _ in expected]
    assert all(words(item.line).startswith(cite) for item, (_, cite) in zip(items, expected, strict=True))
    read = {shipped.sources[id].read for id in references(shipped)}
    assert len({words(item.line)[len(cite) :] for item, (_, cite) in zip(items, expected, strict=True)}) >= len(read)


def test_each_argument_stands_below_its_candidate(shipped: Guideline) -> None:
    page = outline_page(outline(shipped))
    shown = {item.line[-1].text.strip("[]"): item for item in rules_of(page)}
    assert sum(id not in shipped.rules for id in shown) == sum(
        len(candidate.arguments) for weighing in shipped.weighings.values() for candidate in weighing.candidates
    )
    for weighing in shipped.weighings.values():
        for argument in (argument for candidate in weighing.candidates for argument in candidate.arguments):
            line = words(shown[argument.id].line)
            assert argument.says in line
            decided = "confirms it" if argument.confirms else "excludes it" if argument.excludes else None
            assert (decided or signed(show_number(argument.weight))) in line


def test_the_end_says_which_version_it_is(shipped: Guideline) -> None:
    page = outline_page(outline(shipped))
    last = " ".join(words(block.line) for block in page[-2:] if isinstance(block, Paragraph))
    for part in (shipped.id, shipped.version, shipped.digest[:19], shipped.status, NOTICE):
        assert part in last
    assert any(isinstance(block, Paragraph) and words(block.line) == NOTICE for block in page[:8])


def test_a_day_of_the_version_is_said(shipped: Guideline) -> None:
    import datetime

    dated = outline_page(outline(replace(shipped, date=datetime.date(2024, 2, 29))))
    undated = outline_page(outline(replace(shipped, date=None)))
    assert text_page(dated, Screen(100)).count("29 February 2024") == 2
    assert "2024" not in "".join(words(b.line) for b in (*undated[:4], undated[-2]) if not isinstance(b, Standings))


def test_a_box_of_another_kind_says_so() -> None:
    pathway = """
      start: {title: Begin, go: ask}
      ask: {decide: Fever, answers: [{answer: Hot, when: {fever: true}, go: end}, {answer: No, assumed: true, go: end}]}
      end: {end: Out}
    """
    lines = [words(item.line) for item in boxes_of(outline_page(outline(made(pathway))))]
    assert lines == ["Begin (state)", "Fever (decision)", "Out (end)"]


# --- with a patient


def assessed(guideline: str, patient: Path | None) -> tuple[Guideline, Assessment]:
    loaded = guidewright.load(guideline)
    if patient is None:
        return loaded.ready.guideline, guidewright.evaluate(loaded, {}, as_of="2024-05-01", engine="compiled")
    return loaded.ready.guideline, guidewright.evaluate_file(loaded, patient, engine="compiled")


@pytest.mark.parametrize(
    ("guideline", "patient"),
    [(GUIDELINES[0], INDEX), (GUIDELINES[0], INCOMPLETE), (GUIDELINES[0], None), (GUIDELINES[1], None)],
    ids=["V01", "V03", "empty", "empty-curb-65"],
)
def test_the_marks_are_those_of_the_assessment(guideline: str, patient: Path | None) -> None:
    model, assessment = assessed(guideline, patient)
    page = outline_page(outline(model, assessment))
    boxes = {int(item.marker.strip(" .")): item for item in boxes_of(page)}
    for stage in model.stages:
        path = assessment.paths[stage.id]
        way = {taken.step: taken for taken in path.steps}
        for step in stage.steps:
            item, taken = boxes[step.box], way.get(step.id)
            expected = "not reached" if taken is None else "stops here" if path.stopped_at == step.id else "on the way"
            assert words(item.line).endswith(f" · {expected}")
            answers = [arrow.partition(":")[0] for arrow in lines_with("answer taken", item)]
            assert answers == ([f"→ {taken.answer}"] if taken is not None and taken.answer is not None else [])
            assert bool(lines_with("taken (assumed)", item)) == (taken is not None and bool(taken.assuming))
            needs = [f"NEEDS: {'; '.join(model.facts[fact].label for fact in path.needs)}"]
            assert lines_with("NEEDS: ", item) == (needs if expected == "stops here" else [])
    seen = Counter[str]()
    for item in rules_of(page):
        rule = assessment.rules.get(item.line[-1].text.strip("[]"))
        if rule is None:
            continue
        status = words(item.below[0])
        seen[rule.status] += 1
        begins = {"fired": "Fires", "open": "Open", "overridden": "Overridden", "not_fired": "Does not apply"}
        assert status.startswith(begins[rule.status])
        assert all(f"[{id}]" in status for id in rule.overridden_by)
        if rule.status == "open":
            assert status == f"Open, needs: {'; '.join(model.facts[fact].label for fact in rule.needs)}"
        if rule.status == "fired":
            assert ("not known" in status) == bool(rule.assuming or rule.provided)
    assert sum(seen.values()) == len(model.rules)
    tables = [block for block in page if isinstance(block, Standings)]
    assert len(tables) == len(model.weighings)
    for table, weighing in zip(tables, assessment.weighing.values(), strict=True):
        assert {(row.label, row.net, row.low, row.high) for row in table.rows} == {
            (one.label, one.net, one.low, one.high) for one in weighing.candidates
        }


def test_the_arguments_are_marked_as_the_assessment_has_them() -> None:
    model, assessment = assessed(GUIDELINES[0], INDEX)
    shown = {item.line[-1].text.strip("[]"): item for item in rules_of(outline_page(outline(model, assessment)))}
    seen = Counter[str]()
    for candidate in (one for weighing in assessment.weighing.values() for one in weighing.candidates):
        standing = {argument.id: "Holds" for argument in (*candidate.supporting, *candidate.opposing)}
        standing |= {argument.id: "Open" for argument in candidate.open}
        weighing = model.weighings["origin"]
        for argument in next(one for one in weighing.candidates if one.id == candidate.id).arguments:
            expected = standing.get(argument.id, "Does not hold")
            seen[expected] += 1
            assert words(shown[argument.id].below[0]).startswith(expected)
    assert set(seen) == {"Holds", "Open", "Does not hold"}


def test_where_the_guideline_does_not_apply_nothing_is_marked() -> None:
    loaded = guidewright.load(GUIDELINES[1])
    child = guidewright.evaluate(loaded, {"patient.age": "9 a"}, engine="compiled")
    assert child.applies is False
    shown = text_page(outline_page(outline(loaded, child)), Screen(100))
    assert "does not apply to this patient" in shown
    assert not re.search("not reached|on the way|Does not apply|Fires", shown)
    unknown = guidewright.evaluate(loaded, {}, engine="compiled")
    assert "Not known whether this guideline applies" in text_page(outline_page(outline(loaded, unknown)), Screen(100))


def test_dates_follow_the_timing() -> None:
    loaded = guidewright.load(GUIDELINES[1])
    facts = {"patient.age": "70 a", "care.assessed_on": "2024-05-01"}
    assessment = guidewright.evaluate(loaded, facts, as_of="2024-05-02", engine="compiled")
    (due,) = (rule for rule in assessment.rules.values() if rule.due)
    shown = {item.line[-1].text.strip("[]"): item for item in rules_of(outline_page(outline(loaded, assessment)))}
    assert lines_with("Due: ", shown[due.id]) == ["Due: 3 May 2024"]


def test_several_answers_at_once_are_a_fault_that_is_said() -> None:
    pathway = """
      start: {title: Begin, go: ask}
      ask:
        decide: Which?
        answers:
          - {answer: A, when: {fever: true}, go: end}
          - {answer: B, when: {age: "> 3 a"}, go: end}
          - {answer: Neither, assumed: true, go: end}
      end: {end: Out}
    """
    loaded = made(pathway)
    assessment = guidewright.evaluate(loaded, {"fever": True, "age": "9 a"}, engine="compiled")
    box = boxes_of(outline_page(outline(loaded, assessment)))[1]
    assert [line.partition(":")[0] for line in lines_with(" · holds · ", box)] == ["→ A", "→ B"]
    assert lines_with("Several answers hold at once", box)


def test_an_assessment_of_another_guideline_is_refused() -> None:
    _, assessment = assessed(GUIDELINES[0], None)
    with pytest.raises(ValueError, match="another guideline"):
        outline(guidewright.load(GUIDELINES[1]), assessment)
    with pytest.raises(TypeError, match=r"what guidewright\.load gives"):
        outline("curb-65")  # type: ignore[arg-type]


def test_nothing_of_a_patient_has_a_repr() -> None:
    model, assessment = assessed(GUIDELINES[0], INDEX)
    found = outline(model, assessment)
    secrets = (found, found.patient, found.stages[0], found.stages[0].boxes[3], found.stages[1].weighings[0])
    assert all("V01" not in repr(one) and "object at" in repr(one) for one in secrets)


# --- as text, as Markdown, as HTML


@pytest.mark.parametrize("columns", [40, 80, 100])
def test_every_box_begins_a_row_of_the_terminal(shipped: Guideline, columns: int) -> None:
    shown = text_page(outline_page(outline(shipped)), Screen(columns))
    boxes = shown.partition("\nReferences\n")[0]
    numbers = [int(number) for number in re.findall(r"^  ( ?\d+)\. ", boxes, re.MULTILINE)]
    assert numbers == sorted(step.box for stage in shipped.stages for step in stage.steps)
    assert all(character.isprintable() or character == "\n" for character in shown)


def test_what_belongs_to_a_box_is_indented_below_its_text_in_markdown(shipped: Guideline) -> None:
    shown = markdown_page(outline_page(outline(shipped)))
    begun: list[int] = []
    rows = [re.match(r"( *)(\d+\. |- )", row) for row in shown.split("\n")]
    entries = 0
    for row in rows:
        if row is None:
            begun = []
            continue
        column = len(row.group(1))
        while begun and begun[-1] > column:
            begun.pop()
        assert column == (begun[-1] if begun else 0), f"{row.string!r} stands in no list"
        begun.append(len(row.group()))
        entries += row.group(2) != "- "
    assert entries == len(references(shipped)) + sum(len(stage.steps) for stage in shipped.stages)


def test_lists_lie_in_lists_in_markdown() -> None:
    page = (
        Item(said("nine"), (said("below"),), " 9."),
        Item(said("rule"), (said("note"),), depth=1),
        Item(said("ten"), marker="10."),
        Item(said("rule"), marker="✗", depth=1),
        Item(said("deeper"), depth=2),
    )
    assert markdown_page(page) == (
        "9. nine\n   - below\n   - rule\n     - note\n10. ten\n    - ✗ rule\n      - deeper\n"
    )


def test_the_links_of_the_html_lead_to_boxes_and_references(shipped: Guideline) -> None:
    tree = tree_of(outline_page(outline(shipped)))
    ids = Counter(part.get("id") for part in tree.iter() if part.get("id"))
    assert set(ids.values()) == {1}
    numbers = {int(part.get("value") or "") for part in tree.iter("li") if "box" in (part.get("id") or "")}
    assert numbers == {step.box for stage in shipped.stages for step in stage.steps}
    links = [part.get("href") or "" for part in tree.iter("a")]
    assert links
    urls = {source.url for source in shipped.sources.values()}
    assert all(link[1:] in ids if link.startswith("#") else link in urls for link in links)


def test_one_stage_has_its_own_boxes_and_no_link_to_others(shipped: Guideline) -> None:
    found = outline(shipped)
    for stage in found.stages:
        page = outline_page(found, stage.id)
        assert [item.step for item in stage.boxes] == [
            next(box.step for box in stage.boxes if item.anchor == f"outline-box-{box.number}")
            for item in boxes_of(page)
        ]
        tree = tree_of(page)
        ids = {part.get("id") for part in tree.iter()}
        assert all(href[1:] in ids for part in tree.iter("a") if (href := part.get("href") or "").startswith("#"))
    assert len(outline_page(found, found.stages[0].id)) < len(outline_page(found))


NASTY = (
    "<script>alert(1)</script> & \"q\" 'q'",
    r"\N \l [x](javascript:alert(1)) `code` **bold** | $x$",
    "w" * 300,
    "\n\n".join(f"line {i} of forty" for i in range(40)),
    "\u05d1\u05d3\u05d9\u05e7\u05d4 (5 mm)",
    "javascript:alert(1) https://example.org/x",
    "\x1b[31mred\x07 \u202e turned \x00 \u2028",
    "12. # - + > ~~~",
)


@pytest.mark.parametrize("text", NASTY)
def test_nothing_that_an_author_writes_breaks_out(text: str) -> None:
    page = outline_page(outline(everywhere(text)))
    whole = text_page(page, Screen(60))
    assert all(character.isprintable() or character == "\n" for character in whole)
    for shape in (whole, markdown_page(page), html_blocks(page)):
        assert all(character.isprintable() or character == "\n" for character in shape)
    tree = tree_of(page)
    known = {"main", "h1", "h2", "h3", "p", "ul", "ol", "li", "span", "strong", "bdi", "code", "a"}
    assert {part.tag for part in tree.iter()} <= known
    assert all(part.get("href", "").startswith("#outline-") for part in tree.iter("a"))
    assert not re.search(r"(?<!\\)[<\[]|(?<!\\)://", markdown_page(page))


def test_a_note_of_forty_lines_is_forty_lines() -> None:
    page = outline_page(outline(everywhere(NASTY[3])))
    (rule,) = rules_of(page)[:1]
    lines = [words(line) for line in rule.below]
    assert "Note: line 0 of forty" in lines
    assert "line 39 of forty" in lines


def test_a_link_without_a_title_is_named_after_its_target() -> None:
    pathway = """
      start: {title: Begin, go: back}
      back: {link: one/start}
    """
    box = boxes_of(outline_page(outline(made(pathway))))[1]
    assert words(box.line) == "Begin (link)"
    assert lines_with("→", box) == ["→ go to box 1"]


# --- the command


def test_the_command_shows_text_markdown_and_html() -> None:
    text = run("curb-65")
    assert text.exit_code == 0
    assert text.stdout.startswith("Community-acquired pneumonia")
    assert run("curb-65", "--format", "markdown").stdout.startswith("# Community-acquired pneumonia")
    html = run("curb-65", "--format", "html").stdout
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert html.endswith("</html>\n")


def test_the_command_takes_a_stage_and_a_patient() -> None:
    result = run(GUIDELINES[0], "--stage", "origin", "--patient", INDEX, "--engine", "compiled")
    assert result.exit_code == 0
    assert "Patient V01-index-case-before-surgery, as of 15 December 2020" in result.stdout
    assert "not reached" in result.stdout
    later = run(GUIDELINES[0], "--patient", INDEX, "--engine", "compiled", "--as-of", "2021-01-02")
    assert "as of 2 January 2021" in later.stdout


def test_wrong_usage_is_told_with_help() -> None:
    unknown = run("curb-65", "--stage", "severty")
    assert unknown.exit_code == 2
    assert "there is no" in unknown.stderr or "has no stage `severty`" in unknown.stderr
    assert "`severity`" in unknown.stderr
    assert "`severity`, `place`" in run("curb-65", "--stage", "xyz").stderr
    assert run("curb-65", "--as-of", "2024-01-01").exit_code == 2
    assert "--patient" in run("curb-65", "--as-of", "2024-01-01").stderr
    assert run("curb-6").exit_code == 2


def test_a_record_that_cannot_be_used_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("patient: X\nas_of: 2024-01-01\nfacts: {nothing.such: true}\n")
    result = run("curb-65", "--patient", tmp_path / "p.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing was evaluated" in result.stderr


# --- guidelines made for a test


def made(pathway: str) -> guidewright.Guideline:
    """A guideline of one page with this pathway."""
    files = {
        "guideline.yaml": "id: small\ntitle: Small\nversion: 1.0.0\nstatus: test\nlanguage: en\nstages: [one]\n",
        "sources.yaml": "sources: {}\n",
        "facts.yaml": "facts:\n  fever: {label: Fever, type: boolean}\n"
        "  age: {label: Age, type: quantity, unit: a, range: [0, 120]}\n",
        "1-one.yaml": f"stage: one\ntitle: One\npathway:\n{dedent(pathway)}",
    }
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_text(content)
        return guidewright.load(folder)


def dedent(text: str) -> str:
    return "".join(f"{line.removeprefix('    ')}\n" for line in text.split("\n") if line.strip())


def everywhere(text: str) -> Guideline:
    """The pneumonia guideline, cut to one page, with this text wherever an author may write."""
    model = guidewright.load("curb-65").ready.guideline
    stage = model.stages[1]
    decision = next(step for step in stage.steps if step.answers)
    others = [step for step in stage.steps if step.id in {answer.go for answer in decision.answers}]
    id = next(id for id in stage.beside)
    rule = replace(model.rules[id], id="R1", text=text, note=text, except_=text)
    cut = replace(
        stage,
        title=text,
        steps=(
            replace(decision, text=text, answers=tuple(replace(a, text=text) for a in decision.answers), rules=()),
            *(replace(step, kind="end", text=text, go=None, answers=(), rules=()) for step in others),
        ),
        beside=("R1",),
    )
    return replace(
        model,
        title=text,
        status=text,
        stages=(cut,),
        rules={"R1": rule},
        weighings={},
        sources={name: replace(source, cite=text, url=None) for name, source in model.sources.items()},
    )

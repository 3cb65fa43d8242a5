"""Anchored statements in a text of their source: found however it is set, and stale after a change of one word."""

import random
import time
from pathlib import Path

import pytest

from guidewright.rules.anchored import Edit, Passage, Searched, find_passages, search
from guidewright.rules.anchors import digest_of, words_of
from guidewright.rules.load import load_guideline
from guidewright.rules.model import Evidence, Guideline, Source, Statement
from guidewright.rules.source_text import SourceText, read_source_text, sentences_of
from guidewright.rules.source_use import unused, uses_of, uses_of_source
from guidewright.shipped import shipped_folder

KELLY = Path(__file__).parents[2] / "shared" / "sources" / "kelly-2021.txt"

ORCHARD = """\
On the care of stone fruit
Ann A. Author and Bob B. Writer

Keywords: plums, pruning

ABSTRACT

Aim: Stone fruit trees should be pruned in summer. Late frost kills
blossom, as Smith et al. showed [4, 5].

INTRODUCTION

Plums bruise easily [3]. Cherries split in rain, e.g. in June, when they are non-
resistant to water (Fig. 2). Copper is sprayed at 20 g, no more, in winter.
In an average orchard the yield falls by half without

Journal of Orchards, Vol. 7, 2021.
www.orchards.example

bees. Apricots flower first.

Figure 1: Yield by variety. Plums yield most.

FUNDING

None was received by the authors.

REFERENCES
1. Smith A, Jones B. Frost. J Orch 2001;3:4.
2. Other C. Plums. Fruit 2010.
"""

PASSAGES = {
    "ABS-1": "Stone fruit trees should be pruned in summer.",
    "ABS-2": "Late frost kills blossom, as Smith et al. showed [4, 5].",
    "INT-1": "Plums bruise easily [3].",
    "INT-2": "Cherries split in rain, e.g. in June, when they are non-resistant to water (Fig. 2).",
    "INT-3": "Copper is sprayed at 20 g, no more, in winter.",
    "INT-5": "Apricots flower first.",
    "FIG-1": "Yield by variety. Plums yield most.",
}
OURS = {
    "ABS-1": "Prune in summer",
    "ABS-2": "Blossom suffers from frost",
    "INT-1": "Plums are soft",
    "INT-2": "Rain splits cherries",
    "INT-3": "Spray at most 20 g of copper, in winter",
    "INT-5": "The apricot is the first to flower",
    "FIG-1": "Of all, plums yield most",
}


def anchored(id: str, original: str, says: str = "Ours") -> Statement:
    words = words_of(original)
    return Statement(id, says, words=len(words), digest=digest_of(words))


def source(*statements: Statement) -> Source:
    return Source("orchard", "On stone fruit", "review", "full-text", {s.id: s for s in statements})


@pytest.fixture
def orchard() -> Source:
    return source(*(anchored(id, passage, OURS[id]) for id, passage in PASSAGES.items()))


def shown(text: SourceText, first: int, last: int) -> str:
    return " ".join(text.words[first:last])


# The words and their places


@pytest.mark.parametrize(
    "text",
    [
        ORCHARD,
        "",
        " \n ",
        "non-\n  contrast, well-known \u2013 a -b c- d",
        "meta\u00adstasis \u2010 x\u2010\ny",
        "\u0130stanbul-\n\u0130zmir \u03a3\u03a3 STRASSE \u00dfe",
        "a--b -- c-\u00add",
        "a\u2028b\x0cc\x1fd\u00a0e",
        "co-op-\ner-ation-",
    ],
)
def test_words_are_those_of_the_anchors_and_stand_where_they_say(text: str) -> None:
    read = read_source_text(text)
    assert read.words == words_of(text)
    assert len(read.starts) == len(read.ends) == len(read.words)
    for word, start, end in zip(read.words, read.starts, read.ends, strict=True):
        assert words_of(read.text[start:end]) == (word,)
    between = [read.text[a:b] for a, b in zip((0, *read.ends), (*read.starts, len(read.text)), strict=True)]
    assert "".join(between).strip() == ""


def test_places_hold_for_any_mixture() -> None:
    pick = random.Random(7)
    letters = ["a", "B", "-", "\u00ad", "\u2010", " ", "\n", "\u0130", "1", ".", "\u03a3", "\t", "\u2013"]
    for _ in range(2_000):
        text = "".join(pick.choices(letters, k=pick.randrange(30)))
        read = read_source_text(text)
        assert read.words == words_of(text)
        assert [words_of(text[a:b]) for a, b in zip(read.starts, read.ends, strict=True)] == [(w,) for w in read.words]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_does(end: str) -> None:
    read = read_source_text(end.join(["one", "", "two-", "three four", ""]))
    assert [read.lines_of(i, i + 1) for i in range(3)] == [(1, 1), (3, 4), (4, 4)]
    assert read.text[slice(*read.line(4))] == "three four"
    assert read.text[slice(*read.line(5))] == ""


# Sentences


def sentences(text: str) -> list[str]:
    read = read_source_text(text)
    return [" ".join(read.text[read.starts[s.first] : read.ends[s.last - 1]].split()) for s in sentences_of(read)]


@pytest.mark.parametrize(
    "whole",
    [
        "As Smith et al. showed it fails.",
        "As Smith et al. The Team showed, it fails.",
        "See Fig. 2 and Figs. 3 and 4 for it.",
        "It is rare, e.g. In vitro, i.e. In glass.",
        "It takes approx. 20 days vs. 30 (cf. Table 1).",
        "Guideline no. 7 by Dr. Plum of St. Mary's holds.",
        "Values of 0.5 to 1.5 are usual [4, 5].",
        "J. B. Smith wrote it.",
        "It was said by J. B. C. Smith.",
        "The end of a page is\n\nno end of a sentence.",
        "It rains in the U.S. Midwest often.",
        'He asked "why? because" and left.',
    ],
)
def test_a_sentence_is_not_cut(whole: str) -> None:
    assert sentences(f"Before it.\n{whole} Behind it.") == ["Before it.", " ".join(whole.split()), "Behind it."]


@pytest.mark.parametrize(
    "cut",
    [
        "One [1]. | Two.",
        "One.[1] | Two.",
        "One. [1,2] | Two.",
        "Some trees.3,4 | Two.",
        "In late 2020. | 12 trees died.",
        "Really? | Yes! | “Good.” | (It is.) | End.",
        "Of type B. | Trees on it grow.",
        "First:\n| • Water it\n| • Weed it\n| \u2013 Leave it",
        "Then:\n| 1. Water it.\n| 2. Weed it.",
        "1. Water\n| 2. Weed\n| 3. Prune",
        "A page ends\n\n| The next begins large.",
    ],
)
def test_a_sentence_ends(cut: str) -> None:
    assert sentences(cut.replace("|", "")) == [" ".join(part.split()) for part in cut.split("|")]


def kinds(text: str) -> list[tuple[str, str]]:
    read = read_source_text(text)
    return [(s.kind, shown(read, s.first, s.last)) for s in sentences_of(read)]


def test_what_is_no_guidance_is_set_aside() -> None:
    found = kinds(ORCHARD)
    by_kind = {kind: " / ".join(text for k, text in found if k == kind) for kind, _ in found}
    assert set(by_kind) == {"front", "heading", "text", "running", "caption", "back", "references"}
    assert by_kind["front"].endswith("writer / keywords: plums, pruning")
    assert by_kind["heading"] == "abstract / introduction / funding / references"
    assert by_kind["running"] == "journal of orchards, vol. 7, 2021. www.orchards.example"
    assert by_kind["caption"] == "figure 1: yield by variety. / plums yield most."
    assert by_kind["back"] == "none was received by the authors."
    assert by_kind["references"] == "1. smith a, jones b. frost. j orch 2001;3:4. / 2. other c. plums. fruit 2010."


def test_every_word_is_in_one_sentence() -> None:
    text = read_source_text(ORCHARD)
    found = sentences_of(text)
    assert [i for s in found for i in range(s.first, s.last)] == list(range(len(text.words)))


@pytest.mark.parametrize(
    "text",
    [
        "Ask first.\nconsent of the owner\nis needed where trees hang over",
        "Ask the owner for\nConsent and\nwater the trees",
        "He reads no\nReferences\nto water the trees",
        "FUNDING\nNone.\n\nWhat to do\n\nWater the trees.",
        "REFERENCES\n1. A book.\n\nAppendix A\n\nWater the trees.",
        "A title\n\nAbstract: Water the trees.\n\nIntroduction\n\nThey thrive.",
        "Water the trees.\n\nMethods\n\nNone.",
    ],
)
def test_guidance_is_not_set_aside(text: str) -> None:
    assert any(kind == "text" and ("trees" in words) for kind, words in kinds(text)), kinds(text)


def test_a_repeated_short_line_is_a_running_head() -> None:
    pages = "\n\n".join(f"Orchard care\nPage {i} of 3\n\nTree number {i} needs water." for i in (1, 2, 3))
    assert [text for kind, text in kinds(pages) if kind == "text"] == [
        f"tree number {i} needs water." for i in (1, 2, 3)
    ]


# Finding


def test_every_anchored_statement_is_found(orchard: Source) -> None:
    found = search(orchard, read_source_text(ORCHARD))
    assert [f.statement.id for f in found.found] == list(PASSAGES)
    assert found.stale == ()
    assert [shown(found.text, f.passage.first, f.passage.last) for f in found.found] == [
        " ".join(words_of(passage)) for passage in PASSAGES.values()
    ]


@pytest.mark.parametrize(
    "setting",
    [
        lambda text: text.upper(),
        lambda text: text.replace(" ", "  \n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("non-\nresistant", "non-resistant"),
        lambda text: text.replace("summer", "sum-\nmer"),
        lambda text: "\x0cSomething new. " + text + " And more.",
    ],
)
def test_how_a_text_is_set_does_not_matter(orchard: Source, setting) -> None:
    changed = setting(ORCHARD)
    assert changed != ORCHARD
    assert search(orchard, read_source_text(changed)).stale == ()


def test_a_passage_may_begin_and_end_anywhere() -> None:
    statements = (anchored("A", "split in rain, e.g."), anchored("B", "rain, e.g. in"), anchored("C", "first."))
    text = read_source_text(ORCHARD)
    found = find_passages(statements, text, [s.first for s in sentences_of(text)])
    assert {id: shown(text, p.first, p.last) for id, p in found.items()} == {
        "A": "split in rain, e.g.",
        "B": "rain, e.g. in",
        "C": "first.",
    }


def test_the_number_of_words_counts_too() -> None:
    words = words_of("Plums bruise easily [3].")
    wrong = Statement("A", "Ours", words=len(words) + 1, digest=digest_of(words))
    other = anchored("B", "Apricots flower first, always.")
    assert other.words == len(words)
    assert find_passages([wrong, other], read_source_text(ORCHARD)) == {}


def test_two_statements_with_one_anchor_are_both_found() -> None:
    same = (anchored("A", "Plums bruise easily [3]."), anchored("B", "Plums bruise easily [3]."))
    assert len(find_passages(same, read_source_text(ORCHARD))) == 2


@pytest.mark.parametrize("text", ["", "one", "one two"])
def test_a_text_shorter_than_the_passage(orchard: Source, text: str) -> None:
    found = search(orchard, read_source_text(text))
    assert len(found.stale) == len(PASSAGES)


def test_a_statement_without_an_anchor_is_not_looked_for() -> None:
    found = search(source(Statement("A", "Ours"), anchored("B", "Plums bruise easily [3].")), read_source_text(ORCHARD))
    assert [s.id for s in found.unanchored] == ["A"]
    assert found.anchored == 1


# What became stale


def test_after_a_change_of_any_word_exactly_its_statement_is_stale(orchard: Source) -> None:
    text = read_source_text(ORCHARD)
    owner = {
        i: found.statement.id
        for found in search(orchard, text).found
        for i in range(found.passage.first, found.passage.last)
    }
    assert len(set(owner.values())) == len(PASSAGES)
    for i, (start, end) in enumerate(zip(text.starts, text.ends, strict=True)):
        changed = text.text[:start] + "changed" + text.text[end:]
        stale = [s.statement.id for s in search(orchard, read_source_text(changed)).stale]
        assert stale == ([owner[i]] if i in owner else []), text.words[i]


def near_of(orchard: Source, old: str, new: str):
    assert ORCHARD.count(old) == 1
    found = search(orchard, read_source_text(ORCHARD.replace(old, new)))
    (stale,) = found.stale
    assert stale.near is not None
    return stale.statement.id, stale.near, shown(found.text, stale.near.passage.first, stale.near.passage.last)


@pytest.mark.parametrize(
    ("old", "new", "id", "was", "now"),
    [
        ("20 g, no more", "30 g, no more", "INT-3", "20", "30"),
        ("20 g, no more", "20 g no more", "INT-3", "g,", "g"),
        ("at 20 g", "at about 20 g", "INT-3", None, "about"),
        ("is sprayed at 20 g, no more, in winter", "is sprayed at 20 g, no more, winter", "INT-3", "in", None),
        ("bruise easily", "hardly bruise easily", "INT-1", None, "hardly"),
        ("pruned in summer", "pruned in winter", "ABS-1", "summer.", "winter."),
        ("easily [3]", "easily [9]", "INT-1", "[3].", "[9]."),
    ],
)
def test_one_word_that_changed_is_named(orchard: Source, old: str, new: str, id: str, was, now) -> None:
    statement, near, words = near_of(orchard, old, new)
    assert statement == id
    assert near.edit is not None
    assert (near.edit.was, near.edit.now) == (was, now)
    assert near.between
    if now is not None:
        assert now in words.split()


def test_the_place_of_a_changed_word(orchard: Source) -> None:
    text = read_source_text(ORCHARD.replace("20 g, no", "30 g, no"))
    (stale,) = search(orchard, text).stale
    assert stale.near is not None
    assert stale.near.edit == Edit(text.words.index("30"), "20", "30")


def test_a_passage_reworded_is_looked_for_between_its_neighbours(orchard: Source) -> None:
    id, near, words = near_of(orchard, "Plums bruise easily [3].", "A plum needs gentle handling by the picker.")
    assert id == "INT-1"
    assert near.edit is None
    assert near.between
    assert words == "a plum needs gentle handling by the picker."


def test_a_passage_that_moved_and_changed_is_found_by_our_words(orchard: Source) -> None:
    moved = ORCHARD.replace("Copper is sprayed at 20 g, no more, in winter.\n", "").replace(
        "Plums yield most.", "Plums yield most. One may spray at most 25 g copper each winter."
    )
    (stale,) = search(orchard, read_source_text(moved)).stale
    assert stale.statement.id == "INT-3"
    assert stale.near is not None


@pytest.mark.parametrize(
    ("text", "near"),
    [
        (
            "Apricots bloom early. Hives are set up in March. Plums follow.",
            "apricots bloom early. hives are set up in march.",
        ),
        ("Apricots bloom early. Plums follow. Hives are set up in March.", "apricots bloom early."),
    ],
)
def test_a_statement_of_two_sentences_may_now_read_as_two_that_touch(text: str, near: str) -> None:
    two = source(
        anchored("A", "Apricots flower first. Bees are brought in March.", "Apricots bloom early and need bees"),
        anchored("B", "Plums follow."),
    )
    found = search(two, read_source_text(text))
    (stale,) = found.stale
    assert stale.near is not None
    assert shown(found.text, stale.near.passage.first, stale.near.passage.last) == near


def test_where_nothing_is_like_it_nothing_is_shown() -> None:
    only = source(anchored("A", "Copper is sprayed in winter."))
    (stale,) = search(
        only, read_source_text("Quite another matter. " * 3 + "It goes on and on without an end " * 9)
    ).stale
    assert stale.near is None


# What is not covered


def left(found: Searched) -> list[str]:
    return [shown(found.text, piece.first, piece.last) for piece in found.uncovered]


def test_a_sentence_without_a_statement_is_told(orchard: Source) -> None:
    found = search(orchard, read_source_text(ORCHARD))
    assert left(found) == ["in an average orchard the yield falls by half without", "bees."]
    assert {piece.kind for piece in found.aside} == {"front", "heading", "running", "back", "references"}


def test_half_a_sentence_is_told(orchard: Source) -> None:
    text = "Plums bruise easily [3]. Copper is sprayed in winter."
    half = source(anchored("A", "Plums bruise easily [3]."), anchored("B", "Copper is sprayed"))
    assert left(search(half, read_source_text(text))) == ["in winter."]


def test_a_label_before_a_covered_sentence_is_no_guidance(orchard: Source) -> None:
    found = search(orchard, read_source_text(ORCHARD))
    words = {shown(found.text, p.first, p.last) for p in (*found.uncovered, *found.aside)}
    assert not any("aim:" in text or "figure 1:" in text for text in words)


# Speed


@pytest.mark.slow
def test_a_long_text_is_searched_in_two_seconds() -> None:
    pick = random.Random(3)
    vocabulary = [f"word{i}" for i in range(3_000)] + ["plum.", "tree,"]
    statements = [anchored(f"S{i}", " ".join(pick.choices(vocabulary, k=6 + i % 31))) for i in range(71)]
    noise = pick.choices(vocabulary, k=100_000)
    text = read_source_text(" ".join(noise) + ". Found here: plums bruise easily.")
    # The time of this process, so that a busy machine does not count; nothing is found, so nothing ends early.
    start = time.process_time()
    found = find_passages([*statements, anchored("END", "plums bruise easily.")], text)
    assert time.process_time() - start < 4
    assert found == {"END": Passage(len(text.words) - 3, len(text.words))}


# What rests on a statement


def test_uses_name_every_kind_once(tmp_path: Path) -> None:
    from test_sources_report import orchard_guideline

    loaded = load_guideline(orchard_guideline(tmp_path))
    assert loaded.guideline is not None, loaded.diagnostics
    guideline = loaded.guideline
    uses = uses_of(guideline)
    assert set(uses) == {f"{s.id}.{k}" for s in guideline.sources.values() for k in s.statements}
    assert [(u.kind, u.id, u.against) for u in uses["orchard.INT-3"]] == [
        ("rule", "T1", False),
        ("rule", "T2", True),
        ("row", "F1", False),
        ("row", "tree.class[2]", False),
        ("argument", "G1", False),
        ("parameter", "most_copper", False),
    ]
    assert unused(guideline.sources.values(), uses) == ("orchard.ABS-2", "orchard.INT-1", "hearsay.S1")
    once = uses_of_source(guideline.sources["orchard"], uses)
    assert [(u.kind, u.id, u.against) for u in once][:4] == [
        ("rule", "T1", False),
        ("rule", "T2", False),
        ("rule", "T2", True),
        ("row", "F1", False),
    ]
    assert len(once) == len(set(once))


def names_in(evidence: Evidence | None) -> set[str]:
    return set() if evidence is None else {*evidence.because, *evidence.although}


# The case report itself


@pytest.fixture(scope="module")
def shipped() -> Guideline:
    folder = shipped_folder("retroperitoneal-leiomyosarcoma")
    assert folder is not None
    loaded = load_guideline(folder)
    assert loaded.guideline is not None, loaded.diagnostics
    return loaded.guideline


@pytest.fixture(scope="module")
def kelly() -> str:
    if not KELLY.is_file():
        pytest.skip("the case report is not reprinted here: ../shared/sources/kelly-2021.txt is absent")
    return KELLY.read_text(encoding="utf-8")


def test_uses_hold_all_that_the_shipped_guideline_names(shipped: Guideline) -> None:
    named = set[str]()
    for rule in shipped.rules.values():
        named |= names_in(rule.evidence)
    for parameter in shipped.parameters.values():
        named |= names_in(parameter.evidence)
    for weighing in shipped.weighings.values():
        for candidate in weighing.candidates:
            for argument in candidate.arguments:
                named |= names_in(argument.evidence)
    uses = uses_of(shipped)
    assert named <= {name for name, found in uses.items() if found}
    assert len(named) > 50


def test_all_of_the_case_report_is_found_and_covered(shipped: Guideline, kelly: str) -> None:
    found = search(shipped.sources["kelly-2021"], read_source_text(kelly))
    assert (len(found.found), len(found.stale), len(found.unanchored)) == (71, 0, 0)
    assert found.uncovered == ()
    assert {piece.kind for piece in found.aside} == {"heading", "running"}


def test_after_a_changed_word_exactly_the_statements_of_its_sentence_are_stale(shipped: Guideline, kelly: str) -> None:
    source = shipped.sources["kelly-2021"]
    text = read_source_text(kelly)
    found = search(source, text).found
    owners: dict[int, set[str]] = {}
    for one in found:
        for i in range(one.passage.first, one.passage.last):
            owners.setdefault(i, set()).add(one.statement.id)
    pick = random.Random(11)
    # A word of every statement, and some that belong to none.
    words = [pick.randrange(one.passage.first, one.passage.last) for one in found]
    words += [i for i in range(len(text.words)) if i not in owners][::5]
    likely = [s.first for s in sentences_of(text)]
    for i in words:
        changed = read_source_text(text.text[: text.starts[i]] + "changed" + text.text[text.ends[i] :])
        there = find_passages(source.statements.values(), changed, likely)
        assert set(source.statements) - set(there) == owners.get(i, set()), text.words[i]


def test_what_was_changed_in_the_case_report_is_shown(shipped: Guideline, kelly: str) -> None:
    text = read_source_text(kelly)
    source = shipped.sources["kelly-2021"]
    found = search(source, text).found
    pick = random.Random(5)
    for one in pick.sample(found, 12):
        i = pick.randrange(one.passage.first, one.passage.last)
        changed = read_source_text(text.text[: text.starts[i]] + "changed" + text.text[text.ends[i] :])
        (stale,) = search(source, changed).stale
        assert stale.near is not None
        assert stale.near.passage.first <= i < stale.near.passage.last

"""Without --guideline the record itself tells for which guideline it was written."""

from pathlib import Path

import pytest

from guidewright.recognise import recognised

MINIMAL = str(Path(__file__).parent / "minimal")
BIG = "retroperitoneal-leiomyosarcoma"


@pytest.fixture
def record(tmp_path, monkeypatch):
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", "")

    def write(text, name="patient.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def test_the_guideline_that_knows_the_most_facts_is_meant(record):
    path = record("facts: {primary.histology: leiomyosarcoma, lesion: {size: 20 mm, count: 1}}")
    assert recognised(path, [MINIMAL, BIG]) == BIG


def test_json_is_read_too(record):
    path = record('{"facts": {"primary": {"histology": "leiomyosarcoma"}}}', "patient.json")
    assert recognised(path, [MINIMAL, BIG]) == BIG


@pytest.mark.parametrize("text", ["facts: {}", "facts: {other.thing: 1}", "facts: {lesion.size: 20 mm}", "- 1", "a: ["])
def test_where_none_or_several_know_as_much_it_is_the_first_guideline_or_none(record, text):
    assert recognised(record(text), [MINIMAL, BIG]) == BIG
    assert recognised(record(text), [MINIMAL, MINIMAL + "/"]) is None


def test_a_file_that_cannot_be_read_tells_nothing(tmp_path):
    assert recognised(str(tmp_path / "missing.yaml"), [MINIMAL, BIG]) == BIG

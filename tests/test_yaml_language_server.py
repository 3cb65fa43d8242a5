"""The schemas in a real editor: the YAML language server, driven without an editor over its standard streams.

It is installed by `make node_modules`; without it, or without node, these tests are skipped.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

from guidewright.rules.json_schema import editor_schemas, write_schemas
from guidewright.rules.load import check_texts, load_guideline
from guidewright.rules.model import Guideline

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "node_modules" / ".bin" / "yaml-language-server"
SHIPPED = sorted(path.parent for path in (ROOT / "guidelines").glob("*/guideline.yaml"))
NODE = shutil.which("node")
PATIENCE = 60.0  # seconds for one answer, on a busy machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NODE is None, reason="node was not found"),
    pytest.mark.skipif(not SERVER.exists(), reason="`make node_modules` has not installed the YAML language server"),
]

SMALL = {
    "guideline.yaml": """
id: small
title: A small guideline
version: 0.1.0
status: draft
language: en
parameters: {limit: {value: 30 mm, label: Too large}}
stages: [only]
""",
    "facts.yaml": """
facts:
  lesion.size: {label: Size of the lesion, type: quantity, unit: mm, range: [1, 400], question: How large is it?}
  lesion.site: {label: Site, type: choice, values: {liver: In the liver, lung: In the lung}}
  agreed: {label: Agreed, type: boolean}
""",
    "sources.yaml": """
sources:
  trial:
    cite: A trial, 2020
    kind: trial
    read: abstract
    statements: {S1: {says: Surgery helps}, S2: {says: Waiting harms}}
""",
    "1-only.yaml": """
stage: only
title: Only
rules:
  - {id: A-1, do: Operate, when: {agreed: true}, because: [trial.S1]}
beside: [A-1]
""",
}
MODELINE = "# yaml-language-server: $schema={}\n"
RULE = """stage: only
title: Only
rules:
  - id: A-2
    do: Wait
    because: [trial.S2]
    when:
"""


@dataclass
class Client:
    """As much of the language server protocol as an editor needs. Every wait ends after `PATIENCE`."""

    process: subprocess.Popen[bytes]
    settings: dict[str, Any]
    inbox: queue.Queue[dict[str, Any] | None] = field(default_factory=queue.Queue)
    diagnostics: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    last: int = 0

    def __post_init__(self) -> None:
        threading.Thread(target=self._receive, daemon=True).start()

    @property
    def into(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    def _receive(self) -> None:
        out = self.process.stdout
        assert out is not None
        while True:
            length = 0
            while line := out.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not length:
                self.inbox.put(None)
                return
            self.inbox.put(json.loads(out.read(length)))

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.into.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.into.flush()

    def take(self, until: float) -> dict[str, Any]:
        """The next message. What the server asks meanwhile is answered, what it finds is kept."""
        try:
            message = self.inbox.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            pytest.fail(f"the language server has not answered for {PATIENCE:.0f} seconds")
        assert message is not None, f"the language server has ended with {self.process.wait(5)}"
        if "method" in message and "id" in message:
            items = message.get("params", {}).get("items", []) if message["method"] == "workspace/configuration" else []
            result = [self.settings.get(item.get("section")) for item in items] if items else None
            self.send(id=message["id"], result=result)
        elif message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.last += 1
        self.send(id=self.last, method=method, params=params)
        until = time.monotonic() + PATIENCE
        while True:
            message = self.take(until)
            if message.get("id") == self.last and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def start(self, folder: Path) -> None:
        capabilities = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {"completion": {"completionItem": {"snippetSupport": True}}, "publishDiagnostics": {}},
        }
        folders = [{"uri": folder.as_uri(), "name": folder.name}]
        about = {"processId": os.getpid(), "rootUri": folder.as_uri(), "workspaceFolders": folders}
        self.ask("initialize", about | {"capabilities": capabilities})
        self.send(method="initialized", params={})

    def open(self, path: Path, text: str) -> list[str]:
        """Opens a file with this text, which need not be on the disk: what the server finds wrong, by line.

        Each file may be opened once.
        """
        return self.open_all({path: text})[path]

    def open_all(self, texts: dict[Path, str]) -> dict[Path, list[str]]:
        for path, text in texts.items():
            assert path.as_uri() not in self.opened, (
                f"{path.name} is open already: the server would answer for the old text"
            )
            self.opened.add(path.as_uri())
            item = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
            self.send(method="textDocument/didOpen", params={"textDocument": item})
        found: dict[Path, list[str]] = {}
        for path in texts:
            until = time.monotonic() + PATIENCE
            while path.as_uri() not in self.diagnostics:
                self.take(until)
            found[path] = self.found(path)
        return found

    def found(self, path: Path) -> list[str]:
        """What the server has found last, with the numbers of lines."""
        return [f"{d['range']['start']['line'] + 1}: {d['message']}" for d in self.diagnostics[path.as_uri()]]

    def complete(self, path: Path, text: str) -> dict[str, dict[str, Any]]:
        """What is suggested where `|` stands in the text."""
        self.open(path, text.replace("|", ""))
        before = text.partition("|")[0].split("\n")
        at = {"line": len(before) - 1, "character": len(before[-1])}
        result = self.ask("textDocument/completion", {"textDocument": {"uri": path.as_uri()}, "position": at})
        items = result["items"] if isinstance(result, dict) else result or []
        return {item["label"]: item for item in items}

    def hover(self, path: Path, text: str) -> str:
        """What is shown for the word that `|` stands in."""
        self.open(path, text.replace("|", ""))
        before = text.partition("|")[0].split("\n")
        at = {"line": len(before) - 1, "character": len(before[-1])}
        result = self.ask("textDocument/hover", {"textDocument": {"uri": path.as_uri()}, "position": at})
        return str(result["contents"]["value"]) if result else ""


def small() -> Guideline:
    found = check_texts(SMALL, [], "small")
    assert found.guideline is not None, found.diagnostics
    return found.guideline


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A guideline with its schemas beside it."""
    folder = tmp_path_factory.mktemp("small")
    for name, text in SMALL.items():
        (folder / name).write_text(text)
    write_schemas(small(), folder)
    (folder / "cases").mkdir()
    return folder


def served(folder: Path, settings: dict[str, Any]) -> Iterator[Client]:
    """A running server that cannot reach the network; it is gone afterwards, whatever happens."""
    yaml = {"schemaStore": {"enable": False}, "kubernetesCRDStore": {"enable": False}, **settings}
    nowhere = "http://127.0.0.1:9"
    process = subprocess.Popen(
        [str(NODE), str(SERVER.resolve()), "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**os.environ, "http_proxy": nowhere, "https_proxy": nowhere, "NODE_OPTIONS": ""},
    )
    try:
        client = Client(process, {"yaml": yaml, "http": {"proxy": nowhere, "proxyStrictSSL": True}})
        client.start(folder)
        yield client
    finally:
        process.kill()
        process.wait(10)
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Client]:
    yield from served(folder, {})


def stage(text: str) -> str:
    return MODELINE.format(".schema/stage.schema.json") + text


def test_a_misspelt_fact_is_found_and_nothing_else(client: Client, folder: Path) -> None:
    wrong = RULE + "      lesion.sise: '>= 10 mm'\n      lesion.site: liver\n"
    assert client.open(folder / "a.yaml", stage(wrong)) == ["9: Property lesion.sise is not allowed."]
    right = RULE + "      lesion.size: '>= {limit}'\n      lesion.site: [liver, lung]\n      agreed: known\n"
    assert client.open(folder / "b.yaml", stage(right)) == []


def test_wrong_values_are_found_with_what_may_stand_there(client: Client, folder: Path) -> None:
    wrong = RULE + "      lesion.size: 10\n      lesion.site: livr\n      agreed: yes\n"
    wrong += "    acts: [fly]\n    although: [trial.S9]\n"
    found = client.open(folder / "c.yaml", stage(wrong))
    assert {message.partition(":")[0] for message in found} == {"9", "10", "11", "12", "13"}
    by_line = {message.partition(": ")[0]: message.partition(": ")[2] for message in found}
    assert by_line["9"].startswith('write `200 mm`, a comparison `">= 200 mm"`, an interval `"[1..400] mm"`')
    assert '"liver", "lung", "known"' in by_line["10"]
    assert "true, false" in by_line["11"]
    assert by_line["12"] == "guideline.yaml has no such action"
    assert by_line["13"] == "sources.yaml has no such statement; one is written `source.STATEMENT`"


def test_a_rule_without_evidence_is_found(client: Client, folder: Path) -> None:
    text = "stage: only\ntitle: Only\nrules:\n  - id: A-2\n    do: Wait\n    when: {}\n"
    (found,) = client.open(folder / "d.yaml", stage(text))
    assert found == "5: nothing supports this rule: name statements under `because`, or say `expert: true`"


@pytest.mark.parametrize("line", ["      |\n", "      les|\n", "      agreed: true\n      les|\n"])
def test_facts_are_suggested(client: Client, folder: Path, line: str) -> None:
    found = client.complete(folder / f"e{len(line)}.yaml", stage(RULE + line))
    assert {"lesion.size", "lesion.site", "any", "all", "not"} <= set(found)
    item = found["lesion.size"]
    assert "Size of the lesion\n\nHow large is it?\n\nA quantity in `mm`" in str(item["documentation"])
    assert item.get("insertText", "").strip() == "lesion.size:"


def test_facts_are_suggested_in_nested_conditions(client: Client, folder: Path) -> None:
    found = client.complete(folder / "f.yaml", stage(RULE + "      any:\n        - les|\n"))
    assert "lesion.size" in found


def test_values_of_a_choice_are_suggested(client: Client, folder: Path) -> None:
    found = client.complete(folder / "g.yaml", stage(RULE + "      lesion.site: |\n"))
    assert {"liver", "lung", "known", "unknown", "uncertain", "none"} <= set(found)
    assert found["liver"]["insertText"] == "liver"
    assert found["liver"]["documentation"] == "In the liver"
    assert set(client.complete(folder / "h.yaml", stage(RULE + "      lesion.site: [|]\n"))) >= {"liver", "lung"}


def test_comparisons_are_suggested_with_the_unit_and_the_parameters(client: Client, folder: Path) -> None:
    found = client.complete(folder / "i.yaml", stage(RULE + "      lesion.size: |\n"))
    assert found['">= … mm"']["insertText"] == '">= ${1:number} mm"'
    assert found['"< {limit}"']["insertText"] == '"< {limit}"'
    assert found['"< {limit}"']["documentation"] == "Too large: 30 mm"


def test_statements_are_suggested_and_shown(client: Client, folder: Path) -> None:
    found = client.complete(folder / "j.yaml", stage(RULE.replace("[trial.S2]", "[|]") + "      agreed: true\n"))
    assert found["trial.S1"]["documentation"] == "Surgery helps (A trial, 2020)"
    shown = client.hover(folder / "k.yaml", stage(RULE.replace("trial.S2", "trial|.S2") + "      agreed: true\n"))
    assert "Waiting harms" in shown
    assert "Surgery helps" not in shown, "only the one that the pointer stands on"


def test_a_fact_is_explained(client: Client, folder: Path) -> None:
    shown = client.hover(folder / "l.yaml", stage(RULE + "      lesion|.size: 3 mm\n"))
    assert "How large is it?" in shown


def test_patients_are_completed_and_checked(client: Client, folder: Path) -> None:
    modeline = MODELINE.format("../.schema/patient.schema.json")
    cases = folder / "cases"
    found = client.open(cases / "a.yaml", modeline + "facts:\n  lesion: {size: 20}\n  lesion.sight: liver\n")
    assert found[0].startswith("3: write `200 mm`, a bound")
    assert found[1:] == ["4: Property lesion.sight is not allowed."]
    assert {"size", "site"} <= set(client.complete(cases / "b.yaml", modeline + "facts:\n  lesion:\n    s|\n"))
    values = client.complete(cases / "c.yaml", modeline + "facts:\n  lesion.site: |\n")
    assert {"liver", "lung", "unknown"} <= set(values)


def test_files_are_found_by_their_names_too(folder: Path) -> None:
    schemas = {
        f"./.schema/{kind}.schema.json": f"/{pattern}"
        for kind, pattern in (("facts", "facts.yaml"), ("stage", "[0-9]*.yaml"), ("patient", "cases/*.yaml"))
    }
    for client in served(folder, {"schemas": schemas}):
        text = "facts: {a: {label: A, type: quantity, unit: mm, sise: 3}}\n"
        assert until_found(client, folder / "facts.yaml", text) == ["1: Property sise is not allowed."]
        assert until_found(client, folder / "1-only.yaml", RULE + "      sise: 3\n") == [
            "8: Property sise is not allowed."
        ]
        assert until_found(client, folder / "cases" / "x.yaml", "facts: {sise: 3}") == [
            "1: Property sise is not allowed."
        ]


def until_found(client: Client, path: Path, text: str) -> list[str]:
    """What is found, once the server has read its settings: until then it knows no schema and finds nothing."""
    found = client.open(path, text)
    until = time.monotonic() + PATIENCE
    while not found:
        client.take(until)
        found = client.found(path)
    return found


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_guideline_has_no_fault_but_a_planted_one(shipped: Path, tmp_path: Path) -> None:
    guideline = load_guideline(shipped).guideline
    assert guideline is not None
    write_schemas(guideline, tmp_path)
    kinds = {"facts.yaml": "facts", "guideline.yaml": "guideline", "sources.yaml": "sources"}
    texts: dict[Path, str] = {}
    for path in [*sorted(shipped.glob("*.yaml")), *sorted(shipped.glob("cases/*.yaml"))]:
        kind = kinds.get(path.name, "stage") if path.parent == shipped else "patient"
        text = MODELINE.format(f".schema/{kind}.schema.json") + path.read_text(encoding="utf-8").rstrip("\n")
        texts[tmp_path / path.name] = text + "\nplanted: 1\n"
    for client in served(tmp_path, {}):
        found = client.open_all(texts)
        for path, text in texts.items():
            assert found[path] == [f"{text.count(chr(10))}: Property planted is not allowed."], path.name


def test_every_pattern_is_one_that_javascript_reads(tmp_path: Path) -> None:
    guidelines = [small(), *(g for g in (load_guideline(path).guideline for path in SHIPPED) if g is not None)]
    patterns = sorted({p for g in guidelines for schema in editor_schemas(g).values() for p in patterns_in(schema)})
    assert len(patterns) > 20
    script = "for (const p of JSON.parse(require('fs').readFileSync(0, 'utf8'))) new RegExp(p, 'u')"
    done = subprocess.run(
        [str(NODE), "-e", script],
        input=json.dumps(patterns),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def patterns_in(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(found := schema.get("pattern"), str):
            yield found
        for value in schema.values():
            yield from patterns_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from patterns_in(value)

"""The shape of the tree: imports run one way, start-up stays light, and each static checker is able to fail.

A checker that looks at the wrong root checks nothing and passes, so every one of them is shown a planted error here,
by the commands of the Makefile.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("app", "rules", "engine", "visualize", "guidelines")
HEAVY = {"docx", "durable", "graphviz", "lxml", "networkx", "numpy", "polars", "rich", "typst", "z3", "zen"}


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MYPY", "RUFF"))}
    return subprocess.run(
        [sys.executable, *map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write a small tree of all the folders, with the project's configuration and these files."""
    shutil.copy(ROOT / "pyproject.toml", root)
    for layer in LAYERS:
        (root / layer).mkdir(exist_ok=True)
        (root / layer / "__init__.py").write_text(f'"""{layer}."""\n')
    for name, text in files.items():
        (root / name).write_text(text)
    return root


# Import direction


def test_imports_run_one_way() -> None:
    result = run(ROOT / ".ci/layers.py")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("rules/x.py", "from guidewright.engine.evaluate import run", "`rules` must not import `engine`"),
        ("rules/x.py", "from guidewright import engine", "`rules` must not import `engine`"),
        ("rules/x.py", "import guidewright.visualize as v", "`rules` must not import `visualize`"),
        ("rules/x.py", "from guidewright import __version__", "`rules` must not import `app`"),
        ("engine/x.py", "from guidewright.visualize.graph import draw", "`engine` must not import `visualize`"),
        ("engine/x.py", "from guidewright.cli import main", "`engine` must not import `app`"),
        ("visualize/x.py", "import guidewright", "`visualize` must not import `app`"),
        ("guidelines/x.py", "import guidewright.rules", "`guidelines` must not import `rules`"),
        ("rules/x.py", "def f():\n    import guidewright.engine", "`rules` must not import `engine`"),
        ("rules/x.py", "import importlib\nimportlib.import_module('guidewright.engine')", "must not import `engine`"),
        (
            "rules/x.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import guidewright.cli",
            "import `app`",
        ),
        ("rules/x.py", "from .model import Rule", "relative import"),
        ("rules/x.py", "import engine", "`rules` must not import `engine`"),
        ("rules/x.py", "import click", "`rules` must not import `click`"),
        ("rules/x.py", "def f():\n    import networkx", "`rules` must not import `networkx`"),
        ("engine/x.py", "import durable.engine", "`durable` is imported at start-up"),
        ("engine/x.py", "try:\n    from durable import engine\nexcept ImportError:\n    engine = None", "at start-up"),
        ("visualize/x.py", "class A:\n    import networkx", "`networkx` is imported at start-up"),
        ("app/x.py", "import requests", "`app` must not import `requests`"),
    ],
)
def test_an_import_against_the_direction_is_found(tmp_path: Path, file: str, line: str, message: str) -> None:
    result = run(ROOT / ".ci/layers.py", plant(tmp_path, {file: line + "\n"}))
    assert result.returncode == 1
    place = max(number for number, text in enumerate(line.splitlines(), 1) if "import" in text)
    assert f"{file}:{place}: " in result.stdout
    assert message in result.stdout


def test_imports_along_the_direction_pass(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "rules/x.py": "import json\nimport yaml\nfrom guidewright.rules import model\n",
            "engine/x.py": "from guidewright.rules.model import Rule\ndef f():\n    import durable.engine\n",
            "visualize/x.py": "from guidewright import engine, rules\ndef f():\n    import networkx\n",
            "app/x.py": "import click\nfrom guidewright import __version__, guidelines, rules\n",
        },
    )
    result = run(ROOT / ".ci/layers.py", tree)
    assert (result.returncode, result.stdout) == (0, "imports run one way\n")


def test_a_tree_without_code_does_not_pass(tmp_path: Path) -> None:
    assert run(ROOT / ".ci/layers.py", tmp_path).returncode == 1


# Start-up


def modules_after(statement: str) -> set[str]:
    """Return the top-level names of the modules that a fresh interpreter has after a statement."""
    result = run("-c", f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))")
    assert result.returncode == 0, result.stderr
    return {name.partition(".")[0] for name in result.stdout.split()}


def test_the_probe_sees_a_heavy_import() -> None:
    assert "networkx" in modules_after("import guidewright, networkx")


def test_embedding_loads_nothing_heavy() -> None:
    loaded = modules_after("import guidewright")
    assert "guidewright" in loaded
    assert not loaded & (HEAVY | {"click"})


def test_the_command_line_loads_nothing_heavy() -> None:
    loaded = modules_after("import guidewright.cli")
    assert "guidewright" in loaded
    assert not loaded & HEAVY


# The static checkers


def test_the_view_holds_every_module(tmp_path: Path) -> None:
    for layer in LAYERS:
        (tmp_path / layer).symlink_to(ROOT / layer, target_is_directory=True)
    assert run(ROOT / ".ci/view.py", tmp_path).returncode == 0
    view = tmp_path / ".view" / "guidewright"
    seen = {
        (Path(folder) / name).resolve()
        for folder, _, names in os.walk(view, followlinks=True)
        for name in names
        if name.endswith(".py")
    }
    assert seen == {path for layer in LAYERS for path in (ROOT / layer).rglob("*.py")}


def test_the_view_follows_a_renamed_module(tmp_path: Path) -> None:
    tree = plant(tmp_path, {"app/old.py": ""})
    run(ROOT / ".ci/view.py", tree)
    (tree / "app/old.py").rename(tree / "app/new.py")
    run(ROOT / ".ci/view.py", tree)
    names = {path.name for path in (tree / ".view/guidewright").iterdir()}
    assert names == {"__init__.py", "new.py", "rules", "engine", "visualize", "guidelines"}


@pytest.mark.slow
def test_mypy_reads_the_view(tmp_path: Path) -> None:
    files = {
        "rules/model.py": "def size() -> int:\n    return 1\n",
        "engine/use.py": "from guidewright.rules.model import size\n\nwrong: str = size()\n",
        "app/untyped.py": "def f(x):\n    return x\n",
    }
    tree = plant(tmp_path, files)
    assert run(ROOT / ".ci/view.py", tree).returncode == 0
    result = run("-m", "mypy", cwd=tree)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "guidewright/engine/use.py:3: error: Incompatible types in assignment" in result.stdout
    assert "guidewright/app" not in result.stdout
    assert "guidewright/untyped.py:1: error: Function is missing a type annotation" in result.stdout
    assert f"Found 2 errors in 2 files (checked {len(LAYERS) + len(files)} source files)" in result.stdout


@pytest.mark.parametrize("name", LAYERS)
def test_ruff_refuses_a_bare_import(tmp_path: Path, name: str) -> None:
    plant(tmp_path, {"engine/x.py": f"from {name}.model import Rule\n\nprint(Rule)\n"})
    result = run("-m", "ruff", "check", "--no-cache", "--output-format=concise", ".", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "x.py:1:1: TID251" in result.stdout
    plant(tmp_path, {"engine/x.py": f"from guidewright.{name}.model import Rule\n\nprint(Rule)\n"})
    result = run("-m", "ruff", "check", "--no-cache", ".", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr

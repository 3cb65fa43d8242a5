"""What is shipped: a wheel, built through the sdist from a copy of the tree and installed in a clean environment."""

import email
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "app": "guidewright",
    "rules": "guidewright/rules",
    "engine": "guidewright/engine",
    "visualize": "guidewright/visualize",
    "guidelines": "guidewright/guidelines",
}
NOT_SOURCE = (".*_cache", ".git", ".hypothesis", ".venv", ".view", "*.egg-info", "__pycache__", "build", "dist")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]


@dataclass(frozen=True, slots=True)
class Shipped:
    """The built distributions, and an environment that holds nothing but the wheel and its dependencies."""

    tree: Path
    sdist: Path
    wheel: Path
    environment: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the clean environment, outside the tree."""
        program, *arguments = command
        plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.run(
            [self.environment / "bin" / program, *arguments],
            cwd=self.environment,
            env=plain,
            capture_output=True,
            text=True,
            check=False,
        )


def call(*command: str | Path) -> None:
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    place = tmp_path_factory.mktemp("packaging")
    tree = place / "tree"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*NOT_SOURCE, "node_modules"))
    call("-m", "build", "--no-isolation", "--outdir", place / "dist", tree)
    (sdist,) = (place / "dist").glob("*.tar.gz")
    (wheel,) = (place / "dist").glob("*.whl")

    environment = place / "environment"
    call("-m", "venv", "--without-pip", environment)
    python = environment / "bin" / "python"
    call("-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", "--no-compile", wheel)
    # The dependencies come from the environment that runs the tests. A path that a .pth file adds is not searched for
    # further .pth files, so the editable install there stays out of reach.
    (site_packages,) = (environment / "lib").glob("python*/site-packages")
    outer = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site_packages / "dependencies.pth").write_text("\n".join(sorted(outer)) + "\n")
    return Shipped(tree, sdist, wheel, environment)


def files_under(root: Path, pattern: str) -> set[str]:
    """Return the files of a tree as paths inside the package."""
    return {
        f"{package}/{path.relative_to(root / folder).as_posix()}"
        for folder, package in FOLDERS.items()
        for path in (root / folder).rglob(pattern)
        if not {"__pycache__", ".schema"} & set(path.parts)
    }


def test_the_only_name_that_it_takes_is_guidewright(shipped: Shipped) -> None:
    names = {name.partition("/")[0] for name in zipfile.ZipFile(shipped.wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"guidewright"}


def test_every_module_is_in_it_and_no_other(shipped: Shipped) -> None:
    names = zipfile.ZipFile(shipped.wheel).namelist()
    assert {name for name in names if name.endswith(".py")} == files_under(shipped.tree, "*.py")


def test_every_guideline_file_is_in_it(shipped: Shipped) -> None:
    names = set(zipfile.ZipFile(shipped.wheel).namelist())
    expected = files_under(shipped.tree, "*.yaml")
    assert any(name.endswith("retroperitoneal-leiomyosarcoma/guideline.yaml") for name in expected)
    assert expected <= names


def test_its_types_schemas_and_licence_are_in_it(shipped: Shipped) -> None:
    names = set(zipfile.ZipFile(shipped.wheel).namelist())
    assert "guidewright/py.typed" in names
    assert files_under(shipped.tree, "*.json") <= names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_font_of_the_pictures_is_in_it_with_its_licence(shipped: Shipped) -> None:
    names = set(zipfile.ZipFile(shipped.wheel).namelist())
    fonts = {
        f"guidewright/visualize/fonts/Arimo-{weight}.{kind}"
        for weight in ("Regular", "Bold")
        for kind in ("ttf", "woff2")
    }
    assert fonts <= names
    assert any(name.endswith("OFL.txt") for name in names)


def test_the_sdist_carries_the_tests(shipped: Shipped) -> None:
    with tarfile.open(shipped.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "Makefile", ".ci/layers.py", "tests/test_packaging.py", "rules/__init__.py"} <= names
    assert not any(name.startswith((".view/", ".venv/", "node_modules/", "guidewright/")) for name in names)


def test_its_metadata_say_where_durable_rules_works(shipped: Shipped) -> None:
    archive = zipfile.ZipFile(shipped.wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = email.message_from_bytes(archive.read(name))
    assert metadata["Requires-Python"] == ">=3.11"
    (durable,) = (line for line in metadata.get_all("Requires-Dist", []) if line.startswith("durable_rules"))
    assert 'python_version < "3.13"' in durable


def test_it_is_imported_from_the_clean_environment(shipped: Shipped) -> None:
    result = shipped.run("python", "-c", "from guidewright import __file__, rules; print(__file__, rules.__file__)")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count(os.fspath(shipped.environment)) == 2


def test_no_folder_can_be_imported_bare(shipped: Shipped) -> None:
    for folder in FOLDERS:
        result = shipped.run("python", "-c", f"import {folder}")
        assert f"No module named '{folder}'" in result.stderr


def test_a_shipped_guideline_loads(shipped: Shipped) -> None:
    program = "import guidewright; print(guidewright.load('retroperitoneal-leiomyosarcoma').id)"
    result = shipped.run("python", "-c", program)
    assert (result.returncode, result.stdout) == (0, "retroperitoneal-leiomyosarcoma\n"), result.stderr


def test_the_script_runs(shipped: Shipped) -> None:
    version = shipped.wheel.name.split("-")[1]
    for command in (["guidewright", "--version"], ["python", "-m", "guidewright", "--version"]):
        result = shipped.run(*command)
        assert result.returncode == 0, result.stderr
        assert version in result.stdout

"""The licences that the package names are those of what it carries."""

import json
import tomllib

import pytest

from .browser.lab import ROOT

BUILT = ROOT / "cscwidgets" / "labextension" / "static"


@pytest.fixture(scope="module")
def carried() -> dict[str, dict[str, str]]:
    """What esbuild and JupyterLab's builder put into the bundles, by their own lists."""
    packages = json.loads((BUILT / "third-party-licenses.json").read_text(encoding="utf-8"))["packages"]
    return {package["name"]: package for package in packages}


def test_the_expression_names_the_licence_of_everything_carried(carried):
    expression = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"]
    own = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["license"]
    assert set(expression.split(" AND ")) == {own, *(package["licenseId"] for package in carried.values())}


def test_every_file_that_is_not_ours_is_listed(carried):
    ours = {path.name for path in (ROOT / "js").iterdir()} | {"style"}
    foreign = {path.stem for path in BUILT.glob("*.js") if path.stem.isidentifier() and path.stem not in ours}
    assert foreign == {name.partition("-")[0] for name in carried}  # of aladin-lite and tabulator-tables


def test_every_text_is_with_the_package_and_as_its_authors_wrote_it(carried):
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "licenses").glob("*.txt"))]
    for name, package in carried.items():
        assert package["extractedText"], name
        ours = [text for text in texts if text in package["extractedText"]]
        assert sum(map(len, ours)) >= 0.99 * len(package["extractedText"]), name
    assert all(any(text in package["extractedText"] for package in carried.values()) for text in texts)

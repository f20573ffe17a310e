from pathlib import Path

import pytest

from cscwidgets.demo.build import CACHE_VARIABLE
from cscwidgets.demo.build import demo_folder as build_demo_folder

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def demo_folder():
    """The demo archive, kept between runs for as long as the code that makes it stays the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(ROOT / ".pytest_cache" / "cscwidgets"))
        return build_demo_folder()

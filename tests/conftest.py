"""Fixtures and settings shared by all tests."""

from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("fast", max_examples=30, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=500, deadline=None)
hypothesis.settings.load_profile("fast")

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real CSC files, or a skip where it is absent."""
    if not REAL.is_dir():
        pytest.skip("the real CSC files are not beside this checkout (../shared/real)")
    return REAL

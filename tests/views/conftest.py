"""What the tests of views share."""

from collections.abc import Iterator

import pytest

from cscwidgets.views.disposal import close_all
from cscwidgets.views.sky import Sky


@pytest.fixture
def sky() -> Iterator[Sky]:
    """A sky for panels to draw on."""
    sky = Sky()
    yield sky
    close_all(sky)

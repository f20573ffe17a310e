"""Where caches lie, and that there is room for them."""

import pytest

from cscwidgets.archive.cache_folder import CACHE_VARIABLE, cache_root, require_room
from cscwidgets.errors import CscError


def test_the_variable_moves_all_caches(monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert cache_root() == tmp_path


def test_room_is_made_sure_of_before_the_work(unwritable, tmp_path):
    with pytest.raises(CscError, match=r"It was not built\. The cache .* cannot be written: .*CSCWIDGETS_CACHE"):
        require_room(unwritable, 1, "It was not built")
    with pytest.raises(CscError, match=r"has .* MB left, and 1,000,000,000,000 MB are needed"):
        require_room(tmp_path / "new", 10**18, "It was not built")
    require_room(tmp_path / "new", 1000, "It was not built")
    assert list((tmp_path / "new").iterdir()) == []

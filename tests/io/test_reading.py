import pytest

from cscwidgets.errors import CscError, ProductError, QueryError
from cscwidgets.io.reading import Unreadable, reading


@pytest.mark.parametrize(
    "cause", [KeyError("TFORM1"), AssertionError(), TypeError("int"), RecursionError(), MemoryError()]
)
def test_whatever_is_raised_is_one_clear_error(cause):
    whole = pytest.raises(ProductError, match=r"^m33\.fits cannot be read\. .*Fetch it again\.$")
    with whole as caught, reading("m33.fits cannot be read", "Fetch it again", error=ProductError):
        raise cause
    assert caught.value.__cause__ is cause


def test_our_own_words_pass():
    with pytest.raises(QueryError, match="no such table"), reading("x"):
        raise QueryError("no such table")
    with pytest.raises(CscError) as caught, reading("x"):
        raise Unreadable("it is empty")
    assert caught.value.why == "it is empty"


def test_an_interrupt_is_no_fault_of_the_input():
    with pytest.raises(KeyboardInterrupt), reading("x"):
        raise KeyboardInterrupt

import pytest

from cscwidgets.errors import CscError
from cscwidgets.export.variable import VariableExists, to_variable, variable_of


def test_a_new_name_is_set():
    namespace = {}
    to_variable([1], "sources", namespace)
    assert namespace == {"sources": [1]}


def test_a_taken_name_is_refused_in_words_and_kept():
    namespace = {"sources": "precious"}
    with pytest.raises(VariableExists, match="The variable sources already holds a str"):
        to_variable([1], "sources", namespace)
    assert namespace["sources"] == "precious"
    to_variable([1], "sources", namespace, overwrite=True)
    assert namespace["sources"] == [1]


@pytest.mark.parametrize("name", ["", "two words", "1st", "class", "a-b"])
def test_names_that_cannot_be(name):
    with pytest.raises(CscError, match="not the name of a variable"):
        to_variable([1], name, {})


def test_the_variable_that_holds_something_is_found_by_what_it_is():
    held, equal = [1], [1]
    assert variable_of(held, {"_": held, "_3": held, "equal": equal, "app": held, "other": held}) == "app"
    assert variable_of(held, {"_": held, "equal": equal}) == ""

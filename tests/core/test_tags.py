from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.tags import LONGEST, between, tag_name, tags_of


def test_a_tag_is_one_line_of_visible_characters() -> None:
    assert tag_name(" wrong\n  unit\t\u200b! ") == "wrong unit !"
    assert tag_name("a \ud800 b") == "a b"
    with pytest.raises(UserError, match="without a letter"):
        tag_name(" \n\x00")
    with pytest.raises(UserError, match="61 characters"):
        tag_name("x" * (LONGEST + 1))


def named(text: str) -> str:
    try:
        return tag_name(text)
    except UserError:
        return ""


@given(st.lists(st.text(max_size=20).map(named).filter(bool), max_size=4))
def test_tags_come_back_from_the_text_that_keeps_them_and_only_they_are_found_in_it(names: list[str]) -> None:
    kept = "\n" + "".join(f"{name}\n" for name in names) if names else ""
    assert list(tags_of(kept)) == names
    assert all(between(name) in kept for name in names)
    assert between("never given") not in kept
    assert tag_name(names[0]) == names[0] if names else True

"""Which keys a person may give to what."""

from __future__ import annotations

from collections import Counter

import pytest

from dsbs_gui.steps.review.keymap import _HOLDING, ACTS, BY_NAME, MOST_KEYS, Keymap

DEFAULTS = Keymap({})


def test_no_default_key_has_two_meanings_and_none_breaks_the_rules() -> None:
    used = Counter(key for act in ACTS for key in act.keys)
    assert [key for key, n in used.items() if n > 1] == []
    assert [
        DEFAULTS.problem(act.name, key) for act in ACTS for key in act.keys if DEFAULTS.problem(act.name, key)
    ] == []
    assert max(len(act.keys) for act in ACTS) <= MOST_KEYS
    assert len(BY_NAME) == len(ACTS)


def test_what_changes_much_is_never_on_a_bare_key() -> None:
    guarded = [act for act in ACTS if act.guarded]
    assert guarded
    for act in guarded:
        assert all(key.startswith(_HOLDING) for key in act.keys)
        for bare in ("X", "Shift+X", "F9"):
            assert "hold Ctrl or Alt" in DEFAULTS.problem(act.name, bare)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("A", "A is the key of “Accept”. Choose another one, or change that first."),
        ("Ctrl+N", "Ctrl+N is a key of the window itself. Choose another one."),
        ("Del", "Del is needed to move about, to type, or for this list. Choose another key."),
        ("Backspace", "Backspace is needed to move about, to type, or for this list. Choose another key."),
        ("X", ""),
        ("R", ""),
    ],
)
def test_a_conflict_is_refused_with_a_sentence(key: str, said: str) -> None:
    assert DEFAULTS.problem("rejected", key, {"Ctrl+N"}) == said


def test_a_key_that_was_taken_away_elsewhere_is_free() -> None:
    changed = DEFAULTS.having("accepted", ["Y"])
    assert changed.problem("rejected", "A") == ""
    assert "“Accept”" in changed.problem("rejected", "Y")


def test_it_is_written_and_read_again() -> None:
    changed = DEFAULTS.having("accepted", ["Y", "="]).having("next", []).having("rejected", ["A"])
    assert changed.lines() == ["accepted = Y", "accepted = =", "next =", "rejected = A"]
    assert Keymap.read(changed.lines()) == changed
    assert Keymap.read([]) == DEFAULTS


def test_giving_the_default_back_is_no_change() -> None:
    assert DEFAULTS.having("accepted", ["Y"]).having("accepted", ["A"]) == DEFAULTS


def test_a_file_that_somebody_has_spoilt_takes_no_key_away() -> None:
    lines = ["no-such-act = Q", "rejected = A", "rejected = Del", "skipped = Z", "save = Z", "revert = X", "nonsense"]
    assert Keymap.read(lines).keys("rejected") == ()
    assert Keymap.read(lines).keys("accepted") == ("A",)
    assert Keymap.read(lines).keys("skipped") == ("Z",)
    assert Keymap.read(lines).keys("save") == ()
    assert Keymap.read(lines).keys("revert") == ()

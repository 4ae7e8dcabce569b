"""Versions of prompts: what was asked with never changes."""

from __future__ import annotations

import pytest

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import answers, prompts, runs
from dsbs_gui.core.store.database import Store

from . import filling

ONE, TWO = {"instruction": "Think."}, {"instruction": "Think hard. λ"}


def add(store: Store, name: str = "First", digest: str = "h1", body: dict | None = None, **other) -> int:
    return store.write_now(lambda tx: prompts.add(tx, name, digest, body or ONE, **other))


def answer_with(store: Store, digest: str, body: dict, name: str = "", failure: str | None = None) -> int:
    (example,) = filling.add_examples(store, ["Ann has 4."])

    def write(tx) -> int:
        prompt_id = prompts.keep_used(tx, digest, body, name)
        run_id = f"generate-{example}"
        answers.add(tx, filling.answer(example, run_id=run_id, prompt_id=prompt_id, failure=failure))
        return prompt_id

    return store.write_now(write)


def test_a_version_is_kept_with_its_parent_and_note(store: Store) -> None:
    first = add(store)
    second = add(store, "Second", "h2", TWO, parent_id=first, note="Longer rationales")
    found = prompts.get(store.reader, second)
    assert found is not None
    assert (found.name, found.note, found.hash, found.body, found.parent_id) == (
        "Second", "Longer rationales", "h2", TWO, first,
    )  # fmt: skip
    assert (found.answers, found.used) == (0, False)
    assert [version.name for version in prompts.versions(store.reader)] == ["Second", "First"]
    assert prompts.get(store.reader, 99) is None


def test_a_name_that_is_taken_gets_a_number(store: Store) -> None:
    add(store)
    names = [prompts.get(store.reader, add(store, name)).name for name in ("First", "First", "First 2")]
    assert names == ["First 2", "First 3", "First 4"]


def test_an_unused_version_changes_in_place(store: Store) -> None:
    version = add(store)
    assert store.write_now(lambda tx: prompts.save(tx, version, "h2", TWO)) == version
    found = prompts.get(store.reader, version)
    assert (found.hash, found.body) == ("h2", TWO)
    assert found.changed >= found.created


@pytest.mark.parametrize("failure", [None, "empty answer"])
def test_a_version_that_was_asked_with_stays_and_its_change_becomes_another(store: Store, failure: str | None) -> None:
    version = add(store)
    answer_with(store, "h1", ONE, failure=failure)
    assert prompts.get(store.reader, version).used
    changed = store.write_now(lambda tx: prompts.save(tx, version, "h2", TWO))
    assert changed != version
    assert prompts.get(store.reader, version).body == ONE
    found = prompts.get(store.reader, changed)
    assert (found.name, found.body, found.parent_id, found.used) == ("First 2", TWO, version, False)


def test_saving_the_same_prompt_changes_nothing(store: Store) -> None:
    version = add(store)
    answer_with(store, "h1", ONE)
    assert store.write_now(lambda tx: prompts.save(tx, version, "h1", ONE)) == version
    assert len(prompts.versions(store.reader)) == 1


def test_a_version_with_which_a_job_will_ask_counts_as_used(store: Store) -> None:
    version = add(store)

    def submit(tx) -> str:
        context = {"prompt_hash": "h1"}
        return runs.add(tx, kind="generate", title="G", lane="gpu", spec={}, context=context).id

    run_id = store.write_now(submit)
    assert prompts.get(store.reader, version).used
    store.write_now(lambda tx: runs.set_state(tx, run_id, "failed"))
    assert not prompts.get(store.reader, version).used


def test_only_an_unused_version_can_be_deleted(store: Store) -> None:
    first = add(store)
    second = add(store, "Second", "h2", TWO, parent_id=first)
    answer_with(store, "h2", TWO)
    with pytest.raises(UserError, match="Second"):
        store.write_now(lambda tx: prompts.delete(tx, second))
    store.write_now(lambda tx: prompts.delete(tx, first))
    (left,) = prompts.versions(store.reader)
    assert (left.id, left.parent_id) == (second, None)


def test_a_used_version_can_be_renamed_but_not_to_nothing(store: Store) -> None:
    version, other = add(store), add(store, "Second", "h2", TWO)
    answer_with(store, "h1", ONE)
    assert store.write_now(lambda tx: prompts.rename(tx, version, " Short ")) == "Short"
    assert store.write_now(lambda tx: prompts.rename(tx, version, "Short")) == "Short"
    assert store.write_now(lambda tx: prompts.rename(tx, other, "Short")) == "Short 2"
    with pytest.raises(UserError, match="name"):
        store.write_now(lambda tx: prompts.rename(tx, version, "  "))


def test_the_chosen_version_is_remembered_until_it_is_gone(store: Store) -> None:
    assert prompts.chosen(store.reader) is None
    version = add(store)
    store.write_now(lambda tx: prompts.choose(tx, version))
    assert prompts.chosen(store.reader).id == version
    store.write_now(lambda tx: prompts.delete(tx, version))
    assert prompts.chosen(store.reader) is None
    store.write_now(lambda tx: prompts.choose(tx, None))
    assert prompts.chosen(store.reader) is None


def test_what_was_asked_with_is_stored_once_and_becomes_a_version(store: Store) -> None:
    first = answer_with(store, "h1", ONE, "From a file")
    assert answer_with(store, "h1", TWO, "Another name") == first
    assert prompts.used_body(store.reader, first) == ONE
    assert prompts.used_body(store.reader, 99) is None
    (version,) = prompts.versions(store.reader)
    assert (version.name, version.body, version.answers, version.used) == ("From a file", ONE, 2, True)
    assert prompts.with_hash(store.reader, "h1", "From a file") == version
    assert prompts.with_hash(store.reader, "h1", "Another name") is None
    assert prompts.answers_with(store.reader, "h1") == 2


def test_what_was_asked_with_takes_no_second_version(store: Store) -> None:
    version = add(store)
    answer_with(store, "h1", ONE, "From a run")
    assert [found.id for found in prompts.versions(store.reader)] == [version]


def test_changes_are_announced(store: Store) -> None:
    heard: list[frozenset] = []
    store.listen(lambda changes: heard.append(changes.ids("prompts")))
    version = add(store)
    store.write_now(lambda tx: prompts.set_note(tx, version, "short"))
    store.write_now(lambda tx: prompts.choose(tx, version))
    assert heard == [{version}] * 3


def test_of_several_answers_the_newest_usable_one_to_the_plain_question_counts(store: Store) -> None:
    first, second, third = filling.add_examples(store, ["a", "b", "c"])

    def write(tx) -> list[int]:
        given = [
            (first, {}), (first, {"failure": "cut off"}), (first, {"sample": 1}), (second, {"failure": "x"}),
            (third, {"hinted": True}), (third, {"cache_key": "other"}),
        ]  # fmt: skip
        return [
            answers.add(tx, filling.answer(i, run_id=f"generate-{n}", **({"cache_key": "k"} | other)))
            for n, (i, other) in enumerate(given)
        ]

    ids = store.write_now(write)
    assert prompts.answers_of(store.reader, "k", [first, second, third]) == {first: ids[0], second: ids[3]}

from __future__ import annotations

import time

from dsbs_gui.core.store import drafts
from dsbs_gui.core.store.changes import Changes
from dsbs_gui.core.store.database import Store

from .filling import add_examples


def test_a_draft_is_replaced_by_a_later_one_and_survives_reopening(store: Store) -> None:
    first, second = add_examples(store, ["a", "b"])
    before = time.time()
    store.write_now(lambda tx: drafts.keep(tx, second, "Later.", None))
    store.write_now(lambda tx: drafts.keep(tx, first, "Onc", None))
    store.write_now(lambda tx: drafts.keep(tx, first, "Once\u00a0\u2028", "4"))
    path = store.path
    store.close()
    again = Store(path)
    found = drafts.of_example(again.reader, first)
    assert found is not None
    assert (found.rationale, found.label) == ("Once\u00a0\u2028", "4")
    assert before <= found.t <= time.time()
    assert [draft.example_id for draft in drafts.left(again.reader)] == [first, second]
    again.write_now(lambda tx: drafts.discard(tx, first))
    assert drafts.of_example(again.reader, first) is None
    again.close()


def test_a_draft_changes_nothing_that_a_page_would_show(store: Store) -> None:
    [example_id] = add_examples(store, ["a"])
    seen: list[Changes] = []
    store.listen(seen.append)
    store.write_now(lambda tx: drafts.keep(tx, example_id, "x", None))
    assert seen == []

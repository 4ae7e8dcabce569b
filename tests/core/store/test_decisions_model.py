"""Any sequence of edits, decisions, undo, redo, going back and reopening equals a simple model: a list of snapshots.

Taking everything back leaves the bytes with which it began, and doing it all again those that stood.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dsbs_gui.core.store import answers, decisions, examples, history, offers, remarks, reviews, search
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import STATES, Filter, Selection
from dsbs_gui.core.store.reviews import Review

from .filling import add_answer, add_examples, answer

N = 4
OFFERED = 2
"""So many of them have an answer that waits to be compared with what stands."""

ROW = dict[str, str | int | None]
TEXTS = st.sampled_from(["", "  ", "Mine.", "Other\u2028.", "R0", "R1"])
LABELS = st.sampled_from(["", "1", "2", "L0"])
TAGS = st.sampled_from(["unit", "a unit", "odd"])
NOTHING: ROW = {"note": None, "rating": None, "tags": "", "offered": False, "merged": False, "settled": False}
ANNA = (("edited", "Anna’s.", "1", 1), ("rejected", "Anna’s too.", "L0", 0))
"""What a second reviewer decided on the first examples: state, texts, and whether the label is the gold one."""


class Reviewing(RuleBasedStateMachine):
    """The model keeps the rows as dicts, and undo as two stacks of whole snapshots."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store.create(self.folder / "project.db")
        self.ids = add_examples(self.store, [f"Q{i}" for i in range(N)], ["1"] * N)
        for i, example_id in enumerate(self.ids[:-1]):  # the last one has no answer
            for sample in range(2):
                add_answer(self.store, example_id, f"R{i}" * (sample + 1), f"L{i}", sample=sample, agree=sample == 0)
        for example_id in self.ids[:OFFERED]:
            new = answer(example_id, "New.", "9", run_id="generate-2", agree=False)
            self.store.write_now(lambda tx, new=new: answers.add(tx, new, aside=True))
        second = [Review(i, "anna", *said) for i, said in zip(self.ids, ANNA, strict=False)]
        self.store.write_now(lambda tx: reviews.put(tx, second))
        self.rows = [self._fresh(i) for i in range(N)]
        self.undone: list[list[ROW]] = []
        self.past: list[list[ROW]] = []
        self.acts: list[int] = []
        """The batch of each act in ``past``; those of ``undone`` follow in ``acts_undone``."""
        self.acts_undone: list[int] = []
        self.first_hash = self._content_hash()

    def _content_hash(self) -> str:
        rows = self.store.reader.execute("SELECT * FROM examples ORDER BY id").fetchall()
        return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()

    def _fresh(self, i: int) -> ROW:
        if i == N - 1:
            return {"state": "empty", "rationale": None, "label": None, "agree": None, "edited": 0} | NOTHING
        return self._taken(i, 0) | NOTHING | {"offered": i < OFFERED}

    def _taken(self, i: int, sample: int) -> ROW:
        return {
            "state": "unreviewed", "rationale": f"R{i}" * (sample + 1), "label": f"L{i}", "agree": int(sample == 0),
            "edited": 0, "merged": False,
        }  # fmt: skip

    def _act(self, rows: list[ROW]) -> bool:
        changed = rows != self.rows
        if changed:
            self.past.append(self.rows)
            self.undone.clear()
            self.acts_undone.clear()
            self.rows = rows
            batch = decisions.undoable(self.store.reader)
            assert batch is not None
            self.acts.append(batch.id)
        return changed

    @rule(i=st.integers(0, N - 1), rationale=st.none() | TEXTS, label=st.none() | LABELS, note=st.none() | TEXTS)
    def edit(self, i: int, rationale: str | None, label: str | None, note: str | None) -> None:
        given = {"rationale": rationale, "teacher_label": label, "note": note}
        asked = {name: text for name, text in given.items() if text is not None}
        done = self.store.write_now(lambda tx: decisions.edit(tx, self.ids[i], agree=label == "1", **asked))
        row, before = dict(self.rows[i]), self.rows[i]
        for name, text in asked.items():
            row[name.removeprefix("teacher_")] = text if text.strip() else None
        if row["label"] != before["label"]:
            row["agree"] = None if row["label"] is None else int(label == "1")
        if (row["rationale"], row["label"]) != (before["rationale"], before["label"]):
            something = row["rationale"] is not None or row["label"] is not None
            row |= {"state": "edited" if something else "empty", "edited": int(something)}
        assert done == self._act([row if k == i else r for k, r in enumerate(self.rows)])

    @rule(i=st.integers(0, N - 2), sample=st.integers(0, 1))
    def take(self, i: int, sample: int) -> None:
        oldest_first = answers.of_example(self.store.reader, self.ids[i])[::-1]
        answer_id = oldest_first[sample].id
        self.store.write_now(lambda tx: decisions.take_answer(tx, self.ids[i], answer_id))
        taken = self.rows[i] | self._taken(i, sample)
        if {**taken, "state": None} != {**self.rows[i], "state": None}:
            self._act([taken if k == i else r for k, r in enumerate(self.rows)])

    @rule(chosen=st.sets(st.integers(0, N - 1)), reviewed=st.booleans())
    def take_offers(self, chosen: set[int], reviewed: bool) -> None:
        n = self.store.write_now(
            lambda tx: offers.take(tx, Selection.of(self.ids[i] for i in chosen), reviewed=reviewed)
        )
        new: ROW = {"state": "unreviewed", "rationale": "New.", "label": "9", "agree": 0, "edited": 0}
        new |= {"offered": False, "merged": False}
        open_to = {i for i, row in enumerate(self.rows) if reviewed or row["state"] not in offers.REVIEWED}
        taken = {i for i in chosen & open_to if self.rows[i]["offered"]}
        assert n == len(taken)
        self._act([row | new if i in taken else row for i, row in enumerate(self.rows)])

    @rule(chosen=st.sets(st.integers(0, N - 1)))
    def refuse_offers(self, chosen: set[int]) -> None:
        n = self.store.write_now(lambda tx: offers.refuse(tx, Selection.of(self.ids[i] for i in chosen)))
        assert n == sum(bool(self.rows[i]["offered"]) for i in chosen)
        self._act([row | {"offered": False} if i in chosen else row for i, row in enumerate(self.rows)])

    @rule(i=st.integers(0, OFFERED - 1), text=TEXTS.filter(str.strip), label=LABELS)
    def merge(self, i: int, text: str, label: str) -> None:
        new_one = answers.of_example(self.store.reader, self.ids[i])[0].id
        agree = (label == "1") if label else None
        done = self.store.write_now(lambda tx: decisions.merge(tx, self.ids[i], new_one, text, label, agree=agree))
        merged: ROW = {"state": "edited", "rationale": text, "label": label or None, "edited": 1, "merged": True}
        merged |= {"agree": None if agree is None else int(agree), "offered": False}
        assert done == self._act([row | merged if k == i else row for k, row in enumerate(self.rows)])

    @rule(i=st.integers(0, len(ANNA) - 1))
    def settle_as_anna(self, i: int) -> None:
        done = self.store.write_now(lambda tx: reviews.settle(tx, self.ids[i], "anna"))
        state, rationale, label, agree = ANNA[i]
        said: ROW = {"state": state, "rationale": rationale, "label": label, "agree": agree, "edited": 1}
        said |= {"merged": False, "settled": True}
        assert done == self._act([row | said if k == i else row for k, row in enumerate(self.rows)])

    @rule(i=st.integers(0, len(ANNA) - 1))
    def settle_as_here(self, i: int) -> None:
        if self.rows[i]["state"] in reviews.DECIDED and not self.rows[i]["settled"]:
            assert self.store.write_now(lambda tx: reviews.settle(tx, self.ids[i], reviews.OWN))
            self._act([row | {"settled": True} if k == i else row for k, row in enumerate(self.rows)])

    @rule(state=st.sampled_from(decisions.DECISIONS), chosen=st.sets(st.integers(0, N - 1)))
    def decide_named(self, state: str, chosen: set[int]) -> None:
        self._decide(state, chosen, Selection.of(self.ids[i] for i in chosen))

    @rule(
        state=st.sampled_from(decisions.DECISIONS),
        matching=st.sets(st.sampled_from(STATES), min_size=1),
        but=st.sets(st.integers(0, N - 1), max_size=1),
    )
    def decide_matching(self, state: str, matching: set[str], but: set[int]) -> None:
        chosen = {i for i, row in enumerate(self.rows) if row["state"] in matching} - but
        self._decide(
            state,
            chosen,
            Selection(matching=Filter(states=tuple(matching)), but=frozenset(self.ids[i] for i in but)),
        )

    def _decide(self, state: str, chosen: set[int], selection: Selection) -> None:
        n = self.store.write_now(lambda tx: decisions.set_state(tx, selection, state))
        rows = [self._decided(row, state) if i in chosen else row for i, row in enumerate(self.rows)]
        assert n == sum(a != b for a, b in zip(rows, self.rows, strict=True))
        self._act(rows)

    def _decided(self, row: ROW, state: str) -> ROW:
        if state == "accepted":
            if row["rationale"] is None:
                return row
            state = "edited" if row["edited"] else "accepted"
        if state == "unreviewed" and row["rationale"] is None and row["label"] is None:
            state = "empty"
        return row | {"state": state}

    @rule(rating=st.none() | st.integers(1, 5), chosen=st.sets(st.integers(0, N - 1)))
    def rate(self, rating: int | None, chosen: set[int]) -> None:
        n = self.store.write_now(lambda tx: remarks.rate(tx, Selection.of(self.ids[i] for i in chosen), rating))
        self._remarked(n, [row | {"rating": rating} if i in chosen else row for i, row in enumerate(self.rows)])

    @rule(name=TAGS, matching=st.sets(st.sampled_from(STATES), min_size=1))
    def tag_matching(self, name: str, matching: set[str]) -> None:
        selection = Selection(matching=Filter(states=tuple(matching)))
        n = self.store.write_now(lambda tx: remarks.tag(tx, selection, name))
        rows = [self._tagged(row, name) if row["state"] in matching else row for row in self.rows]
        self._remarked(n, rows)

    @rule(name=TAGS)
    def untag_all(self, name: str) -> None:
        n = self.store.write_now(lambda tx: remarks.untag(tx, Selection(matching=Filter()), name))
        kept = ["|".join(t for t in str(row["tags"]).split("|") if t != name) for row in self.rows]
        self._remarked(n, [row | {"tags": tags} for row, tags in zip(self.rows, kept, strict=True)])

    @rule(line=TEXTS, chosen=st.sets(st.integers(0, N - 1)))
    def add_note(self, line: str, chosen: set[int]) -> None:
        n = self.store.write_now(lambda tx: remarks.add_note(tx, Selection.of(self.ids[i] for i in chosen), line))
        self._remarked(n, [self._noted(row, line) if i in chosen else row for i, row in enumerate(self.rows)])

    def _noted(self, row: ROW, line: str) -> ROW:
        if not line.strip():
            return row
        return row | {"note": line if row["note"] is None else f"{row['note']}\n{line}"}

    def _tagged(self, row: ROW, name: str) -> ROW:
        tags = [tag for tag in str(row["tags"]).split("|") if tag]
        return row if name in tags else row | {"tags": "|".join([*tags, name])}

    def _remarked(self, n: int, rows: list[ROW]) -> None:
        assert n == sum(a != b for a, b in zip(rows, self.rows, strict=True))
        self._act(rows)

    @rule()
    def undo(self) -> None:
        batch = self.store.write_now(decisions.undo)
        assert (batch is not None) == bool(self.past)
        if self.past:
            assert batch is not None
            assert batch.passed_over == 0
            assert batch.id == self.acts[-1]
            self.undone.append(self.rows)
            self.acts_undone.append(self.acts.pop())
            self.rows = self.past.pop()

    @rule()
    def redo(self) -> None:
        batch = self.store.write_now(decisions.redo)
        assert (batch is not None) == bool(self.undone)
        if self.undone:
            self.past.append(self.rows)
            self.acts.append(self.acts_undone.pop())
            self.rows = self.undone.pop()

    @rule()
    def undo_and_redo_everything(self) -> None:
        before, acts, undone = self._content_hash(), len(self.past), len(self.undone)
        for _ in range(acts):
            self.store.write_now(decisions.undo)
        assert self._content_hash() == self.first_hash
        for _ in range(acts):
            self.store.write_now(decisions.redo)
        assert self._content_hash() == before
        assert len(self.undone) == undone

    @rule(i=st.integers(0, N - 1), choose=st.integers(0, 99))
    def go_back(self, i: int, choose: int) -> None:
        after = [*self.past[1:], self.rows][: len(self.past)]
        touched = [k for k, rows in enumerate(self.past) if rows[i] != after[k][i]]
        if touched:
            k = touched[choose % len(touched)]
            self.store.write_now(lambda tx: history.go_back(tx, self.ids[i], self.acts[k]))
            self._act([after[k][i] if n == i else row for n, row in enumerate(self.rows)])

    @rule(most=st.integers(1, N))
    def index(self, most: int) -> None:
        self.store.write_now(lambda tx: search.catch_up(tx, most))

    @rule()
    def clear_what_is_forgotten(self) -> None:
        self.store.write_now(lambda tx: history.clear_forgotten(tx, 3))

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store(self.folder / "project.db")

    @invariant()
    def store_equals_model(self) -> None:
        found = examples.page(self.store.reader, self.ids)
        actual = [
            {
                "state": e.state, "rationale": e.rationale, "label": e.teacher_label, "agree": e.agree,
                "edited": e.edited, "note": e.note, "rating": e.rating, "tags": "|".join(e.tags),
                "offered": e.offered is not None, "merged": e.merged_with is not None,
                "settled": reviews.settled(self.store.reader, e.id),
            }
            for e in (found[i] for i in self.ids)
        ]  # fmt: skip
        assert actual == self.rows
        assert (decisions.undoable(self.store.reader) is not None) == bool(self.past)
        assert (decisions.redoable(self.store.reader) is not None) == bool(self.undone)

    def teardown(self) -> None:
        while self.store.write_now(search.catch_up):
            pass
        self.store.write_now(lambda tx: tx.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)"))
        self.store.close()
        shutil.rmtree(self.folder)


TestReviewing = Reviewing.TestCase
TestReviewing.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)

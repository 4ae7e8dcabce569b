"""Two edits of one example under way at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QObject

from dsbs_gui.core.errors import ResourceError
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import examples
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.steps.review.editing import Edit
from dsbs_gui.steps.review.ui.acts import Acts
from tests.steps.review.making import add_answer, add_examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dsbs_gui.core.store.examples import Example

Ends = list[tuple["Callable[[Any], object]", "Callable[[ResourceError], object]"]]


@pytest.fixture
def desk(tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Acts, Example, Ends]]:
    """Acts whose writes end when the test says so, and an example."""
    project = Project.create(tmp_path / "p", "math")
    [i] = add_examples(project, [{"fields": {"input": "1 + 1?"}, "label": "2"}])
    add_answer(project, i, "one and one", "3")
    example = examples.get(project.store.reader, i)
    assert example is not None
    bridge, parent, ends = Bridge(project), QObject(), Ends()
    acts = Acts(project, bridge, parent)
    monkeypatch.setattr(acts._writes, "submit", lambda _, done, failed: ends.append((done, failed)))
    yield acts, example, ends
    bridge.close()
    project.close()


def test_an_example_is_shown_with_all_edits_that_are_on_their_way(desk: tuple[Acts, Example, Ends]) -> None:
    acts, example, ends = desk
    acts.save(example, Edit(rationale="mine"))
    acts.save(example, Edit(label="2"))
    shown = acts.as_it_will_be(example)
    assert (shown.rationale, shown.teacher_label, shown.state) == ("mine", "2", "edited")
    ends[0][0](True)
    assert acts.as_it_will_be(example).teacher_label == "2"
    ends[1][0](True)
    assert acts.as_it_will_be(example) is example


def test_a_text_that_failed_is_kept_when_another_one_is_saved(desk: tuple[Acts, Example, Ends]) -> None:
    acts, example, ends = desk
    saved: list[int] = []
    acts.saved.connect(saved.append)
    acts.save(example, Edit(rationale="mine"))
    acts.save(example, Edit(label="2"))
    ends[0][1](ResourceError("The disk is full.", ""))
    ends[1][0](True)
    assert acts.unsaved == {example.id: Edit(rationale="mine")}
    assert saved == []
    acts.save(example, Edit(rationale="mine"))
    ends[2][0](True)
    assert acts.unsaved == {}
    assert saved == [example.id]

"""Which example the panel shows: read from the store, with the texts that are on their way there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dsbs_gui.core.store import answers, decisions, examples, lifts, signals, standing
from dsbs_gui.steps.review import answer_words, editing
from dsbs_gui.steps.review.signals import explaining, plan

from .detail import Detail

if TYPE_CHECKING:
    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.examples import Example
    from dsbs_gui.core.store.lifts import Lift

    from .acts import Acts
    from .work_area import WorkArea


class Reading:
    """Shows one example. ``few_labels`` are those that are offered for a text task."""

    def __init__(self, project: Project, acts: Acts, area: WorkArea) -> None:
        self._store, self._task = project.store, project.task
        self._acts, self._area = acts, area
        self.few_labels: tuple[str, ...] = ()

    def show(self, example_id: int | None) -> None:
        """Show an example, or nothing; a few look-ups by index, under a millisecond."""
        db, panel = self._store.reader, self._area.detail
        example = None if example_id is None else examples.get(db, example_id)
        if example is None:
            panel.clear()
            return
        example = self._acts.as_it_will_be(example)
        options = editing.label_options(self._task, example, self.few_labels)
        found = answers.of_example(db, example.id)
        changes = decisions.timeline(db, example.id)
        shown = Detail(example, tuple(found), tuple(changes), options, self._area.place_of_current())
        lift = self._lift(example)
        shown = replace(shown, signals=self._signals(shown), vote=self._vote(shown))
        if lift is not None:
            shown = replace(shown, lift=answer_words.lift(lift), unhelpful=lift.nats <= 0)
        panel.show_detail(shown)
        if (unsaved := self._acts.unsaved.pop(example.id, None)) is not None:
            panel.put(unsaved)

    def _lift(self, example: Example) -> Lift | None:
        """What a teacher has measured of the texts as they stand."""
        found = lifts.of_example(self._store.reader, example.id)
        if found is None or found.mark != lifts.mark_of(example.input, example.rationale, example.label):
            return None
        return found

    def _vote(self, shown: Detail) -> str:
        """Of the group that stands, if it has several samples."""
        standing_one, db = shown.standing, self._store.reader
        if standing_one is None or standing_one.source != "teacher":
            return ""
        fellows = standing.fellows(db, standing_one.id)
        held = standing.vote_of(db, list(fellows)) if len(fellows) > 1 else None
        return "" if held is None else answer_words.vote(held)

    def _signals(self, shown: Detail) -> tuple[str, ...]:
        mark, found = signals.of_example(self._store.reader, shown.example.id)
        if not found:  # a mark is made of the whole texts
            return ()
        return explaining.told(found, mark == plan.mark_of(self._task.name, shown.example, shown.standing))

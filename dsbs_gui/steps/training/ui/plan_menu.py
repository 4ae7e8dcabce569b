"""What else can be done with the plan than training it: recipes, the command that does the same, several runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu

from dsbs_gui.core.errors import DsbsError, UserError
from dsbs_gui.core.store import runs
from dsbs_gui.kit.buttons import SecondaryButton
from dsbs_gui.kit.save_dialog import ask_save_path
from dsbs_gui.steps.training import plan, recipe
from dsbs_gui.steps.training.defaults import complete
from dsbs_gui.steps.training.spoken import command_line

from .sweep_sheet import SweepSheet

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.runs import Run
    from dsbs_gui.kit.bridge import Bridge

    from .plan_form import PlanForm

_FILTER = "Recipes (*.toml);;All files (*)"


class PlanMenu(QObject):
    """A button with a menu over the form.

    Signals:
        told(str): something small was done that is worth a word.
        failed(DsbsError): what was wished cannot be.
        queued(list): these runs were queued.
    """

    told = Signal(str)
    failed = Signal(object)
    queued = Signal(list)

    def __init__(self, form: PlanForm, project: Project, bridge: Bridge) -> None:
        super().__init__(form)
        self._form, self._project, self._bridge = form, project, bridge
        self.button = SecondaryButton("Plan")
        menu = QMenu(self.button)
        self.entries: dict[str, QAction] = {}
        for name, text, act in (
            ("sweep", "Several runs…", self.ask_sweep),
            ("save", "Save recipe…", self.ask_save),
            ("open", "Open recipe…", self.ask_open),
        ):
            self.entries[name] = menu.addAction(text)
            self.entries[name].triggered.connect(lambda _=False, act=act: act())
        self.entries["sweep"].setEnabled(not project.store.read_only)
        self.button.set_menu(menu)
        form.changed.connect(self.show_command)
        self.show_command()

    def choices(self) -> dict[str, Any]:
        """What the form says, complete. Raises UserError if it cannot be used."""
        if problem := self._form.problem():
            raise UserError(problem, "Correct it in the form.")
        return complete(self._form.choices())

    def show_command(self) -> None:
        """Say in the form what command does the same."""
        problem = self._form.problem()
        line = "" if problem else command_line(self._project.folder, self._form.choices())
        self._form.command.show_line(line, problem)

    def ask_save(self) -> None:
        """Save the form as a recipe, where the user says."""
        path = ask_save_path(self._form, "Save recipe", "recipe.toml", {"toml": "Recipes"})
        if path:
            self.save(Path(path))

    def save(self, path: Path) -> None:
        """Save the form as a recipe."""
        path = path if path.suffix else path.with_suffix(recipe.SUFFIX)
        try:
            recipe.write(path, self.choices())
        except DsbsError as error:
            self.failed.emit(error)
        else:
            self.told.emit(f"Saved {path.name}")

    def ask_open(self) -> None:
        """Fill the form after a recipe that the user chooses."""
        path, _ = QFileDialog.getOpenFileName(self._form, "Open recipe", "", _FILTER)
        if path:
            self.open(Path(path))

    def open(self, path: Path) -> None:
        """Fill the form after a recipe; what it leaves out gets its default."""
        try:
            usual = {name: self._form.choices()[name] for name in ("method", "student")}
            self._form.fill(complete(usual | recipe.read(path)), path.name)
        except DsbsError as error:
            self.failed.emit(error)

    def ask_sweep(self) -> None:
        """Ask for several values and queue a run for each combination."""
        try:
            base = self.choices()
        except DsbsError as error:
            self.failed.emit(error)
            return
        store = self._project.store
        self._bridge.run(
            lambda: runs.all_runs(store.reader, "train"), lambda earlier: self._show_sweep(base, earlier), owner=self
        )

    def _show_sweep(self, base: dict[str, Any], earlier: Sequence[Run]) -> None:
        sheet = SweepSheet(self._form, base, earlier, self._form.train_rows())
        if sheet.ask():
            self.queue(sheet.chosen())
        sheet.deleteLater()

    def queue(self, chosen: Sequence[dict[str, Any]]) -> None:
        """Queue these runs, in their order, each with the rows of now."""
        project = self._project

        def submit() -> list[Run]:
            # Each kind is tried before the first is queued: what cannot be leaves no half of a sweep behind.
            for one in {(o["method"], o["labels"], o["rationale_weight"] > 0): o for o in chosen}.values():
                plan.train_request(project, **one)
            return [project.jobs.submit(plan.train_request(project, **one)) for one in chosen]

        self._bridge.run(submit, self.queued.emit, self.failed.emit, owner=self)

"""Watching runs: where one of them stands, the curves of all that are chosen, and what the student answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from dsbs_gui.core import gpus
from dsbs_gui.core.protocol import Progress
from dsbs_gui.core.rates import Rate
from dsbs_gui.core.settings import user_settings
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.layout import column
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.steps.training import details, overview, points

from .details_strip import DetailsStrip
from .samples_card import SamplesCard

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.protocol import Event
    from dsbs_gui.core.settings import Settings
    from dsbs_gui.kit.bridge import Bridge
    from dsbs_gui.steps.training.overview import RunView, TeacherLine
    from dsbs_gui.steps.training.points import News

    from .curves_card import Curves

_TICK_MS = 1_000
_OUTLINE_MS = 200
_GPU_S = 5.0


class WatchView(QWidget):
    """Reads in the background what is new of the chosen runs, one question at a time.

    Signals:
        failed(text, hint): a picture or the numbers could not be saved.
    """

    failed = Signal(str, str)

    def __init__(
        self, project: Project, bridge: Bridge, settings: Settings | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._bridge = project, bridge
        self._settings = settings or user_settings()
        self._views: dict[str, RunView] = {}
        self._chosen: list[str] = []
        self._teacher: TeacherLine | None = None
        self._rates: dict[str, dict[str, float]] = {}
        self._pace: dict[str, Rate] = {}
        self._asking = self._again = False
        self._sampled = ("", -1)
        self._gpu_use: dict[str, float] = {}
        self._gpu_asked = float("-inf")
        self.curves: Curves | None = None
        self.chooser = QComboBox()
        self.strip = DetailsStrip()
        self.samples = SamplesCard()
        self._tick = QTimer(self, interval=_TICK_MS)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.chooser.setAccessibleName("Run that is described")
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.setMinimumContentsLength(24)
        self._card = Card("Run", self.strip, note=" ", action=self.chooser, gap="m")
        layout = column(self._card, self.samples, gap="m", parent=self)
        layout.setStretch(0, 1)

    def _connect(self) -> None:
        self.chooser.activated.connect(lambda _: self._on_run_chosen())
        self.samples.step_asked.connect(self._ask_samples)
        self._tick.timeout.connect(self._show_details)
        self._bridge.job_event.connect(self._on_job_event)

    # ------------------------------------------------------------ what others call

    def show_runs(self, views: Mapping[str, RunView], chosen: Collection[str], teacher: TeacherLine | None) -> None:
        """Draw the chosen runs, which are among ``views``, and bring all of it up to date."""
        self._views, self._teacher = dict(views), teacher
        self._chosen = sorted(chosen, key=lambda run: self._views[run].run.number, reverse=True)
        self._rates = {run: rates for run, rates in self._rates.items() if run in views}
        self._pace = {run: pace for run, pace in self._pace.items() if run in views}
        self._offer_runs()
        self._make_curves().keep_only(self._chosen)
        self._make_curves().set_lines(teacher, overview.baselines(list(self._views.values()), set(self._chosen)))
        self._show_details()
        self._ask()

    def described(self) -> str:
        """The run whose details and samples are shown."""
        return str(self.chooser.currentData() or "")

    # ------------------------------------------------------------ curves

    def _make_curves(self) -> Curves:
        if self.curves is None:
            from .curves_card import Curves  # imports pyqtgraph: not before there is something to draw

            self.curves = Curves(self._settings)
            self.curves.exported.connect(lambda path: show_toast(self, f"Saved as {path}"))
            self.curves.export_failed.connect(self._on_export_failed)
            self._card.add(self.curves)
        return self.curves

    def _ask(self) -> None:
        if self._asking:
            self._again = True
            return
        self._asking = True
        db, curves = self._project.store, self._make_curves()
        last = curves.last()
        wanted = {run: (last.get(run, {}), curves.is_coarse(run)) for run in self._chosen}

        def ask() -> dict[str, News]:
            return {run: points.news(db.reader, run, after, whole=whole) for run, (after, whole) in wanted.items()}

        self._bridge.run(ask, self._on_news, self._on_refused, owner=self)

    def _on_news(self, found: dict[str, News]) -> None:
        self._asking = False
        curves = self._make_curves()
        for run, news in found.items():
            view = self._views.get(run)
            if view is None or run not in self._chosen:  # deleted, or no longer wanted
                continue
            method = str(view.run.spec.get("method", ""))
            curves.append(run, news.points, name=f"{run} · {view.run.title}", method=method, coarse=news.coarse)
            self._rates[run] = news.rates
        self._show_details()
        self._offer_validations()
        if any(news.coarse for news in found.values()):
            QTimer.singleShot(_OUTLINE_MS, self, self._ask)  # the outline is drawn first, with nothing beside it
        elif self._again:
            self._ask()
        self._again = False

    def _on_refused(self, error: Any) -> None:
        self._asking = False
        self._bridge.show_error(error)

    def _on_export_failed(self, path: str, reason: str) -> None:
        self.failed.emit(f"{path} could not be written: {reason}.", "Choose another folder, or free some space.")

    # ------------------------------------------------------------ details

    def _offer_runs(self) -> None:
        """The newest one that works, else the newest, unless the user has chosen one that is still drawn."""
        offered = [(run, f"{run} · {self._views[run].run.title}") for run in self._chosen]
        known = [(self.chooser.itemData(i), self.chooser.itemText(i)) for i in range(self.chooser.count())]
        if offered != known:
            wanted, new = self.described(), {run for run, _ in offered} - {run for run, _ in known}
            self.chooser.clear()
            for run, text in offered:
                self.chooser.addItem(text, run)
            working = [run for run in self._chosen if self._views[run].run.live and run in new]
            place = self.chooser.findData(working[0] if working else wanted)
            self.chooser.setCurrentIndex(max(0, place))
        self.chooser.setVisible(len(offered) > 1)

    def _show_details(self) -> None:
        view = self._views.get(self.described())
        if view is None:
            self._tick.stop()
            return
        now, pace = time.time(), self._pace.get(view.id)
        rates = self._rates.get(view.id, {})
        if view.run.state == "running" and "gpu_memory_mb" in rates:
            self._ask_gpu(str(view.run.spec.get("device", "")))
            rates = rates | self._gpu_use
        left = pace.seconds_left(view.run.total, now) if pace is not None else None
        self._card.set_title(view.id)
        self._card.set_note(view.run.title)
        self.strip.show_facts(details.facts(view, rates, left, now))
        if view.run.live and self.isVisible():
            self._tick.start()
        else:
            self._tick.stop()

    def _ask_gpu(self, device: str) -> None:
        """How busy it is; seldom, for the driver's tool takes a while."""
        if time.monotonic() - self._gpu_asked < _GPU_S:
            return
        self._gpu_asked = time.monotonic()
        index = device.rpartition(":")[2]
        self._bridge.run(lambda: gpus.use_percent(int(index) if index.isdigit() else 0), self._on_gpu_known, owner=self)

    def _on_gpu_known(self, use_percent: float | None) -> None:
        self._gpu_use = {} if use_percent is None else {"gpu_use_percent": use_percent}
        self._show_details()

    def _on_run_chosen(self) -> None:
        self._show_details()
        self._offer_validations()

    def _on_job_event(self, run: str, event: Event) -> None:
        if isinstance(event.message, Progress) and event.message.unit == "steps":
            self._pace.setdefault(run, Rate()).note(event.t, "", event.message.done)

    # ------------------------------------------------------------ samples

    def _offer_validations(self) -> None:
        run = self.described()
        self.samples.show_validations(run, self._make_curves().accuracies(run))
        self._ask_samples()

    def _ask_samples(self) -> None:
        db, run, step = self._project.store, self.described(), self.samples.step()
        if (run, step) == self._sampled:
            return
        self._sampled = (run, step)
        if not step:
            self.samples.show_samples([], [])
            return
        self._bridge.run(
            lambda: points.samples(db.reader, run, step),
            lambda found: self._on_samples(run, step, *found),
            owner=self,
        )

    def _on_samples(self, run: str, step: int, now: list[dict[str, Any]], before: list[dict[str, Any]]) -> None:
        if (run, step) == (self.described(), self.samples.step()):
            self.samples.show_samples(now, before)

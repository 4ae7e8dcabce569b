"""The Review page on a project of many rows, driven as a user does it; prints what it measured as one line of JSON.

Started by ``review_table.py`` in a process of its own. Times go from the user's act to the moment when the
window is painted again; those of writing go to the commit.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from review_watching import COMMON, RARE, Paints, p95
from typing_extensions import override

from dsbs_gui.core.errors import DsbsError
from dsbs_gui.core.memory import peak_resident_bytes
from dsbs_gui.core.project import Project
from dsbs_gui.core.settings import Settings
from dsbs_gui.core.store import examples
from dsbs_gui.core.store.filters import Filter
from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.kit.theme.apply import apply_theme
from dsbs_gui.steps.review.ui import deciding
from dsbs_gui.steps.review.ui.page import ReviewPage

TICK_MS = 5
LONGEST_WAIT_S = 300.0


class Gaps:
    """The largest time between two ticks of a timer: how long the window did not answer."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.worst_ms = 0.0
        self._timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.worst_ms, self._last = max(self.worst_ms, 1000 * (now - self._last)), now

    def stop(self) -> float:
        self._timer.stop()
        return self.worst_ms


class CountingBridge(Bridge):
    """Knows how much is under way."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._asked = 0
        self._ended = 0

    @property
    def under_way(self) -> bool:
        return self._asked > self._ended

    @override
    def run(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], object] | None = None,
        on_error: Callable[[DsbsError], object] | None = None,
        owner: QObject | None = None,
    ) -> None:
        def finish(result: Any) -> None:
            self._ended += 1
            if on_done is not None:
                on_done(result)

        self._asked += 1
        super().run(work, finish, on_error or _raise, owner)


class Driver:
    """A user at the page."""

    def __init__(self, folder: Path) -> None:
        self.project = Project.open(folder)
        self.bridge = CountingBridge(self.project)
        self.bridge.failed.connect(_raise)
        self.settings = Settings(folder.parent / "review-settings.toml")  # the table, whatever view the user likes
        self.page: ReviewPage | None = None

    def open(self) -> float:
        """Seconds from asking for the page to its first painted rows."""
        began = time.perf_counter()
        page = self.page = ReviewPage(self.project, self.bridge, settings=self.settings)
        page.resize(1280, 800)
        page.show()
        page.refresh()
        self.paints = Paints(page.area.table.viewport())
        wait_for(lambda: page.area.model.rowCount() > 0)
        self.wait_for_paint(self.paints.count)
        return time.perf_counter() - began

    @property
    def table(self) -> Any:
        assert self.page is not None
        return self.page.area.table

    def wait_for_paint(self, since: int) -> None:
        while self.paints.count <= since:
            QCoreApplication.processEvents()

    def after(self, signal: Any, act: Callable[[], object], *, painted: bool = False) -> float:
        """Milliseconds from an act to its signal, or to the rows being painted after that."""
        heard: list[int] = []
        connection = signal.connect(lambda *_: heard.append(self.paints.count))
        began = time.perf_counter()
        act()
        wait_for(lambda: bool(heard))
        if painted:
            self.wait_for_paint(heard[0])
        took = 1000 * (time.perf_counter() - began)
        signal.disconnect(connection)
        return took

    def settle(self) -> None:
        """Until nothing is written and nothing is counted any more; the window works meanwhile."""
        for _ in range(2):
            written = self.project.store.write(lambda tx: None)
            self.bridge.run(written.result)
            self.wait(300)  # the page waits a little before it counts
            while self.bridge.under_way:
                self.wait(10)

    def wait(self, ms: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(ms, loop.quit)
        loop.exec()

    # ------------------------------------------------------------ what is measured

    def scroll(self, steps: int, to: Callable[[int], int]) -> list[float]:
        bar, taken = self.table.verticalScrollBar(), []
        for _ in range(steps):
            began, since = time.perf_counter(), self.paints.count
            bar.setValue(to(bar.value()))
            self.wait_for_paint(since)
            taken.append(1000 * (time.perf_counter() - began))
        return taken

    def fetches(self) -> dict[str, float]:
        """Pages at the beginning and at the end, read anew each time."""
        assert self.page is not None
        ids = self.page.area.model.ids()
        taken = {}
        for name, first in (("first", 0), ("last", len(ids) - 128 * 20)):
            times = []
            for start in range(max(0, first), max(0, first) + 128 * 20, 128):
                began = time.perf_counter()
                self.page._fetch(ids[start : start + 128])
                times.append(1000 * (time.perf_counter() - began))
            taken[f"page_{name}_ms"] = statistics.median(times)
        return taken

    def filter(self, rounds: int) -> dict[str, float]:
        """The slowest of the filters by state or agreement, each the median of its rounds."""
        assert self.page is not None
        filters, listing = self.page.area.filters, self.page.listing
        taken = {}
        for name, chosen in {
            "unreviewed": Filter(states=("unreviewed",)),
            "rejected": Filter(states=("rejected",)),
            "agree": Filter(agreement=("agree",)),
            "conflict": Filter(agreement=("conflict",)),
            "both": Filter(states=("unreviewed",), agreement=("conflict",)),
            "everything": Filter(),
        }.items():
            times = []
            for _ in range(rounds):
                filters.set_value(Filter(states=("skipped",)))
                self.after(listing.loaded, filters.changed.emit)
                self.settle()
                filters.set_value(chosen)
                times.append(self.after(listing.loaded, filters.changed.emit, painted=True))
            taken[name] = statistics.median(times)
            self.settle()
        return {f"filter_{name}_ms": took for name, took in taken.items()}

    def search(self) -> dict[str, float]:
        assert self.page is not None
        filters, listing = self.page.area.filters, self.page.listing
        taken = {}
        for name, text in {"rare": RARE, "common": COMMON}.items():
            filters.set_value(Filter())
            self.after(listing.loaded, filters.changed.emit)
            self.settle()
            filters.set_value(Filter(text=text, mode="words"))
            taken[f"search_{name}_ms"] = self.after(listing.loaded, filters.changed.emit, painted=True)
            self.settle()
        return taken

    def edits(self, n: int, rows: int) -> list[float]:
        """Milliseconds from saving an edited rationale to the end of its COMMIT."""
        assert self.page is not None
        chance, page, taken = random.Random(1), self.page, []
        committed: list[float] = []
        stop = self.project.store.listen(lambda _: committed.append(time.perf_counter()))
        for number in range(n):
            self.table.set_current_id(chance.randrange(1, rows))
            self.wait(20)
            page.area.detail.rationale.insertPlainText(f"Edit {number}. ")
            self.settle()
            committed.clear()
            began = time.perf_counter()
            page.deciding.save()
            wait_for(lambda: bool(committed))
            taken.append(1000 * (committed[0] - began))
        stop()
        self.settle()
        return taken

    def giants(self, rows: int) -> float:
        """Milliseconds of the slowest cell of 10 MB."""
        assert self.page is not None
        slowest = 0.0
        for example_id in range(rows + 1, rows + 4):
            self.table.set_current_id(1)
            QCoreApplication.processEvents()
            began = time.perf_counter()
            self.table.set_current_id(example_id)
            QCoreApplication.processEvents()
            self.page.repaint()
            took = 1000 * (time.perf_counter() - began)
            print(f"giant {example_id - rows}: {took:.0f} ms", file=sys.stderr)
            slowest = max(slowest, took)
        self.table.set_current_id(1)
        return slowest

    def bulk(self) -> dict[str, float]:
        """Select all, accept them, take it back; the window's largest gap over both with all that follows them."""
        assert self.page is not None
        page, acts = self.page, self.page.deciding._acts
        page.area.filters.set_value(Filter())
        self.after(page.listing.loaded, page.area.filters.changed.emit)
        self.settle()
        page.activateWindow()
        self.table.setFocus()
        self.wait(50)
        taken = {}
        began = time.perf_counter()
        QTest.keyClick(self.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        since = self.paints.count
        wait_for(lambda: self.table.selected_count() == page.area.model.rowCount())
        self.wait_for_paint(since)
        taken["select_all_ms"] = 1000 * (time.perf_counter() - began)
        self.settle()
        before = examples.counts(self.project.store.reader, "state").get("accepted", 0)  # not the window's own work
        gaps = Gaps()
        taken["bulk_s"] = self.after(acts.decided, lambda: page.deciding.decide("accepted")) / 1000
        self.settle()
        now = examples.counts(self.project.store.reader, "state")
        assert now.get("accepted", 0) + now.get("edited", 0) >= before + 1, now
        assert set(now) <= {"accepted", "edited"}, now
        taken["bulk_gap_ms"] = gaps.stop()
        gaps = Gaps()
        taken["undo_s"] = self.after(acts.went, page.deciding.undo) / 1000
        self.settle()
        taken["undo_gap_ms"] = gaps.stop()
        now = examples.counts(self.project.store.reader, "state")
        assert now.get("accepted", 0) == before, now
        return taken

    def close(self) -> None:
        assert self.page is not None
        self.page.close()
        self.bridge.close()
        self.project.close()


def wait_for(met: Callable[[], bool]) -> None:
    """Let the window work until a condition holds."""
    end = time.perf_counter() + LONGEST_WAIT_S
    while not met():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.perf_counter() > end:
            raise TimeoutError


def _raise(error: BaseException) -> None:
    raise error


def measure(folder: Path, rows: int, rounds: int, seed: int = 0) -> dict[str, float]:
    """All figures of one run."""
    deciding.confirm = lambda *_: True  # type: ignore[assignment]  # the question that a person would answer
    driver = Driver(folder)
    figures = {"first_paint_s": driver.open()}
    driver.settle()
    chance = random.Random(seed)
    top = driver.table.verticalScrollBar().maximum()
    figures["jump_p95_ms"] = p95(driver.scroll(100, lambda _: chance.randrange(top)))
    figures["wheel_p95_ms"] = p95(driver.scroll(300, lambda value: value + 3))
    figures |= driver.fetches()
    by_filter = driver.filter(rounds)
    figures |= by_filter | {"filter_ms": max(t for name, t in by_filter.items() if "both" not in name)}
    by_text = driver.search()
    figures |= by_text | {"search_ms": max(by_text.values())}
    taken = driver.edits(20, rows)
    figures |= {"edit_ms": statistics.median(taken), "edit_p95_ms": p95(taken)}
    figures |= driver.bulk()
    figures["worst_gap_ms"] = max(figures["bulk_gap_ms"], figures["undo_gap_ms"])
    figures["rss_mb"] = (peak_resident_bytes() or math.nan) / 2**20
    figures["big_cell_ms"] = driver.giants(rows)
    driver.close()
    return figures


if __name__ == "__main__":
    app = QApplication([])
    apply_theme(app, "light")
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))), flush=True)

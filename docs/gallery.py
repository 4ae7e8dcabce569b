"""Draw every widget of the kit in both themes into PNG files: `python docs/gallery.py FOLDER [--scale 1.5]`.

Runs offscreen. A board a subject; what is wrong with spacing, contrast or cut-off text shows here first.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QMenu,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTabBar,
    QWidget,
)

from dsbs_gui.kit.bar_list import Bar, BarList
from dsbs_gui.kit.big_number import BigNumber
from dsbs_gui.kit.buttons import (
    DangerButton,
    IconButton,
    LinkButton,
    PrimaryButton,
    SecondaryButton,
)
from dsbs_gui.kit.card import Card
from dsbs_gui.kit.chips import Chip, ChipRow
from dsbs_gui.kit.choice_card import ChoiceCard
from dsbs_gui.kit.code_text import CodeText
from dsbs_gui.kit.curves import CurvePanel
from dsbs_gui.kit.empty_state import EmptyState
from dsbs_gui.kit.form import Form, FormField
from dsbs_gui.kit.histogram import Histogram
from dsbs_gui.kit.job_strip import JobStrip, JobView
from dsbs_gui.kit.layout import boxed, column, row
from dsbs_gui.kit.message_bar import MessageBar
from dsbs_gui.kit.nav_list import NavItem, NavList
from dsbs_gui.kit.page import Page
from dsbs_gui.kit.plain_label import PlainLabel
from dsbs_gui.kit.progress_line import ProgressLine
from dsbs_gui.kit.reading_text import ReadingText, Span
from dsbs_gui.kit.record_table.column import Column, Mark
from dsbs_gui.kit.record_table.model import RecordTableModel
from dsbs_gui.kit.record_table.view import RecordTable
from dsbs_gui.kit.search_field import SearchField
from dsbs_gui.kit.segmented_control import SegmentedControl
from dsbs_gui.kit.sheet import Sheet, confirmation
from dsbs_gui.kit.sparkline import Sparkline
from dsbs_gui.kit.splitter import Splitter
from dsbs_gui.kit.text_editor import TextEditor
from dsbs_gui.kit.theme.apply import apply_theme
from dsbs_gui.kit.toast import show_toast
from dsbs_gui.kit.whisker import Whisker, WhiskerRow
from dsbs_gui.kit.words import Progress

_RATIONALE = (
    "Mia has 4 pens. Tom has 3 more than Mia, so Tom has 4 + 3 = 7 pens. "
    "Ana has twice as many as Tom, so Ana has 2 × 7 = 14 pens."
)


def controls() -> QWidget:
    """Buttons, fields, chips, messages."""
    disabled = PrimaryButton("Generate 1 000 rationales")
    disabled.setEnabled(False)
    menu = QMenu()
    menu.addAction("Pilot 20")
    with_menu = SecondaryButton("Export")
    with_menu.set_menu(menu)
    buttons = row(
        PrimaryButton("Generate 1 000 rationales", "sparkle"), SecondaryButton("Pilot 20", "test-tube"), with_menu,
        DangerButton("Delete run", "trash"), LinkButton("How the teacher is asked"), disabled,
        IconButton("dots-three", "More"), IconButton("funnel", "Filter", checkable=True), None,
    )  # fmt: skip
    segments = SegmentedControl([("all", "All"), ("train", "Train"), ("valid", "Valid"), ("test", "Test")], "train")
    chips = ChipRow([("new", "New"), ("accepted", "Accepted"), ("rejected", "Rejected"), ("edited", "Edited")])
    chips.set_counts({"new": 1200, "accepted": 312, "rejected": 8})
    chips.set_value(["accepted"])
    states = row(
        Chip("Accepted", "good"), Chip("Needs a look", "attention"), Chip("Failed", "bad"), Chip("Edited", "info"),
        Chip("New"), Chip("Fits", "accent"), None,
    )  # fmt: skip
    filters = row(segments, chips, SearchField("Search in input and rationale"), None, gap="m")
    messages = column(
        MessageBar("bad", "The teacher could not be started: the GPU has 5.8 GB free, this model wants about 7.",
                   "Try fewer layers on the GPU, or a smaller model.", "Choose another model"),
        MessageBar("attention", "12 rows were rejected while importing.", "They are listed with line and reason.",
                   "Show rejected rows"),
        MessageBar("info", "This project was made by version 0.1; a backup was made before it was updated."),
        MessageBar("good", "The student was exported and gives the same 200 predictions.", button="Open folder"),
    )  # fmt: skip
    two = row(_form(), _others(), gap="xl")
    page = Page("Controls", "buttons, fields, messages")
    page.header.set_actions(PrimaryButton("Generate"), SecondaryButton("Pilot 20"))
    for part in (buttons, filters, states, messages, two):
        page.body.addLayout(part)
    page.body.addStretch(1)
    return page


def _form() -> QWidget:
    form = Form()
    names = QLineEdit("my-project")
    form.add("Project name", names, "Also the name of its folder.")
    wrong = form.add("Context length", QLineEdit("900"), "Tokens; the model knows 2 048.")
    wrong.set_error("900 is shorter than the prompt (1 104 tokens). Use at least 1 400.")
    choice = QComboBox()
    choice.addItems(["Distilling step-by-step", "Standard finetuning", "Standard distillation"])
    form.add("Method", choice, "Label loss + λ · rationale loss.")
    weight, seed = QDoubleSpinBox(), QSpinBox()
    weight.setValue(1.0)
    form.add_row(FormField("λ", weight, "α = 0.50 in the paper's code"), FormField("Seed", seed, "Same seed, same run"))
    return boxed(column(form))


def _others() -> QWidget:
    off, on = QCheckBox("Ask again where the answer is wrong"), QCheckBox("Keep the raw answers")
    on.setChecked(True)
    third = QCheckBox("Not available without a GPU")
    third.setEnabled(False)
    first, second = QRadioButton("Gold labels"), QRadioButton("Teacher's labels")
    first.setChecked(True)
    slider = QSlider()
    slider.setOrientation(slider.orientation().Horizontal)
    slider.setValue(40)
    tabs = QTabBar()
    for name in ("Sample 1", "Sample 2", "Sample 3"):
        tabs.addTab(name)
    empty_line = QLineEdit()
    empty_line.setPlaceholderText("https://…/v1")
    grey = QLineEdit("cannot be changed")
    grey.setEnabled(False)
    return boxed(column(
        off, on, third, row(first, second, None), slider, tabs, empty_line, grey,
        TextEditor("Rationale", _RATIONALE), None, gap="m",
    ))  # fmt: skip


def figures() -> QWidget:
    """Numbers, bars, whiskers, sparklines, progress."""
    chance = random.Random(0)
    numbers = row(gap="xxl")
    for caption, value, note in (
        ("done", "412", "of 1 000"), ("agree with gold", "93.3 %", "90.1–95.6"),
        ("failed", "8", "5 cut off, 3 no label"),
        ("rows/s", "3.1", ""), ("left", "3 min", "until about 14:20"),
    ):  # fmt: skip
        numbers.addWidget(BigNumber(caption, value, note))
    numbers.addStretch(1)
    line = ProgressLine()
    line.set_progress(Progress("Generating", 412, 1000, 3.1, 190))
    bars = BarList("Label balance", [
        Bar("entailment", 183_416), Bar("neutral", 182_764), Bar("contradiction", 183_187),
        Bar("a label with a very long name that must be shortened", 20_000), Bar("(none)", 785, "attention"),
    ])  # fmt: skip
    lengths = Histogram("Length of input", "tokens")
    lengths.set_values([max(4, round(chance.gauss(60, 22))) for _ in range(5000)], 32)
    lengths.set_marker(128, "limit 128")
    whiskers = Whisker("Accuracy on the test split", [
        WhiskerRow("Distilling step-by-step", 0.933, 0.901, 0.956),
        WhiskerRow("Standard distillation", 0.871, 0.83, 0.905, "baseline_2"),
        WhiskerRow("Standard finetuning", 0.852, 0.81, 0.89, "baseline_1"),
        WhiskerRow("Teacher (few-shot)", 0.786, 0.735, 0.831, "teacher", True),
        WhiskerRow("Not evaluated yet", math.nan),
    ])  # fmt: skip
    sparks = row(gap="l")
    for role in ("label_loss", "rationale_loss", "accuracy"):
        spark = Sparkline(role.replace("_", " "), role)
        spark.set_values([math.exp(-i / 40) + chance.random() * 0.1 for i in range(150)])
        sparks.addWidget(spark)
    sparks.addStretch(1)
    page = Page("Figures", "numbers, bars, whiskers")
    page.body.addWidget(Card("Run 4", numbers, line, note="running since 13:58", gap="l"))
    page.body.addLayout(row(Card("Labels", bars), Card("Length of input", lengths), gap="l"))
    page.body.addWidget(Card("Accuracy on the test split", whiskers, note="95 % intervals, n = 300"))
    page.body.addWidget(Card("Runs", sparks, action=LinkButton("Compare")))
    page.body.addStretch(1)
    return page


@dataclass(frozen=True)
class Row:
    """A made-up record."""

    number: int
    text: str
    rationale: str
    state: str


_STATES = {"Accepted": "good", "New": "muted", "Rejected": "bad", "Edited": "info", "Needs a look": "attention"}

_SIGNALS = (Mark("attention", "warning", "Label and gold differ"), Mark("muted", "copy", "Twin"))


def table_columns() -> list[Column]:
    """Columns as the review page has them."""
    return [
        Column("state", "State", lambda r: r.state, 128, decoration=lambda r: (Mark(_STATES[r.state], "", r.state),)),
        Column("input", "Input", lambda r: r.text, 260, lines=2, stretch=True, sortable=True),
        Column("rationale", "Rationale", lambda r: r.rationale, 320, lines=2, stretch=True),
        Column("label", "Label", lambda r: str(r.number % 19), 72, align="right", monospace=True),
        Column("gold", "Gold", lambda r: str(r.number % 17), 72, align="right", monospace=True,
               tone=lambda r: "text" if r.number % 17 == r.number % 19 else "bad"),
        Column("signals", "Signals", lambda r: "", 84,
               decoration=lambda r: _SIGNALS if r.number % 3 == 0 else ()),
        Column("teacher", "Teacher", lambda r: "SmolLM2-135M", 120, tone=lambda r: "muted"),
    ]  # fmt: skip


def make_row(number: int) -> Row:
    """A record from its number."""
    names = ("Mia", "Tom", "Ana", "Zoë", "王芳")
    text = f"{names[number % 5]} has {number} pens. Tom has 3 more than that.\nHow many have both together? 🙂"
    return Row(number, text, _RATIONALE * (1 + number % 2), list(_STATES)[number % 5])


def table() -> QWidget:
    """The record table with a detail panel."""
    model = RecordTableModel(table_columns(), lambda ids: {i: make_row(i) for i in ids})
    model.set_ids(array("q", range(1_000_000)))
    view = RecordTable(model, "Rationales")
    view.set_current_id(3)
    reading = ReadingText("Rationale", _RATIONALE)
    added = _RATIONALE.index("so Tom")
    reading.mark([Span(16, 19, "bad", struck=True), Span(added, added + 6, "good")])
    detail = Card("Rationale 3", PlainLabel("Rationale", type="emphasis"), reading,
                  PlainLabel("Raw answer", type="emphasis"),
                  CodeText("Raw answer", f"{_RATIONALE}\nSo the answer is 14.\n\nQ:"),
                  row(PrimaryButton("Accept", shortcut="A"), SecondaryButton("Reject", shortcut="R"), None),
                  action=Chip("Needs a look", "attention"))  # fmt: skip
    page = Page("Review", "1 000 000 rationales · 312 need a look")
    chips = ChipRow([("look", "Needs a look"), ("new", "New")])
    page.header.tools.addWidget(chips)
    page.header.tools.addWidget(SearchField())
    page.header.set_actions(PrimaryButton("Accept 312"))
    page.body.addWidget(Splitter("gallery", view, detail, shares=(3, 1)), 1)
    return page


def curves() -> QWidget:
    """Losses of two runs above, accuracy with the teacher's line below."""
    chance = random.Random(1)
    loss = CurvePanel("Loss")
    accuracy = CurvePanel("Validation accuracy", y_range=(0, 1), percent=True, group=loss.group)
    for run, speed in (("run 4", 120), ("run 5", 200)):
        for name, role, kind, high in (
            ("label loss", "label_loss", "line", 3.0),
            ("rationale loss", "rationale_loss", "second", 4.0),
        ):
            key = loss.add_series(run, name, role, kind=kind)
            xs = list(range(0, 800, 2))
            ys = [high * math.exp(-x / speed) + 0.12 + chance.random() * 0.25 for x in xs]
            if run == "run 5" and name == "label loss":
                ys[180:184] = [math.nan] * 4
            loss.append(key, xs, ys)
        key = accuracy.add_series(run, "validation accuracy", "accuracy", kind="points")
        xs = list(range(50, 801, 50))
        accuracy.append(key, xs, [0.97 - 0.9 * math.exp(-x / speed) for x in xs])
    accuracy.set_reference("teacher 78.6 %", 0.786)
    loss.set_smoothing(0.9)
    page = Page("Training", "2 runs")
    page.header.set_actions(PrimaryButton("Train", "play"), SecondaryButton("Stop", "stop"))
    page.body.addWidget(Card("", loss), 3)
    page.body.addWidget(Card("", accuracy), 2)
    return page


def frame() -> QWidget:
    """Navigation, an empty page, the job strip with its list open."""
    items = [
        NavItem("data", "Data", "database"), NavItem("teacher", "Teacher", "chalkboard-teacher"),
        NavItem("review", "Review", "check-square-offset"), NavItem("training", "Training", "chart-line-up"),
        NavItem("evaluation", "Evaluation", "scales"), NavItem("export", "Export", "package"),
        NavItem("settings", "Settings", "gear-six", foot=True),
    ]  # fmt: skip
    navigation = NavList(items)
    navigation.set_header("my-project", QMenu(navigation))
    navigation.set_current("teacher")
    for key, text in (("data", "1 200"), ("teacher", "94 %"), ("review", "312")):
        navigation.set_trailing(key, text)
    navigation.set_trailing("training", tone="accent")
    folded = NavList(items)
    folded.set_folded(True)
    folded.set_current("data")
    folded.set_trailing("training", tone="bad")
    page = Page("Teacher", "nothing generated yet")
    page.show_message("attention", "No GPU was found; the teacher runs on the processor.", "About 3 rows/s here.")
    page.show_empty(EmptyState(
        "chalkboard-teacher", "No rationales yet",
        "The teacher writes a rationale and a label for each example. Try it on 20 rows first; that takes about 10 s.",
        "Pilot 20", "Choose another teacher",
    ))  # fmt: skip
    strip, going = JobStrip(), Progress("Generating", 412, 1000, 3.1, 190)
    strip.set_jobs([
        JobView("1", "Generate rationales", "running", going.sentence(), going.fraction, can_pause=True),
        JobView("2", "Train distilling step-by-step, λ 1.0", "queued"),
        JobView("3", "Import train.jsonl", "done", "1 200 rows in 0.4 s"),
        JobView("4", "Train standard finetuning", "failed", "The GPU has no memory left: 5.8 GB free, about 7 wanted"),
    ])  # fmt: skip
    strip.set_expanded(True)
    top = row(navigation, folded, page, gap="none")
    top.setStretch(2, 1)
    whole = QWidget()
    layout = column(gap="none", parent=whole)
    layout.addLayout(top, 1)
    layout.addWidget(strip)
    whole.setFixedSize(1280, 800)
    show_toast(whole, "312 rationales accepted")
    return whole


def sheets() -> QWidget:
    """A dialog with choice cards, and a confirmation."""
    sheet = Sheet(None, "New run", subtitle="What is trained, on what, and how.", width="m")
    first = ChoiceCard("Distilling step-by-step", "Label loss + λ · rationale loss.", "graduation-cap",
                       badge="recommended", badge_tone="accent")  # fmt: skip
    first.setChecked(True)
    second = ChoiceCard(
        "Standard finetuning", "Gold labels only; the baseline.", "student", badge="fits", badge_tone="good"
    )
    sheet.add(first, second, ChoiceCard("Standard distillation", "The teacher's labels only.", "robot", badge="tight",
                                        badge_tone="attention"))  # fmt: skip
    sheet.add_side_button("Reset")
    sheet.add_accept("Train 800 steps")
    sure = confirmation(None, "Delete run 4?", "Its 3 checkpoints (412 MB) are deleted from the disk. "
                        "Predictions and metrics stay.", "Delete run", danger=True)  # fmt: skip
    whole = QWidget()
    layout = row(sheet, sure, None, gap="xl", margin="xl", parent=whole)
    for dialog in (sheet, sure):
        layout.setAlignment(dialog, Qt.AlignmentFlag.AlignTop)
    for dialog in (sheet, sure):
        dialog.setWindowFlags(dialog.windowFlags().Widget)
    return whole


BOARDS: dict[str, tuple[Callable[[], QWidget], int, int]] = {
    "controls": (controls, 1280, 900),
    "figures": (figures, 1280, 900),
    "table": (table, 1280, 800),
    "curves": (curves, 1280, 800),
    "frame": (frame, 1280, 800),
    "sheets": (sheets, 1280, 520),
}


def draw(folder: Path, names: list[str]) -> list[Path]:
    """Draw the named boards in both themes; returns the files."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setOrganizationName("dsbs-gallery")
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for mode in ("light", "dark"):
        apply_theme(app, mode)
        for name in names:
            make, width, height = BOARDS[name]
            board = make()
            board.resize(width, height)
            board.show()
            for _ in range(5):
                app.processEvents()
            for panel in board.findChildren(CurvePanel):
                panel.fit()
            app.processEvents()
            path = folder / f"{name}-{mode}.png"
            board.grab().save(str(path))
            board.close()
            board.deleteLater()
            made.append(path)
    return made


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=list(BOARDS), choices=list(BOARDS))
    parser.add_argument("--scale", default="1", help="scale factor, e.g. 1.5")
    given = parser.parse_args()
    os.environ["QT_SCALE_FACTOR"] = given.scale
    for path in draw(given.folder, given.only):
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

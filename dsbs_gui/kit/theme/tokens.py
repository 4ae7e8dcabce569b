"""The tokens of the look: every colour, size and space of the program, for the light and the dark theme.

Plain data without Qt. Widgets read them through `dsbs_gui.kit.theme.apply.current()`; pages never do.
The contrast of each pair in use is computed by `contrast.py` and checked by a test. Three of the published
data colours (orange, purple, sky) are darkened on white because the originals stay below 3 : 1 there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["text", "muted", "accent", "good", "attention", "bad", "info"]
TypeRole = Literal["caption", "body", "emphasis", "section", "title", "big", "reading", "large", "mono"]
DataRole = Literal[
    "label_loss", "rationale_loss", "total", "accuracy", "teacher", "baseline_1", "baseline_2", "learning_rate"
]


def mixed(colour: str, ground: str, share: float) -> str:
    """An opaque mixture of two `#RRGGBB` colours, `share` of the first."""
    parts = (int(colour[i : i + 2], 16) * share + int(ground[i : i + 2], 16) * (1 - share) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part):02X}" for part in parts)


@dataclass(frozen=True)
class Meaning:
    """One meaning in three strengths: `shape` (≥ 3 : 1), `text` (≥ 4.5 : 1) and `soft`, a background."""

    shape: str
    text: str
    soft: str


@dataclass(frozen=True)
class Space:
    """Distances in px at 100 %."""

    xs: int = 4
    s: int = 8
    m: int = 12
    l: int = 16  # noqa: E741 - the usual name of the size
    xl: int = 24
    xxl: int = 32


@dataclass(frozen=True)
class Size:
    """Sizes of things in px at 100 %."""

    row: int = 32
    row_two_lines: int = 44
    control: int = 30
    target: int = 28
    icon: int = 16
    icon_large: int = 20
    radius: int = 6
    form: int = 640
    navigation: int = 208
    navigation_folded: int = 52
    header: int = 56
    strip: int = 40


@dataclass(frozen=True)
class Type:
    """Type sizes in px at 100 %; line height of reading text in percent."""

    caption: int = 11
    body: int = 13
    emphasis: int = 13
    section: int = 15
    title: int = 20
    big: int = 28
    reading: int = 14
    large: int = 18
    mono: int = 12
    reading_line_height: int = 145


@dataclass(frozen=True)
class Tokens:
    """All tokens of one theme.

    `neutral` runs from the page background (0) to the text (9); `runs` are colours that tell runs apart, to be given
    together with a symbol.
    """

    name: Literal["light", "dark"]
    neutral: tuple[str, str, str, str, str, str, str, str, str, str]
    surface: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_soft: str
    on_accent: str
    danger: str
    danger_hover: str
    good: Meaning
    attention: Meaning
    bad: Meaning
    info: Meaning
    data: dict[DataRole, str]
    runs: tuple[str, ...]
    space: Space = field(default_factory=Space)
    size: Size = field(default_factory=Size)
    type: Type = field(default_factory=Type)

    @property
    def window(self) -> str:
        """The background of the window."""
        return self.neutral[0]

    @property
    def hover(self) -> str:
        """Under the pointer; also tracks, unselected chips and table headers."""
        return self.neutral[1]

    @property
    def pressed(self) -> str:
        """A pressed control."""
        return self.neutral[2]

    @property
    def line(self) -> str:
        """Hairlines between things; decoration only."""
        return self.neutral[3]

    @property
    def border(self) -> str:
        """Borders of cards and secondary buttons, which also have a text."""
        return self.neutral[4]

    @property
    def control(self) -> str:
        """Shapes without a text of their own: field borders, check boxes, scroll handles (≥ 3 : 1)."""
        return self.neutral[5]

    @property
    def muted(self) -> str:
        """Secondary text and placeholders (≥ 4.5 : 1)."""
        return self.neutral[6]

    @property
    def disabled(self) -> str:
        """Text of disabled controls (exempt from contrast rules)."""
        return self.neutral[5]

    @property
    def text(self) -> str:
        """Main text."""
        return self.neutral[9]

    def meaning(self, tone: Tone) -> Meaning:
        """The three strengths of a tone."""
        if tone == "text":
            return Meaning(self.neutral[8], self.text, self.hover)
        if tone == "muted":
            return Meaning(self.control, self.muted, self.hover)
        if tone == "accent":
            return Meaning(self.accent, self.accent_text, self.accent_soft)
        return {"good": self.good, "attention": self.attention, "bad": self.bad, "info": self.info}[tone]


LIGHT = Tokens(
    name="light",
    neutral=(
        "#F7F8FA", "#F0F1F4", "#E6E8ED", "#E3E5EA", "#CDD1D9",
        "#818896", "#5D6472", "#484F5C", "#2F3540", "#181B21",
    ),
    surface="#FFFFFF",
    accent="#4F5BD5",
    accent_hover="#424DBF",
    accent_text="#4650C4",
    accent_soft="#E9EBFB",
    on_accent="#FFFFFF",
    danger="#C0392B",
    danger_hover="#A93226",
    good=Meaning("#2E8B57", "#1F6E43", "#E5F4EB"),
    attention=Meaning("#B7791F", "#865511", "#FBF1DD"),
    bad=Meaning("#C0392B", "#AE3023", "#FBE9E7"),
    info=Meaning("#2F6FB7", "#28619F", "#E5EFF9"),
    data={
        "label_loss": "#0072B2", "rationale_loss": "#C67F00", "total": "#737985", "accuracy": "#009E73",
        "teacher": "#737985", "baseline_1": "#C06699", "baseline_2": "#2E94CC", "learning_rate": "#8A6D3B",
    },
    runs=("#0072B2", "#C2410C", "#00865F", "#A8487F", "#2F3540", "#2488BF", "#8A5A00", "#6A3FB5"),
)  # fmt: skip

DARK = Tokens(
    name="dark",
    neutral=(
        "#15171B", "#23272F", "#2C313A", "#2B3038", "#3A414C",
        "#767F8E", "#A0A8B5", "#B9C0CA", "#D3D8E0", "#E8EBF0",
    ),
    surface="#1B1E23",
    accent="#8A93F0",
    accent_hover="#9DA5F4",
    accent_text="#A3AAF5",
    accent_soft="#2C3157",
    on_accent="#14161C",
    danger="#F07A6E",
    danger_hover="#F4938A",
    good=Meaning("#5CC98B", "#6FD199", "#1C3227"),
    attention=Meaning("#E0B04A", "#E5BB62", "#362C17"),
    bad=Meaning("#F07A6E", "#F38F85", "#3B2322"),
    info=Meaning("#76B0F0", "#8ABBF2", "#1D2D40"),
    data={
        "label_loss": "#3D9BD4", "rationale_loss": "#EBB03D", "total": "#A0A8B5", "accuracy": "#2BB58C",
        "teacher": "#A0A8B5", "baseline_1": "#D893B6", "baseline_2": "#74C2EC", "learning_rate": "#C9AE7C",
    },
    runs=("#4BA6DC", "#F0854A", "#2BB58C", "#E39CC4", "#E8EBF0", "#9AD3F5", "#E3B44C", "#B9A0F5"),
)  # fmt: skip

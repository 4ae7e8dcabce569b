"""Contrast of colours after WCAG 2.1, and the list of pairs that the program really paints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dsbs_gui.kit.theme.tokens import Tokens

TEXT_RATIO = 4.5
SHAPE_RATIO = 3.0


@dataclass(frozen=True)
class Pair:
    """A foreground on a background with the ratio it must reach."""

    name: str
    foreground: str
    background: str
    least: float


def ratio(first: str, second: str) -> float:
    """Contrast ratio of two `#RRGGBB` colours, 1 to 21."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def pairs_in_use(tokens: Tokens) -> Iterator[Pair]:
    """Every text and every meaningful shape with each background that it is painted on."""
    grounds = {"window": tokens.window, "surface": tokens.surface}
    busy = {**grounds, "hover": tokens.hover, "selection": tokens.accent_soft}
    for place, ground in busy.items():
        yield Pair(f"text on {place}", tokens.text, ground, TEXT_RATIO)
        yield Pair(f"muted on {place}", tokens.muted, ground, TEXT_RATIO)
    yield Pair("text on pressed", tokens.text, tokens.pressed, TEXT_RATIO)
    yield Pair("on accent", tokens.on_accent, tokens.accent, TEXT_RATIO)
    yield Pair("on accent hover", tokens.on_accent, tokens.accent_hover, TEXT_RATIO)
    yield Pair("on danger", tokens.on_accent, tokens.danger, TEXT_RATIO)
    yield Pair("on danger hover", tokens.on_accent, tokens.danger_hover, TEXT_RATIO)
    for place, ground in grounds.items():
        yield Pair(f"control on {place}", tokens.control, ground, SHAPE_RATIO)
        for role, colour in tokens.data.items():
            yield Pair(f"{role} on {place}", colour, ground, SHAPE_RATIO)
        for number, colour in enumerate(tokens.runs, 1):
            yield Pair(f"run {number} on {place}", colour, ground, SHAPE_RATIO)
    yield from _meanings(tokens, busy)


def _meanings(tokens: Tokens, busy: dict[str, str]) -> Iterator[Pair]:
    for tone in ("accent", "good", "attention", "bad", "info"):
        meaning = tokens.meaning(tone)
        for place, ground in {**busy, "its soft ground": meaning.soft}.items():
            yield Pair(f"{tone} text on {place}", meaning.text, ground, TEXT_RATIO)
            yield Pair(f"{tone} shape on {place}", meaning.shape, ground, SHAPE_RATIO)
        yield Pair(f"text on soft {tone}", tokens.text, meaning.soft, TEXT_RATIO)
        yield Pair(f"muted on soft {tone}", tokens.muted, meaning.soft, TEXT_RATIO)

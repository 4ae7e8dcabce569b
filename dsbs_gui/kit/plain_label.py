"""The one label for data: it never interprets markup.

`QLabel` guesses by default whether a text is rich and then even loads images that it names.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from dsbs_gui.kit.theme.roles import set_tone, set_type
from dsbs_gui.kit.theme.tokens import Tone, TypeRole


class PlainLabel(QLabel):
    """A label in plain text with a type role and a tone; `wrap` for sentences."""

    def __init__(
        self,
        text: str = "",
        *,
        type: TypeRole = "body",
        tone: Tone = "text",
        wrap: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        set_type(self, type)
        set_tone(self, tone)
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
            # Free height goes below the text and not around it.
            self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        else:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.setText(text)

    def set_tone(self, tone: Tone) -> None:
        """Change the tone."""
        set_tone(self, tone)

    def show_text(self, text: str, tone: Tone = "text") -> None:
        """Set text and tone; an empty text hides the label."""
        self.setText(text)
        set_tone(self, tone)
        self.setVisible(bool(text))

"""What an empty place says: why it is empty and the one next step."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from dsbs_gui.kit.buttons import LinkButton, PrimaryButton
from dsbs_gui.kit.icon_label import IconLabel
from dsbs_gui.kit.layout import column, px, row
from dsbs_gui.kit.plain_label import PlainLabel

_WIDTH = 420


class EmptyState(QWidget):
    """Icon, title, a sentence of why, the primary button, and perhaps a link, in the middle of the free space.

    `button` and `link` are None where no text was given; connect their `clicked`.
    """

    def __init__(
        self,
        icon: str,
        title: str,
        why: str = "",
        button: str = "",
        link: str = "",
        *,
        button_icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = PlainLabel(title, type="section")
        self.why = PlainLabel(why, tone="muted", wrap=True)
        self.why.setFixedWidth(_WIDTH)
        self.button = PrimaryButton(button, button_icon) if button else None
        self.link = LinkButton(link) if link else None
        centre = Qt.AlignmentFlag.AlignHCenter
        layout = column(None, gap="s", margin="xl", parent=self)
        layout.addWidget(IconLabel(icon, px("xxl"), "muted"), 0, centre)
        layout.addSpacing(px("xs"))
        for label in (self.title, self.why):
            label.setAlignment(centre)
            layout.addWidget(label, 0, centre)
        buttons = row(None, gap="s")
        for widget in (self.button, self.link):
            if widget is not None:
                buttons.addWidget(widget)
        buttons.addStretch(1)
        layout.addSpacing(px("s"))
        layout.addLayout(buttons)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_text(title, why)

    def set_text(self, title: str, why: str) -> None:
        """Change what is said."""
        self.title.setText(title)
        self.why.setText(why)
        self.why.setVisible(bool(why))
        # A centred item of a layout is not asked for its height at its width.
        self.why.setMinimumHeight(max(0, self.why.heightForWidth(_WIDTH)))  # -1 for no text
        self.setAccessibleName(title)
        self.setAccessibleDescription(why)

"""The scaffold of every page: header, hairline, messages, then the content or an empty state."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from dsbs_gui.kit.layout import column, hairline, px
from dsbs_gui.kit.message_bar import Kind, MessageArea, MessageBar
from dsbs_gui.kit.page_header import PageHeader


class View(QWidget):
    """A page without a header, or one of several views of a page.

    Put content into `body`; call `show_empty(state)` while there is nothing to show.

    Attributes: `messages` (MessageArea), `body` (QVBoxLayout).
    """

    def __init__(self, name: str, *above: QWidget, margin: bool = True, parent: QWidget | None = None) -> None:
        """``above`` stands over the messages, from edge to edge."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.messages = MessageArea()
        self._content = QWidget()
        self.body: QVBoxLayout = column(gap="l", parent=self._content)
        edge = px("xl")
        if margin:
            self.body.setContentsMargins(edge, px("l"), edge, px("l"))
        self._stack = QStackedLayout()
        self._empty: QWidget | None = None
        self.messages.set_edge(edge, px("m"))
        layout = column(*above, self.messages, gap="none", parent=self)
        layout.addLayout(self._stack, 1)
        # Only now: a stacked layout shows its first widget at once, without a parent as a window of its own.
        self._stack.addWidget(self._content)

    def show_empty(self, state: QWidget) -> None:
        """Show this in place of the content."""
        if self._empty is not None and self._empty is not state:
            self._stack.removeWidget(self._empty)
            self._empty.deleteLater()
        self._empty = state
        if self._stack.indexOf(state) < 0:
            self._stack.addWidget(state)
        self._stack.setCurrentWidget(state)

    def show_content(self) -> None:
        """Show the content again."""
        self._stack.setCurrentWidget(self._content)

    def is_empty(self) -> bool:
        """The empty state is shown."""
        return self._stack.currentWidget() is not self._content

    def show_message(
        self, kind: Kind, text: str, hint: str = "", button: str = "", *, key: str = "", dismissible: bool = True
    ) -> MessageBar:
        """Show a message above the content."""
        return self.messages.show_message(kind, text, hint, button, key=key, dismissible=dismissible)


class Page(View):
    """A view under a header of its own.

    Attributes: `header` (PageHeader) and those of `View`.
    """

    def __init__(self, title: str, subtitle: str = "", *, margin: bool = True, parent: QWidget | None = None) -> None:
        self.header = PageHeader(title, subtitle)
        self.header.set_edge(px("xl"))
        super().__init__(title, self.header, hairline(), margin=margin, parent=parent)

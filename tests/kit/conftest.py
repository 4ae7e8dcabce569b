"""Each test of the kit begins in the light theme and with settings of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSettings

from dsbs_gui.kit.theme.apply import apply_theme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def _light(qapp: QApplication, tmp_path: Path) -> Iterator[None]:
    qapp.setOrganizationName("dsbs-test")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    apply_theme(qapp, "light")
    yield
    apply_theme(qapp, "light")

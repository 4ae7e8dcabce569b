"""What all tests of the Teacher page share."""

from __future__ import annotations

import pytest

from dsbs_gui.steps.teacher.ui import server_form


@pytest.fixture(autouse=True)
def _no_servers_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever runs on the machine of the tests stays out of them."""
    monkeypatch.setattr(server_form, "local_servers", lambda: [])

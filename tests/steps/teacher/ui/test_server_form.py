"""The fields of a server: nothing of them is cut off, whatever is found and said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsbs_gui.kit.bridge import Bridge
from dsbs_gui.kit.form import FormField
from dsbs_gui.kit.scroller import Scroller
from dsbs_gui.kit.theme.apply import apply_theme
from dsbs_gui.steps.teacher.servers import Server
from dsbs_gui.steps.teacher.ui import server_form
from dsbs_gui.steps.teacher.ui.ask_view import AskView
from tests.steps.teacher.working import sums

LEAST_WIDTH = 1072  # of the page in a window of 1,280 with the navigation open
FOUND = [
    Server("Ollama", "http://localhost:11434/v1", ("a-model-with-a-rather-long-name:70b-instruct-q4_K_M", "qwen3:8b")),
    Server("llama-server", "http://localhost:8080/v1", ("/models/a/rather/long/path/of/a/file.gguf",)),
]


@pytest.fixture
def view(tmp_path: Path, qtbot, qapp) -> Iterator[AskView]:
    apply_theme(qapp, "light")
    project = sums(tmp_path / "sums", 5)
    bridge = Bridge(project)
    made = AskView(project, bridge)
    qtbot.addWidget(made)
    made.resize(LEAST_WIDTH, 744)
    made.show()
    made.refresh()
    qtbot.waitUntil(lambda: made.prompt.text.source().endswith("A:"))
    yield made
    made.hide()
    bridge.close()
    project.close()


@pytest.mark.parametrize("found", [[], FOUND], ids=["none found", "two found"])
def test_in_a_window_of_1280_nothing_of_the_form_is_cut_off(
    view: AskView, found: list[Server], monkeypatch: pytest.MonkeyPatch, qtbot
) -> None:
    monkeypatch.setattr(server_form, "local_servers", lambda: found)
    view.teacher.choose("server", "https://api.example.org/v1", "a-model-with-a-rather-long-name")
    form = view.teacher.server
    said = "On this machine" if found else "None on this machine"
    qtbot.waitUntil(lambda: form.findChildren(FormField)[0].help.text().startswith(said))
    qtbot.waitUntil(lambda: view.teacher.facts.title == "api.example.org")
    area = view.teacher.findChild(Scroller)
    assert area is not None
    qtbot.waitUntil(lambda: form.width() <= area.viewport().width())
    assert area.horizontalScrollBar().maximum() == 0
    assert view.width() == LEAST_WIDTH, "the view did not grow to hold it"
    edge = area.viewport().mapTo(view, area.viewport().rect().bottomRight()).x()
    for field in (form.box, form.look, form.address, form.model, form.key.edit, form.requests, form.tokens):
        assert field.mapTo(view, field.rect().bottomRight()).x() <= edge, field.accessibleName()


def test_a_server_that_was_found_brings_its_address_and_its_models(
    view: AskView, monkeypatch: pytest.MonkeyPatch, qtbot
) -> None:
    monkeypatch.setattr(server_form, "local_servers", lambda: FOUND)
    view.teacher.choose("server", "")
    form = view.teacher.server
    qtbot.waitUntil(lambda: form.box.itemText(0).startswith("Ollama on this machine"))
    form.box.activated.emit(0)
    assert form.address.text() == "http://localhost:11434/v1"
    assert [form.model.itemText(i) for i in range(form.model.count())] == list(FOUND[0].models)
    assert view.choices()["model_name"] == FOUND[0].models[0]

"""The window starts without waiting for libraries that only some pages need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "dsbs_gui" / "kit"


def modules() -> list[str]:
    """All modules of the kit but the curves."""
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in KIT.rglob("*.py"))
    return sorted(
        name for name in names if not name.endswith(("__init__", "kit.curves", "kit.curve_plot", "kit.curve_items"))
    )


def test_the_kit_without_curves_loads_nothing_heavy() -> None:
    code = (
        f"import sys, json, importlib\nfor name in {modules()!r}: importlib.import_module(name)\n"
        "print(json.dumps(sorted(m.split('.')[0] for m in sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(json.loads(out.stdout))
    assert not loaded & {"pyqtgraph", "qtawesome", "torch", "pandas", "scipy", "transformers", "datasets", "llama_cpp"}


def test_only_the_curves_name_pyqtgraph() -> None:
    users = {path.name for path in KIT.rglob("*.py") if "import pyqtgraph" in path.read_text(encoding="utf-8")}
    assert users == {"curve_plot.py", "curve_items.py"}


def test_no_colour_is_written_outside_the_theme() -> None:
    import re

    painted = {
        path.name
        for path in KIT.rglob("*.py")
        if path.parent.name != "theme" and re.search(r'"#[0-9A-Fa-f]{6}"', path.read_text(encoding="utf-8"))
    }
    assert not painted

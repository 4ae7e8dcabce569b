"""``dsbs policy``."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import policy as store
from dsbs_gui.steps.review import policies

from .common import opened, reading


def policy(arguments: Namespace) -> dict[str, Any]:
    if arguments.rules is not None:
        rules = _from_file(arguments.rules)
        with opened(arguments.project) as project:
            project.store.write_now(lambda tx: store.save(tx, rules))
    with reading(arguments.project) as project:
        found = store.effects(project.store.reader, store.of_project(project.store.reader))
    lines = [policies.sentence(place, one) for place, one in enumerate(found, 1)]
    return {
        "rules": [store.to_json(one.rule) | {"rows": one.rows, "decided": one.decided} for one in found],
        "_text": "\n".join(lines) or "There are no rules: every rationale is learnt as it stands.",
    }


def _from_file(path: Path) -> tuple[store.Rule, ...]:
    """Rules of a JSON file: a list, or what ``dsbs policy --json`` prints."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except ValueError as error:
        raise UserError(f"{path} is no JSON: {error}.", "“dsbs policy --json” prints rules.") from error
    return store.from_json(found.get("rules") if isinstance(found, dict) else found)

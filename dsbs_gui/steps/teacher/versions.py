"""Which prompt a teacher is asked with, and making versions of it. Owner's side, plain Python.

A version is a row of ``core/store/prompts``. The program's own prompts are there without one: the first change to
one of them, or the first answer to it, makes it a version.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.store import examples, prompts

from . import exemplars as files
from .prompts import Prompt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.store.database import Transaction
    from dsbs_gui.core.store.prompts import Version

BUILT_IN = "Built-in"
_LABELS_LOOKED_AT = 200
_MATH_NAMES = {"math": f"{BUILT_IN}, numbers", "math-equation": f"{BUILT_IN}, equations"}


class Entry(NamedTuple):
    """A prompt that can be chosen.

    Attributes:
        version_id: its row in the store; None for one of our own that nobody has used or changed.
        parent: name of the version from which it was made, if that is still there.
        used: it was asked with, so it never changes.
    """

    name: str
    prompt: Prompt
    version_id: int | None = None
    answers: int = 0
    used: bool = False
    note: str = ""
    parent: str = ""
    changed: float = 0.0

    @property
    def fixed(self) -> bool:
        """A change makes another version."""
        return self.used or self.version_id is None


def entries(project: Project) -> list[Entry]:
    """All that can be chosen: the versions, the one changed last first, then our own prompts that are none yet."""
    db = project.store.reader
    found = prompts.versions(db)
    names = {version.id: version.name for version in found}
    there = {(version.name, version.hash) for version in found}
    kept = [_entry(version, names.get(version.parent_id or 0, "")) for version in found]
    ours = [_ours(db, name, prompt) for name, prompt in _built_in(project) if (name, prompt.hash) not in there]
    return kept + ours


def chosen(project: Project) -> Entry:
    """The prompt that teachers are asked with unless a file is given."""
    db = project.store.reader
    version = prompts.chosen(db)
    if version is None:
        name, prompt = _built_in(project)[0]
        version = prompts.with_hash(db, prompt.hash, name)
        if version is None:
            return _ours(db, name, prompt)
    parent = prompts.get(db, version.parent_id) if version.parent_id else None
    return _entry(version, parent.name if parent else "")


def to_ask_with(project: Project, file: Path | None = None) -> tuple[Prompt, str]:
    """The prompt of a user's file, or the chosen one, and its name. Raises UserError for a faulty file."""
    if file is None:
        entry = chosen(project)
        return entry.prompt, entry.name
    path = file.expanduser()
    return files.from_file(path, project.task.name, _labels(project.store.reader)), path.name


def add_from_file(project: Project, path: Path) -> int:
    """Make a version of a file of exemplars. Returns its id. Raises UserError for a faulty file."""
    prompt, _ = to_ask_with(project, path)
    return project.store.write_now(lambda tx: prompts.add(tx, path.stem, prompt.hash, prompt.to_json()))


def add_from(project: Project, entry: Entry, name: str = "") -> int:
    """Make a version that begins as a copy of another. Returns its id."""
    body, digest = entry.prompt.to_json(), entry.prompt.hash
    return project.store.write_now(
        lambda tx: prompts.add(tx, name or f"Copy of {entry.name}", digest, body, parent_id=entry.version_id)
    )


def keep(project: Project, entry: Entry, prompt: Prompt) -> int | None:
    """Keep a change of an entry, in place if it was never asked with. Returns the version that has it now.

    None: nothing was changed. Which prompt teachers are asked with stays as it is.
    """
    return entry.version_id if prompt.hash == entry.prompt.hash else keep_soon(project, entry, prompt).result()


def keep_soon(project: Project, entry: Entry, prompt: Prompt) -> Future[int]:
    """As :func:`keep` for a change, without waiting: it is done before the project closes, whatever happens here."""

    def write(tx: Transaction) -> int:
        if entry.version_id is None:
            return prompts.add(tx, "My prompt", prompt.hash, prompt.to_json())
        return prompts.save(tx, entry.version_id, prompt.hash, prompt.to_json())

    return project.store.write(write)


def choose(project: Project, entry: Entry) -> None:
    """Ask with this entry from now on."""

    def write(tx: Transaction) -> None:
        version_id = entry.version_id
        if version_id is None and entry.prompt.hash != _built_in(project)[0][1].hash:
            version_id = prompts.add(tx, entry.name, entry.prompt.hash, entry.prompt.to_json())
        prompts.choose(tx, version_id)

    project.store.write_now(write)


def _entry(version: Version, parent: str) -> Entry:
    return Entry(
        version.name,
        Prompt.from_json(version.body),
        version.id,
        version.answers,
        version.used,
        version.note,
        parent,
        version.changed,
    )


def _ours(db: Reader, name: str, prompt: Prompt) -> Entry:
    answers = prompts.answers_with(db, prompt.hash)
    return Entry(name, prompt, answers=answers, used=answers > 0)


def _built_in(project: Project) -> list[tuple[str, Prompt]]:
    """Names and prompts of our own for the project's task, the one that suits its labels first."""
    task = project.task.name
    if task != "math":
        return [(BUILT_IN, files.bundled(task))]
    suits = files.bundled_name(task, _labels(project.store.reader))
    names = sorted(_MATH_NAMES, key=lambda name: name != suits)
    return [(_MATH_NAMES[name], files.bundled_named(name, task)) for name in names]


def _labels(db: Reader) -> list[str]:
    looked_at = examples.page(db, list(islice(examples.ids(db), _LABELS_LOOKED_AT)))
    return [example.label for example in looked_at.values() if example.label]


def find(project: Project, key: str) -> Entry:
    """The entry of a key as :func:`key_of` makes it. Raises UserError if it is gone."""
    for entry in entries(project):
        if key_of(entry) == key:
            return entry
    raise UserError("This version of the prompt is no longer there.", "Choose another one.")


def again(entries: Sequence[Entry], entry: Entry) -> Entry | None:
    """The newer state of an entry; one of our own has become a version once it was asked with."""
    of_key = [found for found in entries if key_of(found) == key_of(entry)]
    of_prompt = [found for found in entries if entry.version_id is None and found.prompt.hash == entry.prompt.hash]
    return next(iter(of_key + of_prompt), None)


def key_of(entry: Entry) -> str:
    """Names an entry in a list: the version's id, or the name of one of our own."""
    return entry.name if entry.version_id is None else str(entry.version_id)

"""From what the user wants with data to a job, or for splits to the change itself. Owner's side, plain Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.files import read_json, sha256
from dsbs_gui.core.hashing import stamp
from dsbs_gui.core.jobs.request import JobRequest
from dsbs_gui.core.store import examples, imports
from dsbs_gui.core.store.filters import SPLITS, Filter

from . import splitting
from .mapping import FIELDS
from .sources import locate
from .specs import ON_ERROR, ImportSpec, PreviewSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dsbs_gui.core.project import Project
    from dsbs_gui.core.store.connection import Reader
    from dsbs_gui.core.tasks import Fields

DRAWN = ("valid", "test")
PREVIEW_TIMEOUT_S = 120.0


def import_request(
    project: Project,
    source: str,
    *,
    split: str = "train",
    mapping: Mapping[str, str] | None = None,
    on_error: str = "report",
    file_format: str = "",
    encoding: str = "",
    delimiter: str = "",
    hub_config: str = "",
    hub_split: str = "",
    rationale_source: str = "import",
    author: str = "",
) -> JobRequest:
    """The job that imports ``source`` into ``split``, or the rest of it after an import that was cut short.

    Args:
        source: a file, a saved dataset folder or a hub id.
        mapping: field to column; fields that are not in it are guessed from the columns' names.
        rationale_source: who wrote a ``rationale`` column: ``import``, or ``textbook`` for the sample project.
        author: the teacher's name for answers in the file; empty: the file's name.

    Raises:
        UserError: if there is no such file, a choice is unknown, or the same bytes are in this split already.
    """
    if split not in SPLITS:
        raise UserError(f"There is no split “{split}”.", f"Choose one of {', '.join(SPLITS[:3])}.")
    if on_error not in ON_ERROR:
        raise UserError(f"There is no way “{on_error}” to treat bad rows.", "Choose report or stop.")
    given = _checked(mapping or {})
    place = locate(source)
    seen = stamp(Path(place))
    digest = sha256(Path(place)) if seen else ""
    if digest and (earlier := imports.same_source(project.store.reader, digest, split)):
        raise UserError(
            f"The rows of {Path(place).name} are in {split} already ({earlier.imported} examples).",
            "Import it into another split, or make a new project.",
        )
    last, rows_of_last = imports.last_line(project.store.reader, digest, split) if digest else (0, 0)
    spec = ImportSpec(
        path=place,
        task=project.task.name,
        split=split,
        mapping=given,
        on_error=on_error,
        after_line=last,
        after_rows=rows_of_last,
        stamp=seen,
        file_format=file_format,
        encoding=encoding,
        delimiter=delimiter,
        hub_config=hub_config,
        hub_split=hub_split,
    )
    context = {
        "source": place,
        "sha256": digest,
        "mapping": given,
        "rationale_source": rationale_source,
        "author": author,
    }
    return JobRequest("import", f"Import {Path(place).name} into {split}", "disk", spec, context=context)


def preview_request(
    project: Project,
    source: str,
    *,
    split: str = "train",
    encoding: str = "",
    delimiter: str = "",
    hub_config: str = "",
    hub_split: str = "",
) -> JobRequest:
    """The job that writes ``preview.json`` with the first rows. Raises UserError if there is no such file."""
    place = locate(source)
    spec = PreviewSpec(
        path=place,
        task=project.task.name,
        split=split,
        encoding=encoding,
        delimiter=delimiter,
        hub_config=hub_config,
        hub_split=hub_split,
    )
    return JobRequest("preview", f"Preview {Path(place).name}", "disk", spec)


def read_preview(project: Project, request: JobRequest) -> dict[str, Any]:
    """Run a preview job and return what it wrote; waits for it, so call it in the background.

    Raises:
        UserError or ResourceError: what the job says is wrong with the file.
    """
    run = project.jobs.wait(project.jobs.submit(request).id, PREVIEW_TIMEOUT_S)
    found = read_json(project.run_folder(run.id) / "preview.json")
    if run.state != "done" or not isinstance(found, dict):
        raise UserError(run.reason or "The file could not be read.", run.hint)
    return found


def split(
    project: Project,
    *,
    valid: float = 0.1,
    test: float = 0.2,
    seed: int = 0,
    group_by: str = splitting.NEAR_DUPLICATE,
) -> dict[str, Any]:
    """Draw ``valid`` and ``test`` out of the project's rows; waits for the commit.

    Rows that were imported as valid or test stay there: somebody chose them. Where there are such rows, no others
    are drawn for that split. All other rows take part, wherever an earlier draw put them; a fraction of 0 leaves
    what was drawn for that split before.

    Returns:
        ``{"train", "valid", "test", "groups", "group_by", "seed", "moved", "kept": {split: n},
        "near_duplicates": {split: n with a twin in train}}``.

    Raises:
        UserError: for fractions that make no sense, an unknown field, or too few groups.
    """
    db = project.store.reader
    fractions = {"valid": valid, "test": test}
    kept = _imported_as(db)
    fixed = {i for ids in kept.values() for i in ids}
    drawn = {name: 0.0 if kept.get(name) else fraction for name, fraction in fractions.items()}
    stays = [name for name in DRAWN if not drawn[name]]
    pool = [e for e in SPLITS if e not in stays]
    before: dict[int, str] = {}

    def rows() -> Iterator[tuple[int, Fields]]:
        for example in examples.each(db, Filter(splits=tuple(pool))):
            if example.id not in fixed:
                before[example.id] = example.split
                yield example.id, example.fields

    report = splitting.split(rows(), drawn["valid"], drawn["test"], seed, group_by)
    changed = {i: name for i, name in report.splits.items() if name != before[i]}
    if changed:
        project.store.write_now(lambda tx: examples.set_splits(tx, changed))
    counts = examples.counts(db, "split")
    return {
        **{name: counts.get(name, 0) for name in ("train", *DRAWN)},
        "groups": report.groups,
        "group_by": group_by,
        "seed": seed,
        "moved": len(changed),
        "kept": {name: len(ids) for name, ids in kept.items()},
        "near_duplicates": near_duplicates(db),
    }


def kept_splits(db: Reader) -> dict[str, int]:
    """How many rows a file brought as valid and as test: they stay whatever is drawn. Empty ones are left out."""
    return {name: len(ids) for name, ids in _imported_as(db).items()}


def near_duplicates(db: Reader) -> dict[str, int]:
    """How many examples of valid and of test have a near-duplicate in train. Reads all examples."""
    known = splitting.twin_keys(_fields(db, "train"))
    return {name: splitting.twins(_fields(db, name), known) for name in DRAWN}


def _fields(db: Reader, name: str) -> Iterable[Fields]:
    return (example.fields for example in examples.each(db, Filter(splits=(name,))))


def _imported_as(db: Reader) -> dict[str, list[int]]:
    """Ids of the examples that a file brought as valid or test."""
    found: dict[str, list[int]] = {}
    for one in imports.all_imports(db):
        if one.split in DRAWN and one.imported:
            found.setdefault(one.split, []).extend(examples.ids(db, Filter(import_id=one.id)))
    return found


def _checked(mapping: Mapping[str, str]) -> dict[str, str]:
    unknown = [name for name in mapping if name not in FIELDS]
    if unknown:
        raise UserError(f"There is no field “{unknown[0]}”.", f"Choose one of {', '.join(FIELDS)}.")
    return dict(mapping)

"""Makes the project that ``review_table.py`` measures: examples with answers, as import and generation leave them."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from review_watching import RARE

from dsbs_gui.core.hashing import input_hash
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import answers, decisions, examples, imports, search
from dsbs_gui.core.store.answers import NewAnswer
from dsbs_gui.core.store.database import Transaction
from dsbs_gui.core.store.examples import NewExample
from dsbs_gui.core.store.filters import Selection

AT_ONCE = 20_000
GIANT_BYTES = 10_000_000
GIANTS = 3
"""Further examples at the end: an input, a rationale in lines, and a rationale without a line end of 10 MB each."""


def project_of(folder: Path, rows: int) -> Path:
    """The folder of a project with so many rows; made if it is not there yet."""
    made, half = folder / f"review-{rows}", folder / f"review-{rows}-half"
    if made.is_dir():
        return made
    shutil.rmtree(half, ignore_errors=True)
    project = Project.create(half, "math")
    chance = random.Random(0)
    begun = 0
    while begun < rows:
        n = min(AT_ONCE, rows - begun)
        project.store.write_now(lambda tx, n=n, begun=begun: _add(tx, chance, begun, n))
        begun += n
        print(f"\rmade {begun:,} rows", end="", file=sys.stderr)
    project.store.write_now(lambda tx: _add_giants(tx))
    for state, start in (("rejected", 1), ("skipped", 2)):
        chosen = Selection.of(range(start, rows, 20))
        project.store.write_now(lambda tx, chosen=chosen, state=state: decisions.set_state(tx, chosen, state))
    while project.store.write_now(lambda tx: search.catch_up(tx, AT_ONCE)):
        pass
    project.close()
    print(file=sys.stderr)
    half.rename(made)
    return made


def _add(tx: Transaction, chance: random.Random, begun: int, n: int) -> None:
    words = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("l", "n", "r", "st", "m")]
    split = "test" if begun % (20 * AT_ONCE) == AT_ONCE else "train"
    import_id = imports.start(tx, f"import-{split}", "made.jsonl", split, {}, None)
    made = list(islice(_problems(chance, words, begun), n))
    ids, _ = examples.insert(tx, [row for row, _, _ in made], split=split, import_id=import_id)
    for example_id, (row, rationale, label) in zip(ids, made, strict=True):
        answers.add(tx, _answer(example_id, rationale, label, row[3]))


def _problems(chance: random.Random, words: list[str], begun: int) -> Iterator[tuple[NewExample, str, str]]:
    """Inputs of about 170 bytes and rationales of about 330; one label in six differs from the gold label."""
    number = begun
    while True:
        gold = str(chance.randrange(1_000))
        text = f"{number}: {' '.join(chance.choices(words, k=38))}, how many?"
        rare = f" {RARE}" if number % 10_000 == 77 else ""
        rationale = f"{' '.join(chance.choices(words, k=75))}{rare}. So there are {gold}."
        label = gold if number % 6 else str(int(gold) + 1)
        yield (None, "{}", text, gold, number + 1, input_hash(text)), rationale, label
        number += 1


def _answer(example_id: int, rationale: str, label: str, gold: str | None) -> NewAnswer:
    return NewAnswer(
        example_id, "generate-1", "teacher", "smollm2-135m", f"{rationale} The answer is {label}.",
        rationale=rationale, label=label, rung="value", parser="robust-1", agree=label == gold,
    )  # fmt: skip


def _add_giants(tx: Transaction) -> None:
    line = "one and two are three, and so on and so on\n"
    lines, lineless = line * (GIANT_BYTES // len(line)), "many words " * (GIANT_BYTES // 11)
    texts = ((lines, "Short."), ("A short input", lines), ("Another short input", lineless))
    import_id = imports.start(tx, "import-giants", "giants.jsonl", "train", {}, None)
    rows = [(None, "{}", text, "3", n, input_hash(text)) for n, (text, _) in enumerate(texts, 1)]
    ids, _ = examples.insert(tx, rows, split="train", import_id=import_id)
    for example_id, (_, rationale) in zip(ids, texts, strict=True):
        answers.add(tx, _answer(example_id, rationale, "3", "3"))


if __name__ == "__main__":
    project_of(Path(sys.argv[1]), int(sys.argv[2]))

"""Ask the embedded teacher about the first training problems: ``.venv/bin/python resources/sample/make_answers.py``.

Rewrites ``teacher_answers.jsonl`` beside this file with the raw answers as they came, right and wrong ones
alike. Greedy, so the same model and llama.cpp give the same answers. Takes about a minute on two cores.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from dsbs_gui.app import sample
from dsbs_gui.app.commands.common import follow, opened
from dsbs_gui.core.store import answers, examples
from dsbs_gui.steps.teacher import plan

HERE = Path(__file__).resolve().parent
N = 48
TEACHER = "smollm2-135m"
KEPT = ("raw", "finish_reason", "tokens_in", "tokens_out", "seconds", "mean_logprob")


def main() -> None:
    """A sample project in a temporary folder, a generation job there, its answers here."""
    with tempfile.TemporaryDirectory() as folder:
        sample.create(Path(folder) / "project")
        with opened(Path(folder) / "project") as project:
            run = follow(project, plan.generate_request(project, teacher=TEACHER, limit=N))
            db = project.store.reader
            made = sorted(answers.newest_of_run(db, run.id, N), key=lambda answer: answer.example_id)
            found = examples.page(db, [answer.example_id for answer in made])
    with (HERE / "teacher_answers.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for answer in made:
            if answer.failure is None:
                row = {"id": found[answer.example_id].key, "teacher": answer.teacher}
                row |= {name: getattr(answer, name) for name in KEPT}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

"""An owner of a project that imports one file and says how many rows are stored; tests kill it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dsbs_gui.app.wiring import intakes
from dsbs_gui.core.project import Project
from dsbs_gui.core.store import runs
from dsbs_gui.steps.data import plan


def main(folder: Path, source: Path) -> int:
    """First what an earlier owner left behind; otherwise the file."""
    project = Project.open(folder, intakes=intakes())
    project.jobs.begin()
    earlier = runs.all_runs(project.store.reader, "import")
    run = earlier[0] if earlier else project.jobs.submit(plan.import_request(project, str(source)))
    while run.state in runs.LIVE:
        stored = project.store.reader.execute("SELECT count(*) FROM examples").fetchone()[0]
        print(stored, flush=True)
        run = runs.get(project.store.reader, run.id)
    print(f"ended {run.state}", flush=True)
    project.close()
    return 0 if run.state == "done" else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

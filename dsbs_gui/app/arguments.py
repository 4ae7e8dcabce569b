"""Commands and options of ``dsbs``: what may be said, and what is no number, fraction or seed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from dsbs_gui.core.errors import UserError
from dsbs_gui.core.tasks import TASKS
from dsbs_gui.steps.training.defaults import told
from dsbs_gui.steps.training.options import OPTIONS, Option

MOST = 2**31 - 1


class _Parser(argparse.ArgumentParser):
    """argparse, but a mistake is one sentence."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message[:1].upper()}{message[1:]}.", f"“{self.prog} --help” shows how it is used.")


def parser() -> argparse.ArgumentParser:
    """All commands with their options, as ``docs/command-line.md`` describes them."""
    from dsbs_gui import __version__

    root = _Parser(prog="dsbs", description="Distilling step-by-step, from a dataset to a student.")
    root.add_argument("--version", action="version", version=f"dsbs {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    _data_commands(commands)
    _teacher_commands(commands)
    _training_commands(commands)
    _evaluation_commands(commands)
    _export_commands(commands)
    _job_commands(commands)
    return root


def _add(commands: Any, name: str, run: str, summary: str, *, project: bool = True) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary)
    command.add_argument("--json", action="store_true", help="print one JSON object when it ends")
    command.set_defaults(run=run)
    if project:
        command.add_argument("project", type=Path, metavar="PROJECT", help="the project's folder")
    return command


def _data_commands(commands: Any) -> None:
    new = _add(commands, "new", "data:new", "Make a new project.")
    new.add_argument("--task", choices=tuple(TASKS), default="text", help="what its examples are (default: text)")

    take = _add(
        commands,
        "import",
        "data:import_",
        "Import a dataset: CSV, TSV, JSON, JSONL, Parquet, Arrow, or a Hugging Face one.",
    )
    take.add_argument("file", metavar="FILE", help="a file, a saved dataset folder, or a hub id")
    take.add_argument("--split", choices=("train", "valid", "test"), default="train")
    take.add_argument(
        "--map", action="append", default=[], metavar="FIELD=COLUMN", dest="mapping",
        help="which column holds which field: input, premise, hypothesis, question, choices, label, rationale,"
        " teacher, id",
    )  # fmt: skip
    take.add_argument("--on-error", choices=("report", "stop"), default="report", help="what a bad row does")
    take.add_argument("--encoding", default="", metavar="NAME", help="of a CSV or TSV file (default: found out)")
    take.add_argument("--hub-config", default="", metavar="NAME", help="configuration of a hub dataset")
    take.add_argument("--hub-split", default="", metavar="NAME", help="split of a hub or saved dataset to read")

    split = _add(commands, "split", "data:split", "Split the examples into train, valid and test.")
    split.add_argument("--valid", type=_fraction, default=0.1)
    split.add_argument("--test", type=_fraction, default=0.2)
    split.add_argument("--seed", type=_seed, default=0)
    split.add_argument(
        "--group-by", default="near-duplicate", metavar="near-duplicate|FIELD|none",
        help="what must not be torn apart (default: near-duplicate)",
    )  # fmt: skip


def _teacher_commands(commands: Any) -> None:
    make = _add(
        commands,
        "generate",
        "teacher:generate",
        "Let a teacher write a rationale and a label for each example.",
    )
    make.add_argument("--teacher", required=True, metavar="GGUF-FILE|CATALOGUE-ID|URL")
    make.add_argument("--model", default="", metavar="NAME", help="the model's name on a server")
    make.add_argument("--split", default="train", choices=("train", "valid", "test"))
    make.add_argument("--limit", type=_positive, metavar="N", help="at most this many examples")
    make.add_argument("--samples", type=_positive, default=1, metavar="K", help="answers an example (default: 1)")
    make.add_argument("--temperature", type=_number, metavar="T", help="default: 0 for one sample, 0.7 for several")
    make.add_argument("--max-tokens", type=_positive, default=128, metavar="N", help="of one answer (default: 128)")
    make.add_argument("--exemplars", type=Path, metavar="FILE", help="own few-shot exemplars, TOML or JSONL")
    make.add_argument("--parallel", type=_positive, default=0, metavar="N", help="at a time (default: as suits)")
    make.add_argument(
        "--weights", choices=("auto", "given", "expanded"), default="auto",
        help="read a GGUF file's weights as they are, or in half precision (default: what is faster here)",
    )  # fmt: skip
    make.add_argument("--seed", type=_seed, default=0)
    make.add_argument("--hint-gold", choices=("wrong", "never", "always"), default="never")
    make.add_argument(
        "--by-policy", action="store_true",
        help="ask about the rows for which a rule of “dsbs policy” says so, and tell their gold label",
    )  # fmt: skip
    make.add_argument("--only-failed", action="store_true", help="ask again where the newest answer is of no use")
    make.add_argument(
        "--budget-tokens", type=_positive, metavar="N",
        help="stop before this teacher has used more tokens under budgets in this project, over all runs",
    )  # fmt: skip
    make.add_argument("--budget-money", type=_number, metavar="X", help="as --budget-tokens, in money; needs prices")
    make.add_argument("--price-in", type=_number, metavar="X", help="of a million tokens of prompts")
    make.add_argument(
        "--price-out", type=_number, metavar="X", help="of a million tokens of answers (default: the price kept)"
    )
    make.add_argument("--requests-per-minute", type=_positive, default=0, metavar="N", help="send a server no more")
    make.add_argument("--tokens-per-minute", type=_positive, default=0, metavar="N", help="send a server no more")
    make.add_argument("--constrain-label", action="store_true", help="let a GGUF file write only labels of the row")
    make.add_argument("--structured", action="store_true", help="ask a server for JSON, where it can keep to a schema")

    check = _add(commands, "check-teacher", "teacher:check", "How often the teacher's label is the gold label.")
    check.add_argument("--split", default="train", choices=("train", "valid", "test"))
    check.add_argument("--teacher", metavar="NAME", help="whose answers (default: who answered most)")
    check.add_argument("--parser", choices=("paper", "robust"), default="robust")

    again = _add(commands, "read-again", "teacher:read_again", "Read all raw answers again; no teacher is asked.")
    again.add_argument("--rules", type=Path, metavar="FILE", help="a ladder of rules, JSON (default: the project's)")
    again.add_argument("--dry-run", action="store_true", help="only say what would change")

    rules = _add(
        commands, "policy", "policy:policy", "The rules for doubtful rationales, and how many rows each takes."
    )
    rules.add_argument("--rules", type=Path, metavar="FILE", help="save these rules, JSON as --json prints them")

    signals = _add(commands, "signals", "review:signals", "Look for rationales that deserve a second look.")
    signals.add_argument(
        "--teacher", metavar="GGUF|CATALOGUE-ID",
        help="measure too how much each rationale raises the probability of its gold label under this local teacher",
    )  # fmt: skip
    _second_reviewer_commands(commands)


def _second_reviewer_commands(commands: Any) -> None:
    share = _add(commands, "review-share", "second_reviewer:share", "Write rows to a file for a second reviewer.")
    share.add_argument("out", type=Path, metavar="OUT", help="the JSONL file to write; it must not be there yet")
    share.add_argument("--rows", type=_positive, metavar="N", help="so many rows by chance (default: all that match)")
    share.add_argument("--status", nargs="+", default=[], metavar="STATE", help="only rows in these states")
    share.add_argument("--split", nargs="+", default=[], metavar="SPLIT", help="only rows of these splits")
    share.add_argument("--seed", type=_seed, default=0, help="of the rows drawn (default: 0)")
    share.add_argument("--show-gold", action="store_true", help="give the gold labels too (default: hidden)")

    merge = _add(commands, "review-merge", "second_reviewer:merge", "Take in what a second reviewer sent back.")
    merge.add_argument("file", type=Path, metavar="FILE", help="a share that was filled in, or a JSONL export")
    merge.add_argument("--reviewer", required=True, metavar="NAME", help="whose decisions these are")

    _add(commands, "agreement", "second_reviewer:agreement", "How far reviewers agree: Cohen’s κ, Krippendorff’s α.")


def _training_commands(commands: Any) -> None:
    train = _add(commands, "train", "training:train", "Train a student.")
    train.add_argument("--recipe", type=Path, metavar="FILE", help="settings from this file; options given here win")
    length = train.add_mutually_exclusive_group()
    for option in OPTIONS:
        (length if option.name in ("steps", "epochs") else train).add_argument(
            option.flag,
            dest=option.name,
            default=argparse.SUPPRESS,  # what is not said is not there, so that a recipe or a preset can say it
            help=_help(option),
            **(
                {"choices": option.choices}
                if option.choices and not option.several
                else {"metavar": option.metavar, "type": _typed(option)}
            ),
        )
    train.add_argument("--resume", metavar="RUN", help="go on from the last checkpoint of that run")
    train.add_argument("--preview", action="store_true", help="show the first batch as tokens, and train nothing")


def _help(option: Option) -> str:
    zero = f"; 0: {option.zero}" if option.zero else ""
    said = f" (default: {default})" if (default := told(option.name)) else ""
    return f"{option.help[:1].lower()}{option.help[1:]}{zero}{said}".replace("%", "%%")


def _typed(option: Option) -> Callable[[str], Any]:
    readers: dict[str, Callable[[str], Any]] = {"whole": _whole, "number": _number, "text": str}

    def read(text: str) -> Any:
        value = readers[option.kind](text)
        if problem := option.problem(value):
            raise argparse.ArgumentTypeError(f"{text} {problem}")
        return value

    return read


def _evaluation_commands(commands: Any) -> None:
    evaluate = _add(commands, "evaluate", "evaluation:evaluate", "Accuracy of a student on a split.")
    evaluate.add_argument("student_run", metavar="RUN")
    evaluate.add_argument("--split", choices=("train", "valid", "test"), default="test")
    evaluate.add_argument("--rationales", action="store_true", help="also let it explain")

    compare = _add(commands, "compare", "evaluation:compare", "Compare students on the same examples.")
    compare.add_argument("runs", nargs="+", metavar="RUN")
    compare.add_argument("--split", choices=("valid", "test"), default="test")

    predict = _add(
        commands,
        "predict",
        "evaluation:predict",
        "Answer one input a line from standard input.",
        project=False,
    )
    predict.add_argument("folder", type=Path, metavar="RUN-OR-EXPORT-DIR")
    predict.add_argument("--explain", action="store_true", help="also print the student's rationale")


def _export_commands(commands: Any) -> None:
    student = _add(commands, "export", "export:student", "Take a student away.")
    student.add_argument("student_run", metavar="RUN")
    student.add_argument("out", type=Path, metavar="OUT")
    student.add_argument(
        "--format", choices=("safetensors",), default="safetensors", help="GGUF and ONNX are not there yet"
    )

    data = _add(commands, "export-data", "export:data", "Take the curated examples away.")
    data.add_argument("out", type=Path, metavar="OUT")
    data.add_argument("--format", choices=("jsonl", "parquet", "csv", "hf"), required=True)
    data.add_argument("--status", nargs="+", default=[], metavar="STATE")
    data.add_argument("--split", nargs="+", default=[], metavar="SPLIT")


def _job_commands(commands: Any) -> None:
    _add(commands, "jobs", "jobs:list_", "What has run in a project, and what runs.")
    stop = _add(commands, "stop", "jobs:stop", "Stop a job; what it has done is kept.")
    stop.add_argument("run_id", metavar="RUN")
    _add(commands, "doctor", "doctor:doctor", "Versions, GPU, model folders, and a self-test.", project=False)
    demo = _add(commands, "demo", "demo:demo", "The whole way on the sample project.", project=False)
    demo.add_argument(
        "dir",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="where to make the project (default: a new folder here)",
    )


def _positive(text: str) -> int:
    value = _whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _whole(text: str) -> int:
    """A whole number that C code can take too."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number") from None
    if abs(value) > MOST:
        raise argparse.ArgumentTypeError(f"{text} is too large (at most {MOST})")
    return value


def _seed(text: str) -> int:
    value = _whole(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative; a seed is 0 or more")
    return value


def _number(text: str) -> float:
    """A number of 0 or more; neither infinite nor nan."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number") from None
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of 0 or more")
    return value


def _fraction(text: str) -> float:
    value = _number(text)
    if value > 1:
        raise argparse.ArgumentTypeError(f"{text} is not a fraction between 0 and 1")
    return value


def _share(text: str) -> float:
    """A fraction that leaves something."""
    value = _fraction(text)
    if value == 0:
        raise argparse.ArgumentTypeError(f"{text} would leave nothing; give a fraction above 0, up to 1")
    return value

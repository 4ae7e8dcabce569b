"""What the person at this machine has chosen, and what the window remembers: one TOML file.

Every option is declared once, with type, default and help. A bad value falls back to the default and
leaves a sentence in ``problems``; unknown keys, comments and the order of the file are kept. Nothing of a
project is in here, and no secret.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar, cast, overload

import platformdirs
import tomlkit
from tomlkit.exceptions import TOMLKitError

from .files import write_atomically

APP = "dsbs-studio"
FILE = "settings.toml"
T = TypeVar("T", str, bool, list[str])


def config_folder() -> Path:
    """Where ``settings.toml`` lies."""
    return platformdirs.user_config_path(APP, appauthor=False)


def data_folder() -> Path:
    """Where the sample project lies."""
    return platformdirs.user_data_path(APP, appauthor=False)


def cache_folder() -> Path:
    """Where lies what can be made again: a teacher's weights in another form, decoded prompts, measurements."""
    return platformdirs.user_cache_path(APP, appauthor=False)


def log_folder() -> Path:
    """Where the log of the window and of the command line lies."""
    return platformdirs.user_log_path(APP, appauthor=False)


class Option(Generic[T]):
    """One option, used as an attribute of :class:`Settings`: reading gives a good value, writing saves.

    Args:
        key: ``table.name`` in the file.
        help: one sentence for the settings page and the file.
        choices: the values allowed; () for any of the type.
    """

    def __init__(self, key: str, default: T, help: str, choices: Sequence[T] = ()) -> None:
        self.key = key
        self.default: T = default
        self.help = help
        self.choices: tuple[T, ...] = tuple(choices)

    @overload
    def __get__(self, owner: None, cls: type[Settings]) -> Option[T]: ...
    @overload
    def __get__(self, owner: Settings, cls: type[Settings]) -> T: ...
    def __get__(self, owner: Settings | None, cls: type[Settings]) -> Option[T] | T:
        if owner is None:
            return self
        return cast("T", owner.values.get(self.key, self.copy_of_default()))

    def __set__(self, owner: Settings, value: T) -> None:
        owner.save(self.key, value)

    def copy_of_default(self) -> T:
        return cast("T", list(self.default)) if isinstance(self.default, list) else self.default

    def problem(self, value: object) -> str:
        """Why ``value`` cannot be used; empty if it can."""
        if isinstance(self.default, list):
            good = isinstance(value, list) and all(isinstance(item, str) for item in value)
        else:
            good = type(value) is type(self.default)
        if not good:
            return f"{self.key} should be {_KINDS[type(self.default)]}, not {value!r}"
        if self.choices and value not in self.choices:
            return f"{self.key} should be one of {', '.join(map(repr, self.choices))}, not {value!r}"
        return ""


_KINDS = {str: "a text", bool: "true or false", list: "a list of texts"}


class Settings:
    """The settings of one file. Safe to use from any thread.

    Attributes:
        problems: sentences about what could not be read or saved.
    """

    theme = Option("look.theme", "system", "Light or dark; “system” follows the desktop.", ("system", "light", "dark"))
    projects_folder = Option("projects.folder", "", "Where new projects are made; empty for your documents folder.")
    recent = Option("projects.recent", cast("list[str]", []), "Projects opened lately, the newest first.")
    last = Option("projects.last", "", "The project that the window opens at start; empty for the start page.")
    model_folders = Option(
        "models.folders",
        cast("list[str]", []),
        "Folders that are searched for teachers (GGUF files) and students.",
    )
    prices = Option(
        "teacher.prices",
        cast("list[str]", []),
        "What a million tokens cost, by teacher: “NAME = PRICE OF PROMPTS / PRICE OF ANSWERS”.",
    )
    currency = Option("teacher.currency", "$", "The currency of these prices.")
    offline = Option("network.offline", False, "Take models and datasets from this machine only, never from a hub.")
    ask_on_close = Option("jobs.ask_on_close", True, "Ask before the window closes while jobs run.")
    geometry = Option("window.geometry", "", "Size and place of the window.")
    review_view = Option("review.view", "table", "The view of the Review page that you used last.", ("table", "focus"))
    review_columns = Option(
        "review.columns",
        cast("list[str]", []),
        "Columns of the Review table that you chose; empty: as many as fit.",
    )
    review_guidelines = Option("review.guidelines", False, "Show the guidelines on the Review page.")
    review_keys = Option(
        "review.keys",
        cast("list[str]", []),
        "Keys of the Review page that you changed: “ACT = KEY”; “ACT =” for an act without a key.",
    )
    curves_below = Option(
        "training.curves_below",
        "accuracy",
        "What the lower curves of the Training page show.",
        ("accuracy", "lr", "grad_norm"),
    )
    curves_hidden = Option("training.curves_hidden", cast("list[str]", []), "Curves of a single run that you hid.")
    curves_hidden_of_several = Option(
        "training.curves_hidden_of_several",
        ["rationale loss", "weighted sum"],
        "Curves that you hid where several runs are drawn.",
    )
    curves_log = Option("training.curves_log", False, "Draw losses on a logarithmic scale.")
    curves_clip = Option("training.curves_clip", False, "Leave outliers out of the scale of the losses.")
    curves_smoothing = Option(
        "training.curves_smoothing", "0", "How strongly losses are smoothed.", ("0", "0.6", "0.9", "0.98")
    )
    navigation_folded = Option("window.navigation_folded", False, "The navigation shows icons only.")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self._listeners: list[Callable[[str], None]] = []
        self._lock = threading.Lock()
        self.values = self._good(self._read().unwrap())

    def save(self, key: str, value: str | bool | list[str]) -> None:
        """Remember a value and write it. What cannot be written is kept in memory and noted in ``problems``.

        Raises: ValueError if the option does not take the value.
        """
        option = OPTIONS[key]
        if problem := option.problem(value):
            raise ValueError(problem)
        if self.values.get(key, option.default) == value:
            return
        with self._lock:
            self.values[key] = value
            self._write(key, value)
        for listener in tuple(self._listeners):
            listener(key)

    def listen(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call ``listener(key)`` after a change by this process; returns how to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _read(self) -> tomlkit.TOMLDocument:
        try:
            return tomlkit.parse(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return tomlkit.document()
        except (OSError, ValueError, TOMLKitError) as error:
            self.problems.append(f"{self.path} could not be read ({error}); the defaults are used.")
            return tomlkit.document()

    def _good(self, body: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, option in OPTIONS.items():
            table, name = key.split(".")
            inner = body.get(table)
            if not isinstance(inner, dict) or name not in inner:
                continue
            if problem := option.problem(inner[name]):
                self.problems.append(f"{problem}; the default is used.")
            else:
                values[key] = inner[name]
        return values

    def _write(self, key: str, value: str | bool | list[str]) -> None:
        """Change one key of the file as it is now: another window may have changed others meanwhile."""
        table, name = key.split(".")
        try:
            document = self._read_to_change()
            if not isinstance(document.get(table), dict):
                document[table] = tomlkit.table()
            cast("dict[str, Any]", document[table])[name] = value
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, tomlkit.dumps(document))
        except OSError as error:
            reason = error.strerror or error
            self.problems.append(
                f"{self.path} could not be written ({reason}): what you chose holds until the program ends."
            )

    def _read_to_change(self) -> tomlkit.TOMLDocument:
        """As :meth:`_read`, but a file that is no TOML is put aside instead of being overwritten."""
        try:
            return tomlkit.parse(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return tomlkit.document()
        except (ValueError, TOMLKitError):
            self.path.replace(self.path.with_suffix(".damaged"))
            return tomlkit.document()


OPTIONS: dict[str, Option[Any]] = {
    option.key: option for option in vars(Settings).values() if isinstance(option, Option)
}


@functools.cache
def user_settings() -> Settings:
    """The settings of the person at this machine, read once a process."""
    return Settings(config_folder() / FILE)


_before: dict[str, str | None] = {}


def put_into_environment(settings: Settings) -> None:
    """Let this process and the workers that it starts work offline and find the model folders, or no longer.

    What the environment said before counts again where the settings say nothing.
    """
    from .catalogue import FOLDERS_VARIABLE  # not at start: what it stands on is slow to load

    offline = "1" if settings.offline else None
    folders = os.pathsep.join(str(Path(path).expanduser()) for path in settings.model_folders) or None
    for name, value in {"HF_HUB_OFFLINE": offline, "HF_DATASETS_OFFLINE": offline, FOLDERS_VARIABLE: folders}.items():
        earlier = _before.setdefault(name, os.environ.get(name))
        if (wanted := value or earlier) is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = wanted


def projects_folder(settings: Settings) -> Path:
    """Where new projects are made."""
    chosen = settings.projects_folder
    return Path(chosen).expanduser() if chosen else platformdirs.user_documents_path() / "DSBS Studio"

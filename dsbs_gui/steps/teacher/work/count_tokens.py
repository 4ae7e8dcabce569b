"""A small process that counts tokens for the window: ``python -m … MODEL``, one JSON text a line in, a number out.

It loads a model's vocabulary and none of its weights, so it is there in half a second whatever the model's size.
The window never meets llama.cpp, which ends its process on a bad file; this one may end. It does when its
standard input is closed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dsbs_gui.core.errors import UserError

from .llama_model import LlamaModel, check, library


class Vocabulary(LlamaModel):
    """The part of a model that splits text. Raises as ``LlamaModel``."""

    def __init__(self, path: Path) -> None:
        self.header = check(path)
        self.llama = llama = library()
        llama.llama_backend_init()
        parameters = llama.llama_model_default_params()
        parameters.vocab_only = True
        parameters.n_gpu_layers = 0
        self.model = llama.llama_model_load_from_file(os.fsencode(path), parameters)
        if not self.model:
            raise UserError(f"llama.cpp does not load {path.name}.", "Choose another file.")
        self.vocabulary = llama.llama_model_get_vocab(self.model)


def main(path: Path) -> None:
    vocabulary = Vocabulary(path)
    for line in sys.stdin:
        print(len(vocabulary.tokens(json.loads(line))), flush=True)
    vocabulary.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

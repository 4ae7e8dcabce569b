"""Several processes that train one student: what they share, and what the first of them says for all.

Each computes its part of every effective batch; gradients and losses are summed, for each is normalised by the tokens
of the whole batch already (DDP would average, and weigh short parts more). Nothing but the order of the sums tells
several processes from one. The first one alone writes events, checkpoints and students, looks for a wish to stop, and
validates: a validation is short, a stop is heard between any two of its batches, and its answers are those of one
process. The others wait for its word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as distributed

from dsbs_gui.core.errors import ResourceError

from .batches import Pair
from .losses import Terms

T = TypeVar("T")

A_LONG_TIME = timedelta(days=7)
"""How long the first process is waited for: a run may be paused. One that has gone is noticed at once."""
BUCKET = 8_000_000
"""Numbers that are summed in one message."""


class Ranks:
    """This process among those of the run; alone unless a launcher has started several (``RANK``, ``WORLD_SIZE``)."""

    def __init__(self) -> None:
        several = distributed.is_available() and distributed.is_initialized()
        self.rank = distributed.get_rank() if several else 0
        self.world = distributed.get_world_size() if several else 1
        self._words = distributed.new_group(timeout=A_LONG_TIME, backend="gloo") if self.world > 1 else None

    @property
    def first(self) -> bool:
        return self.rank == 0

    def agree(self, value: T) -> T:
        """What the first process has here, in all. Raises ResourceError if one has gone."""
        if self.world == 1:
            return value
        said: list[Any] = [value]
        with _all_there():
            distributed.broadcast_object_list(said, src=0, group=self._words)
        found: T = said[0]
        return found

    @contextmanager
    def first_goes_ahead(self) -> Iterator[None]:
        """What the first process makes in it, the others find made."""
        if not self.first:
            self.agree(None)
        yield
        if self.first:
            self.agree(None)

    def wait(self) -> None:
        """Until all are here. Raises ResourceError if one has gone."""
        if self.world > 1:
            with _all_there():
                distributed.barrier(group=self._words)

    def own(self, pairs: Sequence[Pair]) -> list[Pair]:
        """This process's part: dealt by length, so that all have as much to do."""
        if self.world == 1:
            return list(pairs)
        return sorted(pairs, key=lambda pair: -sum(pair.shape))[self.rank :: self.world]

    def add_up(self, model: torch.nn.Module, terms: Terms, rows: int, at_once: int) -> list[torch.Tensor]:
        """Sum gradients and losses over all processes. Raises ResourceError if one has gone.

        Args:
            rows: of the whole batch; where there are fewer than processes, some have no gradients of their own.
            at_once: rows that this process computes at once.
        Returns: ``at_once`` of every process, on the device of the losses; nothing where there is one process.
        """
        if self.world == 1:
            return []
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        touched = [parameter.grad is not None for parameter in trained]
        if rows < self.world:
            touched = self.agree(touched)
        for parameter, is_touched in zip(trained, touched, strict=True):
            if is_touched and parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        losses = [loss for loss in (terms.label, terms.rationale) if loss is not None]
        of_all = [terms.label.new_tensor(at_once if rank == self.rank else 0) for rank in range(self.world)]
        with _all_there():
            for bucket in _buckets([p.grad for p in trained if p.grad is not None]):
                _sum(bucket)
            _sum([*losses, *of_all])
        return of_all

    def close(self) -> None:
        if self.world > 1:
            distributed.destroy_process_group()


@contextmanager
def _all_there() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # gloo and NCCL have no kind of their own for it
        raise ResourceError(
            "Another process of this run has ended, and training cannot go on without it.",
            "worker.log says how it ended. Resume the run to go on from its last checkpoint.",
        ) from error


def _sum(tensors: Sequence[torch.Tensor]) -> None:
    """Replace each by its sum over all processes: one message."""
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    distributed.all_reduce(flat)
    for tensor, summed in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
        tensor.copy_(summed.view_as(tensor))


def _buckets(tensors: Sequence[torch.Tensor]) -> Iterator[list[torch.Tensor]]:
    """In their order, together while they are small; a large one alone."""
    bucket: list[torch.Tensor] = []
    size = 0
    for tensor in tensors:
        if bucket and size + tensor.numel() > BUCKET:
            yield bucket
            bucket, size = [], 0
        bucket.append(tensor)
        size += tensor.numel()
    if bucket:
        yield bucket

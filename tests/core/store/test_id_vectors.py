"""Vectors of ids: long ones, which numpy makes, are what short ones would be."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs_gui.core.store import id_vectors
from dsbs_gui.core.store.database import Store
from dsbs_gui.core.store.filters import as_json

IDS = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40)


@pytest.fixture(scope="module", params=["long", "short"], autouse=True)
def _length(request: pytest.FixtureRequest) -> Iterator[None]:
    """All are taken for long ones, or for short ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(id_vectors, "_LONG", -1 if request.param == "long" else 1_000_000)
        patch.setattr(id_vectors, "_PART", 7 if request.param == "long" else 1_000_000)
        yield


@given(IDS)
def test_the_ids_of_a_query_are_read_in_its_order(ids: list[int]) -> None:
    joined = ",".join(map(str, ids))

    class Database:
        def execute(self, sql: str, values: object = ()) -> Database:
            return self

        def fetchone(self) -> tuple[str]:
            return (joined,)

    assert list(id_vectors.read(Database(), "SELECT", ())) == ids  # type: ignore[arg-type]


def test_a_query_that_gives_nothing_is_an_empty_vector(store: Store) -> None:
    assert id_vectors.read(store.reader, "SELECT id FROM examples", ()) == array("q")


@given(IDS, st.booleans())
def test_they_are_sorted(ids: list[int], descending: bool) -> None:
    assert list(id_vectors.ascending(array("q", ids), descending=descending)) == sorted(ids, reverse=descending)


@given(st.integers(-5, 5), st.integers(0, 9), st.booleans())
def test_a_span_is_a_range(first: int, n: int, descending: bool) -> None:
    wanted = sorted(range(first, first + n), reverse=descending)
    assert list(id_vectors.span(first, first + n, descending=descending)) == wanted


@given(IDS, IDS, st.integers(0, 40))
def test_places_are_those_of_the_ids_wanted(ids: list[int], others: list[int], n: int) -> None:
    wanted = ids[:n] + others
    assert list(id_vectors.places(array("q", ids), array("q", wanted))) == [i in wanted for i in ids]


@given(IDS, IDS, st.integers(0, 40))
def test_a_vector_begins_with_another_as_a_list_does(ids: list[int], others: list[int], n: int) -> None:
    for head in (ids[:n], others, ids[:n] + others):
        assert id_vectors.begins_with(array("q", ids), array("q", head)) == (ids[: len(head)] == head)


@given(IDS)
def test_ids_go_into_the_database_as_they_are(ids: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dsbs_gui.core.store.filters._PART", 3)
        assert as_json(iter(ids)) == as_json(array("q", ids)) == str(ids).replace(" ", "")

"""The sink that every test of this folder sends to."""

from collections.abc import Iterator

import pytest

from tests.fire.sink import Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server on loopback that counts."""
    with Sink() as sink:
        yield sink

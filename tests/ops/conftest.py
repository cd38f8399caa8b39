"""What tests against PyTorch share."""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Let PyTorch take one thread: for arrays this small, more of them only wait for each other.

    With one, it also unpools in the order of the values.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)

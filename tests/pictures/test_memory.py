import threading

import numpy as np
import pytest

from upweave.pictures.memory import Budget, available, needed
from upweave.pictures.picture import Header, PictureError


def test_a_budget_makes_others_wait():
    budget, order = Budget(100), []
    entered, release = threading.Event(), threading.Event()

    def first():
        with budget.hold(70):
            entered.set()
            release.wait(10)
            order.append("first")

    def second():
        with budget.hold(40):
            order.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    entered.wait(10)
    threads[1].start()
    with budget.hold(30):  # there is room for this
        order.append("third")
    release.set()
    for thread in threads:
        thread.join(10)
    assert order == ["third", "first", "second"]


def test_what_never_fits_is_refused():
    with (
        pytest.raises(PictureError, match=r"needs about 2\.0 GB of memory, of 1\.0 GB allowed"),
        Budget(10**9).hold(2 * 10**9),
    ):
        pass
    with Budget(None).hold(10**15):
        pass


def test_the_need_grows_with_size_channels_and_depth():
    def need(size, channels=3, dtype=np.uint8, frames=1):
        header = Header("png", size, channels, np.dtype(dtype), frames)
        high = (size[0] * 4, size[1] * 4)
        return needed(header, high, high)

    small = need((100, 200))
    assert need((200, 200)) > 1.9 * small
    assert need((100, 200), channels=4) > small
    assert need((100, 200), dtype=np.uint16) > small
    assert need((100, 200), frames=5) > 2 * small
    assert small > 100 * 200 * 16 * 6  # the result, and the encoder's


def test_the_machine_tells_what_is_free():
    free = available()
    assert free is None or 10**7 < free < 10**14

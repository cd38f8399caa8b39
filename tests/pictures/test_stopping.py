import threading

import numpy as np
import pytest
import pyvips

from upweave.pictures.files import Opened, Picture, encode
from upweave.pictures.formats import FORMATS
from upweave.pictures.stopping import Stop


@pytest.fixture(scope="module")
def large():
    """Noise that takes seconds to encode."""
    rng = np.random.default_rng(1)
    return Picture(rng.integers(0, 256, (7000, 7000, 3), np.uint8))


@pytest.fixture(scope="module")
def large_file(large):
    """What takes a second to decode."""
    image = pyvips.Image.new_from_memory(large.pixels.data, 7000, 7000, 3, "uchar")
    return image.pngsave_buffer(compression=1, filter="paeth")


@pytest.fixture
def stop():
    """A wish that is uttered in a moment."""
    found = Stop()
    timer = threading.Timer(0.2, found.set)
    timer.start()
    yield found
    timer.join()


def test_writing_ends_in_its_midst(large, stop):
    with pytest.raises(InterruptedError):
        encode(large, FORMATS["png"], stop=stop)


def test_reading_ends_in_its_midst(large_file, stop):
    opened = Opened(large_file, "a.png")
    with pytest.raises(InterruptedError):
        opened.picture(stop=stop)


def test_nothing_begins_afterwards():
    stop = Stop()
    stop.set()
    with pytest.raises(InterruptedError):
        encode(Picture(np.zeros((3, 3), np.uint8)), FORMATS["png"], stop=stop)


def test_other_errors_stay_as_they_are():
    stop = Stop()
    with pytest.raises(KeyError), stop.ends(pyvips.Image.black(1, 1)):
        raise KeyError
    for _ in range(2):  # of equal pictures, too
        one, other = pyvips.Image.black(1, 1), pyvips.Image.black(1, 1)
        with stop.ends(one), stop.ends(other):
            pass
    stop.set()

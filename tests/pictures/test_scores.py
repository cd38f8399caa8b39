import numpy as np
import pytest

from upweave.pictures import scores
from upweave.pictures.bicubic import Bicubic
from upweave.pictures.files import Picture, write

# Mean PSNR (dB) of bicubic interpolation, as DESIGN and the literature have it.
BICUBIC = {
    ("Set5", 2): 33.68,
    ("Set5", 3): 30.41,
    ("Set5", 4): 28.43,
    ("Set14", 2): 30.24,
    ("Set14", 3): 27.54,
    ("Set14", 4): 26.00,
    ("BSD100", 2): 29.56,
    ("BSD100", 3): 27.21,
    ("BSD100", 4): 25.96,
}


@pytest.mark.parametrize(("name", "scale"), BICUBIC)
def test_bicubic_has_its_known_score(data, name, scale):
    rows = scores.evaluate(Bicubic(scale), data / "benchmark" / name)
    assert scores.mean(rows).psnr == pytest.approx(BICUBIC[name, scale], abs=0.02)


@pytest.fixture
def a_set(tmp_path, rng):
    for folder in ("HR", "LR/x2"):
        (tmp_path / folder).mkdir(parents=True)
    high = rng.integers(0, 256, (41, 50, 3), np.uint8)  # larger than 2 x LR: to be cropped
    write(tmp_path / "HR" / "img_001.png", Picture(high))
    write(tmp_path / "LR" / "x2" / "img_001.png", Picture(high[:40:2, ::2]))
    return tmp_path


def test_an_equal_picture_scores_best(a_set):
    class Perfect:
        name, scale = "perfect", 2

        def __call__(self, image):
            del image
            return scores.files.read(a_set / "HR" / "img_001.png").pixels[:40]

    (row,) = scores.evaluate(Perfect(), a_set)
    assert (row.name, row.psnr, row.ssim) == ("img_001", np.inf, 1)
    assert scores.evaluate(Bicubic(2), a_set)[0].ssim < 1


def test_a_wrong_folder_is_refused(a_set):
    with pytest.raises(ValueError, match=r"no pictures in LR/x3; expected HR/img_001\.png and"):
        scores.evaluate(Bicubic(3), a_set)
    (a_set / "HR" / "img_001.png").rename(a_set / "HR" / "other.png")
    with pytest.raises(ValueError, match=r"HR/img_001\.png: missing"):
        scores.evaluate(Bicubic(2), a_set)


def test_a_small_original_is_refused(a_set, rng):
    small = Picture(rng.integers(0, 256, (30, 30, 3), np.uint8))
    write(a_set / "HR" / "img_001.png", small, overwrite=True)
    with pytest.raises(ValueError, match=r"of shape \(30, 30, 3\); expected \(40, 50, 3\)"):
        scores.evaluate(Bicubic(2), a_set)

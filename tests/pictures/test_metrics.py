"""Metrics against hand-computed values, a direct definition, and published bicubic scores."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from upweave.ops import interpolation
from upweave.pictures import files
from upweave.pictures.metrics import luma, psnr, ssim


def test_luma_of_known_colours():
    rgb = np.array([[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
    np.testing.assert_allclose(luma(rgb), [16, 235, 81.481, 144.553, 40.966], rtol=1e-14)


def test_psnr_by_hand():
    a = np.zeros((6, 6), np.uint8)
    b = a.copy()
    b[2:4, 2:4] = 10
    assert psnr(a, b, data_range=255, border=2) == pytest.approx(20 * np.log10(25.5))
    mean = 4 * 100 / 36
    assert psnr(a, b, data_range=255, border=0) == pytest.approx(10 * np.log10(255**2 / mean))
    assert psnr(a, a, data_range=255, border=0) == np.inf


def direct_ssim(a, b, data_range):
    """Wang et al. window by window, in two dimensions."""
    y, x = np.mgrid[-5:6, -5:6]
    w = np.exp(-(x * x + y * y) / (2 * 1.5**2))
    w /= w.sum()
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    values = []
    for i in range(a.shape[0] - 10):
        for j in range(a.shape[1] - 10):
            p, q = a[i : i + 11, j : j + 11], b[i : i + 11, j : j + 11]
            mp, mq = (w * p).sum(), (w * q).sum()
            vp, vq = (w * (p - mp) ** 2).sum(), (w * (q - mq) ** 2).sum()
            cov = (w * (p - mp) * (q - mq)).sum()
            top = (2 * mp * mq + c1) * (2 * cov + c2)
            values.append(top / ((mp**2 + mq**2 + c1) * (vp + vq + c2)))
    return np.mean(values)


def test_ssim_is_its_definition():
    random = np.random.default_rng(3)
    a = random.uniform(0, 1, (17, 23))
    b = a + 0.2 * random.standard_normal(a.shape)
    assert ssim(a, b, data_range=1, border=0) == pytest.approx(direct_ssim(a, b, 1), abs=1e-12)
    inner = direct_ssim(a[3:-3, 3:-3], b[3:-3, 3:-3], 1)
    assert ssim(a, b, data_range=1, border=3) == pytest.approx(inner, abs=1e-12)
    assert ssim(255 * a, 255 * b, data_range=255, border=0) == pytest.approx(
        ssim(a, b, data_range=1, border=0)
    )
    assert ssim(a, a, data_range=1, border=0) == 1


# DESIGN §7 and, for SSIM (there of rounded luma), the table in the data's README.
PUBLISHED = {
    ("Set5", 2): (33.68, 0.9293),
    ("Set5", 3): (30.41, 0.8678),
    ("Set5", 4): (28.43, 0.8102),
    ("Set14", 2): (30.24, 0.8684),
    ("Set14", 3): (27.54, 0.7738),
    ("Set14", 4): (26.00, 0.7024),
    ("BSD100", 2): (29.56, 0.8427),
    ("BSD100", 3): (27.21, 0.7383),
    ("BSD100", 4): (25.96, 0.6673),
}


def bicubic(pixels, scale):
    """Enlarge a picture in RGB: as linear as the way through YCbCr, and in torch, for speed."""
    kernel = interpolation.kernel("bicubic", scale)
    taps = torch.from_numpy(kernel.taps.astype(np.float32))
    channels = np.moveaxis(np.atleast_3d(pixels), 2, 0)[:, None].astype(np.float32)
    padded = functional.pad(torch.from_numpy(channels), [kernel.halo] * 4, mode="replicate")
    crop, _ = kernel.crop  # of both ends
    big = functional.conv_transpose2d(
        padded, torch.outer(taps, taps)[None, None], stride=scale, padding=crop
    )
    return np.moveaxis(np.floor(big[:, 0].numpy() + 0.5).clip(0, 255).astype(np.uint8), 0, 2)


def scored(pixels):
    """Luma, or the grey values of a picture of one channel."""
    return luma(pixels) if np.atleast_3d(pixels).shape[2] == 3 else pixels.squeeze()


@pytest.mark.parametrize(("name", "scale"), PUBLISHED)
def test_bicubic_scores_are_the_published_ones(data, name, scale):
    folder = data / "benchmark" / name
    found = []
    for path in sorted((folder / "LR" / f"x{scale}").iterdir()):
        big = bicubic(files.read(path).pixels, scale)
        high = files.read(folder / "HR" / path.name).pixels[: big.shape[0], : big.shape[1]]
        a, b = scored(big), scored(high)
        words = {"data_range": 255, "border": scale}
        found.append((psnr(a, b, **words), ssim(a, b, **words)))
    got_psnr, got_ssim = np.mean(found, axis=0)
    want_psnr, want_ssim = PUBLISHED[name, scale]
    assert got_psnr == pytest.approx(want_psnr, abs=0.02)
    assert got_ssim == pytest.approx(want_ssim, abs=0.0015)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"b": np.zeros((20, 21))}, r"got shapes \(20, 20\) and \(20, 21\)"),
        ({"data_range": 0}, "data_range: got 0"),
        ({"border": 10}, "border: got 10 for a picture of 20×20"),
        ({"border": -1}, "border: got -1"),
    ],
)
def test_what_cannot_be_scored_is_refused(change, message):
    words = {"a": np.zeros((20, 20)), "b": np.zeros((20, 20)), "data_range": 1, "border": 0}
    words |= change
    a, b = words.pop("a"), words.pop("b")
    for metric in (psnr, ssim):
        with pytest.raises(ValueError, match=message):
            metric(a, b, **words)


def test_ssim_needs_a_whole_window():
    with pytest.raises(ValueError, match="10×10 scored pixels"):
        ssim(np.zeros((20, 20)), np.zeros((20, 20)), data_range=1, border=5)


def test_luma_refuses_other_shapes():
    with pytest.raises(ValueError, match=r"rgb: got shape \(4, 4\)"):
        luma(np.zeros((4, 4)))

import numpy as np
import pytest
import pyvips

from made_files import linear_profile, profile
from upweave.pictures import light


def test_the_curve_is_srgbs_there_and_back():
    values = np.linspace(0, 1, 4097, dtype=np.float32)
    assert np.abs(light.from_display(light.to_display(values)) - values).max() < 1e-6
    # libvips' own conversion from scRGB, which rounds to 16 bits
    row = np.stack([values] * 3, axis=-1)[None]
    there = pyvips.Image.new_from_array(row, interpretation="scrgb").colourspace("rgb16").numpy()
    ours = light.to_display(values) * 65535
    assert np.abs(there[0, :, 0].astype(float) - ours).max() < 70  # it looks curves up in tables


def test_alpha_has_no_curve():
    pixels = np.full((1, 1, 4), 0.5, np.float32)
    assert light.display_16(pixels)[0, 0].tolist() == [48192, 48192, 48192, 32768]


@pytest.mark.parametrize(
    ("found", "linear"),
    [
        (None, False),
        (b"", False),
        (b"no profile", False),
        (bytes(132) + b"\xff" * 50, False),
    ],
)
def test_broken_profiles_are_not_linear(found, linear):
    assert light.is_linear(found) is linear


def test_profiles():
    assert not light.is_linear(profile("srgb"))
    assert not light.is_linear(profile("p3"))
    assert light.is_linear(linear_profile())
    for end in range(0, 3000, 97):
        light.is_linear(linear_profile()[:end])  # cut short anywhere, it raises nothing

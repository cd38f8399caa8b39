import re
from pathlib import Path

import pytest


@pytest.fixture
def size(run):
    def call(words):
        code, out, err = run("size", *words.split())
        assert (code, err) == (0, "")
        return out

    return call


def test_layers_between_two_sizes(size):
    first, head, *lines = size("64 --to 256").splitlines()
    assert first == "64 -> 256"
    assert re.split("  +", head)[:5] == ["kernel", "stride", "padding", "output padding", "overlap"]
    rows = [line.split() for line in lines if re.match(r"\d", line)]
    assert len(rows) == 10
    assert rows[:2] == [
        ["4", "4", "0", "0", "even", 'padding="same"'],
        ["8", "4", "2", "0", "even", 'padding="same"'],
    ]
    for k, s, p, a, overlap, _ in rows:
        assert 63 * int(s) + int(k) - 2 * int(p) + int(a) == 256
        assert overlap == ("uneven" if int(k) % int(s) else "even")
    text = "\n".join(lines)
    assert "and 6 more" in text
    assert "checkerboard" in text
    assert "torch.nn.ConvTranspose2d(c_in, c_out, kernel_size=4, stride=4)" in text
    assert 'Conv2DTranspose(filters, kernel_size=4, strides=4, padding="same")' in text
    assert "strides=[4, 4], pads=[0, 0, 0, 0]" in text


def test_layers_with_fixed_values(size):
    out = size("64 --to 128 --kernel 4 --stride 2")
    rows = [line.split() for line in out.splitlines() if re.match(r"\d+ +\d", line)]
    assert rows == [["4", "2", "1", "0", "even", 'padding="same"']]
    assert "more" not in out.replace("more taps", "")
    assert "checkerboard" not in out


def test_one_layer(size):
    words = "64 --kernel 3 --stride 2 --padding 1 --output-padding 1"
    first, formula, overlap, torch, keras, onnx = size(words).splitlines()
    assert first == "64 -> 128"
    assert formula.strip() == "(64 - 1)*2 + 1*(3 - 1) + 1 - 1 - 1 + 1 = 128"
    assert "uneven" in overlap
    assert "2, 1 taps" in overlap
    assert "kernel_size=3, stride=2, padding=1, output_padding=1)" in torch
    assert keras.split()[:2] == ["Keras", "-"]
    assert "pads=[1, 1, 1, 1], output_padding=[1, 1])" in onnx


def test_overlap(size):
    assert "even overlap: 1 tap in each phase" in size("4 --kernel 2 --stride 2")
    dilated = size("4 --kernel 2 --stride 2 --dilation 2")
    assert "2, 0 taps" in dilated
    assert "share the factor 2" in dilated
    assert "0 to 1 tap in a phase" in size(f"4 --kernel 3 --stride {10**11}")
    # 21 taps in 10 phases
    assert "0 to 3 taps in a phase" in size("4 --kernel 21 --stride 20 --dilation 2")


def test_a_decoder(size):
    out = size("4 --kernel 4,4,4 --stride 2,2,2 --padding 1,1,1")
    assert out.splitlines()[0] == "4 -> 8 -> 16 -> 32"
    assert out == size("4 --kernel 4,4,4 --stride 2 --padding 1")
    assert out.count("torch.nn.ConvTranspose2d") == 3
    assert "(16 - 1)*2 + 1*(4 - 1) + 1 - 1 - 1 + 0 = 32" in out
    assert size("1 --kernel 4 --stride 1,2 --padding 0,1").startswith("1 -> 4 -> 8\n")


def test_down_and_up_again(size):
    down = size("7 --kernel 3 --conv")
    assert down.startswith("7 -> 5\n")
    assert "floor((7 + 0 + 0 - 1*(3 - 1) - 1)/1) + 1 = 5" in down
    assert "back: 5 -> 7" in down
    assert "torch.nn.Conv2d(c_in, c_out, kernel_size=3, stride=1)" in down
    assert 'Conv2D(filters, kernel_size=3, strides=1, padding="valid")' in down
    assert size("5 --kernel 3").startswith("5 -> 7\n")
    down = size("8 --kernel 3 --stride 2 --padding 1 --conv")
    assert down.startswith("8 -> 4\n")
    assert "4 -> 8" in down
    assert down.split("output padding ")[1].startswith("1\n")
    assert re.search("Keras +-", down)  # where "same" begins depends on the size
    assert 'padding="same", dilation_rate=2)' in size(
        "8 --kernel 3 --padding 2 --dilation 2 --conv"
    )


def test_from_the_output(size):
    assert size("--from-output 128 --kernel 4 --stride 2 --padding 1") == "64 -> 128\n"
    chain = "4 -> 8 -> 16 -> 32\n"
    assert size("--from-output 32 --kernel 4,4,4 --stride 2 --padding 1") == chain
    words = "--kernel 3 --stride 2,2 --conv"
    assert size(f"--from-output 5 {words}") == "23 to 26 -> 11 to 12 -> 5\n"
    ends = {i: size(f"{i} {words}").splitlines()[0].split()[-1] for i in (22, 23, 26, 27)}
    assert ends == {22: "4", 23: "5", 26: "5", 27: "6"}


def test_large_numbers(size):
    many = 10**30
    uneven = size(f"{many} --kernel {many} --stride 3")
    assert f"{many // 3} to {many // 3 + 1} taps in a phase" in uneven
    assert f"{many} taps in each" in size(f"2 --kernel {many}")
    assert f"kernel_size={many}, stride={many})" in size(f"1 --to {many}")
    out = size(f"--from-output 2 --kernel 1 --stride {many} --conv")
    assert out == f"{many + 1} to {2 * many} -> 2\n"


def test_help_and_readme_name_it(run):
    code, out, err = run("size", "--help")
    assert (code, err) == (0, "")
    examples = re.findall(r"^ +upweave (size .*)$", out, re.MULTILINE)
    assert len(examples) >= 3
    for example in examples:
        assert run(*example.split())[0] == 0
    assert "\n  size " in run("--help")[1]
    readme = Path(__file__).parents[2] / "README.md"
    assert "upweave size" in readme.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("", "SIZE"),
        ("7", "--kernel"),
        ("0 --kernel 3", "SIZE"),
        ("x --kernel 3", "SIZE"),
        ("7 --kernel 3,x", "--kernel"),
        ("7 --kernel 0", "--kernel"),
        ("7 --kernel 3,", "--kernel"),
        ("7 --kernel ³", "--kernel"),
        ("7 --kernel 3 --padding -1", "--padding"),
        ("7 --kernel 3,3 --stride 1,1,1", "--kernel"),
        ("7 --kernel 3 --stride 2 --output-padding 2", "--output-padding"),
        ("7 --kernel 3 --conv --output-padding 0", "--output-padding"),
        ("7 --kernel 3 --from-output 9", "--from-output"),
        ("7 --to 9 --conv", "--conv"),
        ("7 --to 14 --kernel 3,4", "--kernel"),
        ("--from-output 9", "--kernel"),
        ("--from-output 9 --to 9", "--to"),
        ("2 --kernel 5 --conv", "--kernel"),
        ("2 --kernel 3,3 --padding 0,4", "layer 2"),
    ],
)
def test_wrong_usage(run, words, part):
    code, out, err = run("size", *words.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert part in err


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("--from-output 127 --kernel 4 --stride 2 --padding 1", "it makes 2*i"),
        ("--from-output 128 --kernel 3 --stride 2 --padding 1", "it makes 2*i - 1"),
        ("--from-output 1 --kernel 3 --padding 4 --conv", "less padding"),
        ("64 --to 1", "--kernel"),
        ("64 --to 128 --kernel 3 --stride 2 --padding 0", "leave one of them out"),
    ],
)
def test_sizes_that_cannot_be(run, words, part):
    code, out, err = run("size", *words.split())
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert part in err

import csv
import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from safetensors import safe_open
from torch.testing import assert_close

from upweave.learning import data, loop
from upweave.learning.checkpoint import CHECKPOINT
from upweave.learning.networks import Weave
from upweave.learning.pairs import Form, make_pairs
from upweave.pictures import files
from upweave.pictures.metrics import psnr


def saved(folder):
    """Return a checkpoint's metadata and tensors."""
    with safe_open(folder / CHECKPOINT, "np") as file:
        return file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def step_of(folder):
    return int(saved(folder)[0]["step"])


def check_equal(folder, other):
    """Two checkpoints hold the same, bit for bit."""
    (facts, tensors), (other_facts, others) = saved(folder), saved(other)
    assert facts == other_facts
    assert tensors.keys() == others.keys()
    for name, tensor in tensors.items():
        assert_array_equal(tensor, others[name], name)


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_learning_rate(small):
    plan = small(steps=104, warm_up=4, learning_rate=2.0)
    rates = [loop.learning_rate(plan, n) for n in range(plan.steps)]
    assert rates[:5] == [0.5, 1.0, 1.5, 2.0, 2.0]
    assert rates[54] == pytest.approx(1)
    assert 0 < rates[-1] < 0.001
    assert rates[4:] == sorted(rates[4:], reverse=True)


def test_training_beats_bicubic_on_pictures_it_has_not_seen(drawings, small, tmp_path):
    plan = small(steps=800, width=8, batch=4, crop=16, learning_rate=1e-2, average=0.98)
    measured = {}
    network, score = loop.fit(
        plan, tmp_path / "run", threads=1, progress=lambda step, values: measured.update(values)
    )
    assert measured["psnr"] == score
    assert measured["loss"] > 0
    assert network.body[0].__class__ is torch.nn.Conv2d
    untrained = Weave(2, 1, 1)
    torch.nn.init.zeros_(untrained.tail.weight)
    form = Form(2, untrained.halo)
    pairs = [make_pairs(data.read_rgb(p), form)[0] for p in data.validation("", drawings)]
    with torch.no_grad():
        bicubic = [untrained(torch.from_numpy(p.low)[None], padded=True) for p in pairs]
    by_bicubic = sum(
        psnr(b[0, 0].numpy(), p.high[0], data_range=1, border=2)
        for b, p in zip(bicubic, pairs, strict=True)
    ) / len(pairs)
    assert score > by_bicubic + 1
    assert list((tmp_path / "run" / "log").glob("events.*"))


@pytest.mark.parametrize("number", [None, signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("drawings")
def test_resuming_continues_exactly(small, tmp_path, number):
    plan = small()
    handlers = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    whole, _ = loop.fit(plan, tmp_path / "whole", threads=1)

    def interrupt(step, values):
        if step == 5:
            if number is None:
                raise KeyboardInterrupt
            os.kill(os.getpid(), number)

    def exit_as_the_command_does(number, frame):
        raise SystemExit

    signal.signal(signal.SIGTERM, exit_as_the_command_does)
    with pytest.raises(SystemExit if number == signal.SIGTERM else KeyboardInterrupt):
        loop.fit(plan, tmp_path / "parts", threads=1, progress=interrupt)
    assert step_of(tmp_path / "parts") == 5
    steps = []
    network, _ = loop.fit(
        plan,
        tmp_path / "parts",
        threads=1,
        resume=True,
        progress=lambda step, _: steps.append(step),
    )
    assert steps == list(range(6, 13))
    check_equal(tmp_path / "whole", tmp_path / "parts")
    for name in ("log.csv", "samples/step-0000012.png"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    for a, b in zip(whole.parameters(), network.parameters(), strict=True):
        assert torch.equal(a, b)
    assert signal.getsignal(signal.SIGTERM) is exit_as_the_command_does
    signal.signal(signal.SIGTERM, handlers[1])
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == handlers


@pytest.mark.usefixtures("drawings")
def test_the_checkpoint_is_renewed_now_and_then(small, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SAVE_EVERY", 5)
    found, folder = {}, tmp_path / "run"

    def look(step, values):
        found[step] = step_of(folder) if (folder / CHECKPOINT).exists() else None

    loop.fit(small(), folder, threads=1, progress=look)
    assert [found[step] for step in (4, 5, 9, 10, 12)] == [None, 5, 5, 10, 10]
    assert step_of(folder) == 12
    names = ["log", "log.csv", "pairs", "samples"]
    assert sorted(p.name for p in folder.iterdir()) == [CHECKPOINT, *names]


@pytest.mark.usefixtures("drawings")
def test_resuming_a_finished_training_gives_its_network(small, tmp_path):
    whole, score = loop.fit(small(), tmp_path, threads=1)
    again, same = loop.fit(small(), tmp_path, threads=1, resume=True)
    assert score == same
    x = torch.rand(1, 1, 5, 5)
    assert_close(again(x), whole(x), atol=0, rtol=0)


def test_without_held_out_pictures_there_is_no_score(drawings, small, tmp_path):
    for path in data.validation("", drawings):
        path.unlink()
    assert math.isnan(loop.fit(small(steps=1), tmp_path, threads=1)[1])


def test_fsrcnn_trains_too(drawings, small, tmp_path):
    plan = small(network="fsrcnn", width=6, flats=0, steps=2)
    network, score = loop.fit(plan, tmp_path, threads=1)
    assert network(torch.rand(1, 1, 4, 5)).shape == (1, 1, 8, 10)
    assert score > 0


@pytest.mark.usefixtures("drawings")
def test_what_cannot_go_on_is_one_clear_line(small, tmp_path):
    def refused(message, plan, folder, **words):
        with pytest.raises(ValueError, match=message) as caught:
            loop.fit(plan, folder, threads=1, **words)
        assert "\n" not in str(caught.value)

    refused("nothing to resume", small(), tmp_path / "new", resume=True)
    refused("digest: the 4 training pictures give", small(digest="abc"), tmp_path / "digest")
    refused("crop: no training picture gives 90", small(crop=90), tmp_path / "crop")
    loop.fit(small(steps=1), tmp_path / "run", threads=1)
    refused("checkpoint.safetensors exists; resume it", small(steps=1), tmp_path / "run")
    refused(r"steps was 1, now 2", small(steps=2), tmp_path / "run", resume=True)
    (tmp_path / "run" / CHECKPOINT).write_bytes(b"no checkpoint\n")
    refused("not a checkpoint of upweave", small(steps=1), tmp_path / "run", resume=True)


@pytest.mark.usefixtures("drawings")
def test_a_step_that_failed_is_not_saved(small, tmp_path, monkeypatch):
    """Half a step would be neither the state before it nor the one after it."""
    steps = 0
    clip = loop.Fabric.clip_gradients

    def fail_at_last(*args, **words):
        nonlocal steps
        steps += 1
        if steps == 8:
            raise MemoryError
        return clip(*args, **words)

    monkeypatch.setattr(loop, "SAVE_EVERY", 5)
    monkeypatch.setattr(loop.Fabric, "clip_gradients", fail_at_last)
    with pytest.raises(MemoryError):
        loop.fit(small(), tmp_path / "run", threads=1)
    assert step_of(tmp_path / "run") == 5


@pytest.mark.usefixtures("drawings")
def test_workers_change_nothing(small, tmp_path):
    for workers in (0, 2):
        loop.fit(small(steps=5), tmp_path / str(workers), threads=1, workers=workers)
    check_equal(tmp_path / "0", tmp_path / "2")


@pytest.mark.parametrize("network", ["tcnn", "upsampling"])
@pytest.mark.usefixtures("drawings")
def test_networks_of_red_green_and_blue_train_too(small, tmp_path, network):
    words = {"network": network, "scale": 4, "crop": 4, "width": 16, "depth": 4, "steps": 4}
    trained, score = loop.fit(small(**words), tmp_path, threads=1)
    assert trained(torch.rand(1, 3, 3, 4)).shape == (1, 3, 12, 16)
    assert score > 0
    sample = files.read(tmp_path / "samples/step-0000004.png").pixels
    assert sample.shape == (2 * 60, 3 * 60, 3)


def test_a_validation_folder_is_not_trained_with_and_chooses_the_weights(
    drawings, small, tmp_path, monkeypatch
):
    monkeypatch.setattr(loop, "VALIDATE_EVERY", 2)
    scores = iter([30.0, 32.0, 31.0, 31.5, 31.9, 29.0])
    monkeypatch.setattr(loop, "_score", lambda big, pair: next(scores))
    (drawings / "mine").mkdir()
    for n, name in enumerate(("0.png", "1.png")):
        (drawings / "train/drawn" / name).rename(drawings / "mine" / f"{n}.png")
    (drawings / "mine/1.png").unlink()
    held = {}

    def look(step, values):
        held[step] = values.get("psnr")

    plan = small(validation="mine", folders=("train/drawn", "mine"), steps=100, patience=3)
    network, score = loop.fit(plan, tmp_path / "run", threads=1, progress=look)
    assert score == 32
    assert list(held) == list(range(1, 11))  # three validations after step 4's
    facts, tensors = saved(tmp_path / "run")
    assert (facts["score"], facts["stale"]) == ("32.0", "3")
    files_of = json.loads((tmp_path / "run/pairs/pairs.json").read_text())["pairs"]
    assert [Path(entry["name"]).name for entry in files_of] == ["2.png", "3.png"]
    best = {name[5:]: value for name, value in tensors.items() if name.startswith("best.")}
    changed = [not np.array_equal(best[name], tensors[f"average.{name}"]) for name in best]
    assert any(changed)
    again = loop.fit(plan, tmp_path / "run", threads=1, resume=True)
    assert again[1] == 32
    for a, b in zip(network.parameters(), again[0].parameters(), strict=True):
        assert torch.equal(a, b)


def test_what_is_left_out_is_named(drawings, small, tmp_path, caplog):
    (drawings / "train/drawn/broken.png").write_bytes(b"no picture")
    files.write(drawings / "train/drawn/line.png", files.Picture(np.zeros((1, 40), np.uint8)))
    for n in range(7):
        small_one = files.Picture(np.zeros((9, 40 + n), np.uint8))
        files.write(drawings / f"train/drawn/small-{n}.png", small_one)
    loop.fit(small(steps=1), tmp_path / "run", threads=1)
    broken, too_small = (record.getMessage() for record in caplog.records)
    assert broken.startswith("2 pictures left out: ")
    assert "broken.png (not a picture" in broken
    assert "line.png (40×1 pixels, too small to reduce 2×)" in broken
    assert too_small.startswith("7 pictures smaller than a crop, 16 pixels: ")
    assert too_small.endswith("small-4.png and 2 more")


def test_the_table_of_what_was_measured(small, tmp_path, drawings, monkeypatch):
    monkeypatch.setattr(loop, "LOG_EVERY", 4)
    monkeypatch.setattr(loop, "VALIDATE_EVERY", 6)
    loop.fit(small(), tmp_path / "run", threads=1)
    rows = list(csv.DictReader((tmp_path / "run/log.csv").read_text().splitlines()))
    assert [int(row["step"]) for row in rows] == [4, 6, 8, 12]
    assert [bool(row["psnr"]) for row in rows] == [False, True, False, True]
    rates = [float(row["learning rate"]) for row in rows]
    assert rates == [loop.learning_rate(small(), step - 1) for step in (4, 6, 8, 12)]
    assert all(float(row["loss"]) > 0 for row in rows)


@pytest.mark.usefixtures("drawings")
def test_two_processes_are_one_with_the_double_batch(small, tmp_path):
    script = tmp_path / "train.py"
    plans = {"two": small(steps=6), "one": small(steps=6, batch=4, flats=4)}
    script.write_text(
        "import sys, torch\nfrom pathlib import Path\n"
        "from upweave.learning import loop\nfrom upweave.learning.recipe import Recipe\n"
        "plans = " + repr(plans) + "\nname = sys.argv[1]\n"
        "loop.fit(plans[name], Path(sys.argv[2]) / name, threads=1)\n"
    )
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*torchrun, script, "two", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    loop.fit(plans["one"], tmp_path / "one", threads=1)
    (_, two), (_, one) = saved(tmp_path / "two"), saved(tmp_path / "one")
    for name, tensor in two.items():
        assert_allclose(tensor, one[name], rtol=1e-4, atol=1e-6, err_msg=name)
    alone = small(steps=6)
    loop.fit(alone, tmp_path / "alone", threads=1)
    weight = "network.tail.weight"
    assert not np.allclose(saved(tmp_path / "alone")[1][weight], one[weight], rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("drawings")
def test_trainings_that_are_killed_continue_exactly(request, tmp_path):
    kills = request.config.getoption("--kills")
    script = Path(__file__).with_name("killed.py")
    command = [sys.executable, script, tmp_path, str(kills)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{kills} kills" in done.stdout
    request.node.user_properties.append(("to print", done.stdout.strip()))

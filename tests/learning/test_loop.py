import math
import os
import signal

import pytest
import torch
from torch.testing import assert_close

from upweave.learning import data, loop
from upweave.learning.networks import Weave
from upweave.pictures.metrics import psnr


def saved(folder):
    return torch.load(folder / loop.CHECKPOINT, weights_only=True)


def flat_tensors(value, path=""):
    """Every tensor and number of a nested checkpoint, by its path."""
    if isinstance(value, dict):
        return {k: v for key in value for k, v in flat_tensors(value[key], f"{path}/{key}").items()}
    if isinstance(value, list):
        return flat_tensors(dict(enumerate(value)), path)
    return {path: value}


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
    pairs = [data.make_pair(data.read_rgb(p), 2, untrained.halo) for p in data.held_out(drawings)]
    with torch.no_grad():
        bicubic = [untrained(torch.from_numpy(p.low)[None, None], padded=True) for p in pairs]
    by_bicubic = sum(
        psnr(b[0, 0].numpy(), p.high, data_range=1, border=2)
        for b, p in zip(bicubic, pairs, strict=True)
    ) / len(pairs)
    assert score > by_bicubic + 1
    assert list((tmp_path / "run" / "log").glob("events.*"))


@pytest.mark.parametrize("by_signal", [False, True])
@pytest.mark.usefixtures("drawings")
def test_resuming_continues_exactly(small, tmp_path, by_signal):
    plan = small()
    whole, _ = loop.fit(plan, tmp_path / "whole", threads=1)

    def interrupt(step, values):
        if step == 5:
            if not by_signal:
                raise KeyboardInterrupt
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        loop.fit(plan, tmp_path / "parts", threads=1, progress=interrupt)
    assert saved(tmp_path / "parts")["step"] == 5
    steps = []
    network, _ = loop.fit(
        plan,
        tmp_path / "parts",
        threads=1,
        resume=True,
        progress=lambda step, _: steps.append(step),
    )
    assert steps == list(range(6, 13))
    expected, got = (flat_tensors(saved(tmp_path / name)) for name in ("whole", "parts"))
    assert expected.keys() == got.keys()
    for name, value in expected.items():
        if isinstance(value, torch.Tensor):
            assert torch.equal(got[name], value), name
        else:
            assert got[name] == value, name
    for a, b in zip(whole.parameters(), network.parameters(), strict=True):
        assert torch.equal(a, b)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("drawings")
def test_the_checkpoint_is_renewed_now_and_then(small, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SAVE_EVERY", 5)
    found = {}

    def look(step, values):
        path = tmp_path / loop.CHECKPOINT
        found[step] = saved(tmp_path)["step"] if path.exists() else None

    loop.fit(small(), tmp_path, threads=1, progress=look)
    assert [found[step] for step in (4, 5, 9, 10, 12)] == [None, 5, 5, 10, 10]
    assert saved(tmp_path)["step"] == 12
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [loop.CHECKPOINT]


@pytest.mark.usefixtures("drawings")
def test_resuming_a_finished_training_gives_its_network(small, tmp_path):
    whole, score = loop.fit(small(), tmp_path, threads=1)
    again, same = loop.fit(small(), tmp_path, threads=1, resume=True)
    assert score == same
    x = torch.rand(1, 1, 5, 5)
    assert_close(again(x), whole(x), atol=0, rtol=0)


def test_without_held_out_pictures_there_is_no_score(drawings, small, tmp_path):
    for path in data.held_out(drawings):
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
    refused("checkpoint.pt exists; resume it", small(steps=1), tmp_path / "run")
    refused(r"steps was 1, now 2", small(steps=2), tmp_path / "run", resume=True)
    (tmp_path / "run" / loop.CHECKPOINT).write_bytes(b"no checkpoint\n")
    refused("not a checkpoint of upweave", small(steps=1), tmp_path / "run", resume=True)

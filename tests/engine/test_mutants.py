"""Model files from anywhere: damaged ones end in a result or in one clear error.

``pytest tests/engine/test_mutants.py --mutants 20000`` tries so many; by default it is a sample.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from engine.chains import Builder
from engine.mutants import mutant, originals
from upweave.engine import ModelError, Network

ONE = np.ones((1, 1, 3, 3), np.float32)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork: every mutant has its own process")
def test_mutants_end_in_a_result_or_one_clear_error(request):
    count = request.config.getoption("--mutants")
    command = [sys.executable, "-m", "engine.mutant_runs", str(count)]
    folder = Path(__file__).parents[1]
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    request.node.user_properties.append(("to print", done.stdout.splitlines()[-1]))


def test_a_mutant_is_always_the_same_and_mostly_another():
    files = originals()
    some = [mutant(number, files) for number in range(50)]
    assert some == [mutant(number, files) for number in range(50)]
    assert len({*some, *files}) >= 90


def test_the_names_of_a_file_stay_on_one_line(tmp_path):
    builder = Builder()
    builder.node("Conv", ONE)
    builder.nodes[0].name = "two\nlines" + "y" * 5000
    builder.nodes[0].op_type = "Un\tknown"
    with pytest.raises(ModelError) as caught:
        Network.from_onnx(builder.save(tmp_path))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


def test_names_that_the_engine_would_give_may_be_there_already(tmp_path):
    builder = Builder()
    builder.inputs = [builder.tensor("x", 1)]
    builder.node("Conv", ONE, pads=[1] * 4)
    for name in ("x (loaded)", "x (loaded)'"):
        builder.node("Relu")
        builder.nodes[-1].output[0] = builder.last = name
    builder.node("Add", "x (loaded)")
    net = Network.from_onnx(builder.save(tmp_path))
    assert net(np.ones((1, 1, 3, 3), np.float32)).ravel().tolist() == [
        8,
        12,
        8,
        12,
        18,
        12,
        8,
        12,
        8,
    ]


def test_thousands_of_nodes_are_read_and_too_many_refused(tmp_path):
    builder = Builder()
    for _ in range(2000):
        builder.node("Relu")
    net = Network.from_onnx(builder.save(tmp_path))
    assert net(np.ones((1, 1, 2, 2), np.float32)).ravel().tolist() == [1] * 4
    for count, what in ((2049, "more than the 2048 operations"), (10_001, "10001 nodes; the")):
        while len(builder.nodes) < count:
            builder.node("Relu")
        with pytest.raises(ModelError, match=f"it has {what}"):
            Network.from_onnx(builder.save(tmp_path))


def test_data_in_segments_are_refused(tmp_path):
    builder = Builder()
    builder.node("Conv", ONE)
    builder.constants[0].segment.begin = 1
    with pytest.raises(ModelError, match=r"the data of 'c0' cannot be read: .*segments"):
        Network.from_onnx(builder.save(tmp_path))


def test_attributes_without_a_value_are_refused(tmp_path):
    builder = Builder()
    builder.node("Conv", ONE, strides=[1, 1])
    (attribute,) = builder.nodes[0].attribute
    attribute.type = onnx.AttributeProto.UNDEFINED
    with pytest.raises(ModelError, match=r"node 'conv0' \(Conv\): the attribute 'strides' has no"):
        Network.from_onnx(builder.save(tmp_path))
    attribute.ref_attr_name = "outer"
    with pytest.raises(ModelError, match=r"node 'conv0' \(Conv\) has an attribute that cannot be"):
        Network.from_onnx(builder.save(tmp_path))


def test_names_that_are_no_utf8_are_refused(tmp_path):
    builder = Builder()
    builder.node("Relu")
    builder.nodes[0].name = "a name"
    path = builder.save(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"a name", b"a \xffame"))
    with pytest.raises(ModelError, match="a name of a NodeProto is no UTF-8 text"):
        Network.from_onnx(path)


def test_weights_of_interpolation_that_are_no_numbers_are_refused(tmp_path):
    builder = Builder()
    scales = builder.constant(np.array([1, 1, 2, 2], np.float32))
    builder.node("Resize", "", scales, mode="cubic", cubic_coeff_a=float("inf"))
    with pytest.raises(ModelError, match=r"'resize0' \(Resize\): cubic .* is no fixed kernel"):
        Network.from_onnx(builder.save(tmp_path))


def test_small_files_that_stand_for_many_taps_are_refused(tmp_path):
    builder = Builder(4096)
    scales = builder.constant(np.array([1, 1, 3, 3], np.float32))
    for _ in range(114):
        builder.node("Resize", "", scales, x="x")
    with pytest.raises(
        ModelError, match=r"'resize113' .* have 4202496; the engine runs up to 4194"
    ):
        Network.from_onnx(builder.save(tmp_path))

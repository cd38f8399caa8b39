import json
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from learning.conftest import drawing
from upweave.learning import data, pair_cache
from upweave.learning.pair_cache import open_pairs
from upweave.learning.pairs import Form, make_pairs
from upweave.pictures.files import Picture, write

FORM = Form(3, 2, "rgb")


def opened(folder, paths, form):
    return open_pairs(folder, paths, data.digest(paths), form)


@pytest.fixture
def paths(drawings):
    return data.find(["train/drawn"], drawings)


def test_pairs_from_the_file_are_those_of_the_pictures(paths, tmp_path):
    file = opened(tmp_path / "pairs", paths, FORM)
    assert file.names == list(map(str, paths))
    for held in (file, pickle.loads(pickle.dumps(file))):
        for pair, path in zip(held.pairs, paths, strict=True):
            (want,) = make_pairs(data.read_rgb(path), FORM)
            assert_array_equal(pair.low, want.low)
            assert_array_equal(pair.high, want.high)
            assert pair.form == FORM
            assert not pair.high.flags.writeable  # it is the file, mapped
    assert len(pickle.dumps(file)) < 300


def test_the_file_is_made_again_only_where_it_must(paths, tmp_path, monkeypatch):
    folder, made = tmp_path / "pairs", []
    make = pair_cache.make_pairs

    def count(rgb, form, seed):
        made.append(form)
        return make(rgb, form, seed)

    monkeypatch.setattr(pair_cache, "make_pairs", count)

    def makes(of=paths, form=FORM):
        made.clear()
        file = opened(folder, of, form)
        assert len(file.pairs) == len(of)
        return len(made)

    assert [makes(), makes()] == [4, 0]
    assert [makes(form=Form(2, 2, "rgb")), makes()] == [4, 4]
    assert [makes(paths[:3]), makes()] == [3, 4]
    write(paths[1], Picture(drawing(77)), overwrite=True)
    assert [makes(), makes()] == [4, 0]
    with (folder / "pairs.f32").open("ab") as values:
        values.write(b"more")
    assert makes() == 4
    (folder / "pairs.json").write_text("{")
    assert makes() == 4


def test_without_an_index_there_are_no_pairs(paths, tmp_path, monkeypatch):
    """The index goes first and comes last, so an unfinished file is never taken for a whole one."""
    folder = tmp_path / "pairs"
    opened(folder, paths, FORM)

    def fail(rgb, form, seed):
        raise KeyboardInterrupt

    monkeypatch.setattr(pair_cache, "make_pairs", fail)
    with pytest.raises(KeyboardInterrupt):
        opened(folder, paths[:2], FORM)
    assert not (folder / "pairs.json").exists()


def test_pictures_that_give_no_pair_are_named(paths, tmp_path):
    paths[0].write_bytes(paths[0].read_bytes()[:200])
    write(paths[2], Picture(np.zeros((2, 9), np.uint8)), overwrite=True)
    file = opened(tmp_path / "pairs", paths, FORM)
    assert file.names == [str(paths[1]), str(paths[3])]
    assert list(file.skipped) == [str(paths[0]), str(paths[2])]
    assert file.skipped[str(paths[2])] == "9×2 pixels, too small to reduce 3×"
    index = json.loads((tmp_path / "pairs/pairs.json").read_text())
    assert index["skipped"] == file.skipped


def test_no_pair_at_all(paths, tmp_path):
    paths[0].write_bytes(b"no picture")
    file = opened(tmp_path / "pairs", paths[:1], FORM)
    assert (file.pairs, file.names) == ([], [])

import json
import os

import pytest

from upweave.pictures.journal import BusyError, Journal, journal_of, state_of


@pytest.fixture
def place(tmp_path):
    """A folder of pictures with one in it, and a folder of results."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(b"picture")
    return tmp_path


def finish(place, settings="s"):
    source, target = place / "in" / "a.png", place / "out" / "a-x4.png"
    with Journal(place / "out", settings) as journal:
        state = state_of(source)
        journal.begin(target)
        target.write_bytes(b"result")
        journal.end(source, state, target)
    return source, target


def test_what_is_done_is_known_later(place):
    source, target = finish(place)
    with Journal(place / "out", "s") as journal:
        assert journal.is_done(source, target)
        assert journal.is_ours(target)
        other = place / "out" / "b-x4.png"
        assert not journal.is_done(source, other)
        assert not journal.is_ours(other)


def test_what_has_changed_is_not_done(place):
    source, target = finish(place)
    with Journal(place / "out", "other settings") as journal:
        assert not journal.is_done(source, target)
        assert journal.is_ours(target)
    os.utime(source, ns=(1, 1))
    with Journal(place / "out", "s") as journal:
        assert not journal.is_done(source, target)
        assert journal.is_ours(target)


def test_a_result_that_someone_replaced_is_not_ours(place):
    source, target = finish(place)
    target.write_bytes(b"something of one's own")
    with Journal(place / "out", "s") as journal:
        assert not journal.is_done(source, target)
        assert not journal.is_ours(target)
    target.unlink()
    with Journal(place / "out", "s") as journal:
        assert not journal.is_done(source, target)


def test_what_was_begun_is_ours_until_it_failed(place):
    target = place / "out" / "a-x4.png"
    with Journal(place / "out", "s") as journal:
        journal.begin(target)
    with Journal(place / "out", "s") as journal:
        assert journal.is_ours(target)
        journal.fail(target)
    with Journal(place / "out", "s") as journal:
        assert not journal.is_ours(target)


def test_torn_and_foreign_lines_tell_nothing(place):
    source, target = finish(place)
    path = journal_of(place / "out")
    whole = path.read_bytes()
    path.write_bytes(b'\xff\n[1]\n{"done": 3}\n' + whole + whole.splitlines()[-1][:40])
    with Journal(place / "out", "s") as journal:
        assert journal.is_done(source, target)
        journal.begin(target)
    last = path.read_bytes().splitlines()[-1]
    assert json.loads(last) == {"begun": "a-x4.png"}


def test_one_process_at_a_time(place):
    refused = pytest.raises(BusyError, match="another upweave is writing there")
    with Journal(place / "out", "s"), refused:
        Journal(place / "out", "s")
    with Journal(place / "out", "s"):
        pass

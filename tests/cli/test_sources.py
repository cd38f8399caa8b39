from pathlib import Path

import pytest
import typer

from upweave.cli.sources import plan
from upweave.pictures.formats import FORMATS
from upweave.pictures.job import PIPE

PNG, JPEG = b"\x89PNG\r\n\x1a\n....", b"\xff\xd8\xff...."


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """A tree of what look like pictures."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "tree/b.jpg", "tree/c.JPG", "tree/deep/d.png", "tree/notes.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(JPEG if "j" in name.lower() else PNG)


def planned(*pictures, output=None, format=None, recursive=False):
    found = plan(
        [Path(p) for p in pictures],
        None if output is None else Path(output),
        "x4",
        format=format,
        recursive=recursive,
    )
    return {str(job.source): str(job.target) for job in found.jobs}, found.folder


def test_one_picture():
    assert planned("a.png") == ({"a.png": "a-x4.png"}, None)
    assert planned("a.png", output="big.jpg") == ({"a.png": "big.jpg"}, None)
    assert planned("a.png", output="tree") == ({"a.png": "tree/a-x4.png"}, None)


def test_several_pictures():
    pictures = ("a.png", "tree/b.jpg")
    beside = {"a.png": "a-x4.png", "tree/b.jpg": "tree/b-x4.jpg"}
    assert planned(*pictures) == (beside, None)
    there = {"a.png": "out/a-x4.png", "tree/b.jpg": "out/b-x4.jpg"}
    assert planned(*pictures, output="out") == (there, Path("out"))


def test_folders():
    flat = {"tree/b.jpg": "tree-x4/b-x4.jpg", "tree/c.JPG": "tree-x4/c-x4.JPG"}
    assert planned("tree") == (flat, Path("tree-x4"))
    deep = flat | {"tree/deep/d.png": "tree-x4/deep/d-x4.png"}
    assert planned("tree", recursive=True) == (deep, Path("tree-x4"))
    named = {source: target.replace("tree-x4", "out") for source, target in deep.items()}
    assert planned("tree", output="out", recursive=True) == (named, Path("out"))


def test_the_folder_one_is_in(monkeypatch):
    monkeypatch.chdir("tree")
    found, folder = planned(".")
    assert set(found) == {"b.jpg", "c.JPG"}
    assert folder == Path.cwd().with_name("tree-x4")


def test_several_folders_keep_their_names():
    found, folder = planned("tree", "tree/deep", output="out")
    assert found["tree/b.jpg"] == "out/tree/b-x4.jpg"
    assert found["tree/deep/d.png"] == "out/deep/d-x4.png"
    assert folder == Path("out")
    found, folder = planned("tree", "tree/deep")
    assert found["tree/deep/d.png"] == "tree/deep-x4/d-x4.png"
    assert folder is None


def test_results_in_the_folder_itself_are_no_pictures():
    Path("tree/out").mkdir()
    Path("tree/out/b-x4.jpg").write_bytes(JPEG)
    found, _ = planned("tree", output="tree/out", recursive=True)
    assert "tree/out/b-x4.jpg" not in found


def test_patterns_that_the_shell_left():
    assert set(planned("tree/*.[jJ]*")[0]) == {"tree/b.jpg", "tree/c.JPG"}
    assert set(planned("**/*.png")[0]) == {"a.png", "tree/deep/d.png"}
    Path("odd [1].png").write_bytes(PNG)
    assert planned("odd [1].png")[0] == {"odd [1].png": "odd [1]-x4.png"}


def test_formats():
    assert planned("a.png", format=FORMATS["webp"])[0] == {"a.png": "a-x4.webp"}
    Path("wrong.jpg").write_bytes(PNG)
    assert planned("wrong.jpg")[0] == {"wrong.jpg": "wrong-x4.png"}
    Path("phone.heic").write_bytes(b"\0\0\0\x20ftypheic")
    assert planned("phone.heic")[0] == {"phone.heic": "phone-x4.avif"}


def test_pipes():
    through, _ = planned("-")
    assert through == {"-": "-"}
    assert planned("a.png", output="-")[0] == {"a.png": "-"}
    assert planned("-", output="b.png")[0] == {"-": "b.png"}
    (job,) = plan([PIPE], None, "x4", format=FORMATS["tiff"], recursive=False).jobs
    assert job.format == "tiff"


@pytest.mark.parametrize(
    ("pictures", "options", "says"),
    [
        (["none.png"], {}, "there is no file none.png"),
        (["no*.png"], {}, "there is no file no"),
        (["-", "a.png"], {}, "a single picture"),
        (["-"], {"output": "tree"}, "is a folder"),
        (["a.png"], {"output": "b.bmp"}, "must end in"),
        (["a.png"], {"output": "b.png", "format": FORMATS["jpeg"]}, "another format"),
        (["a.png", "tree/b.jpg"], {"output": "c.png"}, "names a file"),
        (["a.png", "a.png"], {}, "both be written to a-x4.png"),
        (["tree/deep/../deep"], {"output": "x.png"}, "names a file"),
    ],
)
def test_what_cannot_be(pictures, options, says):
    with pytest.raises(typer.BadParameter, match=says):
        planned(*pictures, **options)


def test_an_empty_folder():
    Path("empty").mkdir()
    with pytest.raises(typer.BadParameter, match="no pictures there"):
        planned("empty")

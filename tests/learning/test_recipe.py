import pytest

from upweave.learning import recipe
from upweave.learning.recipe import Recipe, RecipeError

GOOD = 'name = "a"\nnetwork = "weave"\nscale = 4\nfolders = ["train/T91"]\nsteps = 10\n'


@pytest.mark.parametrize("name", sorted({*recipe.names()} - {"panda"}))
def test_the_recipes_that_come_along_are_right(name):
    found = recipe.load(name)
    assert found.name == name
    assert name == f"{name.rpartition('-x')[0]}-x{found.scale}"
    assert found.digest
    assert found.licence


def test_which_recipes_come_along():
    families = {"fsrcnn": (2, 3, 4), "weave-s": (2, 3, 4), "weave-m": (2, 3, 4), "weave-l": (4,)}
    families["weave-s-photo"] = (4,)
    others = ("espcn", "lapsrn", "resize-convolution", "srcnn", "tcnn", "upsampling")
    families |= dict.fromkeys(others, (4,))
    networks = [f"{name}-x{scale}" for name, scales in families.items() for scale in scales]
    assert recipe.names() == sorted([*networks, "panda"])


def test_weave_m_is_the_recipe_that_was_followed():
    found = recipe.load("weave-m-x4").as_dict()
    words = {"width": 40, "depth": 6, "seed": 1, "steps": 60000, "batch": 8, "crop": 32}
    assert found | words | {"learning_rate": 2e-3} == found


def test_weave_m_differs_in_its_scale_alone():
    other = recipe.load("weave-m-x2").as_dict() | {"name": "weave-m-x3", "scale": 3}
    assert other == recipe.load("weave-m-x3").as_dict()


def test_a_file(tmp_path):
    path = tmp_path / "mein Rezept.toml"
    path.write_text(GOOD + "learning_rate = 1\n")
    found = recipe.load(str(path))
    assert (found.scale, found.folders, found.learning_rate) == (4, ("train/T91",), 1)
    assert found.with_steps(3).steps == 3
    assert Recipe(**(found.as_dict() | {"folders": tuple(found.as_dict()["folders"])})) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scale = ", "x.toml: not a TOML file"),
        (GOOD.replace("steps = 10\n", ""), "x.toml: steps: missing"),
        (GOOD + "step = 3\n", "x.toml: step: no such key; known: average, batch"),
        (GOOD.replace("4", "5"), "x.toml: scale: got 5; expected 2, 3 or 4"),
        (GOOD.replace("4", '"4"'), "x.toml: scale: got '4'; expected a whole number"),
        (GOOD.replace("4", "true"), "x.toml: scale: got True; expected a whole number"),
        (GOOD.replace("weave", "edsr"), "x.toml: network: got 'edsr'; expected weave, srcnn, fsr"),
        (GOOD.replace("weave", "srcnn") + "width = 8\n", "x.toml: width: srcnn has no such choice"),
        (GOOD.replace("weave", "fsrcnn") + "branched = false\n", "branched: fsrcnn has no such"),
        (GOOD.replace("weave", "lapsrn").replace("4", "3"), "scale: got 3; expected 2 or 4"),
        (GOOD.replace("weave", "tcnn").replace("4", "2"), "scale: got 2; expected 4"),
        (GOOD.replace('["train/T91"]', '"train/T91"'), "folders: got 'train/T91'; expected a list"),
        (GOOD.replace('["train/T91"]', "[]"), "folders: got .*; expected at least one"),
        (GOOD + "learning_rate = nan\n", "learning_rate: got nan; expected a number"),
        (GOOD + "learning_rate = 0\n", "learning_rate: got 0; expected a positive number"),
        (GOOD + "average = 1.0\n", "average: got 1.0; expected at least 0 and below 1"),
        (GOOD + "flats = -1\n", "flats: got -1; expected at least 0"),
        (GOOD + "branched = 1\n", "branched: got 1; expected true or false"),
        (GOOD.replace('"a"', '"../a"'), "name: got '../a'; expected a plain file name"),
    ],
)
def test_a_wrong_recipe_is_one_clear_line(text, message):
    with pytest.raises(RecipeError, match=message) as caught:
        recipe.parse(text.encode(), "x.toml")
    assert "\n" not in str(caught.value)


def test_an_unknown_recipe(tmp_path):
    with pytest.raises(
        RecipeError, match=r"nosuch: No such file.*; expected one of espcn-x4, fsrcnn-x2"
    ):
        recipe.load("nosuch")
    with pytest.raises(RecipeError, match="expected one of"):
        recipe.load(str(tmp_path))

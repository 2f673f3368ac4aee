"""A run in a notebook: one output with a bar, numbers and curves, one with the newest picture, and lines below."""

import re

import pytest
from notebooks_for_tests import Notebook
from PIL import Image
from recipes_for_tests import configured

from jaxgan.recipes.recipe import DataShape
from jaxgan.runs.log import Log
from jaxgan.runs.notebook_page import HEIGHT, WIDTH, curves
from jaxgan.runs.run_folder import Run

TINY = configured(data="ring", network="mlp", generator_hidden=(2,), discriminator_hidden=(2,), latent_size=2)


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path, "ring", TINY.recipe, TINY.program, DataShape((2,), 8), None)


def test_bar_numbers_curves_and_picture_are_updated_in_place(run, monkeypatch, capsys):
    notebook = Notebook(monkeypatch)
    Image.new("L", (2, 2)).save(run.folder / "step-000002.png")
    with Log(run, start=0) as log:
        log.compiling()
        assert "compiling the step" in notebook.newest()[0]
        log.compiled(0, 1)
        for step, loss in ((2, 3.0), (4, 1.0)):
            log.dispatched(step, {})
            log.advance(step, f"loss G {loss}", loss_generator=loss, loss_discriminator=-loss)
        log.picture(2, run.folder / "step-000002.png")
        with log.busy("evaluating"):
            assert "evaluating" in notebook.newest()[0]
        log.note("a note")
    assert len(notebook.outputs) == 2
    above, below = notebook.newest()
    assert '<progress value="4" max="1000"' in above
    assert "4/1,000 steps" in above
    assert "step 4: loss G 1.0" in above
    assert above.count("<polyline") == 2
    assert 'alt="step-000002"' in below
    assert capsys.readouterr().out.splitlines()[1:] == ["a note"]


def test_steps_between_two_updates_cost_nothing(run, monkeypatch):
    notebook = Notebook(monkeypatch)
    with Log(run, start=0) as log:
        before = len(notebook.outputs[0])
        for step in range(100):
            log.dispatched(step, {})
        assert len(notebook.outputs[0]) <= before + 1


def test_a_run_that_is_asked_for_text_has_no_page(run, monkeypatch, capsys):
    notebook = Notebook(monkeypatch)
    with Log(run, start=0, show="none") as log:
        log.note("a note")
    assert not notebook.outputs
    assert capsys.readouterr().out == ""


def test_curves_fill_the_figure_and_name_their_range():
    html = curves({"loss_generator": [(10, 2.0), (20, float("nan")), (30, 4.0), (50, 0.0)], "loss_discriminator": []})
    (points,) = re.findall(r'points="([^"]+)"', html)
    places = [tuple(map(float, place.split(","))) for place in points.split()]
    assert places == [(0, HEIGHT / 2), (WIDTH / 2, 5), (WIDTH, HEIGHT - 5)]
    assert "loss of the generator 0</span>; from 0 to 4, steps 10 to 50" in html


def test_one_point_is_no_curve():
    assert curves({"loss_generator": [(1, 2.0)]}) == ""

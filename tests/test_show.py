"""`jaxgan.show`: the pictures are those that runs draw, a notebook shows each once, and errors name what came."""

import base64
import io
import re
import wave

import numpy as np
import pytest
from notebooks_for_tests import Notebook
from PIL import Image

import jaxgan
from jaxgan.data import media
from jaxgan.data.media.images import grid

RANDOM = np.random.default_rng(0)
TOKENS = media.tokens(("a", "b"))
IMAGES = RANDOM.uniform(-1, 1, [5, 4, 6, 3])


def shown(html, kind):
    """The files of a kind in a page."""
    return [base64.b64decode(content) for content in re.findall(rf'src="data:{kind};base64,([^"]+)"', html)]


def test_images_are_shown_as_a_grid(tmp_path):
    picture = jaxgan.show(IMAGES, columns=3)
    file = picture.save(tmp_path / "images.png")
    assert file == tmp_path / "images.png"
    with Image.open(file) as image:
        np.testing.assert_array_equal(np.asarray(image), grid(IMAGES, 3))
    (content,) = shown(picture._repr_html_(), "image/png")
    assert content == file.read_bytes()


def test_stored_rows_are_decoded(tmp_path):
    stored = np.array([[[[0], [255]]]], np.uint8)
    with Image.open(jaxgan.show(stored).save(tmp_path / "stored")) as image:
        assert set(np.asarray(image).ravel().tolist()) == {0, 255}


def test_the_first_eight_rows_of_a_grid_are_shown():
    assert len(jaxgan.show(np.zeros([40, 2, 2, 1]), columns=3).samples) == 24


def test_sounds_have_a_player():
    tone = np.sin(np.arange(800) / 4)[None, :, None]
    html = jaxgan.show(tone, medium=media.sound(8000))._repr_html_()
    assert len(shown(html, "image/png")) == 1
    (content,) = shown(html, "audio/wav")
    with wave.open(io.BytesIO(content)) as played:
        assert played.getframerate() == 8000
        heard = np.frombuffer(played.readframes(800), "<i2") / 32768
    np.testing.assert_allclose(heard, tone[0, :, 0], atol=1e-4)


def test_tokens_and_scores_are_lines(tmp_path):
    stored = np.array([[1, 0], [0, 0]])
    for samples in (stored, stored[..., None] == np.arange(2), np.eye(2)[stored]):
        jaxgan.show(samples, medium=TOKENS).save(tmp_path / "lines")
        assert (tmp_path / "lines.txt").read_text() == "ba\naa\n"


def test_clips_move(tmp_path):
    file = jaxgan.show(RANDOM.uniform(-1, 1, [2, 3, 4, 4, 1])).save(tmp_path / "clips")
    assert file.suffix == ".gif"
    with Image.open(file) as clip:
        assert clip.n_frames == 3


def test_a_notebook_shows_samples_once(monkeypatch):
    notebook = Notebook(monkeypatch)
    picture = jaxgan.show(IMAGES)
    picture._ipython_display_()  # the value of the cell
    assert len(notebook.outputs) == 1
    notebook.shell.execution_count += 1
    picture._ipython_display_()
    assert notebook.newest() == [picture._repr_html_()] * 2


def test_a_terminal_of_ipython_is_no_notebook(monkeypatch, capsys):
    notebook = Notebook(monkeypatch)
    del notebook.shell.kernel
    jaxgan.show(IMAGES)._ipython_display_()
    assert not notebook.outputs
    assert capsys.readouterr().out == "Picture(images, 5 rows)\n"


@pytest.mark.parametrize(
    ("samples", "options", "error", "message"),
    [
        ((IMAGES, IMAGES), {}, TypeError, "samples must be an array, got tuple"),
        (IMAGES[:0], {}, ValueError, r"samples must be rows \[N, ...\], got shape \(0, 4, 6, 3\)"),
        (IMAGES[..., 0], {}, ValueError, r"samples of shape \(5, 4, 6\) need a medium"),
        (np.zeros([4, 2], int), {}, ValueError, "samples: data must be images"),
        (IMAGES, {"columns": 0}, ValueError, "columns must be a whole number of at least 1, got 0"),
        (IMAGES[:, :, 0, 0], {"data": [1]}, TypeError, "data must be an array, got list"),
        (IMAGES[:, :, 0, 0], {"data": IMAGES}, ValueError, r"data must have rows like those of samples, \[4\], got"),
        (np.array([["a"]]), {}, TypeError, "samples must be an array of real numbers, got <U1"),
        (
            np.where(IMAGES > 0.9, np.nan, IMAGES),
            {},
            ValueError,
            "numbers that are not finite, in 5 of 5 rows: has the run",
        ),
        (IMAGES.astype(complex), {}, TypeError, "samples must be an array of real numbers, got complex128"),
        (IMAGES.astype(int), {}, ValueError, "samples must be uint8, uint16 or float32 images, got int64"),
        (IMAGES, {"medium": "images"}, TypeError, "medium must be one of jaxgan.data.media, got str"),
        (IMAGES, {"medium": media.sound(8000)}, ValueError, r"samples must be sounds \[N, T, C\], got shape"),
        (IMAGES[..., 0, 0], {"medium": TOKENS}, ValueError, r"samples must be tokens .* or scores \[N, T, 2\]; got"),
        (np.full([1, 2], 2), {"medium": TOKENS}, ValueError, r"samples must be tokens in \[0, 2\), got values from 2"),
    ],
)
def test_errors_name_what_came(samples, options, error, message):
    with pytest.raises(error, match=message):
        jaxgan.show(samples, **options)

"""Media: what is stored, what networks see of it, and what people look at."""

import wave

import jax
import numpy as np
import pytest
from PIL import Image

from jaxgan.data import media
from jaxgan.data.media import View
from jaxgan.data.media.sound import spectrogram

random = np.random.default_rng(0)


def opened(path):
    with Image.open(path) as image:
        return np.asarray(image)


BYTES = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
WORDS = np.arange(65536, dtype=np.uint16).reshape(1, 256, 256, 1)
WAVES = np.arange(-(2**15), 2**15, dtype=np.int16).reshape(1, -1, 1)
TEXT = media.tokens(("cat", "sat", "on"))
STORED = {
    "bytes": (media.images, BYTES, BYTES / 127.5 - 1),
    "16 bits": (media.of(WORDS), WORDS, WORDS / 32767.5 - 1),
    "float images": (media.of(BYTES.astype(np.float32) / 255), BYTES.astype(np.float32) / 255, BYTES / 255),
    "points": (media.points, np.array([[1.5, -7.0]], np.float32), [[1.5, -7.0]]),
    "sound": (media.sound(8000), WAVES, WAVES / 32768),
    "tokens": (TEXT, np.array([[2, 0, 0, 1]], np.int32), [[[0, 0, 1], [1, 0, 0], [1, 0, 0], [0, 1, 0]]]),
    "clips": (media.clips(8), BYTES.reshape(1, 4, 8, 8, 1), BYTES.reshape(1, 4, 8, 8, 1) / 127.5 - 1),
}
every = pytest.mark.parametrize(("medium", "stored", "seen"), STORED.values(), ids=STORED)


@every
def test_host_and_device_decode_to_the_same_bits_and_encode_is_the_inverse(medium, stored, seen):
    medium.check("x", stored)
    decoded = medium.decode(stored)
    assert decoded.dtype == np.float32
    np.testing.assert_allclose(decoded, seen, atol=1e-7)
    np.testing.assert_array_equal(jax.jit(medium.decode)(stored), decoded)
    encoded = medium.encode(decoded)
    assert encoded.dtype == stored.dtype
    np.testing.assert_array_equal(encoded, stored)


@pytest.mark.parametrize("name", ["bytes", "16 bits", "float images", "sound", "clips"])
def test_samples_beyond_the_range_are_clipped(name):
    medium, stored, _ = STORED[name]
    low, high = medium.encode(np.array([-1.5, 1.5], np.float32))
    limits = (-1, 1) if name == "float images" else (np.iinfo(stored.dtype).min, np.iinfo(stored.dtype).max)
    assert (low, high) == limits


@pytest.mark.parametrize("name", ["bytes", "16 bits", "clips"])
def test_images_and_clips_are_flipped_left_to_right(name):
    medium, stored, _ = STORED[name]
    np.testing.assert_array_equal(medium.mirror(stored), np.flip(stored, -2))


@pytest.mark.parametrize(
    ("shape", "kind", "name"),
    [
        ((2, 8, 6, 3), np.uint8, "images"),
        ((2, 7, 5, 1), np.uint16, "images"),
        ((2, 8, 6, 3), np.float32, "images"),
        ((2, 3, 8, 6, 3), np.uint8, "clips"),
        ((2, 5), np.float32, "points"),
        ((2, 5, 3), np.float32, "points"),
    ],
)
def test_a_medium_is_deduced_from_an_array(shape, kind, name):
    medium = media.of(np.zeros(shape, kind))
    assert medium.name == name
    assert medium.encode(np.zeros(shape, np.float32)).dtype == kind
    assert ("inception" in medium.features) == (name == "images")


def zeros(*shape, kind=np.uint8):
    return np.zeros(shape, kind)


@pytest.mark.parametrize(
    ("medium", "stored", "message"),
    [
        (media.images, zeros(2, 4, 4), r"x must be images \[N, H, W, C\], got shape \(2, 4, 4\)"),
        (media.images, zeros(2, 0, 4, 1), r"x must be images \[N, H, W, C\], got shape \(2, 0, 4, 1\)"),
        (media.images, zeros(2, 4, 4, 1, kind=int), "x must be uint8, uint16 or float32 images, got int64"),
        (media.images, np.full((2, 4, 4, 1), 255, np.float32), r"x must be in \[-1, 1\], got values from 255 to 255"),
        (media.images, np.full((2, 4, 4, 1), np.nan, np.float32), "x hold values that are not finite"),
        (media.points, zeros(5, kind=np.float32), r"x must be points \[N, D\], got shape \(5,\)"),
        (media.points, zeros(5, 2, kind=np.float64), "x must be float32 points, got float64"),
        (media.points, np.full((5, 2), np.inf, np.float32), "x hold values that are not finite"),
        (media.sound(9), zeros(5, 2), r"x must be sounds \[N, T, C\], got shape \(5, 2\)"),
        (media.sound(9), zeros(5, 2, 1, kind=np.int32), "x must be int16 or float32 sounds, got int32"),
        (media.sound(9), np.full((5, 2, 1), -2, np.float32), r"x must be in \[-1, 1\]"),
        (TEXT, zeros(5, 2, 1, kind=np.int32), r"x must be tokens \[N, T\], got shape \(5, 2, 1\)"),
        (TEXT, zeros(5, 2), "x must be int32 tokens, got uint8"),
        (TEXT, np.array([[0, 3]], np.int32), r"x must be tokens in \[0, 3\), got values from 0 to 3"),
        (media.clips(), zeros(5, 4, 4, 1), r"x must be clips \[N, F, H, W, C\], got shape \(5, 4, 4, 1\)"),
        (media.clips(), zeros(1, 5, 4, 4, 1, kind=np.float32), "x must be uint8 clips, got float32"),
    ],
)
def test_rows_that_are_not_of_the_medium_are_errors(medium, stored, message):
    with pytest.raises(ValueError, match=message):
        medium.check("x", stored)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: media.sound(0), "rate must be a whole number of at least 1, got 0"),
        (lambda: media.sound(8000.0), "rate must be a whole number of at least 1, got 8000.0"),
        (lambda: media.tokens(("a", "a")), "vocabulary must be a tuple of two or more different texts, got"),
        (lambda: media.tokens("ab"), "vocabulary must be a tuple of two or more different texts, got 'ab'"),
        (lambda: media.clips(0), "frames_per_second must be above 0 and at most 100, got 0"),
        (lambda: media.clips(200), "at most 100, got 200"),
        (lambda: media.of(zeros(2, 3, 4)), r"have a medium=...; got uint8 of shape \(2, 3, 4\)"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_media_that_cannot_be_are_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_images_of_every_size_and_depth_are_one_picture(tmp_path):
    dark, bright = zeros(1, 20, 40, 1, kind=np.uint16), np.full((1, 20, 40, 1), 65535, np.uint16)
    medium = media.of(dark)
    shown = medium.save(tmp_path / "step.1", medium.decode(np.concatenate([dark, bright])), View(columns=2))
    assert shown == tmp_path / "step.1.png"
    pixels = opened(shown)
    assert pixels.shape == (20, 82)
    assert (pixels[:, :40].max(), pixels[:, 42:].min()) == (0, 255)


def test_sounds_are_a_picture_and_a_file_to_listen_to(tmp_path):
    samples = random.uniform(-1, 1, (3, 200, 2)).astype(np.float32)
    medium = media.sound(800)
    shown = medium.save(tmp_path / "x", samples, View(title="step 3"))
    assert opened(shown).shape[:2] == (300, 900)
    with wave.open(str(tmp_path / "x.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 800, 2)
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(3, 400, 2)
    np.testing.assert_array_equal(heard[:, :200], medium.encode(samples))
    assert not heard[:, 200:].any()


def test_samples_that_are_not_finite_can_be_drawn(tmp_path):
    assert media.sound(800).save(tmp_path / "x", np.full((1, 20, 1), np.nan, np.float32), View()).exists()


def test_a_spectrogram_shows_a_sine_of_full_amplitude_at_its_frequency_with_0_decibels():
    time = np.arange(4096) / 4096
    decibels = spectrogram(np.sin(2 * np.pi * 1024 * time))
    assert decibels.shape[0] == 257
    np.testing.assert_array_equal(decibels.argmax(axis=0), 256 * 1024 // 2048)
    np.testing.assert_allclose(decibels.max(axis=0), 0, atol=0.1)
    assert spectrogram(np.zeros(5)).shape == (9, 1)


def test_tokens_are_lines_of_text_and_a_picture_of_them(tmp_path):
    shown = TEXT.save(tmp_path / "words", TEXT.decode(np.array([[0, 1, 2], [2, 2, 2]], np.int32)), View(title="step 3"))
    assert (tmp_path / "words.txt").read_text(encoding="utf-8") == "cat sat on\non on on\n"
    assert (opened(shown) < 128).any()
    letters = media.tokens(("a", "\n"))
    real = letters.decode(np.ones((1, 3), np.int32))
    alone = letters.save(tmp_path / "alone", real, View())
    beside = letters.save(tmp_path / "beside", real, View(data=real))
    assert (tmp_path / "alone.txt").read_text(encoding="utf-8") == "\\n\\n\\n\n"
    assert opened(beside).shape[1] > 1.5 * opened(alone).shape[1]


def test_clips_are_an_animated_grid(tmp_path):
    stored = np.zeros((2, 5, 64, 64, 3), np.uint8)
    stored[1] = np.array([0, 60, 120, 255, 180])[:, None, None, None]
    medium = media.clips(10)
    with Image.open(medium.save(tmp_path / "x", medium.decode(stored), View(columns=2))) as animation:
        assert (animation.n_frames, animation.info["duration"], animation.size) == (5, 100, (130, 64))
        animation.seek(3)
        assert animation.convert("L").getpixel((100, 32)) > 250
        assert animation.convert("L").getpixel((30, 32)) < 5


@pytest.mark.usefixtures("collected")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the reader of videos leaves its pipes open
@pytest.mark.parametrize(("channels", "values"), [(1, (-1.0, 0.2, 1.0)), (3, (-1.0, 0.0, 1.0))])
def test_a_video_has_the_frames_in_order(channels, values, tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    from jaxgan.data.media.video import save_video

    frames = np.stack([np.full((3, 33, 65, channels), value, np.float32) for value in values])
    save_video(tmp_path / "x.mp4", frames, columns=3, frames_per_second=25)
    read = imageio_ffmpeg.read_frames(str(tmp_path / "x.mp4"))
    about = next(read)
    width, height = about["size"]
    assert (width, height) == (3 * 65 + 2 * 2 + 1, 33 + 1)  # padded to even sides
    assert about["fps"] == 25
    shown = [np.frombuffer(frame, np.uint8).reshape(height, width, 3) for frame in read]
    assert len(shown) == 3
    for frame, value in zip(shown, values, strict=True):
        np.testing.assert_allclose(frame[4:29, 4:60], (value + 1) * 127.5, atol=6)

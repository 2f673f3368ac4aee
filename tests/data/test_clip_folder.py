"""Folders of clips: animations, subfolders of frames and videos; what cannot be used is left out in words."""

import numpy as np
import pytest
from PIL import Image

from jaxgan import data

LEVELS = (0, 80, 160, 240, 40, 120)


def frames(levels=LEVELS, size=(12, 8), mode="L"):
    return [Image.new("L", size, level).convert(mode) for level in levels]


def save_gif(path, levels=LEVELS, **options):
    first, *rest = frames(levels, **options)
    path.parent.mkdir(parents=True, exist_ok=True)
    first.save(path, save_all=True, append_images=rest, duration=100)


def save_frames(path, levels=LEVELS):
    path.mkdir(parents=True)
    for i, image in enumerate(frames(levels)):
        image.save(path / f"{i:03d}.png")


def load(path, **options):
    return data.load(f"clips:{path}", **{"frames": 3, "image_size": 8, "channels": 1, **options})


def levels_of(dataset):
    """The level of each frame, which must be one all over."""
    assert np.ptp(dataset.real, axis=(2, 3, 4)).max() <= 2
    return dataset.real.mean(axis=(2, 3, 4)).round().tolist()


def test_animations_and_folders_of_frames_are_clips(tmp_path):
    save_gif(tmp_path / "walk" / "a.gif")
    save_frames(tmp_path / "walk" / "b")
    save_gif(tmp_path / "run" / "c.gif", mode="RGB")
    dataset = load(tmp_path)
    assert repr(dataset).endswith("3 clips of shape (3, 8, 8, 1), 2 classes)")
    assert dataset.class_names == ("run", "walk")
    np.testing.assert_array_equal(dataset.labels, [0, 1, 1])
    np.testing.assert_allclose(levels_of(dataset), [LEVELS[:3]] * 3, atol=2)
    np.testing.assert_allclose(levels_of(load(tmp_path, every=2)), [LEVELS[::2]] * 3, atol=2)
    assert data.load(f"clips:{tmp_path}", frames=2).shape == (2, 64, 64, 3)


def test_short_and_damaged_clips_are_left_out_in_words(tmp_path):
    save_gif(tmp_path / "good.gif")
    save_gif(tmp_path / "short.gif", LEVELS[:2])
    save_frames(tmp_path / "few", LEVELS[:2])
    save_gif(tmp_path / "cut.gif")
    (tmp_path / "cut.gif").write_bytes((tmp_path / "good.gif").read_bytes()[:-70])
    (tmp_path / "bad.gif").write_bytes(b"no clip at all")
    (tmp_path / "notes.txt").write_text("not looked at")
    with pytest.warns(data.SkippedFiles, match="4 of 5 clip files are left out: bad.gif: not an image; ") as seen:
        dataset = load(tmp_path, frames=5)
    for name, count in (("cut.gif", 4), ("few", 2), ("short.gif", 2)):
        assert f"{name}: {count} of the 5 frames that are needed can be read" in str(seen[0].message)
    with pytest.warns(data.SkippedFiles, match=r"short.gif: 1 of the 3 frames that are needed, 2 apart, can be read"):
        load(tmp_path, every=2)
    assert len(dataset) == 1
    with pytest.raises(
        ValueError, match=r"from 1 to 1, the size of .* \(4 are left out, such as bad.gif: not an image\)"
    ):
        dataset.check_batch_size(2)
    assert dataset.origin.others == ((".txt", 1),)
    with pytest.raises(ValueError, match=r"clips: no usable clip under .*: 5 clip files"):
        load(tmp_path, frames=9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frames": 0}, "frames must be a whole number of at least 1, got 0"),
        ({"every": 0}, "every must be a whole number of at least 1, got 0"),
        ({"channels": 4}, "channels must be one of 1, 3; got 4"),
        ({"mirror": True}, "mirror is for"),
    ],
)
def test_options_out_of_range_are_errors(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        load(tmp_path, **options)


def test_no_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="clips: there is no folder"):
        load(tmp_path / "nowhere")


def test_a_large_folder_is_kept_in_the_cache(tmp_path):
    save_gif(tmp_path / "clips" / "a.gif")
    options = {"cache_dir": tmp_path / "cache", "memory_limit": 0}
    first, again = (load(tmp_path / "clips", **options) for _ in range(2))
    assert (first.mapped, again.mapped) == (True, True)
    np.testing.assert_array_equal(first.real, again.real)


@pytest.mark.usefixtures("collected")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the reader of videos leaves its pipes open
def test_videos_are_clips(tmp_path):
    pytest.importorskip("imageio_ffmpeg")
    from jaxgan.data.media.video import save_video

    values = np.array(LEVELS) / 127.5 - 1
    shown = np.broadcast_to(values[:, None, None, None, None], (6, 1, 64, 64, 1)).astype(np.float32)
    save_video(tmp_path / "a.mp4", shown, columns=1, frames_per_second=10)
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    with pytest.warns(data.SkippedFiles, match="bad.mp4: no video that FFmpeg can read"):
        dataset = load(tmp_path, every=2)
    np.testing.assert_allclose(levels_of(dataset), [LEVELS[::2]], atol=6)


def test_videos_without_a_decoder_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("jaxgan.data.clip_folder.find_spec", lambda name: None)
    save_gif(tmp_path / "good.gif")
    (tmp_path / "a.mp4").write_bytes(b"a video")
    with pytest.warns(data.SkippedFiles, match=r"a.mp4: videos need a decoder: pip install 'jaxgan\[video\]'"):
        assert len(load(tmp_path)) == 1

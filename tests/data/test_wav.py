"""Folders of WAV files: every depth and rate, stereo, damage and labels."""

import struct
import wave

import numpy as np
import pytest
from scipy.io import wavfile

from jaxgan import data
from jaxgan.data.wav import RATES

RATE = 8000
SINE = 0.5 * np.sin(2 * np.pi * 200 * np.arange(800) / RATE)


def stored(samples, kind):
    """Numbers in [−1, 1) as a WAV file of this type holds them."""
    if np.issubdtype(kind, np.floating):
        return samples.astype(kind)
    bits = 8 * np.dtype(kind).itemsize
    centre = 128 if kind == np.uint8 else 0
    return (np.round(samples * (2 ** (bits - 1) - 1)) + centre).astype(kind)


def load(folder, **options):
    options = {"sample_rate": RATE, "length": 800} | options
    return data.load(f"wav:{folder}", **options)


def heard(folder, **options):
    dataset = load(folder, **options)
    return dataset.medium.decode(dataset.real)[0]


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.int64, np.float32, np.float64])
def test_every_depth_is_the_same_sound(tmp_path, kind):
    wavfile.write(tmp_path / "a.wav", RATE, stored(SINE, kind))
    np.testing.assert_allclose(heard(tmp_path)[:, 0], SINE, atol=1 / 100 if kind == np.uint8 else 1e-4)


def write_24_bits(path, sound):
    whole = np.round(sound * 2**23).astype(int)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(RATE)
        file.writeframes(b"".join(int(x).to_bytes(3, "little", signed=True) for x in whole))


def test_24_bits(tmp_path):
    write_24_bits(tmp_path / "a.WAV", SINE)
    np.testing.assert_allclose(heard(tmp_path)[:, 0], SINE, atol=1e-4)


def test_16_bits_of_the_rate_asked_for_are_kept_bit_for_bit(tmp_path):
    noise = np.random.default_rng(0).integers(-(2**15), 2**15, 800).astype(np.int16)
    wavfile.write(tmp_path / "a.wav", RATE, noise)
    np.testing.assert_array_equal(load(tmp_path).real[0, :, 0], noise)


@pytest.mark.parametrize("rate", [11025, 44100, 5513])
def test_another_rate_keeps_time_and_pitch(tmp_path, rate):
    t = np.arange(rate) / rate
    wavfile.write(tmp_path / "a.wav", rate, (0.5 * np.sin(2 * np.pi * 200 * t)).astype(np.float32))
    middle = slice(50, 750)  # the filter sees silence before the beginning
    np.testing.assert_allclose(heard(tmp_path)[middle, 0], SINE[middle], atol=0.01)


def test_what_lies_above_half_of_the_rate_asked_for_does_not_come_back_lower(tmp_path):
    t = np.arange(4800) / 48000
    wavfile.write(tmp_path / "a.wav", 48000, np.sin(2 * np.pi * 7000 * t).astype(np.float32))
    assert np.abs(heard(tmp_path)[50:750]).max() < 0.01


def test_stereo_is_mixed_or_kept_and_mono_doubled(tmp_path):
    wavfile.write(tmp_path / "a.wav", RATE, np.stack([SINE, -SINE / 2], axis=1).astype(np.float32))
    np.testing.assert_allclose(heard(tmp_path)[:, 0], SINE / 4, atol=1e-4)
    both = heard(tmp_path, channels=2)
    np.testing.assert_allclose(both, np.stack([SINE, -SINE / 2], axis=1), atol=1e-4)
    wavfile.write(tmp_path / "a.wav", RATE, SINE.astype(np.float32))
    np.testing.assert_allclose(heard(tmp_path, channels=2), np.stack([SINE, SINE], axis=1), atol=1e-4)


def test_sounds_are_cut_and_filled_up_and_loud_floats_clipped(tmp_path):
    wavfile.write(tmp_path / "a.wav", RATE, np.full(100, 2.0, np.float32))
    wavfile.write(tmp_path / "b.wav", RATE, np.full(5000, -0.5, np.float32))
    first, second = load(tmp_path, length=300).real[..., 0]
    np.testing.assert_array_equal(first, np.repeat([32767, 0], [100, 200]))
    np.testing.assert_array_equal(second, -16384)


@pytest.mark.parametrize("rate", [RATE, 11025, 5513])
def test_all_parts_follow_each_other_as_in_the_whole_sound(tmp_path, rate):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 3 * rate).astype(np.float32)
    wavfile.write(tmp_path / "a.wav", rate, noise)
    wavfile.write(tmp_path / "b.wav", rate, noise[: rate // 100])
    whole = load(tmp_path, length=3 * RATE).real[0]
    parts = load(tmp_path, length=1000, parts="all").real
    assert len(parts) == 3 * RATE // 1000 + 1  # b is shorter than a part
    np.testing.assert_allclose(parts[:-1].reshape(-1, 1), whole, atol=1)
    np.testing.assert_array_equal(parts[-1, RATE // 100 :], 0)


def test_parts_of_24_bits_and_of_damaged_files_and_their_labels(tmp_path):
    for name, rows in (("low/a.wav", 2400), ("high/b.wav", 800)):
        (tmp_path / name).parent.mkdir()
        write_24_bits(tmp_path / name, np.resize(SINE, rows))
    (tmp_path / "low/bad.wav").write_bytes(header(size=1200)[:-4] + b"\0" * 600)
    with pytest.warns(data.SkippedFiles, match="1 of 3 WAV files are left out: low/bad.wav"):
        dataset = load(tmp_path, parts="all")
    np.testing.assert_array_equal(dataset.labels, [0, 1, 1, 1])
    with pytest.raises(ValueError, match="parts must be one of first, all; got 'some'"):
        load(tmp_path, parts="some")


def test_subfolders_or_a_file_of_labels_say_the_classes(tmp_path):
    for name in ("low/a.wav", "high/b.wav", "high/c.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        wavfile.write(tmp_path / name, RATE, SINE.astype(np.float32))
    dataset = load(tmp_path)
    assert dataset.class_names == ("high", "low")
    np.testing.assert_array_equal(dataset.labels, [0, 0, 1])
    assert repr(dataset).endswith("3 sounds of shape (800, 1), 2 classes)")
    (tmp_path / "labels.csv").write_text("file_name,label\nlow/a.wav,7\nhigh/b.wav,3\n")
    with pytest.warns(data.DoubtfulData, match="1 of 3 sounds have no label in labels.csv"):
        dataset = load(tmp_path)
    np.testing.assert_array_equal(dataset.labels, [0, -1, 1])


def header(rate=RATE, channels=1, kind=1, size=1600):
    return (
        b"RIFF"
        + struct.pack("<I", 36 + size)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, kind, channels, rate, 2 * channels * rate, 2 * channels, 16)
        + b"data"
        + struct.pack("<I", size)
    )


BAD = {
    "empty": (b"", "empty"),
    "a text": (b"no sound at all", "no WAV file that can be read: File format b'no s' not understood"),
    "a header cut short": (header()[:30], "no WAV file that can be read"),
    "no data": (header()[:36], "no WAV file that can be read"),
    "cut short": (header() + b"\0" * 600, "cut short"),
    "no samples": (header(size=0), "no samples"),
    "a law": (header(kind=7) + b"\0" * 1600, "no WAV file that can be read: Unknown wave file format: MULAW"),
    "no channels": (header(channels=0) + b"\0" * 1600, "no WAV file that can be read"),
    "a rate of 0": (header(rate=0) + b"\0" * 1600, "0 samples a second; from 100 to 400,000 are read"),
    "a rate of billions": (header(rate=2**32 // 4) + b"\0" * 1600, ".* samples a second; from 100 to 400,000 are read"),
    "six channels": (header(channels=6, size=1200) + b"\0" * 1200, "6 channels, more than 2; channels=1 mixes them"),
}


@pytest.mark.parametrize("kind", BAD)
def test_odd_and_damaged_files_are_left_out_in_words(tmp_path, kind):
    content, why = BAD[kind]
    wavfile.write(tmp_path / "good.wav", RATE, SINE.astype(np.float32))
    (tmp_path / "bad.wav").write_bytes(content)
    (tmp_path / "notes.txt").write_text("not looked at")
    with pytest.warns(data.SkippedFiles, match=rf"1 of 2 WAV files are left out: bad.wav: ({why})"):
        dataset = load(tmp_path, channels=2)
    assert len(dataset) == 1
    assert dataset.origin.others == ((".txt", 1),)


def test_numbers_that_are_not_finite_are_left_out(tmp_path):
    wavfile.write(tmp_path / "a.wav", RATE, np.array([0, np.nan, 1], np.float32))
    with pytest.raises(
        ValueError, match=r"wav: no usable WAV file under .*: 1 WAV files \(a.wav: numbers that are not"
    ):
        load(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_rate": 0}, f"sample_rate must be a whole number from {RATES[0]} to 400,000, got 0"),
        ({"length": 0}, "length must be a whole number of at least 1, got 0"),
        ({"channels": 3}, "channels must be one of 1, 2; got 3"),
        ({"image_size": 8}, "image_size is for"),
    ],
)
def test_options_out_of_range_are_errors(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        load(tmp_path, **options)


def test_a_folder_without_sounds_and_none_at_all_are_errors(tmp_path):
    with pytest.raises(ValueError, match=r"wav: no usable WAV file under .*: 0 WAV files"):
        load(tmp_path)
    with pytest.raises(FileNotFoundError, match="wav: there is no folder"):
        load(tmp_path / "nowhere")


def test_a_large_folder_is_kept_in_the_cache(tmp_path):
    (tmp_path / "sounds").mkdir()
    for i in range(3):
        wavfile.write(tmp_path / "sounds" / f"{i}.wav", RATE, (SINE / (i + 1)).astype(np.float32))
    options = {"cache_dir": tmp_path / "cache", "memory_limit": 0}
    first, again = (load(tmp_path / "sounds", **options) for _ in range(2))
    assert first.mapped
    assert again.mapped
    np.testing.assert_array_equal(first.real, again.real)
    assert first.origin == again.origin

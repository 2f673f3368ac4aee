"""The recipe of HiFi-GAN: its losses against the authors', its schedule, its measures and what it refuses."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from recipes_for_tests import prepare

import jaxgan
from jaxgan import Batch, Turn
from jaxgan.data.media import sound
from jaxgan.metrics.mel import vocoder_mel
from jaxgan.metrics.sound_pairs import mel_l1
from jaxgan.observe.evaluator import Evaluator
from jaxgan.observe.gallery import Gallery
from jaxgan.observe.pair_observer import measured_pairs, of_pairs
from jaxgan.options import changed
from jaxgan.recipes.hifigan import HiFiGAN
from jaxgan.recipes.sound_sources import Wav

SMALL = HiFiGAN(
    generator_width=8,
    upsampling=(4, 2),
    bands=4,
    highest=None,
    periods=(2, 3),
    scales=1,
    period_width=1,
    scale_width=16,
)


def data_of(rows=8, length=64, rate=4000):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (rows, length, 1)).astype(np.float32)
    return jaxgan.data.Dataset("noise", noise, medium=sound(rate))


@pytest.mark.slow
def test_the_losses_are_the_authors():
    """generator_loss, discriminator_loss, feature_loss and 45 times the distance of mels, of train.py and models.py."""
    data, key = data_of(), jax.random.key(0)
    game, batch = SMALL.game(data), data.decode(data.take(np.arange(8)))
    params, variables = game.init(key, batch)
    judges = jaxgan.networks.HiFiGANDiscriminator((2, 3), 1, 1, 16)
    seen = {"params": params.discriminator, **variables.discriminator.network}
    for _ in range(60):  # until each pass has the same largest singular values
        _, moved = judges.apply(seen, batch.real, train=True, mutable=["spectral"])
        seen |= moved
    of_judges_now = variables.discriminator._replace(network={"spectral": seen["spectral"]})
    turn = Turn(batch, key, jnp.zeros((), jnp.int32))
    samples, _ = game.generate(params.generator, variables.generator, turn)
    losses, (_, info) = game.judge(params.discriminator, of_judges_now, samples, turn)

    def judged(x):
        logits, sown = judges.apply(seen, x, train=False, mutable=["intermediates"])
        ends = np.cumsum(judges.places(64))[:-1]
        return np.split(np.asarray(logits), ends, axis=1), jax.tree.leaves(sown)

    (of_real, real_layers), (of_fake, fake_layers) = judged(batch.real), judged(samples)
    of_judges = sum(np.mean((1 - logits) ** 2) for logits in of_fake)
    of_layers = 2 * sum(float(jnp.abs(a - b).mean()) for a, b in zip(real_layers, fake_layers, strict=True))
    mels = [vocoder_mel(x[..., 0], 4000, size=32, hop=8, bands=4, highest=None) for x in (samples, batch.real)]
    of_mels = 45 * float(jnp.abs(mels[0] - mels[1]).mean())
    assert float(losses.generator) == pytest.approx(of_judges + of_layers + of_mels, rel=1e-4)
    of_discriminator = sum(
        np.mean((1 - real) ** 2) + np.mean(fake**2) for real, fake in zip(of_real, of_fake, strict=True)
    )
    assert float(losses.discriminator) == pytest.approx(of_discriminator, rel=1e-4)
    assert float(info["perceptual"]) == pytest.approx(of_mels / 45, rel=1e-4)


def test_the_condition_is_the_spectrogram_of_the_rows_up_to_the_highest_frequency():
    recipe, data = changed(SMALL, highest=1500.0), data_of()
    asked = recipe.experiment(data, 1).ask(data.decode(data.take(np.arange(2))))
    expected = vocoder_mel(jnp.asarray(data.real[:2, :, 0]), 4000, size=32, hop=8, bands=4, highest=1500.0)
    np.testing.assert_allclose(asked, expected, rtol=1e-6)


def test_rates_fall_by_a_factor_after_each_epoch():
    rates = HiFiGAN().rates.over(2_500_000)
    assert float(rates.generator(808)) == pytest.approx(2e-4)
    assert float(rates.generator(809)) == pytest.approx(2e-4 * 0.999)
    assert float(rates.discriminator(8090)) == pytest.approx(2e-4 * 0.999**10)


@pytest.mark.slow
def test_samples_are_measured_as_pairs_beside_the_measures_of_sounds():
    data = data_of(rows=128, length=512)
    experiment = SMALL.experiment(data, 10)
    state = experiment.algorithm.init(jax.random.key(0), data.decode(data.take(np.arange(2))))
    assert of_pairs(experiment) == ("mel_l1",)
    found, _ = measured_pairs(experiment, data, state, n=128, seed=0)
    asked = experiment.ask(Batch(jnp.asarray(data.real)))
    made = np.asarray(experiment.algorithm.sample(state, jax.random.key(0), 128, asked))
    assert found == {"mel_l1": pytest.approx(mel_l1(made, data.real, 4000), rel=1e-4)}
    records = Evaluator(experiment, jaxgan.Program(), features="pixels", reference=data)(
        state, ["mel_distance", "mel_l1"], n=32, seed=0
    )
    assert [record["metric"] for record in records] == ["mel_distance", "mel_l1"]
    assert all(math.isfinite(record["value"]) for record in records)
    assert of_pairs(SMALL.experiment(data_of(length=64), 10)) == ()  # shorter than a window


@pytest.mark.slow
def test_detectors_do_not_take_quiet_sounds_for_repeated_ones(tmp_path):
    """Halfway through `hifigan-tones` samples lay 0.46 times as far apart as sounds, because they were less loud."""
    data = data_of()
    experiment = SMALL.experiment(data, 10)
    configuration = jaxgan.Configuration(SMALL, jaxgan.Program(batch_size=4))
    run = prepare(configuration, name="hifigan", out=tmp_path, dataset=data).run
    state = experiment.algorithm.init(jax.random.key(0), data.decode(data.take(np.arange(2))))
    assert Gallery(run, experiment).draw(state).samples is None
    plain = experiment._replace(reconstructs=False)
    assert Gallery(run, plain).draw(state).samples.shape == (8, 64, 1)


def test_pictures_show_each_sound_beside_its_sample():
    rows, samples = np.zeros((3, 16, 1), np.float32), np.ones((3, 16, 1), np.float32)
    shown = SMALL.experiment(data_of(), 1).view(Batch(rows), samples)
    np.testing.assert_array_equal(shown[:, 0, 0], [0, 1, 0, 1, 0, 1])


def test_sounds_that_do_not_fit_are_refused():
    with pytest.raises(
        ValueError, match=r"length must be a multiple of 8, the product of upsampling=\(4, 2\), above 16"
    ):
        SMALL.game(data_of(length=60))
    with pytest.raises(ValueError, match="above 16; got 16"):
        SMALL.game(data_of(length=16))
    stereo = jaxgan.data.Dataset("stereo", np.zeros((2, 64, 2), np.float32), medium=sound(4000))
    with pytest.raises(ValueError, match="HiFi-GAN makes sounds of one channel, got 2"):
        SMALL.game(stereo)
    points = jaxgan.data.Dataset("points", np.zeros((2, 64, 1), np.float32))
    with pytest.raises(ValueError, match="HiFi-GAN needs sounds of a known sample rate, got Dataset"):
        SMALL.game(points)


def test_presets():
    assert jaxgan.preset("hifigan-ljspeech").recipe.data == Wav("LJSpeech-1.1/wavs", 22_050, 8192, parts="all")
    tones = jaxgan.preset("hifigan-tones").recipe
    assert math.prod(tones.upsampling) * 16 == tones.data.length

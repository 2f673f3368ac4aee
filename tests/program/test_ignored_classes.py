"""An experiment whose samples are asked for by class is refused if its game does not know the class."""

import jax
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Players, dynamics, losses, networks
from jaxgan.program.preparation import check_samples

SQUARES = jaxgan.data.Dataset("squares", np.zeros([8, 4, 4, 1], np.uint8), np.arange(8) % 2, num_classes=2)


def experiment(**options):
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(4, 4, 1), hidden=(2,)),
        networks.MLPDiscriminator(hidden=(2,)),
        loss=losses.hinge(),
        latent_size=2,
        **options,
    )
    algorithm = jaxgan.algorithm(game, dynamics.simultaneous(Players(optax.sgd(0.1), optax.sgd(0.1))))
    return jaxgan.Experiment(SQUARES, algorithm, conditional="classes")


def check(what):
    batch = next(SQUARES.batches(2, seed=0))
    check_samples(what, SQUARES, jax.eval_shape(what.algorithm.init, jax.random.key(0), batch))


def test_samples_that_follow_the_classes_are_accepted():
    check(experiment(num_classes=2))


def test_samples_that_do_not_depend_on_a_class_are_refused():
    with pytest.raises(ValueError, match='is "classes", but the samples do not depend on a class: pass num_classes'):
        check(experiment())


def test_a_view_of_the_labels_alone_is_no_dependence_of_the_samples():
    with pytest.raises(ValueError, match="do not depend on a class"):
        check(experiment()._replace(view=lambda rows, samples: (rows.condition, samples)))

"""Eigenvalues of games whose Jacobian is known, and of networks against finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import bilinear, dirac, point_batch, point_game
from jax.flatten_util import ravel_pytree
from scipy.sparse.linalg import ArpackNoConvergence

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics, losses, networks, penalties
from jaxgan.diagnostics import jacobian_spectrum
from jaxgan.diagnostics.spectrum import _product, spectrum_of
from jaxgan.games.gradients import field

pytestmark = pytest.mark.usefixtures("float64")
F1, F2 = 1 / 2, -1 / 4
"""f'(0) and f''(0) of f(t) = -log(1 + exp(-t))."""


def spectrum(game, batch, **options):
    rule = dynamics.simultaneous(Players(optax.sgd(0.1), optax.sgd(0.1)))
    state = jaxgan.algorithm(game, rule).init(jax.random.key(0), batch)
    return jacobian_spectrum(game, state, batch, jax.random.key(1), **options)


def pair(middle, square):
    """middle ± √square, by rising real part."""
    root = np.sqrt(complex(square))
    return np.sort_complex([middle - root, middle + root])


def at_equilibrium(loss, penalty=None, batch=None):
    return spectrum(dirac(loss, penalty, start=(0.0, 0.0)), batch or point_batch())


@pytest.mark.parametrize(("loss", "turning"), [("minimax", F1), ("non_saturating", F1), ("wasserstein", 1.0)])
def test_dirac_without_a_penalty_rotates(loss, turning):
    found = at_equilibrium(getattr(losses, loss)())
    np.testing.assert_allclose(found.eigenvalues, pair(0, -(turning**2)), atol=1e-12)
    assert (found.verdict, found.stable_step, found.rotation) == ("rotating", 0.0, np.inf)
    np.testing.assert_allclose(found.conditioning, 1)


@pytest.mark.parametrize("gamma", [0.1, 0.5, 0.9, 1.0, 1.1, 3.0])
@pytest.mark.parametrize("penalty", [penalties.r1, penalties.r2])
def test_dirac_with_r1_or_r2_attracts(penalty, gamma):
    """The table's −γ/2 ± √(γ²/4 − f'(0)²), negated: it lists the Jacobian of the field of descent."""
    found = at_equilibrium(losses.minimax(), penalty(gamma))
    expected = pair(gamma / 2, gamma**2 / 4 - F1**2)
    # at the critical γ = 2 f'(0) = 1 both coincide, and rounding enters under the root
    np.testing.assert_allclose(found.eigenvalues, expected, atol=1e-7)
    assert found.verdict == "attracting"
    np.testing.assert_allclose(found.stable_step, np.min(2 * expected.real / np.abs(expected) ** 2), rtol=1e-6)
    np.testing.assert_allclose(found.rotation, np.max(np.abs(expected.imag) / expected.real), atol=1e-7)
    np.testing.assert_allclose(found.conditioning, np.abs(expected).max() / np.abs(expected).min(), rtol=1e-6)


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2**0.5, 2.0])
def test_dirac_with_instance_noise_attracts(sigma):
    """Noise of ±σ, which has the variance σ², on the datum and on the sample; critical at σ² = f'(0)/|f''(0)| = 2."""
    noise = np.array([[sigma], [-sigma]])
    found = at_equilibrium(losses.minimax(), batch=Batch(noise, latent=noise))
    expected = pair(-F2 * sigma**2, F2**2 * sigma**4 - F1**2)
    np.testing.assert_allclose(found.eigenvalues, expected, atol=1e-7)
    assert found.verdict == "attracting"


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_dirac_under_consensus_attracts(gamma):
    """Consensus walks along v + γ·Jᵀv, at the equilibrium the gradient field of a game with the Jacobian J + γ·JᵀJ."""
    matrix = np.array([[0, -F1], [F1, 0]])
    found = spectrum(quadratic(matrix + gamma * matrix.T @ matrix, 1), point_batch())
    np.testing.assert_allclose(found.eigenvalues, pair(gamma * F1**2, -(F1**2)), atol=1e-12)
    assert found.verdict == ("attracting" if gamma else "rotating")


def quadratic(matrix, split):
    """A game with the Jacobian `matrix`: the first `split` parameters are the generator's."""
    a, b, c, d = (jnp.asarray(m) for row in np.split(matrix, [split]) for m in np.split(row, [split], axis=1))
    sym = lambda m: (m + m.T) / 2  # noqa: E731

    def losses_of(x, y):
        return Players(x @ sym(a) @ x / 2 + x @ b @ y, y @ sym(d) @ y / 2 + y @ c @ x)

    return point_game(losses_of, [jnp.ones(split), jnp.ones(len(matrix) - split)])


def random_jacobian(size, split, shift, seed=0):
    """Random couplings; each player's own block is symmetric, as a Hessian is."""
    matrix = np.random.default_rng(seed).standard_normal((size, size)) + shift * np.eye(size)
    for block in (slice(split), slice(split, None)):
        matrix[block, block] = (matrix[block, block] + matrix[block, block].T) / 2
    return matrix


@pytest.mark.parametrize(("shift", "verdict"), [(-20.0, "repelling"), (0.0, "repelling"), (20.0, "attracting")])
def test_random_quadratic_games(shift, verdict):
    matrix = random_jacobian(12, 5, shift)
    found = spectrum(quadratic(matrix, 5), point_batch())
    expected = np.sort_complex(np.linalg.eigvals(matrix))
    np.testing.assert_allclose(found.eigenvalues, expected, atol=1e-10)
    assert found.verdict == verdict
    growth = lambda step: np.abs(np.linalg.eigvals(np.eye(12) - step * matrix)).max()  # noqa: E731
    if verdict == "attracting":
        assert growth(0.999 * found.stable_step) < 1 < growth(1.001 * found.stable_step)
    else:
        assert found.stable_step == 0


@pytest.mark.parametrize(
    ("which", "rank"),
    [
        ("SR", lambda values: values.real),
        ("LR", lambda values: -values.real),
        ("LM", lambda values: -np.abs(values)),
        ("LI", lambda values: -np.abs(values.imag)),
    ],
)
def test_matrix_free_finds_the_leading_of_all_eigenvalues(which, rank):
    matrix = random_jacobian(30, 11, 2.0)
    found = spectrum(quadratic(matrix, 11), point_batch(), count=5, which=which, exact_up_to=29)
    every = np.linalg.eigvals(matrix)
    np.testing.assert_allclose(np.sort(rank(found.eigenvalues)), np.sort(rank(every))[:5], rtol=1e-7)
    assert all(np.abs(every - value).min() < 1e-6 for value in found.eigenvalues)
    assert found.parameters == 30
    assert found.conditioning is None
    assert "5 of 30 eigenvalues" in found.summary


def test_an_iteration_that_stops_early_gives_what_it_found_or_fails(monkeypatch):
    def after(found):
        def stopped(*args, **options):
            raise ArpackNoConvergence("No convergence", np.array(found), np.zeros((8, 0)))

        monkeypatch.setattr("scipy.sparse.linalg.eigs", stopped)
        return spectrum(quadratic(random_jacobian(8, 3, 0.0), 3), point_batch(), count=2, exact_up_to=0)

    assert "1 of 8 eigenvalues" in after([1.0]).summary
    with pytest.raises(ArpackNoConvergence):
        after([])


def test_directions_that_change_nothing_do_not_count():
    flat = spectrum_of(np.array([2.0, 0.0, 1 + 1j, 1 - 1j]), 4)
    assert flat.verdict == "attracting"
    np.testing.assert_allclose(flat[3:6], [1.0, 1.0, np.inf])
    assert "1 of them 0" in flat.summary
    assert spectrum_of(np.zeros(3), 3)[2:6] == ("flat", 0.0, 0.0, np.inf)
    assert spectrum_of(np.array([1e-9 + 1j, 1e-9 - 1j, 1.0]), 3).verdict == "rotating"
    assert spectrum_of(np.array([-1e-3 + 1j, 1.0]), 3).verdict == "repelling"


def test_some_eigenvalues_decide_only_if_the_smallest_real_part_is_among_them():
    some = np.array([1 + 1j, 1 - 1j])
    assert spectrum_of(some, 9, smallest=True).verdict == "attracting"
    undecided = spectrum_of(some, 9, smallest=False)
    assert (undecided.verdict, undecided.conditioning) == ("undecided", None)
    assert undecided.summary.endswith('; which="SR" finds those that decide')
    assert spectrum_of(np.zeros(2), 9, smallest=True).verdict == "undecided"
    assert spectrum_of(np.array([-1.0]), 9, smallest=False).verdict == "repelling"


@pytest.mark.parametrize(
    ("values", "parameters", "end"),
    [
        ([2.0, 4.0], 2, "; simultaneous steps smaller than 0.5 contract"),
        ([2.0, 4.0], 3, "; simultaneous steps of 0.5 or larger do not contract"),
        ([-2.0, 4.0], 2, "; simultaneous steps contract at no size"),
        ([0.0], 1, "flat: 1 of 1 eigenvalues found, 1 of them 0"),
    ],
)
def test_the_sentence_says_which_steps_contract(values, parameters, end):
    assert spectrum_of(np.array(values), parameters).summary.endswith(end)


def test_the_bilinear_game_rotates_anywhere():
    found = spectrum(bilinear(), point_batch())
    np.testing.assert_allclose(found.eigenvalues, [-1j, 1j], atol=1e-12)
    assert found.summary.startswith(
        "rotating: 2 of 2 eigenvalues found, real parts from 0 to 0, imaginary parts up to 1"
    )


@pytest.fixture(scope="module")
def images():
    """DCGAN of 8 pixels with batch normalisation in the generator, spectral normalisation in the discriminator, R1.

    Its state is one of float32, as training leaves it.
    """
    game = jaxgan.gan(
        networks.DCGANGenerator(image_size=8, width=4),
        networks.DCGANDiscriminator(width=4, spectral_norm=True),
        loss=losses.non_saturating(),
        penalties=[penalties.r1(1.0)],
        latent_size=2,
    )
    with jax.enable_x64(False):
        batch = Batch(jax.random.uniform(jax.random.key(2), (6, 8, 8, 1), minval=-1))
        params, variables = game.init(jax.random.key(0), batch)
        flat, unravel = ravel_pytree(params)
        params = unravel(flat + 0.3 * jax.random.normal(jax.random.key(3), flat.shape))
        return game, jaxgan.GANState(jnp.zeros((), jnp.int32), params, variables, None, None), batch


@pytest.mark.slow
def test_products_with_the_jacobian_of_convolutional_networks(images):
    game, state, batch = images
    params, variables, batch = jax.tree.map(lambda x: x.astype(float), (state.params, state.variables, batch))
    turn = Turn(batch, jax.random.key(1), state.step)
    flat, unravel = ravel_pytree(params)
    direction = jax.random.normal(jax.random.key(4), flat.shape)
    direction /= jnp.linalg.norm(direction)
    evaluate = jax.jit(lambda flat: ravel_pytree(field(game, variables, turn)(unravel(flat))[0])[0])
    size = 1e-6
    expected = (evaluate(flat + size * direction) - evaluate(flat - size * direction)) / (2 * size)
    product = _product(game, params, variables, turn, direction)
    assert np.linalg.norm(expected) > 1e-2
    np.testing.assert_allclose(product, expected, atol=1e-6 * np.linalg.norm(expected), rtol=1e-5)


@pytest.mark.slow
def test_matrix_free_is_dense_for_convolutional_networks(images):
    game, state, batch = images
    dense = jacobian_spectrum(game, state, batch, jax.random.key(1))
    assert len(dense.eigenvalues) == dense.parameters <= 500
    for which, rank in (("SR", np.real), ("LM", lambda values: -np.abs(values))):
        free = jacobian_spectrum(game, state, batch, jax.random.key(1), count=4, which=which, exact_up_to=0)
        np.testing.assert_allclose(np.sort(rank(free.eigenvalues)), np.sort(rank(dense.eigenvalues))[:4], rtol=1e-5)
    assert free.verdict == dense.verdict == "repelling"


@pytest.mark.parametrize("exact_up_to", [0, 500])
def test_a_state_that_is_not_finite_is_an_error(exact_up_to):
    with pytest.raises(ValueError, match="the Jacobian is not finite at this state"):
        spectrum(quadratic(np.full((8, 8), np.inf), 3), point_batch(), exact_up_to=exact_up_to)


def test_float32_says_what_float64_says():
    with jax.enable_x64(False):
        found = at_equilibrium(losses.minimax(), penalties.r1(0.5))
        rotating = at_equilibrium(losses.minimax())
    np.testing.assert_allclose(found.eigenvalues, pair(0.25, 0.25**2 - F1**2), rtol=1e-6)
    assert (found.verdict, rotating.verdict) == ("attracting", "rotating")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"which": "SM"}, "which must be one of SR, LR, LM, LI; got 'SM'"),
        ({"count": 7, "exact_up_to": 0}, "count must be from 1 to 6 for 8 parameters, got 7"),
        ({"exact_up_to": -1}, "exact_up_to must be at least 0, got -1"),
    ],
)
def test_options_out_of_range(options, message, without_shape_checks):
    with pytest.raises(ValueError, match=message):
        spectrum(quadratic(random_jacobian(8, 3, 0.0), 3), point_batch(), **options)

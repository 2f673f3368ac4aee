"""The eigenvalues of a game's joint gradient field: whether the players attract, circle or repel each other."""

from functools import partial
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Key, PyTree

from jaxgan.checks import require, require_choice, require_key
from jaxgan.core import Batch, Game, GANState, Players, Turn
from jaxgan.games.gradients import field

Verdict = Literal["attracting", "rotating", "repelling", "flat", "undecided"]


class Spectrum(NamedTuple):
    """Eigenvalues λ of the Jacobian of v = (∇_θ L_G, ∇_ψ L_D), the field that gradient descent walks *against*."""

    eigenvalues: np.ndarray
    """`[n]` complex128, by rising real part."""
    parameters: int
    """Number of parameters of both players, which is the number of all eigenvalues."""
    verdict: Verdict
    """attracting: every Re λ > 0; repelling: some Re λ < 0; rotating: neither, for some Re λ is 0 and Im λ is not;
    flat: every λ is 0. Eigenvalues that are 0 (directions in which the losses do not change) count in the last case
    alone. undecided: none repels of those found, and those of the smallest real part are not among them."""
    stable_step: float
    """min over λ ≠ 0 of 2·Re λ/|λ|²: simultaneous gradient steps of a smaller size contract. 0 if some Re λ ≤ 0. An
    upper bound unless all eigenvalues were found."""
    rotation: float
    """max over λ ≠ 0 of |Im λ/Re λ|; above 1, the players turn faster than they approach. Infinite if Re λ is 0."""
    conditioning: float | None
    """max |λ| / min |λ|, infinite if some λ is 0; None unless all eigenvalues were found."""
    summary: str
    """The verdict in a sentence, with its numbers."""


def jacobian_spectrum(
    game: Game,
    state: GANState,
    batch: Batch,
    key: Key[Array, ""],
    *,
    count: int = 6,
    which: Literal["SR", "LR", "LM", "LI"] = "SR",
    exact_up_to: int = 500,
) -> Spectrum:
    """Eigenvalues λ of J = ∂v/∂(θ, ψ) with v = (∇_θ L_G, ∇_ψ L_D), at a state.

    A simultaneous gradient step of size h multiplies a small displacement from an equilibrium by 1 − hλ, so it attracts
    if every Re λ > 0 and h < min 2·Re λ/|λ|². Papers that give the Jacobian of the field of descent, −v (Mescheder et
    al., 2018), list −λ and ask for negative real parts.

    Up to `exact_up_to` parameters the whole Jacobian is formed and every eigenvalue found. Beyond, `count` of them are
    found by Arnoldi iteration on products J·u, a forward derivative of the gradient each. "SR" then tells attracting
    from repelling, "LM" most of how large a step may be; the numbers are those of the eigenvalues found.

    Variables, batch and randomness are those of the step that would come next. All is computed in float64 if JAX is
    set to it (`jax.enable_x64`); else in float32, and real parts below 3e-4 of the largest |λ| pass for 0 (below 1.5e-8
    in float64).

    Args:
        game: whose field.
        state: where. One run's, not a population's.
        batch: the data; as large as memory allows, since the spectrum is that of the batch's losses.
        key: the key of the run.
        count: how many eigenvalues beyond `exact_up_to` parameters, from 1 to parameters − 2.
        which: those of the smallest or largest real part, largest modulus, or largest imaginary part.
        exact_up_to: at least 0.

    Raises:
        ValueError: if an option is out of range, or the Jacobian is not finite.
        scipy.sparse.linalg.ArpackNoConvergence: if no eigenvalue converges; those that do are returned.

    Reference:
        Mescheder et al., [Which Training Methods for GANs do actually Converge?](https://arxiv.org/abs/1801.04406),
        2018, section 2 and theorem A.3. Lehoucq et al., ARPACK Users' Guide, 1998.

    Examples:
        >>> spectrum = jaxgan.diagnostics.jacobian_spectrum(bilinear, state, batch, key)
        >>> spectrum.verdict, np.round(np.sort(spectrum.eigenvalues.imag), 3).tolist()
        ('rotating', [-1.0, 1.0])
    """
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

    require_key(key)
    require_choice("which", which, ("SR", "LR", "LM", "LI"))
    require(exact_up_to >= 0, f"exact_up_to must be at least 0, got {exact_up_to}")
    params, variables, batch = jax.tree.map(_widest, (state.params, state.variables, batch))
    flat, _ = ravel_pytree(params)
    turn = Turn(batch, jax.random.fold_in(key, state.step), state.step)
    product = partial(_product, game, params, variables, turn)
    precision = float(jnp.finfo(flat.dtype).eps) ** 0.5
    size = flat.size

    def multiply(direction: np.ndarray) -> np.ndarray:
        result = np.asarray(product(jnp.asarray(direction.reshape(size), flat.dtype)), np.float64)
        require(bool(np.isfinite(result).all()), "the Jacobian is not finite at this state")
        return result

    if size <= exact_up_to:
        values = np.linalg.eigvals(np.stack([multiply(unit) for unit in np.eye(size)], axis=1))
    else:
        require(1 <= count <= size - 2, f"count must be from 1 to {size - 2} for {size} parameters, got {count}")
        operator = LinearOperator((size, size), matvec=multiply, dtype=np.float64)
        start = np.random.default_rng(0).standard_normal(size)
        try:
            values = eigs(operator, count, which=which, v0=start, tol=precision, return_eigenvectors=False)
        except ArpackNoConvergence as error:
            if not len(error.eigenvalues):
                raise
            values = error.eigenvalues
    return spectrum_of(values, size, precision, smallest=which == "SR")


def spectrum_of(
    eigenvalues: np.ndarray, parameters: int, precision: float = 1.5e-8, *, smallest: bool = True
) -> Spectrum:
    """Interpret eigenvalues of ∂v/∂(θ, ψ). Real parts and moduli within `precision`·max|λ| of 0 count as 0.

    Args:
        eigenvalues: `[n]`, all of them or some.
        parameters: the number of all.
        precision: relative, at least 0.
        smallest: whether those of the smallest real part are among them.
    """
    values = np.sort_complex(eigenvalues)
    moduli = np.abs(values)
    zero = precision * moduli.max()
    moving = values[moduli > zero]
    real = np.where(np.abs(moving.real) > zero, moving.real, 0.0)
    complete = len(values) == parameters
    conditioning = float(moduli.max() / moduli.min()) if len(moving) == len(values) else np.inf
    verdict = _verdict(real, complete, smallest)
    step = float(np.min(2 * real / np.abs(moving) ** 2)) if len(moving) and real.min() > 0 else 0.0
    with np.errstate(divide="ignore"):
        rotation = float(np.max(np.abs(moving.imag) / np.abs(real), initial=0.0))
    still = f", {len(values) - len(moving)} of them 0" if len(moving) < len(values) else ""
    summary = f"{verdict}: {len(values)} of {parameters} eigenvalues found{still}"
    if len(moving):
        summary += (
            f", real parts from {real.min():.3g} to {real.max():.3g}, imaginary parts up to "
            f"{np.abs(moving.imag).max():.3g}, rotation {rotation:.3g}"
        )
    if verdict == "undecided":
        summary += '; which="SR" finds those that decide'
    elif verdict != "flat":
        size = f"smaller than {step:.3g}" if complete else f"of {step:.3g} or larger"
        does = ("contract" if complete else "do not contract") if step else "contract at no size"
        summary += f"; simultaneous steps {f'{size} ' if step else ''}{does}"
    return Spectrum(values, parameters, verdict, step, rotation, conditioning if complete else None, summary)


def _verdict(real: np.ndarray, complete: bool, smallest: bool) -> Verdict:
    """Verdict on the real parts of the eigenvalues that are not 0."""
    if len(real) and real.min() < 0:
        return "repelling"
    if not complete and not (smallest and len(real)):
        return "undecided"
    if not len(real):
        return "flat"
    return "attracting" if real.min() > 0 else "rotating"


@partial(jax.jit, static_argnums=0)
def _product(
    game: Game, params: Players, variables: Players, turn: Turn, direction: Float[Array, "n"]
) -> Float[Array, "n"]:
    """J·direction, by forward differentiation of the gradients."""
    flat, unravel = ravel_pytree(params)

    def flat_field(flat: Float[Array, "n"]) -> Float[Array, "n"]:
        return ravel_pytree(field(game, variables, turn)(unravel(flat))[0])[0]

    return jax.jvp(flat_field, (flat,), (direction,))[1]


def _widest(x: PyTree) -> PyTree:
    """Floating-point leaves in float64 if JAX is set to it, else in float32."""
    x = jnp.asarray(x)
    return x.astype(jnp.result_type(float)) if jnp.issubdtype(x.dtype, jnp.floating) else x

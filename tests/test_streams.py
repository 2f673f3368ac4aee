"""Every consumer of randomness in a step has keys of its own: the keys that a traced step uses are collected."""

import itertools
from functools import partial
from pathlib import Path

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import SmallNetwork
from jax.extend.core import Literal
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Players, augmentation, core, dynamics, losses, networks, penalties, terms
from jaxgan.games.gathering import OWN_STREAMS
from jaxgan.networks.layers.dropout import Dropout
from jaxgan.program.run import _key
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs import run_folder

SLOW = pytest.mark.slow
ROWS, CLASSES = 4, 3
BATCH = Batch(jnp.zeros((ROWS, 8, 8, 2)), jnp.arange(ROWS) % CLASSES)
SGD = Players(optax.sgd(0.1), optax.sgd(0.1))
HELPERS = ("core.py", "rows.py", "dropout.py", "devices.py", "adapter.py")
"""Files that draw on behalf of others."""


class Images(nn.Module):
    """Images from a network with dropout."""

    @nn.compact
    def __call__(self, z, condition=None, *, train):
        return SmallNetwork(8 * 8 * 2)(z, train=train).reshape(-1, 8, 8, 2)


AUGMENTATIONS = {
    "none": lambda: None,
    "diffaugment": augmentation.diffaugment,
    "ada": augmentation.ada,
    "apa": augmentation.apa,
}
PAIRS = {
    "none": lambda: [],
    "mode seeking": lambda: [terms.mode_seeking()],
    "consistency": lambda: [terms.latent_consistency(1.0, 1.0, 0.1)],
}
RULES = {
    "simultaneous": dynamics.simultaneous(SGD),
    "critic steps": dynamics.alternating(SGD, discriminator_steps=2),
    "generator first": dynamics.alternating(SGD, first="generator"),
    "extragradient": dynamics.extragradient(SGD),
}
AUXILIARIES = {
    "none": lambda: [],
    "classifier": lambda: [terms.classifier()],
    "contrastive": lambda: [terms.contrastive()],
}
PENALTIES = {
    "r1": lambda: penalties.r1(1.0),
    "r2": lambda: penalties.r2(1.0),
    "gradient penalty": penalties.gradient_penalty,
    "one-sided": penalties.one_sided,
    "zero-centred": lambda: penalties.zero_centered(1.0),
    "dragan": penalties.dragan,
    "lazy": lambda: penalties.every(2, penalties.gradient_penalty()),
    "consistency": penalties.consistency,
    "balanced consistency": penalties.balanced_consistency,
}
SHORT = [
    ("diffaugment", "consistency", "critic steps", "none"),
    ("apa", "mode seeking", "generator first", "classifier"),
]
PAIRWISE = [
    (augment, list(PAIRS)[(i + j) % 3], rule, list(AUXILIARIES)[(i + 2 * j) % 3])
    for (i, augment), (j, rule) in itertools.product(enumerate(AUGMENTATIONS), enumerate(RULES))
    if (i + j) % 2 == 0
]
"""Each rule with half of the augmentations, and the reverse."""
QUICK = ("gradient penalty", "consistency")


def game(*, augment=None, pair=(), heads=(), penalties=()):
    return jaxgan.gan(
        Images(),
        networks.MLPDiscriminator(hidden=(4, 4), dropout=0.2),
        loss=losses.hinge(),
        penalties=penalties,
        terms=[*pair, *heads, terms.feature_matching()],
        latent_size=3,
        num_classes=CLASSES,
        label_dropout=0.2,
        augment=augment,
        instance_noise=0.1,
        pack=1 if heads else 2,
    )


def site(eqn):
    """The line, helpers aside, that asked for something."""
    frames = [(frame.file_name, frame.line_num) for frame in eqn.source_info.traceback.frames]
    return next((frame for frame in frames if "packages" not in frame[0] and not frame[0].endswith(HELPERS)), None)


def used_keys(function, *arguments):
    """`(primitive, key, site)` for each key that something is drawn or derived from: no other number is computed."""
    closed = jax.make_jaxpr(function)(*arguments)
    found = []
    _walk(closed.jaxpr, closed.consts, [partial(lambda x: x, x) for x in jax.tree.leaves(arguments)], found, None)
    uses = []
    for name, key, where in found:
        data = np.asarray(jax.random.key_data(key())).reshape(-1, 2)
        uses += [(name, tuple(map(int, row)), where) for row in data]
    return uses


def _walk(jaxpr, consts, inputs, found, where):
    """Follow the keys through a program, lazily; `where` is the place that called it, if it is the body of a call."""
    values = dict(zip(jaxpr.constvars, [partial(lambda x: x, x) for x in consts], strict=True))
    values |= zip(jaxpr.invars, inputs, strict=True)

    def read(atom):
        return (lambda: atom.val) if isinstance(atom, Literal) else values[atom]

    for eqn in jaxpr.eqns:
        given, name = [read(atom) for atom in eqn.invars], eqn.primitive.name
        if name in ("random_bits", "random_split", "random_fold_in"):
            found.append((name, given[0], where or site(eqn)))
        inner = eqn.params.get("jaxpr") or eqn.params.get("call_jaxpr") or eqn.params.get("fun_jaxpr")
        if name == "cond":
            for branch in eqn.params["branches"]:
                _walk(branch.jaxpr, branch.consts, given[1:], found, where)
        if inner is not None and name not in ("scan", "while"):
            body, consts = (inner.jaxpr, inner.consts) if hasattr(inner, "consts") else (inner, ())
            called = (where or site(eqn)) if name in ("jit", "pjit") else where
            outputs = _walk(body, consts, given, found, called)
        else:
            assert name not in ("scan", "while") or "random" not in str(eqn.params["jaxpr"])
            outputs = _evaluated(eqn, given)
        values |= zip(eqn.outvars, outputs, strict=True)
    return [read(atom) for atom in jaxpr.outvars]


def _evaluated(eqn, given):
    memory = []

    def get(i):
        if not memory:
            answer = eqn.primitive.bind(*(value() for value in given), **eqn.params)
            memory.append(answer if eqn.primitive.multiple_results else [answer])
        return memory[0][i]

    return [partial(get, i) for i in range(len(eqn.outvars))]


def uses_of_a_step(one, rule=RULES["simultaneous"], step=0):
    algorithm = jaxgan.algorithm(one, rule)
    state = jax.eval_shape(algorithm.init, jax.random.key(0), BATCH)
    zeros = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), state)._replace(step=jnp.int32(step))
    return used_keys(algorithm.step, zeros, BATCH, jax.random.key(0))


def check_no_key_is_shared(uses):
    drawn = {}
    for name, key, where in uses:
        if name == "random_bits":
            drawn.setdefault(key, set()).add(where)
    assert len(drawn) > ROWS
    shared = {where for where in map(frozenset, drawn.values()) if len(where) > 1}
    assert not shared, shared
    parents = {key for name, key, _ in uses if name != "random_bits"}
    assert not parents & set(drawn), "something is drawn from a key that others are derived from"


def check_combination(augment, pair, rule, heads):
    listed = [PENALTIES[name]() for name in ("r1", "dragan", "lazy", "consistency", "balanced consistency")]
    one = game(augment=AUGMENTATIONS[augment](), pair=PAIRS[pair](), heads=AUXILIARIES[heads](), penalties=listed)
    check_no_key_is_shared(uses_of_a_step(one, RULES[rule]))


@mostly_slow(("augment", "pair", "rule", "heads"), SHORT, quick=[SHORT[1]])
def test_no_two_consumers_of_a_step_draw_from_one_key(augment, pair, rule, heads):
    check_combination(augment, pair, rule, heads)


@SLOW
@pytest.mark.parametrize(("augment", "pair", "rule", "heads"), PAIRWISE)
def test_no_two_consumers_of_a_step_draw_from_one_key_whatever_two_choices_meet(augment, pair, rule, heads):
    check_combination(augment, pair, rule, heads)


@pytest.mark.slow
def test_path_lengths_have_keys_of_their_own():
    sizes = {"channel_base": 32, "channel_max": 4}
    generator = networks.StyleGAN2Generator(image_size=8, channels=2, style_size=4, mapping_layers=1, **sizes)
    discriminator = networks.StyleGAN2Discriminator(group_size=2, **sizes)
    listed = [terms.every(4, terms.path_length(generator)), terms.path_length(generator)]
    check_no_key_is_shared(
        uses_of_a_step(jaxgan.gan(generator, discriminator, loss=losses.non_saturating(), latent_size=4, terms=listed))
    )


@pytest.mark.slow
def test_terms_of_one_name_or_of_the_name_of_a_stream_of_the_game_draw_different_numbers():
    """Each term draws where `site` cannot tell them apart, so the keys are counted."""

    def loss(context):
        noise = context.turn.draw("noise", jax.random.normal)
        return Players(0.0, jaxgan.global_mean(noise)), {}

    counts = []
    for listed in ([], [loss], [loss, loss], [loss, loss, terms.Term("loss", terms.term(loss).losses)]):
        uses = uses_of_a_step(game(pair=listed))
        counts.append(len({key for use, key, _ in uses if use == "random_bits"}))
    assert np.all(np.diff(counts) == counts[1] - counts[0])
    assert counts[1] > counts[0]


def test_the_names_of_a_game_s_own_streams_are_listed(monkeypatch):
    """No term takes one of them."""
    names, stream = set(), core.stream

    def recorded(key, name):
        names.add(name)
        return stream(key, name)

    monkeypatch.setattr(core, "stream", recorded)
    listed = [*PAIRS["consistency"](), *PAIRS["mode seeking"]()]
    uses_of_a_step(game(augment=augmentation.apa(), pair=listed), RULES["critic steps"])
    assert len(names & set(OWN_STREAMS)) > 8
    own_of_terms = {"pair", "pair 2", "feature_matching", "latent noise", "pseudo"}
    assert names - set(OWN_STREAMS) <= own_of_terms, names - set(OWN_STREAMS)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=SLOW) for name in PENALTIES])
def test_two_penalties_of_one_kind_draw_different_numbers(name):
    counts = []
    for times in range(3):
        uses = uses_of_a_step(game(penalties=[PENALTIES[name]() for _ in range(times)]))
        counts.append(len({key for use, key, _ in uses if use == "random_bits"}))
    assert counts[2] - counts[1] == counts[1] - counts[0] > 0


def test_networks_start_from_keys_that_no_step_uses():
    algorithm = jaxgan.algorithm(game(), RULES["simultaneous"])
    key = jax.random.key(0)
    start = {used for _, used, _ in used_keys(lambda key: algorithm.init(key, BATCH), key)}
    steps = {used for t in range(3) for _, used, _ in uses_of_a_step(game(), step=t)}
    assert start & steps == {tuple(map(int, jax.random.key_data(key)))}


class TwoDropouts(nn.Module):
    """Flax's dropout and that of the global batch, in one module."""

    @nn.compact
    def __call__(self, x, condition=None, *, train):
        return nn.Dropout(0.5, deterministic=not train)(jnp.ones_like(x)) * Dropout(0.5)(x, train=train)


def test_flax_dropout_and_that_of_rows_have_different_keys():
    network = networks.linen(TwoDropouts())
    uses = used_keys(
        lambda key: network.apply({}, {}, jnp.ones((ROWS, 4)), None, train=True, key=key)[0], jax.random.key(0)
    )
    parents = [key for name, key, _ in uses if name == "random_fold_in"]
    assert len(set(parents)) > 2


def test_a_run_that_was_rolled_back_goes_on_with_a_key_that_is_none_of_its_steps(monkeypatch):
    monkeypatch.setattr(run_folder, "rollbacks", lambda run: run_folder.Rollbacks(1))
    run = run_folder.Run(Path("none"), "none", None, jaxgan.Program(seed=3), DataShape((2,), None), 8)
    steps = jax.vmap(partial(jax.random.fold_in, jax.random.key(3)))(jnp.arange(10))
    data = jax.random.key_data(_key(run))
    assert not (jax.random.key_data(steps) == data).all(axis=1).any()

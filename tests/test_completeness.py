"""Every export can be fetched, serialised and restored, and has a row in a table.

Who adds a layer, a loss… writes one file, one line in the family's exports and one
row in the table of its tests. What is missing fails here.
"""

import inspect
import json

import pytest

from minikeras import (
    activations,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    random,
    registry,
    regularizers,
)
from minikeras.optimizers import schedules
from parity.cases import constraints as parity_constraints
from parity.cases import losses as parity_losses
from tests.activations import test_activations
from tests.constraints import test_constraints
from tests.graph import test_functional, test_keras_tensor
from tests.initializers import test_initializers
from tests.layers import (
    test_bidirectional,
    test_convolutional,
    test_embedding,
    test_lambda,
    test_layers,
    test_merging,
    test_noise,
    test_pooling,
    test_preprocessing,
    test_recurrent,
    test_recurrent_more,
    test_reshaping,
    test_time_distributed,
)
from tests.layers import test_normalization as test_layer_normalization
from tests.losses import test_family as test_losses
from tests.losses import test_formulas as test_loss_formulas
from tests.metrics import test_counts, test_means, test_metrics
from tests.metrics.test_family import NEEDED
from tests.models import test_sequential
from tests.ops import test_elementwise, test_nn
from tests.optimizers import test_formulas as test_optimizer_formulas
from tests.optimizers import test_optimizer, test_schedules
from tests.random import test_seeds
from tests.regularizers import test_regularizers

FAMILIES = {
    "activations": (activations, activations.FAMILY),
    "initializers": (initializers, initializers.FAMILY),
    "regularizers": (regularizers, regularizers.FAMILY),
    "constraints": (constraints, constraints.FAMILY),
    "losses": (losses, losses.FAMILY),
    "metrics": (metrics, metrics.FAMILY),
    "optimizers": (optimizers, optimizers.FAMILY),
    "schedules": (schedules, schedules.FAMILY),
    "layers": (layers, layers.FAMILY),
    "models": (models, models.FAMILY),
    "random": (random, registry._families["keras.random"]),
}

LAYERS = [
    row
    for table in (
        test_convolutional,
        test_embedding,
        test_layers,
        test_merging,
        test_pooling,
        test_reshaping,
        test_time_distributed,
        test_lambda,
        test_layer_normalization,
        test_noise,
        test_preprocessing,
    )
    for row in table.ROWS
]
LAYERS += test_recurrent.ROWS
LAYERS += [(cell, {"units": 3}) for cell in test_recurrent.CELL_OF.values()]
# The names in the tables of each family's tests.
ROWS = {
    "activations": {
        *(row[0] for row in test_nn.ELEMENTWISE),
        *(row[0] for row in test_nn.ROWWISE),
        *(row.op for row in test_elementwise.ROWS),
    },
    "initializers": {*test_initializers.FIXED, *test_initializers.RANDOM},
    "regularizers": {type(made).__name__ for made in test_regularizers.MADE.values()},
    "constraints": set(parity_constraints.OPTIONS),
    "losses": {
        *(row[0] for row in test_loss_formulas.ROWS),
        *(label.split()[0] for label in parity_losses.ROWS),
    },
    "metrics": {row[0] for row in (*test_means.MEANS, *test_counts.WHOLES)},
    "optimizers": {cls.__name__ for cls, *_ in test_optimizer_formulas.CASES},
    "schedules": {type(made).__name__ for made, _ in test_schedules.CASES},
    "layers": {cls.__name__ for cls, *_ in LAYERS},
    "models": set(),
    "random": set(),
}
# What fits in no table, and the test that holds it.
TESTS = {
    "exponential": test_activations.test_exponential_and_linear,
    "linear": test_activations.test_exponential_and_linear,
    "mish": test_activations.test_mish,
    "Initializer": test_initializers.test_the_base_class_is_abstract,
    "Identity": test_initializers.test_identity,
    "Orthogonal": test_initializers.test_orthogonal,
    "STFT": test_initializers.test_stft_is_the_windowed_fourier_transform,
    "Regularizer": test_regularizers.test_nothing_to_penalise,
    "Constraint": test_constraints.test_the_base_changes_nothing,
    "Loss": test_losses.test_names,
    "LossFunctionWrapper": test_losses.test_wrapper_round_trip,
    "Mean": test_metrics.test_running_mean_and_sum,
    "Sum": test_metrics.test_running_mean_and_sum,
    "Metric": test_metrics,
    "Optimizer": test_optimizer,
    "InputLayer": test_keras_tensor.test_input,
    "Sequential": test_sequential,
    "Functional": test_functional,
    "RNN": test_recurrent_more,
    "StackedRNNCells": test_recurrent_more,
    "Bidirectional": test_bidirectional,
    "SeedGenerator": test_seeds,
}

SYMBOL = layers.Input((3,))
# Arguments of those that need some.
ARGUMENTS = {
    **{("metrics", name): options for name, options in NEEDED.items()},
    **{("layers", cls.__name__): options for cls, options, *_ in LAYERS},
    ("layers", "InputLayer"): {"shape": (3,)},
    ("layers", "Lambda"): {"function": activations.relu},
    ("layers", "RNN"): {"cell": layers.LSTMCell(3)},
    ("layers", "StackedRNNCells"): {"cells": [layers.GRUCell(3)]},
    ("layers", "Bidirectional"): {"layer": layers.LSTM(3)},
    ("models", "Functional"): {"inputs": SYMBOL, "outputs": SYMBOL},
    ("losses", "LossFunctionWrapper"): {"fn": losses.huber, "delta": 2.0},
}
SCHEDULES = {type(made).__name__: made for made, _ in test_schedules.CASES}
# The base class says that a subclass has to write get_config.
WITHOUT_CONFIG = {("regularizers", "Regularizer")}

EXPORTS = [
    (family, name) for family, (_, found) in FAMILIES.items() for name in found.exports
]
every_export = pytest.mark.parametrize(
    ("family", "name"), EXPORTS, ids=[f"{f}-{n}" for f, n in EXPORTS]
)


def make(family: str, name: str):
    """An object of that export with its least arguments; a function is one itself."""
    export = FAMILIES[family][1].exports[name]
    if not isinstance(export, type):
        return export
    if family == "schedules":
        return SCHEDULES[name]
    return export(**ARGUMENTS.get((family, name), {}))


def test_every_family_of_the_registry_is_here():
    found = {id(family) for _, family in FAMILIES.values()}
    ours = {
        module: family
        for module, family in registry._families.items()
        if module.startswith("keras")
    }
    assert {id(family) for family in ours.values()} == found


@every_export
def test_it_is_reached_by_all_its_names(family, name):
    module, found = FAMILIES[family]
    export = found.exports[name]
    assert getattr(module, name) is export
    names = [known for known, named in found.names.items() if named is export]
    assert name in names
    for known in names:
        assert found.find(known) is export
        if not isinstance(export, type):
            assert found.get(known) is export
        elif not _needs_arguments(export):
            assert type(found.get(known)) is export


def _needs_arguments(cls) -> bool:
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    missing = [p for p in parameters if p.default is p.empty and p.kind not in kinds]
    return bool(missing) or cls is layers.InputLayer


@every_export
def test_it_is_serialised_and_restored(family, name):
    found = FAMILIES[family][1]
    made = make(family, name)
    if (family, name) in WITHOUT_CONFIG:
        with pytest.raises(NotImplementedError):
            registry.serialize(made)
        return
    written = registry.serialize(made)
    as_text = json.loads(json.dumps(written))  # plain data, as it lies in a file
    again = registry.serialize(found.deserialize(as_text))
    assert again == written
    assert json.loads(json.dumps(again)) == as_text
    if isinstance(found.exports[name], type):
        assert written["module"] == found.modules.get(name, found.module)
        assert written["registered_name"] == (name if name in found.modules else None)
        # The module in the config says which family is meant.
        assert type(registry.deserialize(as_text)) is found.exports[name]


@every_export
def test_it_has_a_row_or_a_test(family, name):
    assert (name in ROWS[family]) or (name in TESTS), (
        f"{name} has no row in the tables of tests/{family}"
    )


def test_no_row_is_of_something_else():
    """A row under a name that is no export holds nothing that users can reach."""
    of_ops = {row.op for row in test_elementwise.ROWS}
    for family, rows in ROWS.items():
        if family == "activations":
            rows = rows - of_ops
        assert rows <= set(FAMILIES[family][1].exports), family
    assert set(TESTS) <= {name for _, name in EXPORTS} | {"Optimizer"}


BASES = {
    "initializers": initializers.Initializer,
    "regularizers": regularizers.Regularizer,
    "constraints": constraints.Constraint,
    "losses": losses.Loss,
    "metrics": metrics.Metric,
    "optimizers": optimizers.Optimizer,
    "schedules": schedules.LearningRateSchedule,
    "layers": layers.Layer,
}
ABSTRACT = {optimizers.Optimizer, schedules.LearningRateSchedule, layers.Layer}


@pytest.mark.parametrize("family", BASES)
def test_nothing_is_imported_and_not_exported(family):
    module, found = FAMILIES[family]
    public = {
        value
        for name, value in vars(module).items()
        if name[0] != "_"
        and isinstance(value, type)
        and issubclass(value, BASES[family])
    }
    assert public - ABSTRACT == {
        export for export in found.exports.values() if isinstance(export, type)
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_all_lists_what_is_there(family):
    module, found = FAMILIES[family]
    listed = getattr(module, "__all__", None)
    if listed is None:
        return
    assert len(set(listed)) == len(listed)
    assert all(hasattr(module, name) for name in listed)
    assert set(found.exports) <= set(listed)

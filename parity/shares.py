"""Divides the cases among processes, so that they take about the same time."""

# Of the processor: the cases that take tf.keras two seconds and more.
SECONDS = {
    "iris.sequential_500_epochs": 41,
    "iris.subclassed_500_epochs": 36,
    "training.fit_options": 24,
    "recurrent_training.dropout": 21,
    "recurrent.gru": 10,
    "recurrent_composed.bidirectional": 18,
    "networks.gru_network": 18,
    "normalization.every_layer": 16,
    "embedding.masked_loss": 16,
    "embedding.trained": 16,
    "recurrent.lstm": 8,
    "recurrent_training.trained": 15,
    "training.dropout_and_penalties": 14,
    "training.losses_and_optimizers": 13,
    "text.fit_lines": 12,
    "networks.lstm_network": 12,
    "networks.normalized_network": 12,
    "training.kinds_of_data": 12,
    "convolution.every_layer": 11,
    "noise.training": 11,
    "random.batch_order": 11,
    "optimizers.shared_options": 10,
    "time_distributed.every_layer": 10,
    "recurrent.simple_rnn": 9,
    "time_distributed.trained": 8,
    "networks.convolutional_network": 7,
    "optimizers.formulas": 6,
    "recurrent_composed.stacked": 6,
    "optimizers.schedules": 5,
    "summary.of_deferred": 5,
    "training.several_outputs": 5,
    "iris.batch_order": 5,
    "recurrent_composed.rnn": 5,
    "recurrent_training.states_that_go_on": 5,
    "metrics.updates": 5,
    "summary.of_subclass": 4,
    "recurrent_composed.masks_handed_on": 4,
    "optimizers.float64_weights": 3,
    "summary.of_sequential": 3,
    "summary.of_nested": 3,
    "metrics.weights": 3,
    "training.single_batches": 3,
    "losses.weights": 3,
    "drop_in.names_and_order": 3,
    "recurrent_composed.cell_alone": 3,
    "masks.trained": 3,
    "pooling.every_layer": 2,
    "layers.every_layer": 2,
    "optimizers.extreme_gradients": 2,
    "training.custom_training": 2,
    "convolution.every_op": 2,
    "noise.every_layer": 2,
    "drop_in.state_and_structure": 2,
    "runs.gru": 8,
    "runs.optimizers": 7,
    "runs.metrics": 6,
    "runs.lstm": 5,
    "runs.weights": 5,
    "runs.convolution": 4,
    "runs.own_step": 4,
    "runs.iris": 3,
}
USUAL = 0.3


def shares(names: list[str], count: int) -> list[list[str]]:
    """`count` lists of names, each in the order given: the longest case first goes
    to whoever has the least so far."""
    totals = [0.0] * count
    owner: dict[str, int] = {}
    for name in sorted(names, key=seconds_of, reverse=True):
        owner[name] = totals.index(min(totals))
        totals[owner[name]] += seconds_of(name)
    return [[n for n in names if owner[n] == index] for index in range(count)]


def seconds_of(name: str) -> float:
    return SECONDS.get(name, USUAL)

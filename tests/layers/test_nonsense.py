"""Every public function of the layers, with every kind of nonsense in the place of every argument."""

import pytest
from layer_calls import CALLS
from nonsense import argue

from course_utils import layers

KINDS = {
    **dict.fromkeys(("cache", "state"), "own"),
    **dict.fromkeys(("function", "forward", "backward", "optimizer"), "callable"),
    **dict.fromkeys(("x", "kernel", "bias", "shortcut", "gamma", "beta", "moving_mean", "moving_variance"), "array"),
    **dict.fromkeys(("dy", "weights", "gradient", "y_true", "y_pred", "mask", "step", "boundaries", "values"), "array"),
    **dict.fromkeys(("negative_slope", "alpha", "epsilon", "factor", "learning_rate", "decay_rate", "fill"), "number"),
    **dict.fromkeys(("initial_learning_rate", "peak", "warmup_target", "weight_decay", "tolerance"), "number"),
    **dict.fromkeys(("rate", "momentum", "rho", "beta_1", "beta_2", "label_smoothing", "warmup"), "share"),
    **dict.fromkeys(("groups", "decay_steps", "warmup_steps", "steps", "size", "stride", "dilation", "seed"), "count"),
    **dict.fromkeys(("strides", "dilation_rate", "pool_size", "kernel_size", "padding"), "pair"),
    **dict.fromkeys(("training", "approximate", "from_logits", "nesterov", "centered", "staircase"), "flag"),
}
OPTIONAL = ("bias", "gamma", "beta", "moving_mean", "moving_variance", "seed", "mask", "state", "warmup_target")


def test_every_public_function_is_argued_with():
    assert set(layers.__all__) - {"GradientReport", "GradientRow"} == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_nonsense_is_refused_in_a_sentence(name):
    special = {"step": "number"} if name in ("numeric_gradient", "gradient_check") else {}
    special |= (
        {"axis": "any"}
        | ({"fill": "any"} if name == "pad_image" else {})
        | ({"steps": "any"} if name == "Network" else {})
    )
    pooled = ("strides",) if "_pool" in name else ()
    argue(getattr(layers, name), CALLS[name], KINDS | special, optional=OPTIONAL + pooled)

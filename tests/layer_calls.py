"""A call that works of every public function of the layers, for tests that change one argument or dtype."""

import numpy as np

from course_utils import layers

RNG = np.random.default_rng(0)
MAPS, ROWS, VECTOR = RNG.normal(size=(2, 5, 5, 2)), RNG.normal(size=(3, 4)), np.ones(4)
WINDOW = {"strides": 1, "padding": "valid", "dilation_rate": 1}
POOL = {"x": MAPS, "pool_size": 2, "strides": 2, "padding": "valid"}
NORM = {"x": MAPS, "gamma": np.ones(2), "beta": np.ones(2), "epsilon": 1e-3}
MOVING = {"moving_mean": np.ones(2), "moving_variance": np.ones(2), "training": False}
STEP = {"weights": ROWS, "gradient": ROWS, "state": None, "learning_rate": 0.1}
PROBABILITIES = np.array([[0.2, 0.8], [0.6, 0.4]])
LOSS = {"y_true": np.eye(2), "y_pred": PROBABILITIES, "from_logits": False, "label_smoothing": 0.1}
AXIS = {"size": 7, "kernel_size": 3, "stride": 1, "padding": 0, "dilation": 1}
STEPS = [("dense", {"kernel": np.ones((4, 2))}), ("relu",)]
DIFFERENCES = {"arrays": {"x": ROWS}, "tolerance": 1e-7, "step": 1e-5, "seed": 0}

CALLS = {
    **{name: {"x": ROWS} for name in ("relu", "sigmoid", "tanh", "flatten")},
    "leaky_relu": {"x": ROWS, "negative_slope": 0.1},
    "elu": {"x": ROWS, "alpha": 1.0},
    "gelu": {"x": ROWS, "approximate": False},
    "softmax": {"x": ROWS, "axis": -1},
    "conv2d": {"x": MAPS, "kernel": RNG.normal(size=(3, 3, 2, 4)), "bias": VECTOR, "groups": 1, **WINDOW},
    "depthwise_conv2d": {"x": MAPS, "kernel": RNG.normal(size=(3, 3, 2, 2)), "bias": VECTOR, **WINDOW},
    "conv2d_transpose": {"x": MAPS, "kernel": RNG.normal(size=(3, 3, 4, 2)), "bias": VECTOR, **WINDOW},
    "dense": {"x": ROWS, "kernel": RNG.normal(size=(4, 4)), "bias": VECTOR},
    "add": {"x": ROWS, "shortcut": ROWS},
    "concatenate": {"arrays": [ROWS, ROWS], "axis": -1},
    "max_pool": POOL,
    "average_pool": POOL,
    "global_average_pool": {"x": MAPS},
    "batch_norm": {**NORM, **MOVING},
    "layer_norm": {**NORM, "axis": -1},
    "dropout": {"x": ROWS, "rate": 0.5, "training": True, "seed": 0, "mask": np.ones((3, 4))},
    "l1_penalty_forward": {"weights": ROWS, "factor": 0.1},
    "l2_penalty_forward": {"weights": ROWS, "factor": 0.1},
    "mean_squared_error": {"y_true": ROWS, "y_pred": ROWS},
    "mean_absolute_error": {"y_true": ROWS, "y_pred": ROWS},
    "binary_cross_entropy": LOSS,
    "categorical_cross_entropy": LOSS,
    "sparse_categorical_cross_entropy": LOSS | {"y_true": np.array([0, 1])},
    "sgd_update": {**STEP, "momentum": 0.5, "nesterov": False},
    "rmsprop_update": {**STEP, "rho": 0.9, "momentum": 0.1, "epsilon": 1e-7, "centered": False},
    "adam_update": {**STEP, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7},
    "adamw_update": {**STEP, "weight_decay": 0.1, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7},
    "step_decay": {"step": 3, "boundaries": [2.0, 5.0], "values": [1.0, 0.5, 0.1]},
    "exponential_decay": {
        "step": 3,
        "initial_learning_rate": 0.1,
        "decay_steps": 4,
        "decay_rate": 0.5,
        "staircase": False,
    },
    "cosine_decay": {
        "step": 3,
        "initial_learning_rate": 0.1,
        "decay_steps": 4,
        "alpha": 0.1,
        "warmup_target": 0.2,
        "warmup_steps": 2,
    },
    "one_cycle": {"step": 3, "peak": 0.1, "steps": 10, "warmup": 0.2},
    "output_size": AXIS,
    "pad_amounts": AXIS,
    "pad_image": {"x": MAPS, "kernel_size": 3, "strides": 1, "padding": "same", "dilation_rate": 1, "fill": 0.0},
    "numeric_gradient": {"function": lambda: 0.0, "array": ROWS.copy(), "step": 1e-5},
    "gradient_check": {"forward": layers.relu_forward, "backward": layers.relu_backward, **DIFFERENCES},
    "Network": {"steps": STEPS},
}
ALIKE = {"_forward": {"batch_norm": {"momentum": 0.9}}, "_naive": {}}
for suffix, more in ALIKE.items():
    twins = {f"{name}{suffix}": options | more.get(name, {}) for name, options in CALLS.items()}
    CALLS |= {name: options for name, options in twins.items() if hasattr(layers, name)}


def backward_call(name: str) -> dict:
    y, cache = getattr(layers, name.replace("_backward", "_forward"))(**CALLS[name.replace("_backward", "_forward")])
    return {"dy": np.ones(np.shape(y)), "cache": cache}


CALLS |= {name: backward_call(name) for name in layers.__all__ if name.endswith("_backward")}

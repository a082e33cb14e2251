"""The builders do not depend on TensorFlow: JAX and PyTorch run them too, in an environment of their own.

TensorFlow, JAX and PyTorch do not live together in one environment of the course. ``.ci/run`` makes a second one and
names its Python in COURSE_BACKENDS_PYTHON.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("COURSE_BACKENDS_PYTHON")
# Custom layers, partial windows, symmetric padding, depthwise convolution and channel shuffle. JAX compiles the start of
# every weight, so that larger networks take minutes to build there.
NAMES = ["lenet5_1998", "nin_cifar10", "resnet18", "shufflenet_v2"]
PROGRAM = """
import sys
import keras, numpy as np
from course_utils import models
folder, *names = sys.argv[1:]
x = np.load(f"{folder}/x.npy")
for name in names:
    model = models.build(name, input_shape=(32, 32, 3), classes=10)
    weights = np.load(f"{folder}/{name}.npz")
    model.set_weights([weights[f"arr_{number}"] for number in range(len(weights.files))])
    np.save(f"{folder}/{name}.npy", model.predict(x, verbose=0))
print(keras.backend.backend())
"""


@pytest.mark.skipif(not PYTHON, reason="COURSE_BACKENDS_PYTHON names no Python with JAX and PyTorch; .ci/run makes one")
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_outputs_equal_those_of_tensorflow(backend, tmp_path):
    from course_utils import models, training

    training.set_seed(1)
    rng = np.random.default_rng(1)
    x, expected = rng.normal(size=(2, 32, 32, 3)).astype("float32"), {}
    np.save(tmp_path / "x.npy", x)
    for name in NAMES:
        model = models.build(name, input_shape=(32, 32, 3), classes=10)
        for weight in model.weights:  # moving averages away from 0 and 1 too
            if "moving" in weight.path:
                weight.assign(rng.uniform(0.5, 1.5, size=weight.shape))
        np.savez(tmp_path / f"{name}.npz", *[np.asarray(weight) for weight in model.weights])
        expected[name] = np.asarray(model(x, training=False))
    environment = os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
    environment["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"  # each program runs once: it is compiled in half the time
    command = [PYTHON, "-c", PROGRAM, str(tmp_path), *NAMES]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[-1] == backend
    for name in NAMES:
        tolerance = 1e-4 * max(1, np.abs(expected[name]).max())
        np.testing.assert_allclose(
            np.load(tmp_path / f"{name}.npy"), expected[name], rtol=0, atol=tolerance, err_msg=name
        )

"""The builders do not depend on TensorFlow: JAX and PyTorch run them too, in an environment of their own.

TensorFlow, JAX and PyTorch do not live together in one environment of the course. ``.ci/run`` makes a second one and
names its Python in COURSE_BACKENDS_PYTHON.
"""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("COURSE_BACKENDS_PYTHON")
# Grouped and depthwise convolutions, padding, channel shuffle, squeeze-and-excitation, custom layers.
NAMES = ["googlenet", "resnet50", "mobilenet_v2", "shufflenet_v1", "efficientnet_b0", "regnet_y_200mf", "lenet5_1998"]
PROGRAM = """
import json, sys
import keras, numpy as np
from course_utils import models
name, folder = sys.argv[1:]
model = models.build(name, input_shape=(32, 32, 3), classes=10)
weights = np.load(f"{folder}/{name}.npz")
model.set_weights([weights[f"arr_{number}"] for number in range(len(weights.files))])
x = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype("float32")
y = keras.ops.convert_to_numpy(model(x, training=False))
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
loss = float(model.train_on_batch(x, np.array([1, 2])))
print(json.dumps([keras.backend.backend(), model.count_params(), y.tolist(), loss]))
"""


@pytest.mark.skipif(not PYTHON, reason="COURSE_BACKENDS_PYTHON names no Python with JAX and PyTorch; .ci/run makes one")
@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("name", NAMES)
def test_outputs_equal_those_of_tensorflow(name, backend, tmp_path):
    from course_utils import models, training

    training.set_seed(1)
    model = models.build(name, input_shape=(32, 32, 3), classes=10)
    rng = np.random.default_rng(1)
    for weight in model.weights:  # moving averages away from 0 and 1 too
        if "moving" in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, size=weight.shape))
    np.savez(tmp_path / f"{name}.npz", *[np.asarray(weight) for weight in model.weights])
    x = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype("float32")
    expected = np.asarray(model(x, training=False))
    environment = os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    run = subprocess.run([PYTHON, "-c", PROGRAM, name, str(tmp_path)], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    used, parameters, y, loss = json.loads(run.stdout.splitlines()[-1])
    assert used == backend
    assert parameters == model.count_params()
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-4 * max(1, np.abs(expected).max()))
    assert np.isfinite(loss)

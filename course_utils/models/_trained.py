"""Networks that come with their weights, so that a lesson about trained networks need not train one first."""

from pathlib import Path

import numpy as np

from course_utils._arguments import as_choice
from course_utils.datasets import _bundled
from course_utils.models._names import build

DATA_DIR = Path(__file__).parent / "data"
TRAINED = ("mnist_fast",)


def trained(name: str):
    """A network with the trained weights that come with the course.

    Parameters
    ----------
    name : str
        ``"mnist_fast"``: :func:`mnist_fast`, trained for three epochs on the 60 000 training digits by
        :func:`course_utils.training.fit_fast`. Its training never looked at a test digit.

    Returns
    -------
    keras.Model
        The network of that builder, not compiled; each call makes a new one.

    Raises
    ------
    ValueError
        If no trained weights of that name come with the course, or they do not fit the builder.
    FileNotFoundError, CorruptDataError
        If the file of weights is missing or damaged.
    """
    name = as_choice(name, "name", TRAINED)
    arrays = _bundled.read_npz(f"{name}.npz", DATA_DIR)
    model = build(name)
    assign(model, {key: array for key, array in arrays.items() if "/" in key})
    return model


def weights_of(model) -> dict[str, np.ndarray]:
    """All weights of a model by layer and weight, such as ``conv1/kernel``, each a copy."""
    import keras

    return {_key(model, weight): np.array(keras.ops.convert_to_numpy(weight)) for weight in model.weights}


def assign(model, arrays: dict[str, np.ndarray]) -> None:
    """Set all weights of a model from arrays by the names of :func:`weights_of`.

    Raises
    ------
    ValueError
        If a name or shape does not fit; then nothing is set.
    """
    own = {_key(model, weight): weight for weight in model.weights}
    if own.keys() != arrays.keys():
        missing, foreign = sorted(own.keys() - arrays.keys()), sorted(arrays.keys() - own.keys())
        raise ValueError(f"the weights do not fit {model.name!r}: missing {missing}, without a place {foreign}")
    for key, weight in own.items():
        if tuple(weight.shape) != arrays[key].shape:
            raise ValueError(f"{key} has shape {arrays[key].shape}, but {model.name!r} needs {tuple(weight.shape)}")
    for key, weight in own.items():
        weight.assign(arrays[key])


def _key(model, weight) -> str:
    return weight.path.removeprefix(f"{model.name}/")

"""Networks that come with their weights, so that a lesson about trained networks need not train one first."""

from pathlib import Path

import numpy as np

from course_utils._arguments import as_choice, as_count, as_flag
from course_utils.datasets import _bundled
from course_utils.models._keras_networks import KERAS_NETWORKS, from_keras
from course_utils.models.efficientnet_lite import efficientnet_lite0
from course_utils.models.mnist import mnist_fast

DATA_DIR = Path(__file__).parent / "data"
TRAINED = ("mnist_fast", "imagenet_lite0")
IMAGENET_SIZE = 224


def trained(name: str, *, input_size: int | None = None, include_top: bool = True):
    """A network with trained weights, most of them from the course's own folder.

    Parameters
    ----------
    name : str
        ``"mnist_fast"``: :func:`mnist_fast`, trained for three epochs on the 60 000 training digits by
        :func:`course_utils.training.fit_fast`. Its training never looked at a test digit.

        ``"imagenet_lite0"``: :func:`efficientnet_lite0` with the weights that Google trained on ImageNet, rounded to
        float16. It takes what :func:`imagenet_input` makes of pictures; :func:`imagenet_labels` names its answers.

        A network of ``keras.applications``, such as ``"MobileNetV2"``: with the ImageNet weights that Keras downloads
        once, and keeps. It takes what ``imagenet_input(pictures, network="MobileNetV2")`` makes of pictures.
    input_size : int, optional
        Rows and columns of the pictures that the network will take: from 32 to 1024 for ``"imagenet_lite0"``, which
        was trained with 224 and is quicker and less accurate with fewer; its own size unless given.
    include_top : bool
        Whether the network ends in logits; without its classifier and the pooling before that, in feature maps. Only
        networks trained on ImageNet can go without.

    Returns
    -------
    keras.Model
        The network, not compiled; each call makes a new one. Its outputs are logits, or feature maps.

    Raises
    ------
    ValueError
        If there are no trained weights of that name, or a size does not fit the network.
    FileNotFoundError, CorruptDataError
        If the file of weights is missing or damaged, or Keras cannot download its own.
    """
    name = as_choice(name, "name", (*TRAINED, *KERAS_NETWORKS))
    include_top = as_flag(include_top, "include_top")
    input_size = None if input_size is None else as_count(input_size, "input_size", least=32, most=1024)
    if name in KERAS_NETWORKS:
        return from_keras(name, input_size, include_top)
    if name == "imagenet_lite0":
        size = input_size or IMAGENET_SIZE
        model = efficientnet_lite0((size, size, 3), include_top=include_top, name=name)
    elif input_size is not None or not include_top:
        raise ValueError(
            f"name={name!a} takes neither input_size nor include_top: it is whole, and takes 28 x 28 digits"
        )
    else:
        model = mnist_fast()
    arrays = _bundled.read_npz(f"{name}.npz", DATA_DIR)
    wanted = {key: array for key, array in arrays.items() if "/" in key and (include_top or "logits/" not in key)}
    assign(model, wanted)
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

"""Networks of ``keras.applications`` with their ImageNet weights, which Keras downloads once and keeps."""

import os
import re
from pathlib import Path

import numpy as np

from course_utils.datasets import CorruptDataError

_MODULES = {
    "xception": ("Xception",),
    "vgg16": ("VGG16",),
    "vgg19": ("VGG19",),
    "resnet": ("ResNet50", "ResNet101", "ResNet152"),
    "resnet_v2": ("ResNet50V2", "ResNet101V2", "ResNet152V2"),
    "inception_v3": ("InceptionV3",),
    "inception_resnet_v2": ("InceptionResNetV2",),
    "mobilenet": ("MobileNet",),
    "mobilenet_v2": ("MobileNetV2",),
    "mobilenet_v3": ("MobileNetV3Small", "MobileNetV3Large"),
    "densenet": ("DenseNet121", "DenseNet169", "DenseNet201"),
    "nasnet": ("NASNetMobile", "NASNetLarge"),
    "efficientnet": tuple(f"EfficientNetB{number}" for number in range(8)),
    "efficientnet_v2": tuple(f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "S", "M", "L")),
    "convnext": tuple(f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge")),
}
KERAS_NETWORKS = {name: module for module, names in _MODULES.items() for name in names}
"""Name of a network → the module of ``keras.applications`` that has it, and its ``preprocess_input``."""


def preprocess(name: str, pixels: np.ndarray) -> np.ndarray:
    """Pixels 0 … 255, shape (N, H, W, 3), as that network takes them; Keras would change a float array in place."""
    import keras

    return getattr(keras.applications, KERAS_NETWORKS[name]).preprocess_input(pixels.astype(np.float32).copy())


def from_keras(name: str, input_size: int | None, include_top: bool):
    """The network with its ImageNet weights; its outputs are logits, or feature maps without its top.

    Raises
    ------
    ValueError
        If another size than its own is asked for together with its classifier.
    FileNotFoundError
        If its weights are not in Keras's folder and cannot be downloaded; the message says where to put them.
    CorruptDataError
        If what came is not what Keras recorded.
    """
    import keras

    if include_top and input_size is not None:
        raise ValueError(
            f"input_size={input_size}: Keras's {name} with its classifier takes pictures of its own size only; "
            "leave input_size out, or give include_top=False"
        )
    options = {"include_top": include_top, "weights": "imagenet"}
    options |= {"classifier_activation": None} if include_top else {}
    options |= {"input_shape": (input_size, input_size, 3)} if input_size is not None else {}
    try:
        return getattr(keras.applications, name)(**options)
    except Exception as error:  # Keras raises a bare Exception where a download fails
        raise _explained(name, error) from error


def _explained(name: str, error: Exception) -> Exception:
    """The error to raise for what Keras raised while it fetched weights; any other as it is."""
    said = " ".join(str(error).split())
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
    if "corrupted file" in said:
        return CorruptDataError(
            f"the weights of {name} in {folder} are not what Keras recorded: remove them and ask again"
        )
    address = re.search(r"https?://[^\s:]+", said)
    if "URL fetch failure" not in said and not isinstance(error, OSError):
        return error
    where = f"fetch {address[0]} elsewhere and put it there" if address else "put the file there"
    return FileNotFoundError(
        f"name={name!a}: its ImageNet weights are not in {folder}, and downloading them failed. Try again with a "
        f"connection, or {where}; 'imagenet_lite0' comes with the course"
    )

"""Train the course's fast digit network, and write it as the page's interactive figure reads it.

    python data_scripts/make_fast_network.py            # the page's file from the weights; trains if there are none
    python data_scripts/make_fast_network.py --train    # trains anew: a minute on two cores
    python data_scripts/make_fast_network.py --check    # writes nothing; exit status 1 if the page's file is not current

The weights, float32, are ``course_utils/models/data/mnist_fast.npz``; ``models.trained("mnist_fast")`` reads them. The
same weights give the same bytes. Training again on another processor gives slightly other weights, so it happens on
request only. ``book/interactive/digit-network.js`` follows from the weights: kernels as int8 with one scale an output
channel, batch normalisation as a factor and a shift a channel. Batch normalisation comes after max pooling, which
does not commute with a negative factor, so it cannot be made part of the kernels. The file also holds twenty test
digits, eight of which the int8 network gets wrong.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from make_mnist import pack, record_checksum, write_atomically
from page_file import bring, encode, javascript, quantise

from course_utils import datasets
from course_utils.models import _trained

NAME = "mnist_fast"
SEED, EPOCHS = 0, 3
SCRIPT_FILE = Path(__file__).parents[1] / "book" / "interactive" / "digit-network.js"
MISTAKES = 8

COMMENT = """\
/* The trained digit network of the interactive figure, and twenty test digits. Made by data_scripts/make_fast_network.py:
   do not edit. Arrays are base64: int8, uint8, or float32 with the lowest byte first; row-major, channels last.
   The digits are from MNIST (Yann LeCun and Corinna Cortes), CC BY-SA 3.0. */
"""


def train() -> dict[str, np.ndarray]:
    """Weights by path after the fast recipe on all training digits, and how many test digits they get right."""
    from course_utils import models, training

    digits = datasets.load_mnist()
    training.set_seed(SEED)
    model = models.mnist_fast(name=NAME)
    training.fit_fast(model, digits.x_train, digits.y_train, epochs=EPOCHS, seed=SEED)
    correct = (probabilities(model, digits.x_test).argmax(axis=1) == digits.y_test).sum()
    return {**_trained.weights_of(model), "test_correct": np.array(correct, np.int64)}


def probabilities(model, images: np.ndarray) -> np.ndarray:
    """Softmax of the model's logits, shape (N, K)."""
    from course_utils import evaluation

    return evaluation.softmax(model.predict(images, batch_size=1000, verbose=0))


def dequantised(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights as the page computes with them: kernels rounded to int8 and multiplied out again."""
    exact = {}
    for key, array in arrays.items():
        entries, scale = quantise(array) if key.endswith("/kernel") else (array, None)
        exact[key] = array if scale is None else entries.astype(np.float32) * scale
    return exact


def kernel_entry(kernel: np.ndarray, as_int8: bool) -> dict:
    """A kernel as the page reads it."""
    if not as_int8:
        return {"type": "float32", "values": encode(kernel, "float32")}
    entries, scale = quantise(kernel)
    return {"type": "int8", "values": encode(entries, "int8"), "scale": encode(scale, "float32")}


def layer_entry(layer, as_int8: bool) -> dict:
    """A layer as the page reads it: what it does, its sizes, its weights."""
    kind, weights = type(layer).__name__, {weight.name: np.asarray(weight) for weight in layer.weights}
    entry: dict = {"name": layer.name}
    if kind == "Rescaling":
        return entry | {"kind": "rescale", "factor": float(layer.scale)}
    if kind == "Conv2D":
        size, _, channels, filters = weights["kernel"].shape
        entry |= {"kind": "conv", "size": size, "channels": channels, "filters": filters}
        return entry | {"kernel": kernel_entry(weights["kernel"], as_int8)}
    if kind == "MaxPooling2D":
        return entry | {"kind": "maxpool", "size": layer.pool_size[0]}
    if kind == "BatchNormalization":
        root = np.sqrt(weights["moving_variance"].astype(np.float64) + layer.epsilon)
        factor = weights["gamma"] / root
        shift = weights["beta"] - weights["moving_mean"] * factor
        return entry | {"kind": "affine", "factor": encode(factor, "float32"), "bias": encode(shift, "float32")}
    if kind == "Dense":
        inputs, units = weights["kernel"].shape
        entry |= {"kind": "dense", "inputs": inputs, "filters": units}
        return entry | {"kernel": kernel_entry(weights["kernel"], as_int8), "bias": encode(weights["bias"], "float32")}
    if kind == "ReLU":
        return entry | {"kind": "relu"}
    raise ValueError(f"layer {layer.name!r}: the page knows no {kind}")


def network(model, *, as_int8: bool = True) -> dict:
    """Input shape and layers of a model as the page reads them; with ``as_int8=False`` the exact weights.

    Flattening is left out: to the page, the dense layer is a convolution whose window is the whole map.
    """
    layers = [layer_entry(layer, as_int8) for layer in model.layers if type(layer).__name__ != "Flatten"]
    return {"input": list(model.input_shape[1:]), "layers": layers}


def choose(labels: np.ndarray, probability: np.ndarray) -> list[int]:
    """Indices of twenty digits: the first of each class read right, the two read right with least probability, and the
    most confident mistake of each of eight classes."""
    predicted, confidence = probability.argmax(axis=1), probability.max(axis=1)
    right = np.flatnonzero(predicted == labels)
    first = [int(right[labels[right] == label][0]) for label in range(10)]
    unsure = right[np.argsort(confidence[right], kind="stable")[:2]]
    wrong = np.flatnonzero(predicted != labels)
    wrong = wrong[np.argsort(-confidence[wrong], kind="stable")]
    worst = [int(wrong[labels[wrong] == label][0]) for label in dict.fromkeys(labels[wrong].tolist())][:MISTAKES]
    return [*first, *sorted(unsure.tolist()), *sorted(worst)]


def page_data() -> dict:
    """All that the page's file holds, from the bundled weights."""
    from course_utils import models

    digits, model = datasets.load_mnist(), models.trained(NAME)
    rounded = models.mnist_fast()
    _trained.assign(rounded, dequantised(_trained.weights_of(model)))
    exact, probability = probabilities(model, digits.x_test), probabilities(rounded, digits.x_test)
    predicted = probability.argmax(axis=1)
    samples = [
        {
            "index": index,
            "label": int(digits.y_test[index]),
            "predicted": int(predicted[index]),
            "pixels": encode(digits.x_test[index], "uint8"),
        }
        for index in choose(digits.y_test, probability)
    ]
    accuracy = {
        "digits": len(digits.y_test),
        "float": float((exact.argmax(axis=1) == digits.y_test).mean()),
        "int8": float((predicted == digits.y_test).mean()),
    }
    return {"name": NAME, "accuracy": accuracy, **network(model), "samples": samples}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", action="store_true", help="train anew, even though the weights are there")
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if the file is not current")
    options = parser.parse_args(argv)
    if options.train and options.check:
        parser.error("--train writes and --check does not: give one of them")
    weights = _trained.DATA_DIR / f"{NAME}.npz"
    if options.train or not (weights.exists() or options.check):
        weights.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(weights, pack(train()))
        print(f"{weights}: {weights.stat().st_size:,} bytes, SHA-256 {record_checksum(weights)}")
    return bring(
        SCRIPT_FILE,
        lambda: javascript(COMMENT, "CourseDigitNetwork", page_data()),
        "make_fast_network",
        check=options.check,
    )


if __name__ == "__main__":
    sys.exit(main())

"""Seeds, devices, fitting with the usual callbacks, and the fast recipe. Keras is imported by the first call."""

from __future__ import annotations

import inspect
import io
import math
import os
import re
import secrets
import textwrap
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_utils._arguments import (
    as_array,
    as_count,
    as_flag,
    as_generator,
    as_labels,
    as_list,
    as_model,
    as_number,
    as_path,
    as_seed,
    as_share,
    given,
    printable,
    refuse,
)

if TYPE_CHECKING:
    import keras


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and the Keras backend, so that a run can be repeated on the same machine.

    Other processors or numbers of threads add in another order and give slightly other weights: compare bands.

    Raises
    ------
    ValueError
        If ``seed`` is not a whole number from 0 to 2³² − 1.
    """
    import keras

    keras.utils.set_random_seed(as_seed(seed, most=2**32 - 1))


def device_report() -> str:
    """One line about what will do the computing: Keras and its backend, processors, GPUs."""
    import keras

    devices = keras.distribution.list_devices()
    gpus = [device for device in devices if not device.lower().startswith("cpu")]
    computing = f"{len(gpus)} GPU ({', '.join(gpus)})" if gpus else f"no GPU, {os.cpu_count()} CPU cores"
    return f"Keras {keras.__version__} on {keras.backend.backend()}: {computing}"


def random_shifts(images: np.ndarray, max_shift: int, rng: np.random.Generator) -> np.ndarray:
    """Shift each picture by its own random whole number of pixels; zeros move in at the border.

    Parameters
    ----------
    images : numpy.ndarray
        Shape (N, H, W, C).
    max_shift : int
        Rows and columns are drawn from −max_shift … max_shift, independently.
    rng : numpy.random.Generator or int
        Source of the randomness; a number gives the same shifts each time.

    Returns
    -------
    numpy.ndarray
        Same shape and dtype.

    Raises
    ------
    ValueError
        If ``images`` has no four axes, ``max_shift`` is negative, or ``rng`` is no source of randomness.
    """
    images = as_array(images, "images", shape=("N", "H", "W", "C"), filled=True)
    max_shift, rng = _shift(max_shift, images), as_generator(rng, "rng")
    n, height, width, _ = images.shape
    padded = np.pad(images, ((0, 0), (max_shift, max_shift), (max_shift, max_shift), (0, 0)))
    # Shifting is cropping from the padded picture: all crops of all pictures are one view, from which each picks its own.
    crops = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    row, column = rng.integers(0, 2 * max_shift, size=(2, n), endpoint=True)
    return np.moveaxis(crops[np.arange(n), row, column], 1, -1)


def _shift(max_shift, images: np.ndarray) -> int:
    """A number of pixels that does not move every picture out of sight."""
    return as_count(max_shift, "max_shift", least=0, most=max(images.shape[1:3]))


class Batches:
    """Shuffled batches of raw pictures, each epoch in a new order and with new random shifts.

    A batch depends on the seed, the epoch and its number alone: looking at it once more gives the same one. :func:`fit`
    takes it in the place of pictures and labels.

    Parameters
    ----------
    x, y : numpy.ndarray
        Pictures, shape (N, H, W, C), and labels, one a picture.
    batch_size : int
        Pictures a batch; the last one holds what is left.
    max_shift : int
        Largest random shift in pixels; 0 leaves the pictures as they are.
    seed : int
        The same seed gives the same batches.

    Raises
    ------
    ValueError
        If pictures and labels differ in number, or a number is out of range.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, *, batch_size: int = 128, max_shift: int = 0, seed: int = 0):
        self.x, self.y = _pictures_and_labels(x, y)
        if self.x.ndim != 4:
            raise ValueError(f"x has shape {self.x.shape}; expected (N, H, W, C)")
        self.batch_size, self.max_shift = as_count(batch_size, "batch_size"), _shift(max_shift, self.x)
        self.seed, self.epoch = as_seed(seed), -1
        self.on_epoch_end()

    def __len__(self):
        """Batches an epoch: N / batch_size, rounded up."""
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, index):
        """Batch number ``index`` of the current epoch: pictures and labels."""
        count = as_count(index, "index", least=-len(self))
        if count >= len(self):
            raise IndexError(f"there is no batch {count}: an epoch has batches 0 to {len(self) - 1}")
        count %= len(self)
        chosen = self.order[count * self.batch_size : (count + 1) * self.batch_size]
        shifts = np.random.default_rng([self.seed, self.epoch, 1 + count])
        return random_shifts(self.x[chosen], self.max_shift, shifts), self.y[chosen]

    def on_epoch_end(self):
        """Go to the next epoch: shuffle."""
        self.epoch += 1
        self.order = np.random.default_rng([self.seed, self.epoch, 0]).permutation(len(self.x))


def one_cycle(peak: float, steps: int, *, warmup: float = 0.2) -> keras.optimizers.schedules.LearningRateSchedule:
    """Learning rate that rises linearly to ``peak``, then falls to zero along half a cosine.

    Parameters
    ----------
    peak : float
        Highest learning rate, greater than 0.
    steps : int
        Number of batches of the whole training.
    warmup : float
        Share of the steps that the rise takes, 0 < warmup < 1.

    Returns
    -------
    keras.optimizers.schedules.LearningRateSchedule
        For the ``learning_rate`` of any Keras optimiser.

    Raises
    ------
    ValueError
        If a number is out of range.

    References
    ----------
    Smith and Topin, *Super-convergence*, 2018.
    """
    import keras

    peak, steps = as_number(peak, "peak", above=0), as_count(steps, "steps", least=2)
    warmup = as_number(warmup, "warmup", above=0, below=1)
    rise = min(max(1, round(warmup * steps)), steps - 1)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0, warmup_target=peak, warmup_steps=rise, decay_steps=steps - rise
    )


def _progress() -> keras.callbacks.Callback:
    """A callback that prints one line an epoch: what was reached, in training and, behind "val", on held-out data."""
    import keras

    def written(name: str, value: float) -> str:
        return f"{name.replace('_', ' ')} {100 * value:.2f} %" if "accuracy" in name else f"{name} {value:.4f}"

    class Progress(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs = {name: value for name, value in (logs or {}).items() if name != "learning_rate"}
            figures = [written(name, value) for name, value in logs.items() if not name.startswith("val_")]
            held_out = [written(name[4:], value) for name, value in logs.items() if name.startswith("val_")]
            if held_out:
                figures.append(f"val {', '.join(held_out)}")
            line = f"epoch {epoch + 1}/{self.params['epochs']}: {', '.join(figures)}"
            print(textwrap.fill(line, 79, subsequent_indent="  "), flush=True)

    return Progress()


def _for_keras(batches: Batches) -> keras.utils.PyDataset:
    """Batches in the form in which Keras takes them."""
    import keras

    class Dataset(keras.utils.PyDataset):
        def __len__(self):
            return len(batches)

        def __getitem__(self, index):
            return batches[index]

        def on_epoch_end(self):
            batches.on_epoch_end()

    return Dataset()


def fit(
    model: keras.Model,
    x,
    y: np.ndarray | None = None,
    *,
    epochs: int,
    batch_size: int = 64,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    patience: int | None = None,
    checkpoint: str | Path | None = None,
    progress: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> dict[str, list[float]]:
    """Train a compiled model, with a line of progress an epoch and the usual callbacks.

    Parameters
    ----------
    model : keras.Model
        Compiled.
    x, y : numpy.ndarray
        Pictures and labels; or ``x`` alone, a data set that yields batches of both.
    epochs, batch_size : int
        Passes through the data, and pictures a step (ignored where ``x`` brings its own batches).
    validation : (numpy.ndarray, numpy.ndarray), optional
        Pictures and labels of the *validation* split. Never the test split: what is used to choose cannot judge.
    patience : int, optional
        Stop after this many epochs without a better validation loss, and go back to the best weights.
    checkpoint : path, optional
        Keep the weights of the best validation loss in this ``.keras`` file.
    progress : bool
        Print a line an epoch.
    callbacks : sequence of keras.callbacks.Callback
        Further callbacks.

    Returns
    -------
    dict of str to list of float
        One entry an epoch: "loss", the model's metrics, and the same with ``val_`` in front.

    Raises
    ------
    ValueError
        If the model is not compiled, pictures and labels do not fit each other or the model, a number is out of range,
        or ``patience`` or ``checkpoint`` is given without ``validation``.
    """
    model, epochs = as_model(model, compiled=True), as_count(epochs, "epochs")
    batching = {"batch_size": as_count(batch_size, "batch_size")}
    if validation is None and (patience is not None or checkpoint is not None):
        raise ValueError("patience and checkpoint choose by validation loss: give validation=(x_val, y_val)")
    for data, where in ((x, ""), (validation, "validation ")):
        if isinstance(data, Batches):
            _check_fit(model, data.x, data.y, where)
        _check_dataset(model, data, where)
    if y is None and _is_dataset(x):
        x, batching = _for_keras(x) if isinstance(x, Batches) else x, {}
    else:
        x, y = _pictures_and_labels(x, y, model=model)
    if isinstance(validation, Batches):
        validation = _for_keras(validation)
    if validation is not None and not _is_dataset(validation):
        given_pair = as_list(validation, "validation", count=2, meaning="array: pictures and labels")
        validation = _pictures_and_labels(*given_pair, model=model, where="validation ")
    usual = _callbacks(callbacks, patience, checkpoint, as_flag(progress, "progress"))
    try:
        history = model.fit(x, y, epochs=epochs, validation_data=validation, verbose=0, callbacks=usual, **batching)
    except Exception as error:
        found = re.search(r"Received a label value of (\S+) .*?range of \[0, (\d+)\)", str(error))
        if found is None:
            raise
        label, classes = found.groups()
        raise ValueError(f"y holds the label {label}; labels are whole numbers from 0 to {int(classes) - 1}") from error
    return history.history


def _callbacks(further, patience, checkpoint, progress: bool) -> list[keras.callbacks.Callback]:
    """Those that were given, and the usual ones that were asked for."""
    import keras

    usual = as_list(further, "callbacks", least=0)
    for number, callback in enumerate(usual):
        if not isinstance(callback, keras.callbacks.Callback):
            raise refuse(f"callbacks[{number}]", callback, "expected a keras.callbacks.Callback")
    if patience is not None:
        patience = as_count(patience, "patience", least=0)
        usual.append(keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True))
    if checkpoint is not None:
        usual.append(keras.callbacks.ModelCheckpoint(_keras_file(checkpoint, "checkpoint"), save_best_only=True))
    return [*usual, _progress()] if progress else usual


def _is_dataset(x) -> bool:
    """Whether this yields batches: neither an array or a tensor, nor one of Python's own collections."""
    plain = isinstance(x, str | bytes | bytearray | memoryview | list | tuple | dict | set | range) or hasattr(
        x, "shape"
    )
    indexed = hasattr(x, "__len__") and hasattr(x, "__getitem__")  # PyDataset, and Batches
    iterated = hasattr(x, "__next__") or hasattr(x, "element_spec") or type(x).__name__ == "DataLoader"
    return not plain and (indexed or iterated)


def _pictures_and_labels(x, y, *, model=None, where: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays of numbers, as many of one as of the other, at least one; labels are classes of the model."""
    x = as_array(x, f"{where}x", shape=("N", ...), finite=True, filled=True)
    y = as_array(y, f"{where}y", shape=("N", ...), finite=True, filled=True)
    if len(x) != len(y):
        raise ValueError(f"{len(x)} {where}pictures but {len(y)} {where}labels: give as many of both, at least one")
    if model is not None:
        _check_fit(model, x, y, where)
    return x, y


def _check_fit(model, x: np.ndarray, y: np.ndarray, where: str) -> None:
    """Raise ValueError where pictures or labels do not belong to a model, before Keras does so from far inside."""
    import keras

    taken, returned = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if any(isinstance(shape, list) and len(shape) > 1 for shape in (taken, returned)):
        raise ValueError("model has several inputs or outputs; fit trains models with one of each")
    _check_pictures(taken, x.shape, where)
    loss = getattr(model, "loss", None)
    own = any(getattr(type(model), way) is not getattr(keras.Model, way) for way in ("train_step", "compute_loss"))
    if loss is None and not own and not model.losses:
        raise ValueError("model is compiled without a loss: call model.compile(optimizer=..., loss=...) first")
    name = _loss_name(loss)
    sparse, kept = name == "sparsecategoricalcrossentropy", isinstance(returned, tuple)
    if name and kept and None not in returned[1:] and not re.search("ctc|circle|generalized", name):
        whole = (len(x), *(returned[1:-1] if sparse else returned[1:]))
        shapes = [whole, (*whole, 1), whole[:-1] if whole[-1] == 1 and not sparse else whole]  # as for pictures
        if y.shape not in shapes:
            raise ValueError(f"{where}y has shape {y.shape}; the model and its loss take labels of shape {whole}")
    if sparse and kept:
        if (y != np.floor(y)).any():
            raise ValueError(f"{where}y holds {y[y != np.floor(y)].flat[0].item()!r}; class numbers are whole numbers")
        as_labels(y.astype(np.int64), f"{where}y", classes=returned[-1], shape=y.shape)
    if name == "binarycrossentropy":
        as_array(y, f"{where}y", least=0, most=1)


def _check_pictures(taken, shape: tuple[int | None, ...], where: str) -> None:
    """Raise ValueError unless a model that takes maps of one shape can be given another, in which None may be any size."""
    if not isinstance(taken, tuple) or not all(isinstance(size, int | None) for size in taken):
        return
    shapes = [shape, (*shape, 1), shape[:-1] if shape[-1:] == (1,) else shape]  # Keras adds or drops a last 1
    alike = [one for one in shapes if len(one) == len(taken)]
    if not any(all(own in (None, size) or not size for own, size in zip(one, taken, strict=True)) for one in alike):
        sizes = ", ".join(map(str, taken[1:]))
        raise ValueError(f"{where}x has shape {shape}; model takes (N, {sizes})")


def _check_dataset(model, data, where: str) -> None:
    """The same for a data set of TensorFlow, as far as it tells what it yields."""
    spec, taken = getattr(data, "element_spec", None), getattr(model, "input_shape", None)
    if spec is None or getattr(model, "loss", None) is None:
        return
    if not isinstance(spec, tuple) or len(spec) not in (2, 3):
        raise ValueError(f"{where}x yields no pairs: expected batches of pictures and labels")
    pictures, labels = (getattr(part, "shape", None) for part in spec[:2])
    if labels is not None and labels.rank == 0:
        raise ValueError(f"{where}x yields one picture at a time; expected batches, as x.batch(...) gives")
    if pictures is not None and pictures.rank is not None:
        _check_pictures(taken, tuple(pictures), where)


def _loss_name(loss) -> str:
    """Name of one of Keras's losses, such as "categoricalcrossentropy"; "" of any other."""
    import keras

    if isinstance(loss, str):
        try:
            loss = keras.losses.get(loss)
        except ValueError:
            raise ValueError(f"model is compiled with loss={given(loss)}, which Keras does not know") from None
    kind = loss if inspect.isfunction(loss) else type(loss)
    wrapper = kind.__name__ in ("Loss", "LossFunctionWrapper")
    return kind.__name__.lower().replace("_", "") if kind.__module__.startswith("keras.") and not wrapper else ""


def fit_fast(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int = 3,
    batch_size: int = 128,
    peak: float = 0.01,
    max_shift: int = 1,
    label_smoothing: float = 0.1,
    seed: int = 0,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    progress: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> dict[str, list[float]]:
    """Compile and train by the fast recipe: Adam, one cycle of the learning rate, random shifts, smoothed labels.

    Parameters
    ----------
    model : keras.Model
        Network whose output are logits, shape (N, K), such as :func:`course_utils.models.mnist_fast`.
    x, y : numpy.ndarray
        Training pictures, shape (N, H, W, C), values 0 … 255, and class numbers, shape (N,).
    epochs, batch_size, peak, max_shift, seed
        See :func:`one_cycle` and :class:`Batches`. The defaults were chosen on a validation split of MNIST.
    label_smoothing : float
        Share of the target probability that is spread over all classes, 0 ≤ label_smoothing < 1.
    validation, progress, callbacks
        As for :func:`fit`.

    Returns
    -------
    dict of str to list of float
        As for :func:`fit`.

    Raises
    ------
    ValueError
        If a number is out of range, a label is no class of the model, or the model ends in probabilities.

    Notes
    -----
    The model is compiled for one-hot labels, the form in which Keras smooths them.

    References
    ----------
    Smith and Topin, *Super-convergence*, 2018. Szegedy et al., *Rethinking the Inception architecture*, 2016.
    """
    import keras

    shape = getattr(as_model(model, built=True), "output_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 2 or shape[1] < 2:
        raise ValueError(
            f"model has outputs of shape {given(shape)}; expected logits, shape (N, K), of at least two classes"
        )
    last = model
    while isinstance(last, keras.Model):
        last = last.layers[-1]
    activation = getattr(last, "activation", None)
    if isinstance(last, keras.layers.Softmax) or activation in (keras.activations.softmax, keras.activations.sigmoid):
        raise ValueError(f"model ends in probabilities, in layer {last.name!a}; expected logits, no softmax or sigmoid")
    label_smoothing, epochs = as_share(label_smoothing, "label_smoothing"), as_count(epochs, "epochs")
    batches = Batches(x, _one_hot(y, shape[1]), batch_size=batch_size, max_shift=max_shift, seed=seed)
    peak, steps = as_number(peak, "peak", above=0), len(batches) * epochs
    if validation is not None:
        x_val, y_val = as_list(validation, "validation", count=2, meaning="array: pictures and labels")
        validation = x_val, _one_hot(y_val, shape[1], "validation y")
    model.compile(
        # A run of some hundred steps is over before Adam's usual 0.999 has forgotten the first, noisy gradients.
        optimizer=keras.optimizers.Adam(one_cycle(peak, steps) if steps > 1 else peak, beta_2=0.99),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing),
        metrics=["accuracy"],
    )
    return fit(model, batches, epochs=epochs, validation=validation, progress=progress, callbacks=callbacks)


def _one_hot(labels: np.ndarray, classes: int, name: str = "y") -> np.ndarray:
    """Class numbers, shape (N,), as rows with a single 1, float32, shape (N, classes)."""
    return np.eye(classes, dtype=np.float32)[as_labels(labels, name, classes=classes)]


def save(model: keras.Model, path: str | Path) -> Path:
    """Save a model with its weights and optimiser as a ``.keras`` file, whole or not at all.

    Raises
    ------
    ValueError
        If ``model`` is none, or ``path`` does not end in ``.keras`` or is a folder.
    FileNotFoundError
        If its folder does not exist.
    OSError
        If it cannot be written, as on a full disk.
    """
    model, path = as_model(model), _keras_file(path)
    temporary = path.with_name(f".{secrets.token_hex(8)}.part.keras")  # one that nobody else is writing to
    try:
        model.save(temporary)
        os.replace(temporary, path)
    except OSError as error:
        reason = printable(error.strerror or error)
        raise OSError(error.errno, f"{printable(path)} could not be saved: {reason}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def load(path: str | Path) -> keras.Model:
    """Load a ``.keras`` file in safe mode: Keras then refuses Python code that the file holds, such as a Lambda's.

    Safe mode guards against the known ways to hide code. It is no reason to open files from strangers.

    Raises
    ------
    ValueError
        If ``path`` does not end in ``.keras``, or the file is damaged, holds no model, or one that is not loaded safely.
    FileNotFoundError
        If there is no such file.
    """
    path = _keras_file(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"there is no file {printable(path)}")
    import keras

    from course_utils.models import custom_layers  # noqa: F401  registers the layers that Keras does not have

    try:
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None:  # Keras reads the weights without comparing their checksum
                raise zipfile.BadZipFile("a checksum differs")
            for name in archive.namelist():
                if name.endswith(".h5"):
                    _check_real(archive.read(name))
        model = keras.saving.load_model(path, safe_mode=True)
        if not isinstance(model, keras.Model):
            raise TypeError(f"it holds a {type(model).__name__}")
    except Exception as error:  # a file can be damaged in more ways than Keras has exceptions for
        reason = printable(" ".join(str(error).split()))[:300]
        raise ValueError(f"{printable(path)} is damaged or holds no model: {reason}") from error
    return model


def _check_real(content: bytes) -> None:
    """Raise ValueError where weights are complex: of these, Keras would load the real part."""
    import h5py

    def check(name, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind not in "fiubV":  # V: bfloat16
            raise ValueError(f"{name} has dtype {item.dtype}; expected real numbers")

    with h5py.File(io.BytesIO(content)) as file:
        file.visititems(check)


def _keras_file(path: str | Path, name: str = "path") -> Path:
    path = as_path(path, name)
    if path.suffix != ".keras":
        raise ValueError(
            f"{name}={printable(repr(str(path)))}: must end in .keras, the format of Keras 3 (.h5 is its predecessor)"
        )
    if len(os.fsencode(path.name)) > 255:
        raise ValueError(f"{name}={given(str(path))}: the name of a file has at most 255 bytes")
    if not os.path.isdir(path.parent):
        raise FileNotFoundError(f"the folder {printable(path.parent)} does not exist")
    if os.path.isdir(path):
        raise ValueError(f"{printable(path)} is a folder, not a file")
    return path

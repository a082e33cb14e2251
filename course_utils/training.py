"""Seeds, devices, fitting with the usual callbacks, and the fast recipe. Importing this module imports Keras."""

import math
import os
import time
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and the Keras backend, so that a run can be repeated on the same machine.

    Other processors or numbers of threads add in another order and give slightly other weights: compare bands.

    Raises
    ------
    ValueError
        If ``seed`` is not a whole number from 0 to 2³² − 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"seed={seed!r}: a whole number from 0 to 2³² − 1")
    keras.utils.set_random_seed(int(seed))


def device_report() -> str:
    """One line about what will do the computing: Keras and its backend, processors, GPUs."""
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
    rng : numpy.random.Generator
        Source of the randomness.

    Returns
    -------
    numpy.ndarray
        Same shape and dtype.

    Raises
    ------
    ValueError
        If ``images`` has no four axes or ``max_shift`` is negative.
    """
    if images.ndim != 4 or max_shift < 0:
        raise ValueError(
            f"images of shape {images.shape}, max_shift={max_shift}: expected (N, H, W, C) and at least 0 pixels"
        )
    n, height, width, _ = images.shape
    padded = np.pad(images, ((0, 0), (max_shift, max_shift), (max_shift, max_shift), (0, 0)))
    # Shifting is cropping from the padded picture: all crops of all pictures are one view, from which each picks its own.
    crops = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    row, column = rng.integers(0, 2 * max_shift, size=(2, n), endpoint=True)
    return np.moveaxis(crops[np.arange(n), row, column], 1, -1)


class Batches(keras.utils.PyDataset):
    """Shuffled batches of raw pictures, each epoch in a new order and with new random shifts.

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
        super().__init__()
        if len(x) != len(y) or not len(x):
            raise ValueError(f"{len(x)} pictures but {len(y)} labels: give as many of both, at least one")
        if batch_size < 1 or max_shift < 0:
            raise ValueError(f"batch_size={batch_size}, max_shift={max_shift}: expected at least 1 and at least 0")
        self.x, self.y, self.batch_size, self.max_shift = x, y, batch_size, max_shift
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self):
        """Batches an epoch: N / batch_size, rounded up."""
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, index):
        """Batch number ``index`` of the current epoch: pictures and labels."""
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return random_shifts(self.x[chosen], self.max_shift, self.rng), self.y[chosen]

    def on_epoch_end(self):
        """Shuffle."""
        self.order = self.rng.permutation(len(self.x))


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
    numbers = all(isinstance(value, int | float | np.number) for value in (peak, steps, warmup))
    if not numbers or not peak > 0 or steps < 2 or not 0 < warmup < 1:
        raise ValueError(
            f"peak={peak!r}, steps={steps!r}, warmup={warmup!r}: expected peak > 0, at least 2 steps, 0 < warmup < 1"
        )
    rise = min(max(1, round(warmup * steps)), steps - 1)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0, warmup_target=peak, warmup_steps=rise, decay_steps=steps - rise
    )


class _Progress(keras.callbacks.Callback):
    """One line an epoch: what was reached, and how long it took."""

    def on_train_begin(self, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        figures = [
            f"{name.replace('_', ' ')} {100 * value:.2f} %"
            if "accuracy" in name
            else f"{name.replace('_', ' ')} {value:.4f}"
            for name, value in (logs or {}).items()
            if name != "learning_rate"
        ]
        seconds = time.perf_counter() - self.start
        print(f"epoch {epoch + 1}/{self.params['epochs']}: {', '.join(figures)} ({seconds:.0f} s)", flush=True)


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
        If the model is not compiled, or ``patience`` or ``checkpoint`` is given without ``validation``.
    """
    if not model.compiled:
        raise ValueError(f"the model {model.name!r} is not compiled: call model.compile(optimizer=…, loss=…) first")
    if validation is None and (patience is not None or checkpoint is not None):
        raise ValueError("patience and checkpoint choose by validation loss: give validation=(x_val, y_val)")
    usual: list[keras.callbacks.Callback] = [*callbacks]
    if patience is not None:
        usual.append(keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True))
    if checkpoint is not None:
        usual.append(keras.callbacks.ModelCheckpoint(_keras_file(checkpoint), save_best_only=True))
    if progress:
        usual.append(_Progress())
    batching = {} if y is None else {"batch_size": batch_size}
    history = model.fit(x, y, epochs=epochs, validation_data=validation, verbose=0, callbacks=usual, **batching)
    return history.history


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
        If a number is out of range, or a label is no class of the model.

    Notes
    -----
    The model is compiled for one-hot labels, the form in which Keras smooths them.

    References
    ----------
    Smith and Topin, *Super-convergence*, 2018. Szegedy et al., *Rethinking the Inception architecture*, 2016.
    """
    if not 0 <= label_smoothing < 1:
        raise ValueError(f"label_smoothing={label_smoothing!r}: a share from 0 to less than 1")
    classes = model.output_shape[-1]
    batches = Batches(x, _one_hot(y, classes), batch_size=batch_size, max_shift=max_shift, seed=seed)
    model.compile(
        # A run of some hundred steps is over before Adam's usual 0.999 has forgotten the first, noisy gradients.
        optimizer=keras.optimizers.Adam(one_cycle(peak, steps=len(batches) * epochs), beta_2=0.99),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing),
        metrics=["accuracy"],
    )
    if validation is not None:
        validation = validation[0], _one_hot(validation[1], classes)
    return fit(model, batches, epochs=epochs, validation=validation, progress=progress, callbacks=callbacks)


def _one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """Class numbers, shape (N,), as rows with a single 1, float32, shape (N, classes)."""
    labels = np.asarray(labels)
    if (
        labels.ndim != 1
        or labels.dtype.kind not in "iu"
        or (len(labels) and not 0 <= labels.min() <= labels.max() < classes)
    ):
        raise ValueError(
            f"labels of shape {labels.shape}, dtype {labels.dtype}: expected class numbers 0 … {classes - 1}, shape (N,)"
        )
    return np.eye(classes, dtype=np.float32)[labels]


def save(model: keras.Model, path: str | Path) -> Path:
    """Save a model with its weights and optimiser as a ``.keras`` file, whole or not at all.

    Raises
    ------
    ValueError
        If ``path`` does not end in ``.keras``.
    FileNotFoundError
        If its folder does not exist.
    """
    path = _keras_file(path)
    temporary = path.with_name(f".{path.stem}.part.keras")
    try:
        model.save(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def load(path: str | Path) -> keras.Model:
    """Load a ``.keras`` file in safe mode: code hidden in the file is not run.

    Raises
    ------
    ValueError
        If ``path`` does not end in ``.keras`` or holds no model.
    FileNotFoundError
        If there is no such file.
    """
    path = _keras_file(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    from course_utils.models import custom_layers  # noqa: F401  registers the layers that Keras does not have

    return keras.saving.load_model(path, safe_mode=True)


def _keras_file(path: str | Path) -> Path:
    path = Path(path)
    if path.suffix != ".keras":
        raise ValueError(f"path={str(path)!r}: must end in .keras, the format of Keras 3 (.h5 is its predecessor)")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist")
    return path

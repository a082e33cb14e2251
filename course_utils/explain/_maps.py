"""Activations, occlusion, saliency and Grad-CAM."""

import math
from collections.abc import Sequence

import numpy as np

from course_utils._arguments import as_array, as_count, as_finite, as_flag, as_labels, as_names, as_pair, given
from course_utils.anatomy._operations import POOLINGS, is_weighted, keras_kind, known_kind, told_by
from course_utils.anatomy.walk import channels_last, check_model
from course_utils.explain._logits import logits_of
from course_utils.explain._steps import Step, as_input, check_alone, find, run, to_numpy

CHUNK = 2**20  # numbers in the pictures that go through a model together
KERNEL_FUNCTIONS = {"Conv", "ConvTranspose", "DepthwiseConv", "SeparableConv"}  # those of keras.ops


def activations(model, images, layers: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Outputs of the layers of a model for one picture or a batch.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, built.
    images : array_like
        Shape (H, W, C) or (N, H, W, C).
    layers : sequence of str, optional
        Names of layers, all unless given. A layer of a model within the model is called ``"inner/layer"``; the second
        call of a shared layer ``"layer [2]"``.

    Returns
    -------
    dict of str to numpy.ndarray
        The (first) output of each layer, in the order of ``layers``, or else in the order of calculation.

    Raises
    ------
    ValueError
        If the model cannot be followed, the pictures do not fit it, or it has no layer of such a name.
    """
    batch, single = _as_batch(model, images)
    if isinstance(layers, str):
        raise ValueError(f"layers={given(layers)}: give a list of names, [{given(layers)}]")
    names = None if layers is None else as_names(layers, "layers")
    steps, output = run(model, batch)
    check_alone(model, batch, steps, output)
    chosen = steps if names is None else [find(steps, name) for name in names]
    arrays = {step.path: to_numpy(step.output) for step in chosen}
    return {path: array[0] if single else array for path, array in arrays.items()}


def occlusion_map(model, image, class_index, *, window, stride=1, fill=0.0) -> np.ndarray:
    """How much a class's logit falls when a window of the picture is covered.

    Parameters
    ----------
    model : keras.Model
        Classifier with output of shape (N, K). A single column stands for two classes: its logit counts for class 1, and
        the negative of it for class 0.
    image : array_like
        Shape (H, W, C) or (N, H, W, C).
    class_index : int or sequence of int
        0 … K − 1; for a batch, one number for all or one a picture.
    window : int or (int, int)
        Rows and columns of the covering rectangle.
    stride : int or (int, int)
        Distance of neighbouring positions, at most the window's size. A last position touches the border in any case.
    fill : float or sequence of C floats
        The covering colour.

    Returns
    -------
    numpy.ndarray
        float32, shape (H, W) or (N, H, W), in units of the logit. The entry of a pixel is the mean fall over all positions
        of the window that cover it; positive where the picture speaks for the class.

    Raises
    ------
    ValueError
        If the model cannot be followed or an argument does not fit.

    References
    ----------
    Zeiler and Fergus, *Visualizing and understanding convolutional networks*, 2014, section 4.2.
    """
    batch, single = _as_batch(model, image)
    height, width, channels = batch.shape[1:]
    (rows, columns), steps = as_pair(window, "window"), as_pair(stride, "stride")
    if rows > height or columns > width:
        raise ValueError(f"window={window!r} does not fit into pictures of {height} x {width} pixels")
    if steps[0] > rows or steps[1] > columns:
        raise ValueError(f"stride={stride!r} leaves pixels out: it must not exceed window={window!r}")
    largest = float(np.finfo(np.float32).max)
    fill = as_finite(fill, "fill", shape=[(), (channels,)], kinds="iuf", least=-largest, most=largest)
    if _takes_whole(model) and not np.array_equal(to_numpy(as_input(model, fill)), fill):
        raise ValueError(f"fill holds numbers that are lost in {model.inputs[0].dtype}, which {model.name!a} takes")
    corners = [(i, j) for i in _starts(height, rows, steps[0]) for j in _starts(width, columns, steps[1])]
    _check_alone(model, batch)
    logits = _logits_of(model, batch)
    numbers = _class_numbers(class_index, logits)
    maps = np.stack(
        [
            _mean_fall(model, picture, number, scores[number], corners, (rows, columns), fill)
            for picture, number, scores in zip(batch, numbers, logits, strict=True)
        ]
    )
    return maps[0] if single else maps


def saliency(model, image, class_index) -> np.ndarray:
    """How strongly a class's logit reacts to a small change of each pixel.

    Parameters
    ----------
    model, image, class_index
        As for :func:`occlusion_map`.

    Returns
    -------
    numpy.ndarray
        float32, shape (H, W) or (N, H, W): the largest absolute gradient over the channels, in logits for a step of 1 in
        a pixel's value.

    Raises
    ------
    ValueError
        If the model cannot be followed, or an argument does not fit.
    RuntimeError
        If Keras does not run on TensorFlow.

    References
    ----------
    Simonyan, Vedaldi and Zisserman, *Deep inside convolutional networks*, 2014, section 3.
    """
    batch, single = _as_batch(model, image)
    gradient, _ = _gradient(model, batch, class_index, lambda x, steps: x)
    strength = np.abs(gradient).max(axis=-1)
    return strength[0] if single else strength


def grad_cam(model, image, class_index, *, layer: str | None = None, upsample: bool = True) -> np.ndarray:
    r"""Grad-CAM: where the feature maps lie that speak for a class.

    .. math:: \alpha_c = \frac{1}{H'W'} \sum_{i,j} \frac{\partial y}{\partial A_{ijc}}, \qquad
              M_{ij} = \max\Bigl(0, \sum_c \alpha_c A_{ijc}\Bigr)

    with the class's logit y and the feature maps A, shape (H', W', C').

    Parameters
    ----------
    model, image, class_index
        As for :func:`occlusion_map`.
    layer : str, optional
        Name of the layer whose output is A, as in :func:`activations`. Unless given, it is found by structure: the last
        convolution (or other layer with kernels) with more than one position, together with what follows on maps of the
        same size, such as batch normalisation, activation, or the sum with a shortcut.
    upsample : bool
        Enlarge the map to H × W, bilinearly; otherwise it keeps the size of A.

    Returns
    -------
    numpy.ndarray
        float32, shape (H, W) or (N, H, W), or (H', W') or (N, H', W') without ``upsample``; at least 0, not scaled.

    Raises
    ------
    ValueError
        If the model cannot be followed, an argument does not fit, or the class does not depend on the layer.
    RuntimeError
        If Keras does not run on TensorFlow.

    Notes
    -----
    Enlarging takes cells for areas: the centre of a map's outer cell lies half a cell inside the border. Where convolutions
    have no padding, the map describes a little less than the whole picture, and is stretched over it all the same.

    References
    ----------
    Selvaraju et al., *Grad-CAM*, 2017, equations 1 and 2.
    """
    upsample = as_flag(upsample, "upsample")
    batch, single = _as_batch(model, image)

    def feature_maps(_, steps):
        step = last_maps(model, steps) if layer is None else find(steps, layer)
        if len(step.output.shape) != 4:
            raise ValueError(
                f"layer={layer!a} gives shape {tuple(step.output.shape[1:])}; expected maps, (rows, columns, channels)"
            )
        return step.output

    gradient, maps = _gradient(model, batch, class_index, feature_maps)
    weights = gradient.mean(axis=(1, 2))
    heat = np.maximum(np.einsum("nijc,nc->nij", maps, weights), 0)
    if upsample:
        heat = _enlarge(heat, *batch.shape[1:3])
    return heat[0] if single else heat


# --- the last maps


def last_maps(model, steps: Sequence[Step]) -> Step:
    """The last layer with kernels and more than one position, or the last step after it on maps of the same size.

    Raises
    ------
    ValueError
        If there is none, or a layer in which further kernels cannot be followed comes after it.
    """
    numbers = [number for number, step in enumerate(steps) if _has_places(step) and _has_kernels(step.operation)]
    if not numbers:
        raise ValueError(f"the model {model.name!a} has no convolution with more than one position: name a layer=")
    found = start = steps[numbers[-1]]
    reached = {id(found.output)}
    for step in steps[numbers[-1] + 1 :]:
        if any(id(value) in reached for value in step.inputs):
            reached.add(id(step.output))
            if _hides_kernels(step):
                has = "may have" if keras_kind(step.operation) == "Lambda" else "has"
                raise ValueError(
                    f"layer {step.path!a} ({type(step.operation).__name__}) {has} kernels of its own, and its maps cannot be "
                    f"seen from outside; the last that can be seen are those of {start.path!a}: name the layer= you mean"
                )
            if _has_places(step) and step.size[:2] == start.size[:2] and not _pools(step):
                found = step
    return found


def _has_places(step: Step) -> bool:
    return len(step.size) == 3 and math.prod(step.size[:2]) > 1


def _has_kernels(operation) -> bool:
    return is_weighted(operation) or keras_kind(operation) in KERNEL_FUNCTIONS


def _hides_kernels(step: Step) -> bool:
    """Whether a layer computes something of its own with what looks like, or acts like, kernels of a convolution."""
    if keras_kind(step.operation) == "Lambda" and _has_places(step):
        return not _keeps_places(step)
    kernels = any(len(weight.shape) > 2 for weight in getattr(step.operation, "weights", ()))
    return kernels and not known_kind(step.operation)


def _keeps_places(step: Step) -> bool:
    """Whether a change at one place of the maps that go in changes the maps that come out at this place alone."""
    import keras

    value = step.inputs[0]
    if tuple(value.shape[:3]) != tuple(step.output.shape[:3]):
        return False
    place = np.s_[:, value.shape[1] // 2, value.shape[2] // 2]
    changed = to_numpy(value)
    changed[place] += 1
    difference = to_numpy(step.again([keras.ops.cast(changed, value.dtype)])) != to_numpy(step.output)
    difference[place] = False
    return not difference.any()


def _pools(step: Step) -> bool:
    told = told_by(step.operation, tuple(step.inputs[0].shape[1:]))
    return keras_kind(step.operation) in POOLINGS or told.get("kernel_size", 1) not in (1, (1, 1))


# --- logits and their gradients


def _check_alone(model, batch: np.ndarray) -> None:
    first = batch[:2]
    check_alone(model, first, *run(model, first))


def _logits_of(model, batch: np.ndarray) -> np.ndarray:
    """Logits, float32, shape (N, K), computed a few pictures at a time."""
    parts = (batch[chunk] for chunk in _chunks(len(batch), batch[0].size))
    return np.concatenate([to_numpy(logits_of(model, *run(model, part))) for part in parts]).astype(np.float32)


def _chunks(n: int, numbers: int) -> list[slice]:
    """Parts of a batch of n pictures that go through a model together, of so many numbers each."""
    size = max(1, min(128, CHUNK // numbers))
    return [slice(start, start + size) for start in range(0, n, size)]


def _gradient(model, batch: np.ndarray, class_index, choose) -> tuple[np.ndarray, np.ndarray]:
    """Gradient of each picture's class logit by the values that ``choose(x, steps)`` returns, and these values."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"gradients are computed with TensorFlow, but Keras runs on {keras.backend.backend()}: "
            "set the environment variable KERAS_BACKEND=tensorflow before Keras is imported"
        )
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        x = tf.convert_to_tensor(batch)
        tape.watch(x)
        # Maps are watched too: from whole numbers, for one, no gradient leads back to the picture.
        steps, output = run(model, x, lambda value: tape.watch(value) if value.dtype.is_floating else None)
        logits = logits_of(model, steps, output)
        # In inference no picture of a batch depends on another: the gradient of the sum is that of each.
        score = tf.reduce_sum(tf.gather(logits, _class_numbers(class_index, logits), axis=1, batch_dims=1))
        values = choose(x, steps)
    check_alone(model, batch, steps, output)
    gradient = tape.gradient(score, values)
    if gradient is None:
        what = "that layer: it lies on another branch, or behind the logits"
        if values is x:
            what = f"the pictures: they are taken as {model.inputs[0].dtype}, or no gradient passes on the way"
        raise ValueError(f"the logit does not depend on {what}")
    return gradient.numpy().astype(np.float32), values.numpy().astype(np.float32)


# --- arguments and small mathematics


def _as_batch(model, images) -> tuple[np.ndarray, bool]:
    """Pictures as float32, shape (N, H, W, C), and whether they came as a single one."""
    check_model(model)
    if len(model.inputs) != 1 or len(model.outputs) != 1 or len(model.inputs[0].shape) != 4:
        shapes = [tuple(tensor.shape) for tensor in model.inputs]
        raise ValueError(
            f"the model {model.name!a} has {len(model.outputs)} outputs and inputs of shape {shapes}; "
            "expected one output and one input, (N, H, W, C)"
        )
    if not channels_last(model):
        raise ValueError(f"the model {model.name!a} has its channels first; expected (N, H, W, C)")
    images, own = as_array(images, "pictures", kinds="iuf"), tuple(model.inputs[0].shape[1:])
    shape = images.shape if images.ndim == 3 else images.shape[1:]
    fits = images.ndim in (3, 4) and all(size in (None, one) for size, one in zip(own, shape, strict=True))
    if not fits or not images.size:
        raise ValueError(
            f"pictures of shape {images.shape}: {model.name!a} takes {own}, or a batch of these with N >= 1 in front"
        )
    as_finite(images, "pictures")
    single = images.ndim == 3
    if np.abs(images, dtype=np.float64).max() > np.finfo(np.float32).max:
        raise ValueError("pictures hold numbers that are too large for float32")
    batch = (images[None] if single else images).astype(np.float32)
    if not np.array_equal(to_numpy(as_input(model, batch)).astype(np.float32), batch) and _takes_whole(model):
        raise ValueError(f"pictures hold numbers that are lost in {model.inputs[0].dtype}, which {model.name!a} takes")
    return batch, single


def _takes_whole(model) -> bool:
    return "int" in model.inputs[0].dtype


def _class_numbers(class_index, logits) -> np.ndarray:
    """A class number for each picture."""
    n, classes = logits.shape
    if as_array(class_index, "class_index").ndim:
        return as_labels(class_index, "class_index", classes=classes, shape=(n,)).astype(np.int64)
    return np.full(n, as_count(class_index, "class_index", least=0, most=classes - 1), np.int64)


def _starts(size: int, window: int, stride: int) -> list[int]:
    """First rows of the windows; the last one ends at the border."""
    return sorted({*range(0, size - window + 1, stride), size - window})


def _mean_fall(model, picture, number: int, score: float, corners, window: tuple[int, int], fill) -> np.ndarray:
    """Mean fall of the logit over the windows that cover a pixel, shape (H, W)."""
    areas = [np.s_[i : i + window[0], j : j + window[1]] for i, j in corners]
    total, count = np.zeros(picture.shape[:2]), np.zeros(picture.shape[:2])
    for chunk in _chunks(len(areas), picture.size):
        covered = np.repeat(picture[None], len(areas[chunk]), axis=0)
        for copy, area in zip(covered, areas[chunk], strict=True):
            copy[area] = fill
        for logits, area in zip(_logits_of(model, covered), areas[chunk], strict=True):
            total[area] += score - logits[number]
            count[area] += 1
    return (total / count).astype(np.float32)


def _enlarge(maps: np.ndarray, height: int, width: int) -> np.ndarray:
    """Maps, shape (N, h, w), bilinearly interpolated to (N, height, width)."""
    rows, columns = _interpolation(maps.shape[1], height), _interpolation(maps.shape[2], width)
    return (rows @ maps @ columns.T).astype(np.float32)


def _interpolation(size: int, target: int) -> np.ndarray:
    """Matrix, shape (target, size), that interpolates linearly between the centres of cells."""
    at = np.clip((np.arange(target) + 0.5) * size / target - 0.5, 0, size - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(size)))

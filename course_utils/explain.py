"""What a trained network looks at: activations, occlusion, saliency and Grad-CAM, and a map laid over its picture.

Each function takes one picture, shape (H, W, C), or a batch, shape (N, H, W, C), with values as the model takes them, and
what it returns has the axis of N exactly if the pictures had it. Classes are judged by their *logit*: if a model ends in
softmax or sigmoid, the number before it is taken, since a probability also falls when another class rises. The model
runs as in inference and is not changed. It must be Sequential or functional, with one input and channels last; models
within models are opened.
"""

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.anatomy.walk import LayerCall, channels_last, check_model, walk

MAGNITUDE, SIGNED = "cividis", "PuOr_r"  # the colour maps of the book's figures
SQUASHING = ("softmax", "log_softmax", "logsoftmax", "sigmoid", "log_sigmoid", "logsigmoid")
OTHER_ACTIVATIONS = ("relu", "leakyrelu", "prelu", "elu", "tanh")
CHUNK = 2**20  # numbers in the pictures that go through a model together


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
    steps, _ = _run(model, batch)
    if isinstance(layers, str):
        raise ValueError(f"layers={layers!r}: give a list of names, [{layers!r}]")
    chosen = steps if layers is None else [_find(steps, name) for name in layers]
    arrays = {step.path: _to_numpy(step.output) for step in chosen}
    return {path: array[0] if single else array for path, array in arrays.items()}


def occlusion_map(model, image, class_index, *, window, stride=1, fill=0.0) -> np.ndarray:
    """How much a class's logit falls when a window of the picture is covered.

    Parameters
    ----------
    model : keras.Model
        Classifier with output of shape (N, K).
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
    (rows, columns), steps = _pair("window", window), _pair("stride", stride)
    if rows > height or columns > width:
        raise ValueError(f"window={window!r} does not fit into pictures of {height} × {width} pixels")
    if steps[0] > rows or steps[1] > columns:
        raise ValueError(f"stride={stride!r} leaves pixels out: it must not exceed window={window!r}")
    fill = np.asarray(fill, np.float32)
    if fill.shape not in ((), (channels,)) or not np.isfinite(fill).all():
        raise ValueError(f"fill={fill!r}: expected one finite number, or one for each of {channels} channels")
    corners = [(i, j) for i in _starts(height, rows, steps[0]) for j in _starts(width, columns, steps[1])]
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
        convolution with more than one position, together with what follows on maps of the same size, such as batch
        normalisation, activation, or the sum with a shortcut.
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
    if not isinstance(upsample, bool):
        raise ValueError(f"upsample={upsample!r}: must be True or False")
    batch, single = _as_batch(model, image)

    def feature_maps(_, steps):
        step = _last_maps(model, steps) if layer is None else _find(steps, layer)
        if len(step.output.shape) != 4:
            raise ValueError(
                f"layer={layer!r} gives shape {tuple(step.output.shape[1:])}; expected maps, (rows, columns, channels)"
            )
        return step.output

    gradient, maps = _gradient(model, batch, class_index, feature_maps)
    weights = gradient.mean(axis=(1, 2))
    heat = np.maximum(np.einsum("nijc,nc->nij", maps, weights), 0)
    if upsample:
        heat = _enlarge(heat, *batch.shape[1:3])
    return heat[0] if single else heat


def overlay(image, heat_map, *, opacity: float = 0.7) -> np.ndarray:
    """Lay a heat map over its picture: the larger an entry, the more of its colour covers the pixel.

    Parameters
    ----------
    image : numpy.ndarray
        uint8, shape (H, W), (H, W, 1) or (H, W, 3), or the same with N in front; grey or red, green, blue.
    heat_map : array_like
        Shape (H, W), or (N, H, W) for a batch. Each map is scaled by its largest magnitude. With negative entries the
        colours are those of signed values, otherwise those of magnitudes.
    opacity : float
        Share of the map's colour where it is largest, 0 … 1.

    Returns
    -------
    numpy.ndarray
        uint8, shape (H, W, 3) or (N, H, W, 3). Where the map is 0 the picture shows unchanged.

    Raises
    ------
    ValueError
        If shapes or dtype do not fit, or the map holds something that is no finite number.
    """
    import matplotlib as mpl

    image, heat_map = np.asarray(image), np.asarray(heat_map, np.float64)
    if image.dtype != np.uint8:
        raise ValueError(
            f"image has dtype {image.dtype}; expected uint8, 0 … 255 (for values 0 … 1: (255 * image).round().astype('uint8'))"
        )
    if heat_map.ndim not in (2, 3) or not heat_map.size or not np.isfinite(heat_map).all():
        raise ValueError(f"heat_map of shape {heat_map.shape}: expected finite numbers, shape (H, W) or (N, H, W)")
    channels = image.shape[heat_map.ndim :]
    if image.shape[: heat_map.ndim] != heat_map.shape or channels not in ((), (1,), (3,)):
        raise ValueError(
            f"image has shape {image.shape}; expected {heat_map.shape} like heat_map, then 1, 3 or no channels"
        )
    if isinstance(opacity, bool) or not isinstance(opacity, int | float) or not 0 <= opacity <= 1:
        raise ValueError(f"opacity={opacity!r}: a share from 0 to 1")
    largest = np.abs(heat_map).max(axis=(-2, -1), keepdims=True)
    heat = heat_map / np.where(largest > 0, largest, 1)
    colours = mpl.colormaps[SIGNED]((heat + 1) / 2) if (heat < 0).any() else mpl.colormaps[MAGNITUDE](heat)
    share = opacity * np.abs(heat)[..., None]
    grey_or_rgb = image if channels else image[..., None]
    return np.rint((1 - share) * grey_or_rgb + share * 255 * colours[..., :3]).astype(np.uint8)


# --- running a model step by step


@dataclass
class _Step:
    """One call of a layer: its name, the layer, and the values that went in and came out."""

    path: str
    operation: object
    inputs: tuple
    output: object


def _run(model, x) -> tuple[list[_Step], object]:
    """All steps of a model for a batch, and its output. Layers are called on values, so the model's graph stays as it is."""
    import keras

    steps: list[_Step] = []

    def visit(call: LayerCall) -> list:
        arguments, options = call.arguments(call.inputs)
        outputs = keras.tree.flatten(call.operation(*arguments, **options))
        steps.append(_Step(call.path, call.operation, call.inputs, outputs[0]))
        return outputs

    (output,) = walk(model, [x], visit)
    return steps, output


def _to_numpy(tensor) -> np.ndarray:
    import keras

    return np.array(keras.ops.convert_to_numpy(tensor))


def _find(steps: list[_Step], name: str) -> _Step:
    for step in steps:
        if step.path == name:
            return step
    names = [step.path for step in steps]
    near = difflib.get_close_matches(str(name), names, n=3) or names
    raise ValueError(f"the model has no layer {name!r}; it has {', '.join(near)}")


def _last_maps(model, steps: list[_Step]) -> _Step:
    """The last convolution with more than one position, or the last step after it on maps of the same size."""
    start = None
    for number, step in enumerate(steps):
        shape = tuple(step.output.shape)
        if len(shape) == 4 and _is_convolution(step.operation) and math.prod(shape[1:3]) > 1:
            start = number
    if start is None:
        raise ValueError(f"the model {model.name!r} has no convolution with more than one position: name a layer=")
    found, size = steps[start], tuple(steps[start].output.shape[1:3])
    reached = {id(found.output)}
    for step in steps[start + 1 :]:
        if any(id(value) in reached for value in step.inputs):
            reached.add(id(step.output))
            shape = tuple(step.output.shape)
            if len(shape) == 4 and shape[1:3] == size and "Pool" not in type(step.operation).__name__:
                found = step
    return found


def _is_convolution(operation) -> bool:
    return any("Conv" in cls.__name__ for cls in type(operation).__mro__)


# --- logits and their gradients


def _logits(model, steps: list[_Step], output):
    """The numbers, shape (N, K), before the softmax or sigmoid that a model may end in."""
    step = next(step for step in steps if step.output is output)  # the first: dropout, for one, hands its input on
    kind, own = type(step.operation).__name__.lower(), getattr(step.operation, "activation", None)
    name = kind if kind in SQUASHING + OTHER_ACTIVATIONS else getattr(own, "__name__", "linear")
    if name not in (*SQUASHING, "linear"):
        raise ValueError(
            f"the model {model.name!r} ends in {name} ({step.path}); expected logits, softmax or sigmoid at the end"
        )
    logits = output
    if name != "linear":
        is_activation = kind in ("activation", *SQUASHING)
        logits = step.inputs[0] if is_activation else _linear_twin(step.operation, step.inputs[0])(step.inputs[0])
    if len(logits.shape) != 2:
        raise ValueError(
            f"the model {model.name!r} gives shape {tuple(output.shape)}; expected (N, K), a number a class"
        )
    return logits


def _linear_twin(layer, value):
    """A layer with the same weights and without the activation."""
    twin = type(layer).from_config(layer.get_config() | {"activation": None})
    twin.build(tuple(value.shape))
    twin.set_weights(layer.get_weights())
    return twin


def _logits_of(model, batch: np.ndarray) -> np.ndarray:
    """Logits, float32, shape (N, K), computed a few pictures at a time."""
    parts = (batch[chunk] for chunk in _chunks(len(batch), batch[0].size))
    return np.concatenate([_to_numpy(_logits(model, *_run(model, part))) for part in parts]).astype(np.float32)


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
        steps, output = _run(model, x)
        logits = _logits(model, steps, output)
        # In inference no picture of a batch depends on another: the gradient of the sum is that of each.
        score = tf.reduce_sum(tf.gather(logits, _class_numbers(class_index, logits), axis=1, batch_dims=1))
        values = choose(x, steps)
    gradient = tape.gradient(score, values)
    if gradient is None:
        raise ValueError("the logit does not depend on that layer: it lies on another branch, or behind the logits")
    return gradient.numpy().astype(np.float32), values.numpy().astype(np.float32)


# --- arguments and small mathematics


def _as_batch(model, images) -> tuple[np.ndarray, bool]:
    """Pictures as float32, shape (N, H, W, C), and whether they came as a single one."""
    check_model(model)
    if len(model.inputs) != 1 or len(model.outputs) != 1 or len(model.inputs[0].shape) != 4:
        shapes = [tuple(tensor.shape) for tensor in model.inputs]
        raise ValueError(
            f"the model {model.name!r} has {len(model.outputs)} outputs and inputs of shape {shapes}; "
            "expected one output and one input, (N, H, W, C)"
        )
    if not channels_last(model):
        raise ValueError(f"the model {model.name!r} has its channels first; expected (N, H, W, C)")
    images, own = np.asarray(images), tuple(model.inputs[0].shape[1:])
    shape = images.shape if images.ndim == 3 else images.shape[1:]
    fits = images.ndim in (3, 4) and all(size in (None, given) for size, given in zip(own, shape, strict=True))
    if not fits or not images.size:
        raise ValueError(
            f"pictures of shape {images.shape}: {model.name!r} takes {own}, or a batch of these with N ≥ 1 in front"
        )
    if images.dtype.kind not in "iuf" or not np.isfinite(images).all():
        raise ValueError(f"pictures of dtype {images.dtype}: expected finite numbers, whole or float")
    single = images.ndim == 3
    return (images[None] if single else images).astype(np.float32), single


def _class_numbers(class_index, logits) -> np.ndarray:
    """A class number for each picture."""
    (n, classes), numbers = logits.shape, np.asarray(class_index)
    if numbers.shape not in ((), (n,)) or numbers.dtype.kind not in "iu":
        raise ValueError(f"class_index={class_index!r}: expected a whole number, or {n}, one for each picture")
    if numbers.min() < 0 or numbers.max() >= classes:
        raise ValueError(f"class_index={class_index!r}: the classes are 0 … {classes - 1}")
    return np.broadcast_to(numbers.astype(np.int64), n)


def _pair(name: str, value) -> tuple[int, int]:
    pair = (value, value) if isinstance(value, int | np.integer) else value
    whole = isinstance(pair, tuple | list) and all(
        isinstance(side, int | np.integer) and not isinstance(side, bool) for side in pair
    )
    if not whole or len(pair) != 2 or min(pair) < 1:
        raise ValueError(f"{name}={value!r}: expected a whole number of at least 1, or two (rows, columns)")
    return int(pair[0]), int(pair[1])


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

"""Layers of old networks that Keras does not have. Importing this module imports Keras: builders do it when called."""

import keras
import numpy as np
from keras import layers, ops

from course_utils._arguments import as_count, as_flag, as_list, as_number, refuse

PACKAGE = "course_utils"

# Maps of S2 that each of the sixteen maps of C3 sees (LeCun et al. 1998, Table I).
C3_TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)

# The digits in seven columns and twelve rows, drawn for this course in the manner of the paper's Figure 3.
DIGITS = """
..###..  ...#...  .#####.  .#####.  ....##.  #######  ..####.  #######  .#####.  .#####.
.#...#.  ..##...  #.....#  #.....#  ...#.#.  #......  .#.....  ......#  #.....#  #.....#
#.....#  .#.#...  ......#  ......#  ...#.#.  #......  #......  ......#  #.....#  #.....#
#.....#  ...#...  ......#  ......#  ..#..#.  #......  #......  .....#.  #.....#  #.....#
#.....#  ...#...  .....#.  ......#  ..#..#.  #.###..  #.###..  .....#.  .#...#.  #.....#
#.....#  ...#...  ....#..  ..####.  .#...#.  ##...#.  ##...#.  ....#..  ..###..  .#...##
#.....#  ...#...  ...#...  ......#  .#...#.  ......#  #.....#  ....#..  .#...#.  ..###.#
#.....#  ...#...  ..#....  ......#  #....#.  ......#  #.....#  ...#...  #.....#  ......#
#.....#  ...#...  .#.....  ......#  #######  ......#  #.....#  ...#...  #.....#  ......#
#.....#  ...#...  #......  ......#  .....#.  ......#  #.....#  ..#....  #.....#  ......#
.#...#.  ...#...  #......  #.....#  .....#.  #.....#  .#...#.  ..#....  #.....#  .....#.
..###..  .#####.  #######  .#####.  .....#.  .#####.  ..###..  .#.....  .#####.  .####..
"""


def digit_bitmaps() -> np.ndarray:
    """The ten digits as pictures of 12 rows and 7 columns, ink +1 and paper −1, shape (10, 12, 7), float32."""
    rows = [line.split() for line in DIGITS.split("\n") if line]
    return np.array([[[1 if mark == "#" else -1 for mark in row[digit]] for row in rows] for digit in range(10)], "f4")


def max_pool_rounding_up(x, *, name: str):
    """Maxima of 3×3 windows with stride 2, a last partial window included, as Caffe and cuda-convnet did.

    A map of n rows gives ⌈(n − 3)/2⌉ + 1 = ⌊n/2⌋ rows. Keras's own paddings give just that: "same" for an even size,
    where it adds one row at the bottom, and "valid" for an odd one. If rows and columns differ in this, two poolings
    follow each other, first of rows, then of columns.

    Parameters
    ----------
    x : keras.KerasTensor
        Feature maps, shape (N, H, W, C) with known H and W.
    name : str
        Of the layer.

    Raises
    ------
    ValueError
        If H or W is open.
    """
    if None in x.shape[1:3]:
        raise ValueError(f"x has shape {tuple(x.shape)}; its rows and columns have to be known")
    rows, columns = ("valid" if size % 2 else "same" for size in x.shape[1:3])
    if rows == columns:
        return layers.MaxPooling2D(3, strides=2, padding=rows, name=name)(x)
    x = layers.MaxPooling2D((3, 1), strides=(2, 1), padding=rows, name=f"{name}_rows")(x)
    return layers.MaxPooling2D((1, 3), strides=(1, 2), padding=columns, name=name)(x)


def _check_sides(input_shape, least: int) -> None:
    """Refuse maps in which a window does not fit once; sizes may be open."""
    if any(size is not None and size < least for size in input_shape[1:3]):
        raise ValueError(f"input of shape {tuple(input_shape)}: expected at least {least} rows and {least} columns")


@keras.saving.register_keras_serializable(package=PACKAGE)
class RoundingUpAveragePooling2D(layers.AveragePooling2D):
    """Means of 3×3 windows with stride 2, a last partial window included, of which only what exists counts.

    A map of n rows gives ⌊n/2⌋ rows. ``AveragePooling2D`` with padding "same" is no way to get this for even n: on
    PyTorch, Keras 3.15 fills a one-sided padding by repeating the border. Means around every pixel, of which every second
    is kept, need no such padding.

    Parameters
    ----------
    **kwargs
        Of every Keras layer.
    """

    def __init__(self, **kwargs):
        super().__init__(**{**kwargs, "pool_size": 3, "strides": 2})

    def call(self, x):
        return ops.average_pool(x, 3, 1, padding="same", data_format="channels_last")[:, 1::2, 1::2]

    def compute_output_shape(self, input_shape):
        _check_sides(input_shape, 2)
        n, height, width, maps = input_shape
        return (n, *(size and size // 2 for size in (height, width)), maps)

    def anatomy(self, input_shape):
        """What the anatomy of a model cannot see from outside: the window."""
        return {"kernel_size": 3, "strides": 2, "multiply_adds": 0}


@keras.saving.register_keras_serializable(package=PACKAGE)
def scaled_tanh(x):
    """LeNet-5's squashing function f(a) = 1.7159 tanh(2a/3), for which f(±1) = ±1 (LeCun et al. 1998, Appendix A)."""
    return 1.7159 * ops.tanh(2 / 3 * x)


@keras.saving.register_keras_serializable(package=PACKAGE)
class LocalResponseNormalization(layers.Layer):
    r"""Divide each activity by what its neighbours in adjacent maps say at the same place.

    .. math:: y_c = x_c \Big/ \Big(k + \alpha' \sum_{|j - c| \le \lfloor n/2 \rfloor} x_j^2\Big)^\beta

    The sum runs over those of the n maps that exist. α' is α, as the paper writes, or α / n, as Caffe and PyTorch do.

    Parameters
    ----------
    k, alpha, beta : float
        Constants of the formula; the defaults are AlexNet's. k > 0.
    n : int
        Maps a window, an odd number.
    divide_alpha : bool
        Whether α is divided by n.
    **kwargs
        Of every Keras layer.

    Raises
    ------
    ValueError
        If n is even or below 1, or k not positive.

    References
    ----------
    Krizhevsky, Sutskever, Hinton, *ImageNet classification with deep convolutional neural networks*, 2012, section 3.3.
    """

    def __init__(self, *, k=2.0, n=5, alpha=1e-4, beta=0.75, divide_alpha=False, **kwargs):
        super().__init__(**kwargs)
        self.n, self.divide_alpha = as_count(n, "n"), as_flag(divide_alpha, "divide_alpha")
        if self.n % 2 == 0:
            raise refuse("n", n, "an odd whole number of maps, at least 1")
        self.k = as_number(k, "k", above=0)  # with 0, silent maps would divide by zero
        self.alpha, self.beta = as_number(alpha, "alpha"), as_number(beta, "beta")

    def call(self, x):
        # Squares leave the range of float16 above 255.
        wide = ops.cast(x, keras.backend.result_type(keras.backend.standardize_dtype(x.dtype), "float32"))
        maps, reach = x.shape[-1], self.n // 2
        squares = ops.pad(ops.square(wide), [(0, 0)] * (len(x.shape) - 1) + [(reach, reach)])
        total = sum(squares[..., offset : offset + maps] for offset in range(self.n))
        alpha = self.alpha / self.n if self.divide_alpha else self.alpha
        return ops.cast(wide * ops.power(self.k + alpha * total, -self.beta), x.dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        constants = {"k": self.k, "n": self.n, "alpha": self.alpha, "beta": self.beta}
        return {**super().get_config(), **constants, "divide_alpha": self.divide_alpha}

    def anatomy(self, input_shape):
        """What the anatomy of a model cannot see from outside: each place is treated alone."""
        return {"kernel_size": 1, "multiply_adds": 0}


@keras.saving.register_keras_serializable(package=PACKAGE)
class TrainableSubsampling2D(layers.Layer):
    """Add up the entries of each window, times one trainable coefficient a map, plus one trainable bias a map.

    Two parameters a map. Windows do not overlap; rows and columns that no whole window reaches are dropped. Without a
    squashing function, which follows as a layer of its own. The coefficient starts at 1 / pool_size², the mean.

    Parameters
    ----------
    pool_size : int
        Rows and columns of the window.
    **kwargs
        Of every Keras layer.

    Raises
    ------
    ValueError
        If ``pool_size`` is no whole number, at least 1.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner, *Gradient-based learning applied to document recognition*, 1998, section II.B.
    """

    def __init__(self, pool_size=2, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = as_count(pool_size, "pool_size")

    def build(self, input_shape):
        mean = keras.initializers.Constant(1 / self.pool_size**2)
        self.coefficient = self.add_weight(shape=(input_shape[-1],), initializer=mean, name="coefficient")
        self.bias = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="bias")

    def call(self, x):
        means = ops.average_pool(x, self.pool_size, self.pool_size, padding="valid", data_format="channels_last")
        return means * (self.coefficient * self.pool_size**2) + self.bias

    def compute_output_shape(self, input_shape):
        _check_sides(input_shape, self.pool_size)
        n, height, width, maps = input_shape
        return (n, *(size and size // self.pool_size for size in (height, width)), maps)

    def get_config(self):
        return {**super().get_config(), "pool_size": self.pool_size}

    def anatomy(self, input_shape):
        """What the anatomy of a model cannot see from outside: the window, and that pooling is not counted."""
        return {"kernel_size": self.pool_size, "strides": self.pool_size, "multiply_adds": 0}


@keras.saving.register_keras_serializable(package=PACKAGE)
class TableConv2D(layers.Layer):
    """Convolution, unpadded and with stride 1, in which each output map sees only the input maps that a table lists.

    Only connections of the table have weights: k² a connection, and a bias an output map. Weights start uniform within
    ±2.4 / fan-in of their map, as in the paper.

    Parameters
    ----------
    table : sequence of sequences of int
        For each output map, the numbers of the input maps that it sees; LeNet-5's is :data:`C3_TABLE`.
    kernel_size : int
        Rows and columns of the window, k.
    **kwargs
        Of every Keras layer.

    Raises
    ------
    ValueError
        If ``kernel_size`` is no whole number, the table has an empty or repeating row, or names a map that is not there.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner, *Gradient-based learning applied to document recognition*, 1998, Table I.
    """

    def __init__(self, table, kernel_size, **kwargs):
        super().__init__(**kwargs)
        rows = [as_list(row, f"table[{number}]") for number, row in enumerate(as_list(table, "table"))]
        self.table = tuple(tuple(as_count(source, "table", least=0) for source in row) for row in rows)
        if any(len(set(row)) < len(row) for row in self.table):
            raise refuse("table", table, "for each output map, at least one input map, none twice")
        self.kernel_size = as_count(kernel_size, "kernel_size")

    def build(self, input_shape):
        maps = input_shape[-1]
        if max(map(max, self.table)) >= maps:
            raise ValueError(f"the table names map {max(map(max, self.table))}; there are maps 0 to {maps - 1} only")
        pairs = [(source, target) for target, row in enumerate(self.table) for source in row]
        # Where in the list of connections the kernel from a source to a target stands; the entry behind it is zero.
        self.positions = np.full((maps, len(self.table)), len(pairs))
        self.positions[tuple(np.transpose(pairs))] = np.arange(len(pairs))
        shape = (len(pairs), self.kernel_size, self.kernel_size)
        self.connections = self.add_weight(shape=shape, initializer=self._start, name="connections")
        self.bias = self.add_weight(shape=(len(self.table),), initializer="zeros", name="bias")

    def _start(self, shape, dtype=None):
        fan_in = np.repeat([len(row) * self.kernel_size**2 for row in self.table], [len(row) for row in self.table])
        weights = keras.random.uniform(shape, -2.4, 2.4, dtype=dtype)
        return weights / ops.convert_to_tensor(fan_in.reshape(-1, 1, 1), weights.dtype)

    def call(self, x):
        connections = ops.pad(self.connections, [(0, 1), (0, 0), (0, 0)])
        kernel = ops.transpose(ops.take(connections, self.positions, axis=0), (2, 3, 0, 1))
        return ops.conv(x, kernel, padding="valid", data_format="channels_last") + self.bias

    def compute_output_shape(self, input_shape):
        _check_sides(input_shape, self.kernel_size)
        n, height, width, _ = input_shape
        return (n, *(size and size - self.kernel_size + 1 for size in (height, width)), len(self.table))

    def get_config(self):
        return {**super().get_config(), "table": self.table, "kernel_size": self.kernel_size}

    def anatomy(self, input_shape):
        """What the anatomy of a model cannot see from outside: the window, and k² products a connection and place."""
        _, height, width, _ = self.compute_output_shape(input_shape)
        connections = sum(len(row) for row in self.table)
        products = height * width * connections * self.kernel_size**2
        return {"kernel_size": self.kernel_size, "multiply_adds": products}


@keras.saving.register_keras_serializable(package=PACKAGE)
class RadialBasisDigits(layers.Layer):
    r"""Squared distance of 84 activities to the fixed picture of each digit.

    .. math:: y_i = \sum_{j=1}^{84} (x_j - w_{ij})^2

    w holds :func:`digit_bitmaps`, row after row, ±1; it is saved with the model and not trained. The *smallest* y tells
    the class.

    Parameters
    ----------
    classes : int
        How many of the ten digits, from 0 on, are classes.
    **kwargs
        Of every Keras layer.

    Raises
    ------
    ValueError
        If there are more classes than digits, or the input has not 84 entries.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner, *Gradient-based learning applied to document recognition*, 1998, equation 7.
    """

    def __init__(self, classes=10, **kwargs):
        super().__init__(**kwargs)
        self.classes = as_count(classes, "classes", most=10)  # there are pictures of the digits 0 to 9 only

    def build(self, input_shape):
        centres = digit_bitmaps().reshape(10, -1)[: self.classes]
        if input_shape[-1] != centres.shape[1]:
            raise ValueError(f"input of shape {tuple(input_shape)}: expected {centres.shape[1]} entries, one a pixel")
        self.centres = self.add_weight(
            shape=centres.shape,
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(centres, dtype),
            trainable=False,
            name="centres",
        )

    def call(self, x):
        return ops.sum(ops.square(ops.expand_dims(x, -2) - self.centres), axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.classes)

    def get_config(self):
        return {**super().get_config(), "classes": self.classes}

    def anatomy(self, input_shape):
        """What the anatomy of a model cannot see from outside: one square for each entry and class."""
        return {"multiply_adds": input_shape[-1] * self.classes}

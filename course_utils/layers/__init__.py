"""NumPy reference layers: what each layer of a CNN computes, readable first, fast second, equal always.

Arrays are NHWC: example, row, column, channel. Integers in give exact integers out wherever the operation allows it.
"""

from course_utils.layers.activations import relu
from course_utils.layers.conv import conv2d, conv2d_naive
from course_utils.layers.pooling import average_pool, average_pool_naive, max_pool, max_pool_naive
from course_utils.layers.windows import output_size, pad_amounts, pad_image

__all__ = [
    "average_pool",
    "average_pool_naive",
    "conv2d",
    "conv2d_naive",
    "max_pool",
    "max_pool_naive",
    "output_size",
    "pad_amounts",
    "pad_image",
    "relu",
]

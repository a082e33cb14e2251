"""Output size and padding against what really happens."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import layers


@given(
    size=st.integers(1, 40),
    kernel_size=st.integers(1, 7),
    stride=st.integers(1, 5),
    dilation=st.integers(1, 4),
    padding=st.one_of(st.integers(0, 4), st.tuples(st.integers(0, 4), st.integers(0, 4))),
)
def test_formula_counts_the_positions_that_fit(size, kernel_size, stride, dilation, padding):
    before, after = (padding, padding) if isinstance(padding, int) else padding
    reach = dilation * (kernel_size - 1) + 1
    starts = [start for start in range(0, size + before + after, stride) if start + reach <= size + before + after]
    arguments = {"stride": stride, "padding": padding, "dilation": dilation}
    if starts:
        assert layers.output_size(size, kernel_size, **arguments) == len(starts)
    else:
        with pytest.raises(ValueError, match="does not fit"):
            layers.output_size(size, kernel_size, **arguments)


@given(size=st.integers(1, 60), kernel_size=st.integers(1, 9), stride=st.integers(1, 6), dilation=st.integers(1, 3))
def test_same_gives_size_over_stride_rounded_up(size, kernel_size, stride, dilation):
    arguments = {"stride": stride, "padding": "same", "dilation": dilation}
    assert layers.output_size(size, kernel_size, **arguments) == -(-size // stride)
    before, after = layers.pad_amounts(size, kernel_size, **arguments)
    assert after - before in (0, 1)


@pytest.mark.parametrize("argument", ["size", "kernel_size", "stride", "dilation"])
@pytest.mark.parametrize("value", [0, -1, 1.5, "3", True])
def test_bad_numbers_are_named(argument, value):
    arguments = {"size": 7, "kernel_size": 3, "stride": 1, "dilation": 1} | {argument: value}
    with pytest.raises(ValueError, match=rf"{argument}=.*at least 1"):
        layers.output_size(arguments.pop("size"), arguments.pop("kernel_size"), **arguments)


def test_pad_image_puts_the_fill_where_it_says():
    x = np.ones((1, 2, 3, 1), int)
    padded, shape = layers.pad_image(x, 2, padding=((1, 0), (0, 2)), fill=7)
    assert shape == (2, 4)
    np.testing.assert_array_equal(padded[0, :, :, 0], [[7, 7, 7, 7, 7], [1, 1, 1, 7, 7], [1, 1, 1, 7, 7]])
    with pytest.raises(ValueError, match=r"expected \(N, H, W, C\)"):
        layers.pad_image(x[0], 2)


def test_docstring_examples():
    import doctest

    from course_utils.layers import windows

    results = doctest.testmod(windows)
    assert results.attempted >= 2
    assert results.failed == 0


@pytest.mark.parametrize("padding", [2**31 - 1, 10**5, ((2**31 - 1, 0), (0, 0))])
def test_more_padding_than_memory_holds_is_refused(padding):
    x = np.ones((2, 5, 5, 3))
    for call in (
        lambda: layers.pad_image(x, 3, padding=padding),
        lambda: layers.conv2d(x, np.ones((3, 3, 3, 1)), padding=padding),
    ):
        with pytest.raises(ValueError, match=r"padding=.*more than memory holds"):
            call()

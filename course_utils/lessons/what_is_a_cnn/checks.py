"""Exercises of the lesson on what a convolutional network is."""

import numpy as np

from course_utils.exercises import (
    Case,
    Code,
    Exercise,
    Judged,
    Number,
    Option,
    Result,
    Several,
    finite_array,
    keras_model,
)


def _local(x, w):
    """Each output with a kernel of its own, shape (H', W', k, k)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:])
    return np.einsum("ijuv,ijuv->ij", windows, w)


def _corner(x, w):
    """One of the kernels everywhere."""
    return _local(x, np.broadcast_to(w[0, 0], w.shape))


_RNG = np.random.default_rng(4)
_PICTURE = _RNG.integers(-5, 6, size=(6, 7))
_OWN = _RNG.integers(-3, 4, size=(4, 5, 3, 3))
_SHARED = np.broadcast_to(_RNG.integers(-3, 4, size=(2, 2)), (5, 6, 2, 2)).copy()

own_kernels = Exercise(
    "own_kernels",
    "A layer of local receptive fields without shared weights.",
    fields=(
        Code(
            "local_layer",
            _local,
            cases=(
                Case(
                    "kernels that are all the same",
                    (_PICTURE, _SHARED),
                    idea="Multiply the window with its kernel and add up.",
                ),
                Case(
                    "a kernel for each place", (_PICTURE, _OWN), idea="Output (i, j) has the kernel w[i, j] of its own."
                ),
                Case(
                    "a kernel for each place of a smaller picture",
                    (_PICTURE[:4, :5], _OWN[:2, :3]),
                    idea="The first two axes of w are the rows and columns of the output.",
                ),
            ),
            mistakes=(
                (_corner, "it uses the kernel of place (0, 0) everywhere: that is sharing."),
                (lambda x, w: _local(x, w[::-1, ::-1]), "places and kernels are in opposite order."),
                (lambda x, w: _local(x, w[:, :, ::-1, ::-1]), "the kernels are flipped. Here they are not."),
                (
                    lambda x, w: _local(x, np.broadcast_to(w.mean((0, 1)), w.shape)),
                    "it uses the mean of all kernels everywhere. Output (i, j) has the kernel w[i, j].",
                ),
            ),
        ),
    ),
    hints=(
        "w.shape is (rows, columns, k, k): the first two say how many outputs there are.",
        "The window of output (i, j) is x[i : i + k, j : j + k]; its kernel is w[i, j].",
    ),
)

whole_steps = Exercise(
    "whole_steps",
    "Shifts after which the last maps of a network are found again.",
    fields=(
        Number(
            "smallest",
            12,
            mistakes=(
                (7, "strides multiply: a step of the second layer is already as long as the stride of the first."),
                (2, "after the first layer that is one whole step, but the later layers have strides of their own."),
                (4, "that is right behind the second pooling; a convolution with stride 3 follows."),
                (3, "the stride of the last layer counts steps of the layer before it, not pixels."),
                (24, "that works, and there is a smaller one."),
                (6, "one of the two poolings has been forgotten."),
            ),
            idea="a step in the last map is one stride of each layer, one inside the other.",
        ),
        Number(
            "steps",
            3,
            mistakes=(
                (36, "that is the shift in pixels. How many places of the last map is it?"),
                (18, "that is what is left after the first pooling."),
                (9, "that is what is left after the second pooling."),
                (12, "that is the total stride. How often does it fit into the shift?"),
            ),
            idea="divide the shift by the pixels from one unit of the last map to the next.",
        ),
    ),
    hints=(
        "After the first pooling one step is two pixels. And after the second?",
        "Pixels from one unit to the next: 2·2·3.",
    ),
)

shift_proof = Exercise(
    "shift_proof",
    "Networks whose answer does not change when the digit moves by one pixel, away from the border.",
    fields=(
        Several(
            "networks",
            (
                Option(
                    "a", True, "every map moves with the digit, and its largest value is the same wherever it stands."
                ),
                Option("b", False, "the dense layer has another weight for each place of the maps."),
                Option(
                    "c",
                    False,
                    "with stride 2 the windows fall between their old places, so the maps hold other numbers.",
                ),
                Option(
                    "d",
                    True,
                    "the largest of the largest: the 2×2 windows cover the map without a gap, so their maximum is that of the whole map.",
                ),
                Option("e", False, "a dense layer has a weight of its own for each pixel."),
                Option("f", True, "the sum over a map does not depend on where its values stand."),
            ),
            idea="give the letters of the networks, such as ['b', 'e'].",
            chosen="{} chosen",
            left="{} left out",
        ),
    ),
    hints=(
        "Follow the digit: does the map move with it, and does the next layer care about places?",
        "A maximum over all places does not. A maximum over windows does, unless a maximum over all follows.",
    ),
)


def _turns(kernel):
    """Whether a kernel is not constant and follows a picture that is turned by a quarter."""
    kernel = finite_array(kernel, (3, 3))
    varied = np.ptp(kernel) > 1e-9
    yield Result.of(
        varied, "the weights are not all the same", "a mean follows every turn; find a kernel that tells pixels apart."
    )
    around = np.delete(kernel.ravel(), 4)
    if varied:
        yield Result.of(
            np.abs(around).max() > 1e-9,
            "pixels around the centre count",
            "give them weights: a lone centre copies the picture.",
        )
    picture = np.random.default_rng(0).normal(size=(6, 6))
    there = _correlate(np.rot90(picture), kernel)
    back = np.rot90(_correlate(picture, kernel))
    largest = float(np.abs(there - back).max())
    yield Result.of(
        largest <= 1e-6 * max(1.0, float(np.abs(back).max())),
        "the map turns with the picture",
        "turn your kernel by a quarter: it has to be the same again.",
    )


def _correlate(x, kernel):
    return _local(x, np.broadcast_to(kernel, (x.shape[0] - 2, x.shape[1] - 2, 3, 3)))


turning = Exercise(
    "turning",
    "A kernel whose map turns with the picture.",
    fields=(
        Judged(
            "kernel",
            _turns,
            lambda: [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
            mistakes=(
                (lambda: [[-1, 0, 1]] * 3, "turn your kernel by a quarter"),
                (lambda: [[1, 1, 1]] * 3, "a mean follows every turn"),
                (lambda: [[0, 0, 0], [0, 1, 0], [0, 0, 0]], "a lone centre copies the picture"),
            ),
        ),
    ),
    hints=(
        "Which weight comes to the place of the upper left one when you turn the kernel? And after that?",
        "All four corners are equal, and all four sides are. Corners, sides and centre may differ.",
    ),
)

BUDGET = 5_000


def _within_budget(model):
    """Whether a network reads digits with two convolutions and few parameters; stops at what makes the rest void."""
    model = keras_model(model)
    shapes = model.input_shape[1:], model.output_shape[1:]
    yield Result.of(
        shapes == ((28, 28, 1), (10,)),
        f"a picture {shapes[0]} goes in, {shapes[1]} come out",
        "digits are (28, 28, 1), and there are 10 logits.",
    )
    convolutions = sum(type(layer).__name__ == "Conv2D" for layer in model.layers)
    yield Result.of(convolutions >= 2, f"Conv2D layers: {convolutions}", "features of features take two at least.")
    dense = sum(type(layer).__name__ == "Dense" for layer in model.layers)
    yield Result.of(dense >= 1, f"Dense layers: {dense}", "end with a dense layer of ten logits.")
    count = model.count_params()
    yield Result.of(
        count <= BUDGET,
        f"parameters: {count}",
        f"at most {BUDGET}. Which layer has most of them? What would make its input smaller?",
    )


def _network(*filters, pools=2, average=False, classes=10, dense=True):
    """A maker of a network of 3×3 convolutions, each of the first ``pools`` followed by a pooling."""

    def make():
        import keras
        from keras import layers

        stack = [keras.Input((28, 28, 1))]
        for number, count in enumerate(filters):
            stack.append(layers.Conv2D(count, 3, activation="relu"))
            stack += [layers.MaxPooling2D(2)] if number < pools else []
        stack.append(layers.GlobalAveragePooling2D() if average else layers.Flatten())
        stack += [layers.Dense(classes)] if dense else []
        return keras.Sequential(stack)

    return make


small_network = Exercise(
    "small_network",
    "A convolutional network for digits with at most 5 000 parameters.",
    fields=(
        Judged(
            "model",
            _within_budget,
            _network(8, 16, average=True),
            mistakes=(
                (_network(8, 16, pools=0), "Which layer has most of them?"),
                (_network(4, pools=1, average=True), "features of features take two at least"),
                (_network(8, 16, average=True, classes=9), "there are 10 logits"),
                (_network(8, 10, average=True, dense=False), "end with a dense layer of ten logits"),
                (lambda: "a network", "of type str: build a keras.Sequential or keras.Model"),
            ),
        ),
    ),
    hints=(
        "Count by hand first: (k²·C + 1) for each filter of a convolution, (inputs + 1) for each logit.",
        "Flattened maps make the dense layer large. Pool twice, take few filters, or average each map with GlobalAveragePooling2D.",
    ),
)

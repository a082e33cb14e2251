"""The shared figures, with every kind of nonsense in the place of every argument."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from nonsense import argue, refusal

from course_utils import plotting

PICTURES, MAP = np.arange(32, dtype=np.uint8).reshape(2, 4, 4), np.arange(-8.0, 8).reshape(4, 4)
CALLS = {
    "image_grid": {"images": PICTURES, "titles": ["a", "b"], "columns": 2, "signed": False, "size": 0.8},
    "confusion_matrix": {"matrix": np.eye(2, dtype=int), "class_names": ["a", "b"], "ax": None},
    "number_grid": {
        "values": MAP,
        "title": "a",
        "write": str,
        "limit": 3.0,
        "window": (0, 0, 2, 2),
        "cell": 0.4,
        "ax": None,
    },
    "number_grids": {"maps": [MAP, MAP], "titles": ["a", "b"], "columns": 2, "write": str, "limit": 3.0, "cell": 0.4},
    "feature_maps": {"maps": MAP[..., None], "titles": ["a"], "columns": 2, "signed": True, "size": 0.8},
    "kernels": {"kernel": np.ones((3, 3, 2, 2)), "titles": ["a", "b"], "channel": 0, "columns": 2, "cell": 0.4},
    "convolution_step": {
        "image": MAP,
        "kernel": np.ones((2, 2)),
        "output": np.ones((3, 3)),
        "position": (1, 1),
        "strides": 1,
        "write": str,
    },
    "learning_curves": {
        "histories": {"loss": [1.0, 0.5], "val_loss": [1.0, 0.6]},
        "metric": "loss",
        "held_out": "test",
        "ax": None,
    },
    "seed_spread": {
        "values": {"a": [1.0, 2.0]},
        "intervals": {"a": (1.0, 2.0)},
        "label": "b",
        "logarithmic": True,
        "ax": None,
    },
}
KINDS = {
    **dict.fromkeys(("images", "matrix", "maps", "kernel", "image", "output"), "array"),
    **dict.fromkeys(("columns", "channel", "strides"), "count"),
    **dict.fromkeys(("size", "cell", "limit"), "number"),
    **dict.fromkeys(("signed", "logarithmic"), "flag"),
    **dict.fromkeys(("ax", "histories", "window"), "own"),
    "write": "callable",
}
OPTIONAL = ("ax", "limit", "titles", "window", "intervals")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_every_shared_figure_is_argued_with():
    figures = {name for name in plotting.__all__ if name.islower()} - {"use_style"}
    assert figures == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_nonsense_is_refused_in_a_sentence(name):
    argue(getattr(plotting, name), CALLS[name], KINDS, optional=OPTIONAL)


@pytest.mark.parametrize("name", CALLS)
def test_what_is_refused_leaves_no_figure_behind(name):
    plt.close("all")
    argument = next(iter(CALLS[name]))
    assert refusal(getattr(plotting, name), CALLS[name] | {argument: "ten"})
    assert not plt.get_fignums()


def test_percentages_are_no_shares():
    with pytest.raises(ValueError, match=r"holds 98\.5; expected shares from 0 to 1: divide percentages by 100"):
        plotting.learning_curves({"accuracy": [0.5, 98.5]})
    with pytest.raises(ValueError, match=r"histories\['a'\]\['val_accuracy'\] holds -0\.1"):
        plotting.learning_curves({"a": {"accuracy": [0.5], "val_accuracy": [-0.1]}})
    assert plotting.learning_curves({"accuracy": [0, 1], "loss": [7, 9]}).lines[0].get_ydata().tolist() == [0, 100]
    assert plotting.learning_curves({"accuracy": [0.5], "loss": [7]}, "loss").lines[0].get_ydata().tolist() == [7]


def test_signed_bytes_have_a_scale_centred_on_zero():
    axes = plotting.image_grid(PICTURES, signed=True)
    assert axes[0].images[0].get_clim() == (-31, 31)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.image_grid(np.zeros((2, 0, 3))), "holds nothing"),
        (lambda: plotting.image_grid(np.full((1, 2, 2), np.nan)), "4 of 4 entries"),
        (lambda: plotting.number_grid([[1.0, np.inf]]), "values holds infinity"),
        (lambda: plotting.number_grid(np.zeros((0, 3))), "holds nothing"),
        (lambda: plotting.number_grids([MAP, MAP[:2]], ["a", "b"]), "expected one shape"),
        (lambda: plotting.convolution_step(MAP, np.ones((3, 3)), np.ones((4, 4)), (3, 3)), "leaves the image"),
        (lambda: plotting.confusion_matrix([[1, -1], [0, 2]], ["a", "b"]), "matrix holds -1"),
        (lambda: plotting.confusion_matrix(np.eye(2), {}), "class_names={}"),
        (lambda: plotting.learning_curves({}), "histories has 0 entries"),
        (lambda: plotting.learning_curves({"a": {"loss": [1]}, "b": [1]}, "loss"), "give a dictionary"),
        (lambda: plotting.learning_curves({"loss": []}, "loss"), "holds nothing"),
        (lambda: plotting.seed_spread({}, label="b"), "values has 0 entries"),
        (lambda: plotting.seed_spread({"a": [1]}, {"b": (0, 1)}, label="b"), "there are no values of 'b'"),
        (lambda: plotting.seed_spread({"a": [0, 1]}, label="b", logarithmic=True), "needs positive numbers"),
        (lambda: plotting.seed_spread({"a": [1]}, {"a": (-1, 5)}, label="b", logarithmic=True), "greater than 0"),
        (lambda: plotting.seed_spread({"a": [0.1] * 3}, {"a": (0.1001, 1)}, label="b"), "does not lie between"),
        (lambda: plotting.confusion_matrix(np.eye(2, dtype=bool), ["a", "b"]), "bool; expected whole numbers"),
        (lambda: plotting.confusion_matrix([[0.1 + 0.2, 0], [0, 1]], ["a", "b"]), "expected whole numbers"),
        (lambda: plotting.number_grid(MAP, window=(3, 0, 2, 2)), r"window=\(3, 0, 2, 2\): .*inside a map of 4 rows"),
        (lambda: plotting.number_grid(MAP, window=(5, 5, 2, 2)), "inside a map of 4 rows and 4 columns"),
        (lambda: plotting.convolution_step(MAP, np.eye(2), np.eye(9), (0, 0)), r"\(9, 9\); expected \(3, 3\)"),
        (lambda: plotting.convolution_step(MAP, np.eye(2), np.eye(3), (0, 0), strides=2), r"expected \(2, 2\)"),
        (lambda: plotting.image_grid(PICTURES, ["a", r"$\foo$"]), "no formula that Matplotlib can set"),
        (lambda: plotting.number_grid(MAP, title="a\n$_$"), "no formula that Matplotlib can set"),
        (lambda: plotting.seed_spread({"größe": []}, label="b"), "holds nothing"),
    ],
)
def test_empty_mappings_axes_and_scales_are_told(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call()
    assert str(caught.value).isascii()


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_rounding_does_not_put_a_mean_beside_its_interval(dtype):
    assert plotting.seed_spread({"a": np.array([0.1] * 3, dtype)}, {"a": (0.1, 0.1)}, label="b")


def test_dollar_signs_are_no_formula_unless_there_is_one():
    for title in (r"$\sigma$", "5 $", r"5 \$ or 6 \$"):
        assert plotting.number_grid(MAP, title=title).get_title() == title


def test_whole_numbers_are_written_in_full():
    written = [text.get_text() for text in plotting.number_grid([[1024, -1234567, 1234568.0, 1e7, 1024.5, -0.0]]).texts]
    assert written == ["1024", "−1234567", "1234568", "1e+07", "1.02e+03", "0"]


def test_lessons_that_draw_shares_refuse_percentages():
    from course_utils.lessons.backpropagation import figures as backpropagation
    from course_utils.lessons.mnist_c import figures as mnist_c
    from course_utils.lessons.mnist_cnn import figures as mnist_cnn

    for call in (
        lambda: mnist_c.severity_curves({"fog": [0.99, 57.0]}),
        lambda: mnist_c.severity_curves({"fog": [0.9, 0.5]}, chance=10),
        lambda: mnist_cnn.race({"fast": ([1, 2], [[98.0], [99.0]])}),
        lambda: backpropagation.training_curves({"a": ([1.0, 0.5], [1, 2], [50.0, 60.0])}),
    ):
        with pytest.raises(ValueError, match="percentage"):
            call()

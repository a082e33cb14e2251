"""Exercises of the lesson from LeNet to VGG: the right answers, and what the mistakes say, counted in Keras."""

import itertools

import keras
import numpy as np

from course_utils import anatomy, models
from course_utils.lessons.lenet_to_vgg import checks


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def conv_parameters(channels, filters, kernel_size=5, *, bias=True):
    layer = keras.layers.Conv2D(filters, kernel_size, use_bias=bias)
    layer.build((None, 14, 14, channels))
    return layer.count_params()


def dense_parameters(inputs, outputs):
    return inputs * outputs + outputs


def test_c3_is_counted_by_keras():
    assert right(checks.c3_table.evaluate(conv_parameters(4, 1), 16 * conv_parameters(3, 1)))
    assert "sees all six" in told(checks.c3_table, conv_parameters(6, 1), conv_parameters(6, 16))
    paper = 6 * conv_parameters(3, 1) + 9 * conv_parameters(4, 1) + conv_parameters(6, 1)
    assert "that is the paper's table" in told(checks.c3_table, 101, paper)


def stacked(n, kernel_size=3):
    inputs = keras.Input((41, 41, 2))
    x = inputs
    for _ in range(n):
        x = keras.layers.Conv2D(2, kernel_size, padding="same", use_bias=False)(x)
    return keras.Model(inputs, x)


def test_stack_is_measured_by_anatomy():
    def compare(n):
        field = int(anatomy.receptive_field(stacked(n)).size[0])
        return field, stacked(1, field).count_params() / stacked(n).count_params()

    assert right(checks.stack_against_one.evaluate(compare))
    assert "side 3, ratio 1" in told(checks.stack_against_one, lambda n: (7, 49 / 27))
    assert "25 weights against 18" in told(checks.stack_against_one, lambda n: (2 * n + 1, 1.0))


def test_larger_pictures_are_measured_by_anatomy():
    small, large = (models.vgg16((side, side, 3), include_top=False) for side in (224, 448))
    work = [anatomy.totals(body).multiply_adds for body in (small, large)]
    kernels = [body.count_params() for body in (small, large)]
    whole = []
    for body in (small, large):
        inputs = int(np.prod(body.output_shape[1:]))
        head = dense_parameters(inputs, 4096) + dense_parameters(4096, 4096) + dense_parameters(4096, 1000)
        whole.append(body.count_params() + head)
    answers = [after / before for before, after in (kernels, work, whole)]
    assert right(checks.larger_pictures.evaluate(*answers))
    assert right(checks.larger_pictures.evaluate(1, 4, 3.23))


def test_stacks_are_measured_by_anatomy():
    """Every stack of one to four layers is right exactly if Keras's has the field and the stride, and no shorter one has."""
    right_ones = []
    for count in (1, 2, 3, 4):
        for strides in itertools.product((1, 2), repeat=count):
            inputs = x = keras.Input((33, 33, 1))
            for s in strides:
                x = keras.layers.Conv2D(1, 3, strides=s, padding="same")(x)
            field = anatomy.receptive_field(keras.Model(inputs, x))
            fits = field.size == (11, 11) and field.stride == (4, 4)
            judged = right(checks.strided_stack.evaluate(list(strides)))
            assert judged == (fits and count == 3), strides
            right_ones += [strides] * judged
    assert right_ones == [(2, 1, 2)]


def test_body_of_vgg_is_the_builders():
    body = models.vgg16(include_top=False)
    assert body.count_params() == checks.VGG_BODY
    model = keras.Sequential([body, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1000)])
    assert right(checks.gap_head.evaluate(model, model.count_params()))
    head = dense_parameters(7 * 7 * 512, 4096) + dense_parameters(4096, 4096) + dense_parameters(4096, 1000)
    saved = body.count_params() + head - model.count_params()
    assert "that is what is saved" in told(checks.gap_head, model, saved)


def test_models_whose_layers_are_hidden_are_told():
    class Own(keras.Model):
        def call(self, x):
            return x

    own = Own()
    own(np.zeros((1, 28, 28, 1)))
    assert "cannot be followed" in told(checks.gap_head, own, 3)
    assert "is not built" in told(checks.gap_head, keras.Sequential([keras.layers.Dense(1000)]), 3)

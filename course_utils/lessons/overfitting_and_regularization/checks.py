"""Exercises of the lesson on overfitting and regularization."""

import math

import numpy as np

from course_utils import datasets, training
from course_utils._arguments import as_model
from course_utils.exercises import (
    Case,
    Choice,
    Code,
    Exercise,
    Judged,
    Number,
    Option,
    Result,
    Several,
    UnfitError,
    show,
)

pull = Exercise(
    "pull",
    "What the two penalties do to a weight of 0.4 in two steps of gradient descent.",
    fields=(
        Number(
            "l2",
            0.4 * 0.9**2,
            mistakes=(
                (0.36, "that is after one step."),
                (0.4 * 0.95**2, "the slope of λw² is 2λw: the 2 is missing."),
                (0.32, "the second step starts from a smaller weight, and is smaller."),
                (0.4 * 1.1**2, "a step goes against the slope: the weight shrinks."),
            ),
            idea="a step takes η times the slope of λw², which is 2λw.",
            tolerance=1e-4,
        ),
        Number(
            "l1",
            0.3,
            mistakes=(
                (0.35, "that is after one step."),
                (0.2, "the slope of λ|w| is λ, not 2λ."),
                (0.4 * 0.95**2, "the slope of λ|w| is λ, however large w is."),
                (0.5, "a step goes against the slope: the weight shrinks."),
            ),
            idea="a step takes η times the slope of λ|w|, which is λ for every weight above 0.",
            tolerance=1e-4,
        ),
        Choice(
            "reaches_zero",
            "L1",
            options=("L1", "L2", "both", "neither"),
            mistakes=(
                ("L2", "L2 takes a tenth of what is left. Is anything left after a hundred steps?"),
                ("both", "one of them takes a tenth of what is left in each step. Does that ever come to 0?"),
                ("neither", "one of them takes the same amount in each step. How often does it fit into 0.4?"),
            ),
            idea="one takes a share of the weight in each step, the other an amount.",
        ),
    ),
    hints=(
        "Without a slope from the data, a step is w − η · slope of the penalty.",
        "L2: 0.1 · 2 · 0.5 · w is a tenth of w. L1: 0.1 · 0.5 is 0.05, whatever w is.",
    ),
)


def _stopped(val_loss, patience):
    """Epochs that run, and the epoch whose weights are kept, counted from 1."""
    best = 0
    for epoch, loss in enumerate(val_loss):
        if loss < val_loss[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return np.array([epoch + 1, best + 1])


def _rises(val_loss, patience):
    """Stops when the loss has risen for so many epochs in a row."""
    rising = 0
    for epoch in range(len(val_loss)):
        rising = rising + 1 if epoch and val_loss[epoch] > val_loss[epoch - 1] else 0
        if rising >= patience:
            break
    return np.array([epoch + 1, int(np.argmin(val_loss[: epoch + 1])) + 1])


def _one_too_many(val_loss, patience):
    return _stopped(val_loss, patience + 1)


def _foresees(val_loss, patience):
    return np.array([_stopped(val_loss, patience)[0], int(np.argmin(val_loss)) + 1])


def _last(val_loss, patience):
    return np.repeat(_stopped(val_loss, patience)[0], 2)


def _from_zero(val_loss, patience):
    return _stopped(val_loss, patience) - 1


early_stop = Exercise(
    "early_stop",
    "Early stopping with the best weights restored, from the validation losses.",
    fields=(
        Code(
            "early_stop",
            _stopped,
            cases=(
                Case(
                    "a loss that falls and rises",
                    ([0.9, 0.6, 0.5, 0.55, 0.6, 0.7, 0.8], 2),
                    idea="After two epochs without a new lowest loss it stops.",
                ),
                Case(
                    "a loss that would have become lower later on",
                    ([0.9, 0.5, 0.6, 0.7, 0.3, 0.2], 2),
                    idea="What comes after the stop is never seen.",
                ),
                Case(
                    "a zigzag",
                    ([0.9, 0.5, 0.8, 0.6, 0.9, 0.7, 0.95], 3),
                    idea="Epochs count from the lowest loss so far, also where the loss falls in between.",
                ),
                Case("a loss that only falls", ([0.9, 0.5, 0.4], 2), idea="It may never stop: then all epochs run."),
                Case(
                    "a loss that is reached again",
                    ([0.9, 0.5, 0.5, 0.5, 0.4], 2),
                    idea="An equal loss is no improvement.",
                ),
            ),
            mistakes=(
                (_rises, "the epochs that count are those since the lowest loss so far, not those in which it rises."),
                (
                    _one_too_many,
                    "it waits one epoch too long: with patience 2 the second one without improvement ends it.",
                ),
                (_foresees, "the best epoch is the best of those that ran: later ones are never seen."),
                (_last, "the weights that are kept are those of the lowest loss, not the last ones."),
                (_from_zero, "count epochs from 1."),
            ),
        ),
    ),
    hints=(
        "Go through the epochs and remember the one with the lowest loss so far.",
        "Stop as soon as the current epoch lies `patience` epochs behind the remembered one. Return both, counted from 1.",
    ),
)


DIAGNOSES = ("nothing wrong", "overfits", "too small", "more epochs", "rate too large", "wrong labels")


def _diagnosis(name, answer, idea, **mistakes):
    """What is wrong with one of the six trainings; an option stands in ``mistakes`` with an underscore for each blank."""
    told = tuple((option.replace("_", " "), text) for option, text in mistakes.items())
    return Choice(name, answer, options=DIAGNOSES, mistakes=told, idea=idea)


six_curves = Exercise(
    "six_curves",
    "What is wrong with each of six trainings, from their curves.",
    fields=(
        _diagnosis(
            "one",
            "too small",
            "it has stopped getting better, and is no better on the digits it was trained on.",
            more_epochs="in the last ten epochs it has hardly moved.",
            overfits="then it would be much better on its training digits.",
            nothing_wrong="it misreads three of ten digits that it has been shown again and again.",
        ),
        _diagnosis(
            "two",
            "wrong labels",
            "compare the validation accuracy with that of a guess.",
            overfits="a network that overfits still reads most new digits. What accuracy has a guess among ten?",
            rate_too_large="its training loss falls steadily: the steps are not too large.",
            too_small="it reads nearly all its training digits: it is large enough.",
        ),
        _diagnosis(
            "three",
            "nothing wrong",
            "is there a gap? And what would make the accuracy that fit prints too low?",
            overfits="then training accuracy would be far above validation accuracy.",
            wrong_labels="wrong labels could not be read so well.",
            more_epochs="in the last ten epochs validation has hardly moved.",
            too_small="it reads nineteen of twenty new digits. fit prints training accuracy with dropout and shifts on.",
        ),
        _diagnosis(
            "four",
            "rate too large",
            "look at what the training loss does after the first epoch.",
            too_small="it had learned more in epoch 1 than it knows in the end. What can undo what was learned?",
            wrong_labels="then it would do well on its training digits.",
            more_epochs="it is at ln 10, the loss of a guess, and does not move.",
            overfits="it does not even know its training digits.",
        ),
        _diagnosis(
            "five",
            "overfits",
            "look where validation loss is lowest, and at the gap.",
            nothing_wrong="its validation loss has risen for many epochs.",
            wrong_labels="it reads far more validation digits than a guess would.",
            more_epochs="its training loss is almost 0, and its validation loss rises.",
            too_small="it reads all its training digits: it is large enough.",
        ),
        _diagnosis(
            "six",
            "more epochs",
            "where would both curves be in a few epochs?",
            too_small="it may be, but these curves do not show it: both still get better at the end.",
            rate_too_large="its loss falls in each epoch, and slowly: the steps may be too small.",
            overfits="there is no gap between training and validation.",
            nothing_wrong="both curves were cut off while they got better.",
        ),
    ),
    hints=(
        "Three questions: does it know its training digits? Is validation much worse? Does anything still move at the end?",
        "A guess among ten digits is right in 10 % and has a loss of ln 10 = 2.30. Dropout lowers the training accuracy that fit "
        "prints, not that of the network.",
    ),
)


allowed = Exercise(
    "allowed",
    "What may be done with validation digits.",
    fields=(
        Several(
            "uses",
            (
                Option("a", False, "they would be training digits, and could show no overfitting any more."),
                Option("b", True, "a rate of dropout has to be chosen, and validation digits are there for choices."),
                Option("c", True, "early stopping chooses an epoch, and validation digits are there for choices."),
                Option("d", False, "augmented, they are no longer the digits that the network has to read."),
                Option("e", True, "a curve changes no weight."),
                Option("f", False, "the best of many is partly lucky on these digits. Test digits, read once, tell."),
            ),
            idea="answer with letters, such as 'abc'.",
        ),
    ),
    hints=("Which of the six would turn validation digits into training digits, or into test digits?",),
)


checkpoint_file = Exercise(
    "checkpoint_file",
    "Which epoch's weights a ModelCheckpoint holds in the end.",
    fields=(
        Number(
            "plain",
            3,
            mistakes=(
                (4, "that is the best accuracy. Without `monitor` it is the validation loss that counts."),
                (5, "that is the last epoch. save_best_only keeps the best."),
                (1, "that is the highest loss. A loss is better the lower it is."),
            ),
            idea="without `monitor` it looks at val_loss, and lower is better.",
        ),
        Number(
            "accuracy",
            4,
            mistakes=(
                (3, "that is the lowest loss; this one looks at the accuracy."),
                (1, "that is the lowest accuracy. With mode='max' higher is better."),
                (5, "that is the last epoch. save_best_only keeps the best."),
            ),
            idea="mode='max': the highest val_accuracy.",
        ),
        Number(
            "minimum",
            1,
            mistakes=(
                (4, "that is the highest accuracy, and mode='min' asks for the lowest."),
                (3, "that is the lowest loss; this one looks at the accuracy."),
                (5, "that is the last epoch. It is written only if it is the lowest so far."),
            ),
            idea="mode='min' keeps what is lowest, here the lowest accuracy.",
        ),
        Number(
            "misspelt",
            5,
            mistakes=(
                (4, "that would be val_accuracy. There is no val_acc here, and what is not there cannot be compared."),
                (3, "that would be val_loss. There is no val_acc here, and what is not there cannot be compared."),
                (1, "the file is written after each epoch, not only after the first."),
                (0, "a file is there: it was written after each epoch."),
            ),
            idea="Keras warns that there is no val_acc, and writes the file after each epoch.",
        ),
    ),
    hints=(
        "Two of the four are as they should be. Which two?",
        "A metric that is not there: Keras 3 warns, and writes the file all the same.",
    ),
)


TRAINED_ON, VALIDATED_ON, EPOCHS, BATCH_SIZE, RATE = 500, 2000, 20, 32, 0.004
BUDGET = 30_000
RESCUED = 93.5
"""Per cent of validation digits. With three seeds a second pooling and no remedy reads 90.2 … 92.5, the solution 94.7 … 95.8."""
SHAPES = (None, 28, 28, 1), (None, 10)


def _digits():
    """The digits of the project: 500 to train on, 2000 for validation."""
    data = datasets.load_mnist(validation=10_000)
    x_val, y_val = data.x_val[:VALIDATED_ON], data.y_val[:VALIDATED_ON]
    return data.x_train[:TRAINED_ON], data.y_train[:TRAINED_ON], x_val, y_val


def _renewed(network):
    """A network of the same layers with new weights, the same each time."""
    import keras

    training.set_seed(0)
    return keras.models.clone_model(network)


def _answers(network, x):
    """What a network makes of pictures at inference, without the compiling that ``predict`` begins with."""
    import keras

    parts = [network(x[n : n + 500].astype("float32"), training=False) for n in range(0, len(x), 500)]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])


def _accuracy(network, x, y):
    return 100 * float((_answers(network, x).argmax(axis=1) == y).mean())


def rescue_score(network):
    """Return how many per cent of 2000 validation digits a Keras model reads, after the project's training from new weights."""
    import keras

    network = _renewed(as_model(network, "network", built=True))
    x, y, x_val, y_val = _digits()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    falling = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * math.ceil(TRAINED_ON / BATCH_SIZE))
    network.compile(optimizer=keras.optimizers.Adam(falling), loss=loss, metrics=["accuracy"])
    training.fit(network, x, y, epochs=EPOCHS, batch_size=BATCH_SIZE, progress=False)
    return _accuracy(network, x_val, y_val)


def _rescued(network):
    """Whether a network within the budget reads more digits than the one that overfits."""
    import keras

    if not isinstance(network, keras.Model):
        raise UnfitError(f"expected a keras.Model, got {show(network)}.")
    try:
        shapes = network.input_shape, network.output_shape
    except Exception:
        raise UnfitError("expected a model whose shapes are known: begin with keras.Input((28, 28, 1)).") from None
    fits = shapes == SHAPES
    yield Result.of(fits, f"it takes {shapes[0]} and returns {shapes[1]}", f"expected {SHAPES[0]} and {SHAPES[1]}.")
    parameters = network.count_params()
    affordable = parameters <= BUDGET
    yield Result.of(
        affordable, f"{parameters:,} parameters", f"the budget is {BUDGET:,}. Which layer holds most of them?"
    )
    if not (fits and affordable):
        return
    x_val, y_val = (part[:500] for part in _digits()[2:])
    z = _answers(network, x_val)
    probabilities = bool((z >= 0).all() and np.allclose(z.sum(axis=1), 1, atol=1e-3))
    yield Result.of(not probabilities, "ten logits", "it ends in probabilities. The loss takes logits: no softmax.")
    as_it_comes = 100 * float((z.argmax(axis=1) == y_val).mean())
    before = max(as_it_comes, _accuracy(_renewed(network), x_val, y_val))
    fresh = before < 50
    yield Result.of(
        fresh,
        "not trained yet" if fresh else f"it reads {before:.0f} % as it comes",
        "it has been trained already. Hand in a new network: the 500 digits are all that it may learn from.",
    )
    if probabilities or not fresh:
        return
    score = rescue_score(network)
    idea = f"more than {RESCUED:g} % is asked for. Which remedies moved the accuracy most, in the chart of the lesson?"
    good = score > RESCUED
    yield Result.of(good, f"trained, it reads {f'more than {RESCUED:g}' if good else f'{score:.1f}'} %", idea)


def _candidate(*, pool=True, remedies=True, end=(), size=28):
    """The network of the lesson, unless it is given a second pooling, or batch normalisation and shifts."""
    import keras

    layers = keras.layers
    shifts = [layers.RandomTranslation(0.08, 0.08, fill_mode="constant")] if remedies else []
    norms = [[layers.BatchNormalization(momentum=0.9)] if remedies else [] for _ in range(2)]
    return keras.Sequential(
        [
            keras.Input((size, size, 1)),
            layers.Rescaling(1 / 255),
            *shifts,
            layers.Conv2D(16, 5, strides=2, padding="same"),
            *norms[0],
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same"),
            *norms[1],
            layers.ReLU(),
            *([layers.MaxPooling2D()] if pool else []),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
            *end,
        ]
    )


def _probabilities():
    import keras

    return _candidate(end=[keras.layers.Softmax()])


def _trained():
    from course_utils import models

    return models.trained("mnist_fast")


rescue = Exercise(
    "rescue",
    "A network with fewer parameters that overfits less than the one of the lesson, and reads more digits.",
    fields=(
        Judged(
            "network",
            _rescued,
            _candidate,
            mistakes=(
                (lambda: _candidate(pool=False, remedies=False), "106,122 parameters: the budget is 30,000"),
                (lambda: _candidate(size=14), "expected (None, 28, 28, 1) and (None, 10)"),
                (_probabilities, "it ends in probabilities"),
                (_trained, "it has been trained already"),
                (lambda: _candidate(remedies=False), "more than 93.5 % is asked for"),
            ),
        ),
    ),
    hints=(
        "The dense layer behind Flatten holds most parameters, one for each of its inputs and units. A second pooling leaves it a fifth of the inputs.",
        "Then the remedies: the augmentation layer before the first convolution, batch normalisation behind each. Dropout as well cost "
        "a small network more than it brought, in three seeds.",
    ),
)

"""Exercises of the lesson on signals and text."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Judged, Number, Result, finite_array

look_back = Exercise(
    "look_back",
    "How far a WaveNet-like stack looks back.",
    fields=(
        Number(
            "field",
            1 + sum(2**n for n in range(10)),
            mistakes=(
                (1023, "that is how far back the oldest input lies. The sample of now is seen, too."),
                (11, "that would be ten layers without dilation."),
                (512, "that is the last dilation alone. The reaches of all layers add up."),
                (20, "the dilations are missing."),
                (2047, "with kernel size 2, each layer reaches back one dilation, not two."),
            ),
            idea="1 + (k − 1) times the sum of the dilations 1, 2, 4, … 512.",
        ),
        Number(
            "milliseconds",
            64,
            mistakes=(
                (0.064, "that is in seconds."),
                (16384, "divide by samples a second, do not multiply."),
                (16384000, "divide by samples a second, do not multiply."),
                (64000, "that is in microseconds."),
            ),
            idea="the receptive field divided by 16 samples a millisecond.",
            tolerance=0.5,
        ),
        Number(
            "thrice",
            1 + 3 * 1023,
            mistakes=(
                (3072, "the sample of now is counted three times. Each further round adds what it reaches back."),
                (3069, "that is how far back the oldest input lies. The sample of now is seen, too."),
                (31, "that would be thirty layers without dilation."),
                (1024**3, "layers on top of each other add their reach, they do not multiply it."),
                (1024, "the rounds stand on top of each other: each of them looks further back."),
            ),
            idea="the sum runs over all thirty layers.",
        ),
    ),
    hints=(
        "The sum 1 + 2 + 4 + … + 512 is one less than 1024.",
        "With kernel size 2, add 1 to the sum of all dilations. Three rounds have three times that sum.",
    ),
)


leak = Exercise(
    "leak",
    "What a forecaster with same padding sees.",
    fields=(
        Number(
            "future",
            7,
            mistakes=(
                (0, "same padding centers each kernel: half of its reach lies in the future."),
                (14, "that is past and future together. The kernels are centered."),
                (15, "that is the whole receptive field."),
                (3, "one sample for each layer would be without dilation."),
                (4, "that is the last layer alone."),
            ),
            idea="a centered kernel of size 3 sees d samples ahead. Add up the layers.",
        ),
        Choice(
            "remedy",
            "b",
            options=("a", "b", "c"),
            mistakes=(
                ("a", "the answer is still among the inputs, however many examples there are."),
                ("c", "one layer without dilation and same padding still sees the next sample."),
            ),
            idea="which of the three keeps the next sample out of sight?",
        ),
    ),
    hints=(
        "A kernel of size 3 with same padding and dilation d sees the samples t − d, t and t + d.",
        "1 + 2 + 4 samples ahead. The target is the first of them.",
    ),
)


def _causal(x, w, dilation):
    """Causal dilated convolution of a row of numbers: the last weight sees now."""
    reach = (len(w) - 1) * dilation
    padded = np.concatenate([np.zeros(reach), x])
    return sum(w[tap] * padded[tap * dilation : tap * dilation + len(x)] for tap in range(len(w)))


def _not_dilated(x, w, dilation):
    return _causal(x, w, 1)


def _flipped(x, w, dilation):
    return _causal(x, w[::-1], dilation)


def _centered(x, w, dilation):
    reach = (len(w) - 1) * dilation
    padded = np.pad(np.asarray(x, float), (reach // 2, reach - reach // 2))
    return sum(w[tap] * padded[tap * dilation : tap * dilation + len(x)] for tap in range(len(w)))


def _valid(x, w, dilation):
    return _causal(x, w, dilation)[(len(w) - 1) * dilation :]


def _behind(x, w, dilation):
    reach = (len(w) - 1) * dilation
    padded = np.concatenate([x, np.zeros(reach)])
    return sum(w[tap] * padded[tap * dilation : tap * dilation + len(x)] for tap in range(len(w)))


def _wrapped(x, w, dilation):
    return sum(w[tap] * np.roll(x, (len(w) - 1 - tap) * dilation) for tap in range(len(w)))


def _flipped_and_not_dilated(x, w, dilation):
    return _causal(x, w[::-1], 1)


_X = np.array([1.0, 2.0, 0.0, -1.5, 3.0, 5.0, -2.0, 4.5])
causal = Exercise(
    "causal",
    "A causal dilated convolution in NumPy.",
    fields=(
        Code(
            "causal_conv",
            _causal,
            cases=(
                Case("two weights, dilation 1", (_X, np.array([1.0, 10.0]), 1), idea="The last weight sees now."),
                Case("two weights, dilation 3", (_X, np.array([1.0, 10.0]), 3), idea="The first sees 3 before."),
                Case(
                    "three weights, dilation 2",
                    (_X, np.array([1.0, 10.0, 100.0]), 2),
                    idea="Pad (k − 1) · d zeros in front, none behind.",
                ),
            ),
            mistakes=(
                (_not_dilated, "neighboring weights see samples that lie dilation apart."),
                (_flipped, "the last weight sees now, the first the oldest sample: the kernel is not flipped."),
                (_centered, "all zeros go in front: with some behind, an output sees later samples."),
                (
                    _behind,
                    "the zeros go in front: with all of them behind, an output sees only itself and later samples.",
                ),
                (
                    _wrapped,
                    "what lies before the first sample is 0. Here it is taken from the end, as a negative index does.",
                ),
                (
                    _flipped_and_not_dilated,
                    "the last weight sees now (np.convolve flips the kernel), and neighboring weights see samples that "
                    "lie dilation apart.",
                ),
                (_valid, "as many outputs as inputs: pad zeros in front."),
            ),
        ),
    ),
    hints=(
        "Put (k − 1) · dilation zeros in front of x. Then weight number i sees the padded signal from i · dilation on.",
        "Add up, for each i: w[i] * padded[i * dilation : i * dilation + len(x)].",
    ),
)


_WORDS = {"good": (1, 0), "bad": (-1, 0), "not": (0, 1)}
_SENTENCES = {
    "this film is not bad": True,
    "not bad and not good": True,
    "bad but not good": False,
    "this film is bad": False,
    "this film is good": False,
    "not good": False,
    "this is not a bad film": False,
    "bad not": False,
    "good bad": False,
    "bad bad": False,
    "good good": False,
    "good not": False,
    "not not": False,
    "bad film": False,
    "this film": False,
}


def encode(sentence: str) -> np.ndarray:
    """Words as two channels, feeling and negation, shape (words, 2)."""
    return np.array([_WORDS.get(word, (0, 0)) for word in sentence.split()], float)


def _strongest(sentence: str, kernel: np.ndarray, bias: float) -> float:
    words = encode(sentence)
    return max(float((kernel * words[place : place + 2]).sum() + bias) for place in range(len(words) - 1))


def _finds_not_bad(given):
    values = finite_array(given, (5,))
    kernel, bias = values[:4].reshape(2, 2), values[4]
    for sentence, there in _SENTENCES.items():
        z = _strongest(sentence, kernel, bias)
        if (z > 1e-9) != there:
            said = "it should be positive" if there else "it should be 0 or less"
            yield Result(False, f"“{sentence}”: the largest sum is {z:g}; {said}.")
            return
    yield Result(True, "positive for the sentences with “not bad”, and for none of the others.")


not_bad = Exercise(
    "not_bad",
    "Four weights and a bias that find “not bad”.",
    fields=(
        Judged(
            "weights",
            _finds_not_bad,
            lambda: [0, 1, -1, 0, -1.5],
            mistakes=(
                (lambda: [0, 1, -1, 0, -2], "“this film is not bad”: the largest sum is 0"),
                (lambda: [0, 1, -1, 0, 0], "“this film is bad”: the largest sum is 1"),
                (lambda: [0, 0, -1, 0, -0.5], "“this film is bad”: the largest sum is 0.5"),
                (lambda: [0, 0, 1, 0, -0.5], "“this film is not bad”: the largest sum is -0.5"),
                (lambda: [1, 1, -1, 0, -1.5], "“good bad”: the largest sum is 0.5"),
                (lambda: [-1, 1, -1, 0, -1.5], "“bad bad”: the largest sum is 0.5"),
                (lambda: [0, 1, -1, 1, -1.5], "“not not”: the largest sum is 0.5"),
                (lambda: [[0, 1], [-1, 0]], "expected shape (5,)"),
            ),
        ),
    ),
    hints=(
        "The first word should be “not”: a positive weight at its second channel. What should the second word be?",
        "With weight 1 for “not” and −1 for the feeling of the second word, “not bad” sums to 2. Which bias lets 2 pass, and not 1?",
    ),
)


windows = Exercise(
    "windows",
    "Which window shows what, at 8000 samples a second.",
    fields=(
        Choice(
            "hums",
            2048,
            options=(64, 256, 2048),
            mistakes=(
                (64, "8000 / 64 is 125 Hz from row to row. Both hums are in one row or in neighbors."),
                (256, "8000 / 256 is 31 Hz from row to row. Both hums are in one row or in neighbors."),
            ),
            idea="rows are 8000 / window Hz apart. The hums need several rows between them.",
        ),
        Choice(
            "knocks",
            64,
            options=(64, 256, 2048),
            mistakes=(
                (256, "this window is 32 ms long, and holds both knocks at once."),
                (2048, "this window is a quarter of a second long, and holds both knocks at once."),
            ),
            idea="a window that is longer than the gap holds both knocks.",
        ),
    ),
    hints=(
        "The window lasts window / 8000 seconds, and its rows are 8000 / window Hz apart.",
        "64: 8 ms and 125 Hz. 256: 32 ms and 31 Hz. 2048: 256 ms and 4 Hz.",
    ),
)

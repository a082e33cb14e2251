"""Exercises of the lesson on your own pictures."""

import itertools

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Judged, Number, Option, Result, Several, UnfitError

siblings = Exercise(
    "siblings",
    "Forty pictures in pairs, eight held out at random: the pairs that are torn apart.",
    fields=(
        Number(
            "probability",
            32 / 39,
            mistakes=(
                (0.8, "a held-out picture is not its own sibling: 32 of the *other* 39 pictures are trained on."),
                (0.2, "that is the share that is held out. The sibling is to be among the others."),
                (7 / 39, "that is the probability that the sibling is held out as well."),
                (8 / 39, "of the eight held out, one is the picture itself; and the sibling is to be trained on."),
                (1, "both may be held out. It is likely, not certain."),
            ),
            idea="which pictures can the sibling be, and how many of these are trained on?",
            tolerance=0.002,
        ),
        Number(
            "expected",
            8 * 32 / 39,
            mistakes=(
                (8 * 7 / 39, "that is how many have their sibling beside them, in the test split."),
                (6.4, "that is 0.8 of eight. The sibling is one of 39, not of 40."),
                (40 * 32 / 39, "only the eight held-out pictures are asked for."),
                (8, "some pairs are held out whole."),
            ),
            idea="eight pictures, each with the probability of the first part.",
            tolerance=0.04,
        ),
    ),
    hints=(
        "Take one held-out picture in your hand. Its sibling is one of 39 others. How many of those are trained on?",
        "Of the 39 others, 7 are held out and 32 are trained on. What holds for one held-out picture holds for all eight.",
    ),
)


plans = Exercise(
    "plans",
    "Which plans make two mugs easier to tell apart than they will be tomorrow?",
    fields=(
        Several(
            "letters",
            options=(
                Option("a", True, "frames of one video are a burst: neighbours come into both splits."),
                Option("b", False, "the test pictures come from places and days that training has not seen."),
                Option(
                    "c",
                    True,
                    "a mirrored picture shows the same burst: copies are made after the split, of training only.",
                ),
                Option("d", True, "kitchen or office gives the mug away, in the test split as well."),
                Option(
                    "e",
                    False,
                    "both mugs are in all places, so the place says nothing of the mug; whole places are held out.",
                ),
                Option("f", True, "a backup of the phone holds the same files again: copies come into both splits."),
            ),
            idea='give letters, such as "ab".',
        ),
    ),
    hints=(
        "For each plan: could something other than the mug tell the answer?",
        "Two ways lead there: the test split holds near copies of training pictures, or the place goes with the class.",
    ),
)


def _pairs(pictures, limit):
    x = np.asarray(pictures, float).reshape(len(pictures), -1)
    near = np.array([[np.abs(one - other).mean() < limit for other in x] for one in x])
    return int(np.triu(near, 1).sum())


def _with_themselves(pictures, limit):
    return _pairs(pictures, limit) + len(pictures)


def _both_ways(pictures, limit):
    return 2 * _pairs(pictures, limit)


def _all_ways(pictures, limit):
    return 2 * _pairs(pictures, limit) + len(pictures)


def _wrapped(pictures, limit):
    x = np.asarray(pictures).reshape(len(pictures), -1)
    return int(sum((x[i] - x[j]).mean() < limit for i in range(len(x)) for j in range(i + 1, len(x))))


def _neighbours_only(pictures, limit):
    x = np.asarray(pictures, float).reshape(len(pictures), -1)
    return int(sum(np.abs(one - other).mean() < limit for one, other in itertools.pairwise(x)))


def _signed(pictures, limit):
    x = np.asarray(pictures, float).reshape(len(pictures), -1)
    return int(sum((x[i] - x[j]).mean() < limit for i in range(len(x)) for j in range(i + 1, len(x))))


def _largest(pictures, limit):
    x = np.asarray(pictures, float).reshape(len(pictures), -1)
    return sum(int(np.abs(one - other).max() < limit) for one, other in itertools.combinations(x, 2))


def _flat(*greys):
    """Pictures of one grey each, uint8, shape (N, 2, 3, 3)."""
    return np.stack([np.full((2, 3, 3), grey, np.uint8) for grey in greys])


_RNG = np.random.default_rng(0)
_SCENE = _RNG.integers(20, 230, (3, 4, 4, 3)).astype(np.uint8)
_DARKER = (_SCENE - 3).astype(np.uint8)
_SPECK = _flat(90, 90)
_SPECK[1, 0, 0] = 110

copies = Exercise(
    "copies",
    "How many pairs of pictures are nearly the same.",
    fields=(
        Code(
            "near_copies",
            _pairs,
            cases=(
                Case(
                    "three pictures, two of them alike", (_flat(100, 102, 200), 5), idea="Only the first two are near."
                ),
                Case(
                    "a picture that comes three times", (_flat(7, 90, 7, 7), 5), idea="Three copies make three pairs."
                ),
                Case(
                    "one bright and one slightly darker copy",
                    (np.concatenate([_DARKER, _SCENE]), 5),
                    idea="uint8 cannot hold negative differences: turn the pictures into floats first.",
                ),
                Case("no copies", (_flat(0, 60, 120, 180), 5), idea="No two of these are near."),
                Case(
                    "a copy with a bright speck", (_SPECK, 5), idea="The *mean* difference counts, not the largest one."
                ),
                Case("a mean difference of exactly 5", (_flat(50, 55), 5), idea="Below the limit is not at the limit."),
            ),
            mistakes=(
                (_wrapped, "uint8 wraps around below 0: turn the pictures into floats before you subtract."),
                (_with_themselves, "a picture and itself are no pair: leave the diagonal out."),
                (_both_ways, "each pair is counted twice, once from either side."),
                (_all_ways, "count a pair once, and no picture with itself."),
                (_neighbours_only, "copies need not stand side by side: compare each picture with all later ones."),
                (_largest, "the limit is for the mean of the differences, not for the largest."),
                (_signed, "take the absolute difference, or a brighter and a darker half cancel."),
            ),
        ),
    ),
    hints=(
        "x = pictures.reshape(len(pictures), -1).astype(float) has one row a picture.",
        "Two loops: i over all pictures, j over those after i. Count where np.abs(x[i] - x[j]).mean() < limit.",
    ),
)


half_bursts = Exercise(
    "half_bursts",
    "Holding out a burst, but not the other thing's burst of the same session.",
    fields=(
        Choice(
            "compared",
            "lower",
            options=("higher", "about the same", "lower"),
            mistakes=(
                (
                    "higher",
                    "its own burst is held out. What is left of the session shows the *other* thing on this surface.",
                ),
                ("about the same", "compare the two numbers once more: they differ by far more than one picture."),
            ),
            idea="run it: each burst is a fold.",
        ),
        Choice(
            "reason",
            "the other coin",
            options=("fewer pictures", "the other coin", "a torn burst"),
            mistakes=(
                ("fewer pictures", "there are more: only one burst is missing, not two."),
                ("a torn burst", "that would make the score higher, and each burst is held out whole."),
            ),
            idea="which pictures of the held-out burst's session are trained on, and what do they show?",
        ),
    ),
    hints=(
        "held_out_logits(burst).argmax(axis=1) == y says which pictures are right.",
        "The training pictures most like a held-out helmet on brick are those of the warrior on the same brick.",
    ),
)


LEARNED, THINGS = 3, ("cup", "bowl")


def _is_plan(answer):
    """Whether sessions are held out whole, show both things, and are enough."""
    if not isinstance(answer, list | tuple) or not 0 < len(answer) <= 100:
        raise UnfitError("give a list of rows, one for each burst.")
    rows = []
    for number, row in enumerate(answer):
        if not isinstance(row, list | tuple) or len(row) != 4:
            raise UnfitError(f"row {number} is no (session, thing, pictures, split).")
        session, thing, pictures, split = row
        if not isinstance(session, str) or not session.strip():
            raise UnfitError(f"row {number}: the session is a text, such as 'kitchen, morning'.")
        if thing not in THINGS:
            raise UnfitError(f"row {number}: the thing is one of {', '.join(THINGS)}.")
        if isinstance(pictures, bool) or not isinstance(pictures, int | np.integer) or not 0 < pictures < 1000:
            raise UnfitError(f"row {number}: the pictures are a whole number above 0.")
        if split not in ("train", "test"):
            raise UnfitError(f"row {number}: the split is 'train' or 'test'.")
        rows.append((" ".join(session.lower().split()), thing, pictures, split))
    splits = {split: {row[0] for row in rows if row[3] == split} for split in ("train", "test")}
    both = sorted(splits["train"] & splits["test"])
    yield Result.of(not both, "no session in both splits", f"{''.join(both[:1])!r} is in both: hold it out whole.")
    sessions = splits["train"] | splits["test"]
    alone = sorted(name for name in sessions if {row[1] for row in rows if row[0] == name} != set(THINGS))
    yield Result.of(
        not alone, "both things in every session", f"{''.join(alone[:1])!r} shows one thing: its place gives it away."
    )
    for thing in THINGS:
        count = sum(row[2] for row in rows if row[1] == thing)
        yield Result.of(count >= 20, f"{count} pictures of the {thing}", "at least twenty are asked for.")
    yield Result.of(
        len(splits["train"]) >= LEARNED,
        f"training sessions: {len(splits['train'])}",
        f"at least {LEARNED} are asked for: few sessions teach little.",
    )
    yield Result.of(
        len(splits["test"]) >= 2,
        f"test sessions: {len(splits['test'])}",
        "one session says little of others; take two.",
    )
    largest = max(row[2] for row in rows)
    yield Result.of(
        largest <= 6, f"largest burst: {largest}", "the seventh picture of a burst shows little that is new."
    )


def _plan(places=6, frames=4, test=2):
    return [
        (f"place {number}", thing, frames, "test" if number < test else "train")
        for number in range(places)
        for thing in THINGS
    ]


saturday = Exercise(
    "saturday",
    "A plan for photographing two things.",
    fields=(
        Judged(
            "plan",
            _is_plan,
            _plan,
            mistakes=(
                (lambda: [*_plan(), ("place 0", "cup", 1, "train")], "'place 0' is in both"),
                (lambda: [*_plan(), ("sofa", "cup", 4, "train")], "'sofa' shows one thing"),
                (lambda: _plan(frames=2), "12 pictures of the cup: at least twenty"),
                (lambda: _plan(places=4, frames=6), "training sessions: 2: at least 3"),
                (lambda: _plan(test=6), "training sessions: 0: at least 3"),
                (lambda: _plan(test=1), "test sessions: 1: one session says little"),
                (lambda: _plan(test=0), "test sessions: 0"),
                (lambda: _plan(frames=10), "largest burst: 10"),
                (lambda: [("kitchen", "mug", 4, "train")], "the thing is one of cup, bowl"),
                (lambda: [("kitchen", "cup", 4)], "row 0 is no"),
            ),
        ),
    ),
    hints=(
        "Write down the sessions first, then two rows for each, one a thing.",
        "Six sessions with four pictures of each thing make 24 and 24. Which two of the sessions are for testing?",
    ),
)

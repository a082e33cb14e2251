"""What an address may ask of a figure: all that can be read is taken, all else is told. In Node, on many broken addresses."""

import random
from urllib.parse import unquote

import pytest

GOOD = {
    "xo": [
        "stage=pool&letter=O&preset=noisy&feature=rising&step=30",
        "letter=own&pixels=002088828080a08882000&kernels=" + "%2C".join(["-9", "1", "0"] * 9),
    ],
    "convolution-stepper": [
        "n=7&s=3&p=1&c=2&b=-2&kernel=random&seed=5&step=4&edits=200%2C5900",
        "filters=2&filter=1&b1=3",
    ],
    "pooling": ["shift=right&padding=valid&window=3&step=4&edits=0%2C11%2C3%2C-99"],
    "activations": ["first=gelu&second=none&z=-1.5"],
    "receptive-field": ["stack=c3.same-c5.s2-p2.s3-c3.d2&input=40&layer=3&unit=4"],
    "block-cost": [
        "kindA=shuffle&inA=240&outA=240&groupsA=3&kernelA=5&kindB=inverted&inB=24&outB=32&expandB=4&side=56&batch=8",
        "kindA=dense&inA=128&outA=160&kindB=inception&outB=256&norm=yes",
    ],
    "optimizer-race": ["surface=bowl&rate=0.0905&momentum=0.9&race=gd%2Cadam&start=-3.25%2C0&step=200&seed=7"],
    "threshold": ["threshold=0.36&separation=2.5&prevalence=20&cost=0.5&mark=yes"],
    "draw-a-digit": [
        "sample=3&prepare=0&shift=-4&inside=1&stage=conv2&map=7&row=2&column=3&from=2&digit=4",
        "sample=none&strokes=2us33w.3cz3m2",
    ],
    "teach-it": ["set=things&look=8&map=b&swap=1&x=25&y=60&side=30&behind=2"],
}
SPICE = ["=", "&", "?", "%", ",", ".", "-", "+", "0", "5", "9", "e", "x", ";", "%2C", "NaN", " ", "−", "#"]
READ = """([ui], {files, all}) => {
    const figures = {};
    ui.define = (name, kind) => { figures[name.replace('course-', '')] = new kind(); };
    for (const file of files) require(file);
    return all.map(([name, text]) => {
        const figure = figures[name], {fields} = figure.constructor;
        figure.state = figure.initial = Object.fromEntries(Object.entries(fields).map(([key, {initial}]) => [key, initial]));
        const wrong = figure.read(text);
        const state = Object.fromEntries(Object.keys(fields).map(key => [key, figure.write(key, figure.state[key])]));
        const query = figure.query();
        return {wrong, state, query, again: figure.read(query), same: figure.query() === query};
    });
}"""


@pytest.fixture(scope="module")
def read(run_node, pictures_script):
    """A function from (figure, query) pairs to what each figure takes and what it tells."""
    extension = pictures_script.EXTENSION
    files = [str(extension.FOLDER / f"{scripts[-1]}.js") for scripts in extension.SCRIPTS.values()]
    return lambda all: run_node(["ui.js"], READ, {"files": files, "all": all})


def value_of(text: str):
    """Numbers as numbers, so that 1.50 is 1.5; of several, a list."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        return text


def broken(query: str, rng: random.Random) -> str:
    """The query with one thing done to it."""
    at = rng.randrange(len(query) + 1)
    parts = query.split("&")
    one = rng.choice(parts)
    return rng.choice(
        [
            query[:at] + rng.choice(SPICE) + query[at:],
            query[:at] + query[at + 1 :],
            query[:at] + query[at : at + 1] * 2 + query[at + 1 :],
            f"{query}&{one}",
            query.replace(one, one.split("=")[0] + "=" + rng.choice(SPICE)),
            f"?{query}",
        ]
    )


def test_what_is_not_told_was_taken(read):
    """The oracle knows nothing of the figures: without a warning, each name is there once and has the value asked for."""
    rng = random.Random(15)
    cases = [(name, query) for name, queries in GOOD.items() for query in queries]
    good = len(cases)
    cases += [(name, broken(query, rng)) for name, query in cases for _ in range(100)]
    told = 0
    for at, ((name, query), found) in enumerate(zip(cases, read(cases), strict=True)):
        assert (found["again"], found["same"]) == ([], True), (name, query, found)
        told += bool(found["wrong"])
        if found["wrong"]:
            assert at >= good, (name, query, found["wrong"])
            continue
        pairs = [part.split("=", 1) for part in query.split("&")]
        assert len({unquote(pair[0]) for pair in pairs}) == len(pairs), (name, query)
        for key, value in pairs:
            key, value = unquote(key), unquote(value)
            assert value_of(found["state"][key]) == value_of(value), (name, query)
    assert told > len(cases) / 2


TOLD = [
    ("xo", "?letter=O", "?letter is none of"),
    ("xo", "letter=O&letter=X", "letter is there twice"),
    ("xo", "letter", "letter cannot be read"),
    ("xo", "letter=%E0%A4%A", "letter=%E0%A4%A cannot be read"),
    ("xo", "letter=own&pixels=00000000000000000000f", "00000000000000000000f cannot be read"),
    ("xo", "step=0x10", "0x10 is not a number"),
    ("convolution-stepper", "edits=200.5", "200.5 is not a whole number from 0 to 8549"),
    ("convolution-stepper", "edits=200,201", "edits change a number twice"),
    ("convolution-stepper", "step=200", "step=200 does not go with the rest, 15 does"),
    ("pooling", "edits=0,1.5", "1.5 is not a whole number"),
    ("pooling", "edits=0,1,0,2", "edits change a number twice"),
    ("optimizer-race", "race=gd,gd", "gd is there twice"),
    ("draw-a-digit", "strokes=2us..33w", "strokes="),
    ("draw-a-digit", "sample=3&strokes=2us33w", "sample=3 does not go with the rest, none does"),
    ("block-cost", "kindB=shuffle&outB=96", "outB=96 does not go with the rest, 64 does"),
    ("block-cost", "sideA=7", "sideA is none of"),
    ("receptive-field", "layer=9", "layer=9 does not go with the rest, 5 does"),
]


def test_what_cannot_be_read_is_told(read):
    for (name, query, words), found in zip(TOLD, read([case[:2] for case in TOLD]), strict=True):
        assert any(words in one for one in found["wrong"]), (name, query, found["wrong"])

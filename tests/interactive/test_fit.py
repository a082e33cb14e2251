"""Every figure in its telling states: on a phone and beside a text, with wide and with narrow fonts, in both themes."""

import io

import numpy as np
import pytest
from PIL import Image
from programs import FONTS

# The first state is the one that a page without a state shows; the others hold every kind of element of their figure.
STATES = {
    "xo": [
        "letter=O&step=48",
        *(f"letter=O&step=48&stage={name}" for name in ("map", "relu", "pool", "again", "vote")),
    ],
    "convolution-stepper": [
        "",
        "s=2&p=same&d=2&c=3&kernel=random&step=4",
        "n=10&k=5&p=3&b=9&kernel=sharpen&step=100",
        "mode=transposed&n=5&s=3&kernel=mean&step=24",
        "n=10&k=5&s=2&p=same&d=3",
        "n=5&c=2&filters=2&b=1&kernel=random&kernel1=random&b1=-2&step=4",
        "n=10&k=5&p=3&c=3&filters=2&filter=1&b1=9&kernel1=sharpen&input=ones&step=100",
        "mode=transposed&n=4&s=2&c=2&filters=2&filter=1&kernel=mean&step=15",
        "n=2",
    ],
    "pooling": ["", "mode=average&padding=valid&window=3", "window=4&stride=1&step=20", "shift=right"],
    "activations": [
        "",
        "first=sigmoid&second=tanh&z=0",
        "first=gelu&second=tanh&z=-1",
        "first=elu&second=leaky&z=-4",
        "first=leaky&second=none&z=6",
    ],
    "receptive-field": [
        "",
        "stack=c3.same-c3.same-p2-c3.s2-c3.d2&layer=5&unit=0",
        "stack=c3-c3.d2-c3.d4&layer=3",
    ],
    "block-cost": [
        "",
        "kindA=inception&inA=512&outA=1024&kindB=shuffle&inB=960&outB=960&groupsB=3&norm=yes&stride=1&side=224&batch=256",
    ],
    "optimizer-race": [
        "",
        "step=200&race=gd,momentum,nesterov,rmsprop,adam",
        "rate=0.23&step=60&race=gd,momentum,nesterov,rmsprop,adam&start=-4,-3",
        "surface=saddle&step=12&race=gd,nesterov,adam&start=4,0.1",
        "surface=bowl&step=100&momentum=0.9&rate=0.7&race=gd,momentum,nesterov,rmsprop,adam",
    ],
    "threshold": [
        "",
        "mark=yes&prevalence=1&threshold=1",
        "mark=yes&prevalence=99&threshold=0&cost=0.1",
        "mark=yes&separation=4&threshold=0.36&cost=100&prevalence=10",
        "separation=0&threshold=0.02",
    ],
    "draw-a-digit": ["", "inside=1&stage=conv2&shift=4"],
    "teach-it": ["", "set=backgrounds&look=7&map=b&swap=1&behind=1", "set=things&look=8&map=5"],
}
WIDTHS = (320, 760)
DONE = ".course-figure:not([data-busy=yes])"
SET_STATE = """state => {
    const figure = document.querySelector('.course-figure'), wrong = figure.read(state);
    if (wrong.length) throw new Error(wrong.join(' '));
    figure.show();
}"""
# Words of drawings that stick out of them, and numbers that do not fit their cells.
CUT = """() => {
    const out = (one, box) =>
        one.left < box.left - 1 || one.right > box.right + 1 || one.top < box.top - 1 || one.bottom > box.bottom + 1;
    const words = [...document.querySelectorAll('.course-plot text')].filter(text =>
        out(text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()));
    const cells = [...document.querySelectorAll('.course-frame table.course-grid td')].filter(cell =>
        cell.scrollWidth > cell.clientWidth + 1);
    return [...words, ...cells].map(one => `${one.textContent} (${one.className.baseVal ?? one.className})`);
}"""


def test_all_figures_are_here(pictures_script):
    assert set(STATES) == set(pictures_script.FIGURES)


@pytest.mark.parametrize("fonts", FONTS)
@pytest.mark.parametrize("name", STATES)
def test_it_fits_with_any_fonts(open_figure, pictures_script, sideways, name, fonts):
    page = open_figure(name, fonts=fonts)
    pictures_script.wake(page)
    for state in STATES[name]:
        page.evaluate(SET_STATE, state)
        page.wait_for_selector(DONE)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert sideways(page) <= 0, (state, width)
            assert page.evaluate(CUT) == [], (state, width)


def test_the_fonts_are_wide_and_narrow(open_figure):
    """Without this, the configurations of fonts could be ignored and the test above be the same one twice."""
    width = "link => link.getBoundingClientRect().width"
    widths = [open_figure("pooling", fonts=fonts).locator(".course-link").evaluate(width) for fonts in FONTS]
    assert widths[0] > 1.08 * widths[1]


# What can have the focus, as boxes on the page; of radio buttons that are drawn as pictures, these.
FOCUSABLE = """() => [...document.querySelectorAll(
    '.course-frame :is(button, select, input, summary, a[href], [tabindex="0"])')]
    .filter(one => one.checkVisibility() && !one.disabled)
    .map(one => {
        const {x, y, width, height} = (one.type === 'radio' ? one.labels[0] : one).getBoundingClientRect();
        return [one.ariaLabel || one.textContent || one.labels?.[0]?.textContent || one.type, x, y + scrollY, width, height];
    })"""


def luminance(page) -> np.ndarray:
    """Of each pixel of a page, from 0 to 1."""
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    share = np.asarray(picture, dtype=np.float32) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("name", STATES)
def test_focus_is_seen_and_axe_finds_nothing(open_figure, pictures_script, axe, name):
    """All rules in light; in dark those of colour, which is all that the theme can change."""
    page = open_figure(name, width=390, reduced_motion=True)
    pictures_script.wake(page)
    session = page.context.new_cdp_session(page)
    for command in ("DOM.enable", "CSS.enable"):
        session.send(command)
    for theme, rules in (("light", None), ("dark", ["color-contrast", "link-in-text-block"])):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        page.evaluate(SET_STATE, STATES[name][-1])
        page.wait_for_selector(DONE)
        root = session.send("DOM.getDocument")["root"]["nodeId"]
        selector = '.course-frame :is(button, select, input, summary, a, [tabindex="0"])'
        nodes = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": selector})["nodeIds"]
        pictures = []
        for forced in ([], ["focus", "focus-visible"]):
            for node in nodes:
                session.send("CSS.forcePseudoState", {"nodeId": node, "forcedPseudoClasses": forced})
            pictures.append(luminance(page))
        for node in nodes:
            session.send("CSS.forcePseudoState", {"nodeId": node, "forcedPseudoClasses": []})
        without, with_focus = pictures
        contrast = (np.maximum(without, with_focus) + 0.05) / (np.minimum(without, with_focus) + 0.05)
        changed = np.pad(contrast >= 3, 8)
        for what, *box in page.evaluate(FOCUSABLE):
            x, y, width, height = (round(one) for one in box)
            around = changed[y + 4 : y + height + 12, x + 4 : x + width + 12].sum()
            ring = around - changed[y + 8 : y + height + 8, x + 8 : x + width + 8].sum()
            assert ring > 0.5 * 8 * (width + height), (theme, what)
        for state in STATES[name]:
            page.evaluate(SET_STATE, state)
            page.wait_for_selector(DONE)
            assert axe(page, rules) == [], (theme, state)
        page.set_viewport_size({"width": 1280, "height": 800})
        assert axe(page, rules) == [], (theme, state)
        page.set_viewport_size({"width": 390, "height": 800})

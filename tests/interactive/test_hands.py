"""Every figure on a phone by keyboard, mouse and finger: all is reached and used, and a swipe only scrolls."""

import pytest
from playwright.sync_api import Error as PlaywrightError
from programs import tap

# A state from which every button can do something.
STATES = {
    "xo": "step=10",
    "convolution-stepper": "step=5&filters=2",
    "pooling": "step=5",
    "activations": "",
    "receptive-field": "layer=3",
    "block-cost": "kindA=shuffle&groupsA=2&kindB=inverted&stride=2&outA=128&batch=8",
    "optimizer-race": "surface=bowl&step=20&start=1,1",
    "threshold": "",
    "teach-it": "set=things&look=9&map=3&swap=1",
    "draw-a-digit": "sample=none&strokes=2us33w3cz3m2.5yb6f2&inside=1",
}
SMALL = {"width": 390, "height": 664}
SETUP = """() => {
    const figure = document.querySelector('.course-figure'), {frame} = figure;
    const kinds = 'button, select, input, summary, a[href], [role=grid], svg.course-plot, .course-start, ' +
        '.course-pad, .course-mosaic';
    document.body.style.padding = '0 0 600px';
    window.hands = {
        // Of radio buttons the first and the last are enough.
        find: () => [...frame.querySelectorAll(kinds)].filter(one => one.checkVisibility() && !one.disabled &&
            !one.closest('.course-field .course-plot, label:not(:first-child, :last-child) > [type=radio]')),
        kind: one => [one.tagName.toLowerCase(), one.type, one.getAttribute('class')].filter(Boolean).join(' '),
        name: one => `${hands.kind(one)}: ${one.ariaLabel || one.labels?.[0]?.textContent || one.textContent}`,
        stops: () => {
            const all = [...frame.querySelectorAll('button, select, input, summary, a[href], [tabindex="0"]')];
            const ofGroup = name => frame.querySelector(`[name="${name}"]:checked`) || frame.querySelector(`[name="${name}"]`);
            return all.filter(one => one.checkVisibility() && !one.disabled &&
                (one.type !== 'radio' || one === ofGroup(one.name)));
        },
        reset: () => { figure.show(figure.read('')); figure.rest(); },
        now: () => JSON.stringify([figure.state, Boolean(figure.playing), frame.textContent,
            [...frame.querySelectorAll('details')].map(one => one.open)]),
        // Ready to be used: its name, where, and how.
        ready: async index => {
            hands.reset();
            const one = hands.one = hands.find()[index];
            const target = one.querySelector('tr:last-child td:last-child') || (one.labels?.[0]?.contains(one) ? one.labels[0] : one);
            window.scrollTo(0, 0);
            target.scrollIntoView({block: 'center'});
            for (let i = 0; i < 2; i++) await new Promise(done => requestAnimationFrame(done)); // scrolled
            target.scrollIntoView({block: 'center'});
            const {x, y, width, height} = target.getBoundingClientRect();
            hands.before = hands.now();
            const share = one.type === 'range' && 2 * one.value > +one.min + +one.max ? 0.2 : 0.8;
            const pulled = one.matches('.course-pad, .course-start');
            return {name: hands.name(one), pulled, slides: !pulled && one.matches('[type=range], svg, [role=grid]'),
                x: x + width * share, y: y + height * (one.matches('svg') ? 0.4 : 0.5), scroll: scrollY};
        },
        // What was wrong with its use, or null.
        used: again => {
            const {one, before} = hands, nothing = before === hands.now();
            const idle = one.matches('a, select, [aria-pressed=true], [type=number], [type=text], [data-chooses]') || one.textContent === 'Reset' ||
                one.textContent === 'Measure the time' && frame.textContent.includes(' ms ') ||  // as long as before
                one.contains(document.activeElement) && one.matches('[role=grid]');
            const wrong = [nothing && !idle && 'does nothing', ...hands.wrong()].filter(Boolean).join(', ');
            if (again && one.type !== 'radio') {
                hands.reset();
                // A button that goes gives the focus to another of the figure; once back, Tab starts from it again.
                if (frame.contains(document.activeElement) && one.checkVisibility()) one.focus();
            }
            return wrong;
        },
        wrong: () => [
            document.scrollingElement.scrollWidth > document.documentElement.clientWidth && 'wider than the screen',
            !figure.playing && !frame.querySelector('.course-status').innerText.trim() && 'says nothing',
        ],
        key: at => {
            const one = document.activeElement, reached = hands.stops()[at] === one;
            return [reached, hands.name(one), reached && hands.press(one)];
        },
        press: one => {
            [hands.one, hands.before] = [one.closest('[role=grid]') || one, hands.now()];
            if (one.matches('td')) return one.nextElementSibling ? 'ArrowRight' : one.previousElementSibling ? 'ArrowLeft' : 'Enter';
            if (one.matches('select')) return one.selectedIndex ? 'ArrowUp' : 'ArrowDown';
            if (one.matches('[type=number]')) return 'ArrowUp';
            if (one.matches('[type=text]')) return 'x';
            if (one.matches('[type=range]')) return one.value === one.max ? 'ArrowLeft' : 'ArrowRight';
            if (one.matches('[type=radio]')) return one.checked ? 'ArrowRight' : ' ';
            return one.matches('[type=checkbox], canvas') ? ' ' : 'Enter';
        },
    };
    hands.reset();
}"""


@pytest.fixture
def finger():
    """A function that pulls a finger over playwright's page, from a place to another, in some steps."""
    sessions = {}

    def pull(page, start, end, steps=4, *, last="touchEnd"):
        if page not in sessions:
            sessions[page] = page.context.new_cdp_session(page)
        for step in range(steps + 1):
            x, y = (a + (b - a) * step / steps for a, b in zip(start, end, strict=True))
            kind = "touchMove" if step else "touchStart"
            sessions[page].send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        if last:
            sessions[page].send("Input.dispatchTouchEvent", {"type": last, "touchPoints": []})

    return pull


def used(page) -> str:
    """What is wrong with a use, after a moment: what was tapped comes later than the finger."""
    try:
        page.wait_for_function("() => hands.used() === ''", timeout=5000)
    except PlaywrightError:
        return page.evaluate("() => hands.used()")
    return ""


@pytest.mark.parametrize("name", STATES)
def test_every_control_is_used_by_keyboard_mouse_and_finger(open_figure, pictures_script, finger, name):
    page = open_figure(name, state=STATES[name], touch=True, width=SMALL["width"])
    page.set_viewport_size(SMALL)
    pictures_script.wake(page)
    if name == "teach-it":
        page.get_by_label("Name of class 1").fill("tiger")  # so that something can be undone
    page.evaluate("() => { const top = document.querySelector('h1'); top.tabIndex = -1; top.focus(); }")
    page.evaluate(SETUP)

    found = []
    for at in range(page.evaluate("() => hands.stops().length")):
        page.keyboard.press("Tab")
        reached, name, key = page.evaluate("at => hands.key(at)", at)
        found.append(name)
        assert reached, found[-3:]
        page.keyboard.press(key)
        assert page.evaluate("() => hands.used(true)") == "", (name, key)
    assert found[-1].endswith("Link to this state")

    for at in range(page.evaluate("() => hands.find().length")):
        for hand in ("mouse", "finger", "swipe"):
            for _ in range(3):  # a browser that is busy takes a tap for a long one: then people tap again
                one = page.evaluate("at => hands.ready(at)", at)
                place, aside = (one["x"], one["y"]), (one["x"] - 30, one["y"])
                if hand == "mouse":
                    page.mouse.move(*place)
                    page.mouse.down()
                    if one["pulled"]:
                        page.mouse.move(*aside)
                    page.mouse.up()
                elif hand == "finger":
                    if one["pulled"]:
                        finger(page, place, aside, steps=2)
                    else:
                        page.touchscreen.tap(*place)
                elif one["slides"]:
                    finger(
                        page, place, (place[0] + 4, place[1] - 200), last="touchCancel"
                    )  # lifted, it would push the page
                    assert page.evaluate("() => hands.before === hands.now()"), one["name"]
                    assert page.evaluate("() => scrollY") > one["scroll"] + 40, one["name"]
                wrong = used(page) if hand != "swipe" else ""
                if hand != "finger" or "does nothing" not in wrong:
                    break
            assert not wrong, (one["name"], hand)


@pytest.mark.parametrize(
    ("name", "area", "end"),
    [
        ("draw-a-digit", ".course-pad", (0.8, 0.8)),
        ("optimizer-race", ".course-start", (2.0, 2.0)),
        ("activations", ".course-plot", (0.8, 0.5)),
        ("threshold", ".course-plot", (0.8, 0.5)),
    ],
)
def test_a_tap_after_a_flick_counts(open_figure, finger, name, area, end):
    """Chromium takes the next tap for the end of a fling, also where the page had said that nothing scrolls."""
    page = open_figure(name, width=390, touch=True, reduced_motion=True)
    page.locator(area).first.scroll_into_view_if_needed()
    before = page.locator(".course-link").get_attribute("href")
    box = page.locator(area).first.bounding_box()
    finger(page, *((box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in ((0.5, 0.5), end)), steps=3)
    assert page.locator(".course-link").get_attribute("href") != before
    tap(page.get_by_role("button", name="Reset", exact=True))
    assert page.locator(".course-link").get_attribute("href") == before

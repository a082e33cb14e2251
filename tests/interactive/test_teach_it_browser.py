"""Teach it your pictures in a browser: what is fetched and when, files good and bad, with a worker and without."""

import io
import re

import numpy as np
import pytest
from PIL import Image

NAME = "teach-it"
BUSY = ".course-figure[data-busy=no]"
HEAVY = ("photo-network.js", "photo-model.js", "photo-engine.js", "photo-examples.js")
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


@pytest.fixture(scope="module")
def photos():
    """Files as a reader may give them: name → (media type, bytes)."""
    import skimage.data

    chelsea, coffee = (Image.fromarray(getattr(skimage.data, name)()) for name in ("chelsea", "coffee"))

    def pack(picture, form, **options):
        content = io.BytesIO()
        picture.save(content, FORMATS[form], **options)
        return content.getvalue()

    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned by a quarter
    return {
        "cat.png": ("image/png", pack(chelsea, "png")),
        "turned.jpg": ("image/jpeg", pack(chelsea.rotate(90, expand=True), "jpg", quality=95, exif=turned)),
        "cup.webp": ("image/webp", pack(coffee, "webp", quality=90)),
        "large.jpg": ("image/jpeg", pack(coffee.resize((3000, 2000), Image.Resampling.BICUBIC), "jpg", quality=90)),
        "narrow.png": ("image/png", pack(coffee.crop((0, 0, 600, 1)), "png")),
        "drawing.svg": (
            "image/svg+xml",
            b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><circle r="9"/></svg>',
        ),
        "empty.jpg": ("image/jpeg", b""),
        "broken.jpg": ("image/jpeg", pack(chelsea, "jpg")[:200]),
        "phone.heic": ("image/heic", b"\0\0\0\x18ftypheic" + bytes(40)),
        "notes.txt": ("text/plain", b"no picture"),
    }


@pytest.fixture
def awake(open_figure, pictures_script):
    """A function that opens the figure with its network."""

    def open_awake(**options):
        page = open_figure(NAME, **options)
        pictures_script.wake(page)
        return page

    return open_awake


def give(page, photos, names, card=-1) -> None:
    """Choose files for a box."""
    files = [{"name": name, "mimeType": photos[name][0], "buffer": photos[name][1]} for name in names]
    with page.expect_file_chooser() as chooser:
        page.locator(f'[data-home="{card}"]').get_by_role("button", name="Add pictures").click()
    assert chooser.value.is_multiple()
    chooser.value.set_files(files)
    count = len([name for name in names if name not in ("empty.jpg", "broken.jpg", "phone.heic", "notes.txt")])
    page.wait_for_function(
        """count => { const { pictures, reading } = document.querySelector(".course-figure");
            return !reading && pictures.length >= count && pictures.every(one => one.result); }""",
        arg=count,
    )
    page.wait_for_selector(BUSY)


def read_pictures(page) -> list[dict]:
    """Of each picture: name, box, embedding, best name."""
    return page.evaluate("""() => document.querySelector(".course-figure").pictures.map(({ name, home, result }) =>
        ({ name, home, embedding: [...result.embedding], best: result.best[0], pixels: [...result.pixels] }))""")


def warning(page) -> str:
    return page.locator(".course-warning").inner_text()


def test_nothing_of_the_network_is_fetched_before_it_is_asked_for(open_figure, said, pictures_script, pages_folder):
    page = open_figure(NAME, over="http", hash=f"#fig-{NAME}?set=things")
    asked = page.evaluate("() => performance.getEntriesByType('resource').map(one => one.name)")
    assert asked
    assert not [one for one in asked if any(name in one for name in HEAVY)]
    assert said(page) == "This link shows examples on board. Load the network to see them."
    assert page.get_by_role("button", name="Load the network (6.6 MB)").is_visible()
    size = (pages_folder[0] / "interactive" / "photo-network.js").stat().st_size
    assert page.evaluate("() => CourseTeachIt.BYTES") == size
    # While it comes, it says how much is there; it can be cancelled and asked for again.
    page.evaluate("""() => {
        window.told = [];
        new MutationObserver(() => told.push(document.querySelector(".course-status p").textContent)).observe(
            document.querySelector(".course-status"), {subtree: true, childList: true, characterData: true});
        const real = window.fetch;
        window.fetch = async (...all) => { const answer = await real(...all); await new Promise(go => window.go = go); return answer; };
    }""")
    page.get_by_role("button", name="Load the network").click()
    page.wait_for_function("() => window.go")
    assert page.evaluate("() => document.activeElement.textContent") == "Cancel"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.textContent.startsWith('Load the network')")
    assert said(page).startswith("Loading was cancelled.")
    page.evaluate("() => { window.go(); window.go = null; }")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.go")
    page.evaluate("() => window.go()")
    page.wait_for_selector(f"{BUSY} .course-look:not([hidden])")
    told = page.evaluate("() => told")
    assert any(one.startswith("Step 2 of 3: the weights, 0 of 6.6 MB") for one in told)
    assert any(one.startswith("Step 3 of 3") for one in told)
    assert said(page).startswith("cat 1: ImageNet's best name is Egyptian cat (")
    assert page.evaluate(
        "() => performance.getEntriesByType('resource').every(one => new URL(one.name).host === location.host)"
    )


def test_a_network_that_cannot_be_loaded_is_told_and_asked_for_again(open_figure):
    page = open_figure(NAME)
    page.evaluate("""() => {
        const figure = document.querySelector(".course-figure");
        window.right = figure.dataset.requests;
        figure.dataset.requests = right.replace("photo-engine.js", "photo-gone.js").replace("photo-engine", "photo-gone");
        figure.need = async name => { throw new Error(figure.t("missing", { what: `${name}.js` })); };
    }""")
    page.get_by_role("button", name="Load the network").click()
    page.wait_for_function("() => document.activeElement.textContent === 'Try again'")
    assert warning(page) == "photo-model.js cannot be loaded. Is the connection gone? Nothing is lost: try again."
    page.evaluate("() => { delete document.querySelector('.course-figure').need; }")
    page.evaluate("() => { document.querySelector('.course-figure').dataset.requests = window.right; }")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{BUSY} .course-ready:not([hidden])")
    assert page.locator(".course-warning").is_hidden()


def test_files_good_and_bad(awake, photos, said):
    """Good ones come in, upright and equal to Python; of the others each is told, and nothing is lost."""
    from course_utils import models

    page = awake()
    assert said(page) == "Add a picture, or start with examples on board."
    give(page, photos, photos)
    pictures = {one["name"]: one for one in read_pictures(page)}
    bad = ("empty.jpg", "broken.jpg", "phone.heic", "notes.txt")
    assert set(pictures) == photos.keys() - set(bad)
    words = warning(page)
    for text in (
        "empty.jpg is empty.",
        "broken.jpg cannot be read as a picture",
        "phone.heic is a HEIC picture",
        "notes.txt is not a picture.",
    ):
        assert text in words
    exact = np.asarray(Image.open(io.BytesIO(photos["cat.png"][1])))
    expected = models.imagenet_input(exact, 160)[0] * 128 + 127
    found = np.reshape(pictures["cat.png"]["pixels"], (160, 160, 3))
    np.testing.assert_allclose(found, expected, atol=1)
    upright = np.reshape(pictures["turned.jpg"]["pixels"], (160, 160, 3))
    assert np.abs(upright - expected).mean() < 4
    cosine = lambda a, b: np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b)  # noqa: E731
    of = {name: one["embedding"] for name, one in pictures.items()}
    assert cosine(of["cat.png"], of["turned.jpg"]) > 0.95
    assert cosine(of["cup.webp"], of["large.jpg"]) > 0.95
    assert cosine(of["cup.webp"], of["cat.png"]) < 0.5
    assert pictures["large.jpg"]["best"]["name"] == "espresso"
    # The next thing that the reader does takes the warning away.
    page.get_by_label("Name of class 1").fill("cup")
    assert page.locator(".course-warning").is_hidden()


def test_classes_are_learnt_from_one_example_each_and_judged_by_the_others(awake, photos, said):
    page = awake()
    give(page, photos, ["cat.png"], 0)
    assert "It is the only example. Give another class a picture, and it is compared." in said(page)
    page.get_by_label("Name of class 1").fill("cat")
    give(page, photos, ["cup.webp"], 1)
    page.get_by_label("Name of class 2").fill("cup")
    assert "Its own class, cup, has no other picture, so it cannot be given back." in said(page)
    assert page.locator(".course-look").locator("label:has-text('cat')").count() >= 1
    give(page, photos, ["large.jpg"])
    assert re.search(r"Of your classes it is most similar to cup \((0\.9\d|1\.00)\), then cat \(0\.", said(page))
    assert page.locator("table.course-values tbody td").all_inner_texts() == ["1", "1, which nothing can judge"] * 2
    near = page.locator(".course-near li").all_inner_texts()
    assert near[0].startswith("cup ")
    assert near[1].startswith("cat 0.")
    page.get_by_label("Box of this picture").select_option(label="cup")
    page.wait_for_selector(BUSY)
    assert "2 of 2 come back to their class (100\xa0%)." in said(page)
    assert "one mistake more or less moves it by 50\xa0%" in page.locator(".course-teach").inner_text()
    # A picture in a wrong class is marked, and told.
    page.get_by_label("Box of this picture").select_option(label="cat")
    page.wait_for_selector(BUSY)
    assert "It belongs to cat." in said(page)
    assert re.search(r"[01] of 2 come back", said(page))
    assert page.locator(".course-samples .wrong").count() >= 1
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
    assert page.locator(".course-samples .wrong").count() == 0
    # Taken away, and brought back.
    page.get_by_role("button", name="Remove this picture").click()
    assert len(read_pictures(page)) == 2
    page.get_by_role("button", name="Reset").click()
    assert len(read_pictures(page)) == 0
    page.get_by_role("button", name="Undo").click()
    assert [one["name"] for one in read_pictures(page)] == ["cat.png", "cup.webp"]
    page.get_by_role("button", name="Undo").click()
    assert [one["home"] for one in read_pictures(page)] == [0, 1, -1]


def test_a_class_goes_while_pictures_of_the_next_are_computed(awake, photos, said):
    page = awake()
    page.get_by_role("button", name="Add a class").click()
    give(page, photos, ["cat.png", "cup.webp"], 2)
    page.evaluate("""() => {
        const { engine } = document.querySelector(".course-figure"), { run } = engine;
        engine.run = async job => { await new Promise(go => window.go = go); return run(job); };
    }""")
    with page.expect_file_chooser() as chooser:
        page.locator('[data-home="2"]').get_by_role("button", name="Add pictures").click()
    chooser.value.set_files([{"name": "large.jpg", "mimeType": "image/jpeg", "buffer": photos["large.jpg"][1]}])
    page.wait_for_function("() => window.go")
    page.get_by_role("button", name="Remove the class class 1").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.textContent") == "Undo"
    page.evaluate("() => window.go()")
    page.wait_for_selector(BUSY)
    assert [(one["name"], one["home"]) for one in read_pictures(page)] == [
        ("cat.png", 1),
        ("cup.webp", 1),
        ("large.jpg", 1),
    ]
    # One class alone gives back all, which says nothing.
    assert "once two classes have pictures" in page.locator(".course-teach").inner_text()
    assert page.locator("table.course-values tbody td").all_inner_texts() == ["0", "–", "3", "–"]
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector(BUSY)
    assert [one["home"] for one in read_pictures(page)] == [2, 2, 2]


def test_long_names_stay_on_a_phone(awake, sideways):
    page = awake(state="set=things&swap=1", width=390)
    for number in (1, 2, 3):
        page.get_by_label(f"Name of class {number}").fill("W" * 24)
    page.wait_for_selector(BUSY)
    assert sideways(page) <= 0


def test_pictures_are_dropped_and_pasted_where_they_shall_be(awake, photos):
    page = awake(hash=f"#fig-{NAME}?set=none")
    send = """(target, { type, files, text }) => {
        const data = new DataTransfer();
        for (const { name, type, bytes } of files) data.items.add(new File([new Uint8Array(bytes)], name, { type }));
        if (text) data.setData("text/uri-list", text);
        const make = type === "paste"
            ? new ClipboardEvent(type, { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
        return !target.dispatchEvent(make);
    }"""
    file = {"name": "cat.png", "type": "image/png", "bytes": list(photos["cat.png"][1])}
    card = page.locator('[data-home="1"]')
    assert card.evaluate(send, {"type": "dragover", "files": [file]})
    assert "course-target" in card.get_attribute("class")
    assert card.evaluate(send, {"type": "drop", "files": [file]})
    page.wait_for_function("() => document.querySelector('.course-figure').pictures.length === 1")
    assert "course-target" not in card.get_attribute("class")
    page.wait_for_selector(BUSY)
    assert page.locator('[data-home="0"]').evaluate(send, {"type": "drop", "files": [], "text": "https://example.org"})
    assert warning(page).startswith("What was dropped is not a file.")
    page.get_by_label("Name of class 1").focus()
    assert page.get_by_label("Name of class 1").evaluate(send, {"type": "paste", "files": [file]})
    page.wait_for_function("() => document.querySelector('.course-figure').pictures.length === 2")
    page.wait_for_selector(BUSY)
    assert [one["home"] for one in read_pictures(page)] == [0, 1]
    # What misses the figure does not make the browser leave the page, and text is pasted as ever.
    assert page.locator("h1").evaluate(send, {"type": "drop", "files": [file]})
    assert not page.get_by_label("Name of class 1").evaluate(send, {"type": "paste", "files": []})


def test_so_many_pictures_fit_and_no_more(awake, photos):
    page = awake()
    give(page, photos, ["cat.png"])
    page.evaluate("""() => {
        const figure = document.querySelector(".course-figure"), [first] = figure.pictures;
        figure.pictures = Array.from({ length: CourseTeachIt.MOST - 1 }, () => ({ ...first }));
        figure.show();
    }""")
    give(page, photos, ["cup.webp", "large.jpg"])
    assert len(read_pictures(page)) == 60
    assert warning(page) == "At most 60 pictures fit. Left out: large.jpg."
    assert "60 of at most 60 pictures" in page.locator(".course-ready").inner_text()


def test_without_a_worker_the_page_computes_the_same_and_does_not_freeze(awake, open_figure, pictures_script):
    """Answers on board, both ways; the longest pause between two frames of the page."""
    embeddings = {}
    for kind in ("worker", "slices"):
        page = open_figure(NAME, state="set=things")
        if kind == "slices":
            page.evaluate("() => { window.Worker = class { constructor() { throw new Error('forbidden'); } }; }")
        pictures_script.wake(page)
        assert page.evaluate("() => document.querySelector('.course-figure').engine.kind") == kind
        embeddings[kind] = np.array([one["embedding"] for one in read_pictures(page)])
        if kind == "slices":
            turns = page.evaluate("""async () => {
                const figure = document.querySelector(".course-figure"), pixels = new Float32Array(160 * 160 * 3);
                let done = false, turns = 0;
                figure.engine.run({ pixels }).then(() => { done = true; });
                while (!done) { turns += 1; await new Promise(go => setTimeout(go)); }
                return turns;
            }""")
            assert turns > 5
    np.testing.assert_array_equal(embeddings["worker"], embeddings["slices"])


def test_maps_add_up(awake):
    page = awake(state="set=things&look=7")
    for label, words in (("tabby", "logit"), ("rocket", "more similar")):
        page.locator(".course-lines label", has_text=label).first.click()
        text = page.locator(".course-panes > p").inner_text()
        assert words in text
    found = page.evaluate("""() => {
        const figure = document.querySelector(".course-figure"), { chosen, model } = figure;
        const found = CourseTeachIt.judge(model, chosen, figure.pictures);
        const mean = values => [...values].reduce((a, b) => a + b, 0) / values.length;
        return {
            names: chosen.result.best.map(({ map, bias, logit }) => [mean(map) + bias, logit]),
            classes: found.ranked.map(one => [mean(model.pull(chosen.result, model.direction(found.examples
                .filter(({ home }) => home === one.class).map(({ result }) => result.embedding)))), one.similarity]),
        };
    }""")
    for pairs, tolerance in ((found["names"], 1e-3), (found["classes"], 1e-5)):
        for mean, value in pairs:
            assert mean == pytest.approx(value, rel=tolerance)


def test_a_wrong_background_is_seen_and_taken_away(awake, said):
    """Three cups on a lawn, three flowers before a wall: the cup before the wall is taken for a flower; one such example helps."""
    similar = r"most similar to flower \((0\.\d+)\), then cup \((0\.\d+)\)"
    page = awake(state="set=backgrounds&look=7&swap=1&side=30")
    page.wait_for_selector(BUSY)
    assert "Of your classes it is most similar to flower (" in said(page)
    assert "What the frame holds is most similar to cup (" in said(page)
    assert "the rest of the picture to flower (" in said(page)
    box = page.locator(".course-spot").bounding_box()
    page.locator(".course-spot").click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
    state = page.evaluate("() => document.querySelector('.course-figure').state")
    assert (state["x"], state["y"]) == (25, 75)
    page.get_by_label("Background taken from").select_option("cup, lawn 1")
    page.wait_for_selector(BUSY)
    assert page.locator(".course-variants figure").count() == 4
    assert "on the background of cup, lawn 1" in page.locator(".course-variants").inner_text()
    ask = "the pictures to ask, {} of {}: cup, wall 2"
    page.get_by_role("radio", name=ask.format(2, 4)).check()
    page.wait_for_selector(BUSY)
    flower, cup = map(float, re.search(similar, said(page)).groups())
    page.get_by_role("radio", name="the pictures to ask, 1 of 4: cup, wall 1").check()
    page.get_by_label("Box of this picture").select_option(label="cup")
    page.get_by_role("radio", name=ask.format(1, 3)).check()
    page.wait_for_selector(BUSY)
    values = page.evaluate("""() => {
        const figure = document.querySelector(".course-figure");
        const { ranked } = CourseTeachIt.judge(figure.model, figure.chosen, figure.pictures);
        return Object.fromEntries(ranked.map(one => [figure.nameOf(one.class), one.similarity]));
    }""")
    assert values["cup"] > cup + 0.1
    assert values["flower"] == pytest.approx(flower, abs=0.006)

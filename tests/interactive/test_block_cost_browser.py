"""The block figure in a browser: by keyboard, from links whole and broken, and words that stay in their boxes."""

FIRST = (
    "A, standard: 36,864 parameters, 28,901,376 multiply-adds. B, depthwise separable: 4,672 parameters, "
    "3,662,848 multiply-adds. B takes 0.127 times A’s multiply-adds, and keeps 2 times as much in training."
)


def numbers(page, row: int) -> list[str]:
    """A row with its whole numbers; long ones may break behind commas."""
    texts = "all => all.map(one => [...one.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(''))"
    return page.locator(".course-values tbody tr").nth(row).locator("td").evaluate_all(texts)


def shares(page, row: int) -> list[str]:
    return page.locator(".course-values tbody tr").nth(row).locator("td small").all_inner_texts()


def test_keyboard_alone_leads_through_the_figure(open_figure, said):
    page = open_figure("block-cost")
    press = page.keyboard.press
    notes = page.locator(".course-notes").first

    def value(label, name):
        return (
            page.get_by_role("group", name=f"Block {name}")
            .get_by_label(label, exact=True)
            .get_attribute("aria-valuetext")
        )

    assert said(page) == FIRST
    assert [numbers(page, row) for row in range(5)] == [
        ["36,864", "4,672"],
        ["28,901,376", "3,662,848"],
        ["401.4 kB", "602.1 kB"],
        ["200.7 kB", "401.4 kB"],
        ["401.4 kB", "401.4 kB"],
    ]
    assert shares(page, 1) == ["1 × standard", "0.127 × standard"]
    assert (
        "B: 9·64 + 64·64 = 4,672 weights, each used once at 28×28 places. They are 1/C′ + 1/k² = 1/64 + 1/9 = 0.127 of"
        in (notes.inner_text())
    )
    press("Tab")  # Example
    press("Tab")  # Kind of A
    press("End")  # a DenseNet layer, whose C′ is more than C
    assert value("Channels C′", "A") == "96"
    assert numbers(page, 0)[0] == "45,056"
    press("Tab")  # C
    press("ArrowRight")
    assert (value("Channels C", "A"), value("Channels C′", "A")) == ("96", "128")
    press("Tab")  # C′
    press("ArrowLeft")
    assert page.locator(".course-warning").inner_text() == (
        "Block A: it puts new channels beside the old: C′ must be more than 96"
    )
    assert value("Channels C′", "A") == "128"
    press("ArrowRight")
    assert page.locator(".course-warning").is_hidden()
    press("Tab")  # Kernel
    press("Tab")  # Kind of B
    for _ in range(5):
        press("ArrowDown")
    assert page.locator(".course-plots svg").nth(1).get_attribute("aria-label") == (
        "Block B: inverted residual. From 64 channels, 28×28: 1×1 from 64 to 384 channels, 46.7 % of the multiply-adds, "
        "depthwise 3×3 from 384 to 384 channels, 6.6 % of the multiply-adds, 1×1 from 384 to 64 channels, 46.7 % of the "
        "multiply-adds; a shortcut carries the input past them; the branches are added. To 64 channels, 28×28."
    )
    for _ in range(4):
        press("Tab")  # C, C′, kernel, expansion
    press("Home")
    assert numbers(page, 0)[1] == "4,672"  # without expansion, the separable pair
    press("Tab")  # Resolution
    press("ArrowRight")
    assert numbers(page, 1)[1] == "4,784,128"
    press("Tab")  # Stride
    press("ArrowRight")
    assert page.locator(".course-warning").inner_text() == "Block A: it has stride 1 only"
    press("Tab")  # Pictures a batch
    press("ArrowRight")
    assert numbers(page, 4)[1] == "1,572.9 kB"  # 3 · 64 · 32 · 32 numbers of 4 bytes, for two pictures
    press("Tab")  # Normalisation
    press("ArrowDown")
    assert "and 512 parameters of normalisation" in notes.inner_text()
    press("Tab")  # Reset
    press("Enter")
    assert said(page) == FIRST


def test_a_change_takes_along_what_follows_from_it(open_figure):
    page = open_figure("block-cost", state="stride=2&side=14")
    a = page.get_by_role("group", name="Block A")
    kind, out = a.get_by_label("Kind"), a.get_by_label("Channels C′")
    kind.select_option("ShuffleNet unit")
    assert (out.get_attribute("aria-valuetext"), a.get_by_label("Groups").get_attribute("aria-valuetext")) == (
        "128",
        "4",
    )
    page.get_by_label("Stride").press("ArrowLeft")
    assert out.get_attribute("aria-valuetext") == "64"
    assert out.is_disabled()
    page.get_by_label("Stride").press("ArrowRight")
    kind.select_option("Inception module")
    assert page.get_by_label("Stride").get_attribute("aria-valuetext") == "1"
    assert not any(a.get_by_label(label).is_visible() for label in ("Groups", "Kernel"))
    page.get_by_label("Example").select_option("bottleneck or inverted")
    assert page.get_by_label("Example").input_value() == "bottleneck or inverted"
    assert numbers(page, 0) == ["9,792", "8,208"]
    out.press("ArrowRight")
    assert page.get_by_label("Example").input_value() == "your own"


def test_arrow_keys_get_past_what_cannot_be(open_figure):
    page = open_figure("block-cost", state="kindB=inception")
    warning = page.locator(".course-warning")

    def values(name, label, key):
        slider = page.get_by_role("group", name=f"Block {name}").get_by_label(label, exact=True)
        slider.focus()
        while True:
            page.keyboard.press(key)
            if warning.is_visible() or slider.evaluate("one => Number(one.value) === Number(one.max)"):
                return
            yield slider.get_attribute("aria-valuetext")

    assert list(values("A", "Groups G", "ArrowRight")) == ["2", "4", "8"]  # and 16
    assert warning.is_hidden()
    assert next(values("A", "Channels C", "ArrowLeft")) == "48"
    assert next(values("A", "Channels C", "ArrowLeft")) == "32"
    assert next(values("A", "Channels C", "ArrowLeft")) == "16"
    assert list(values("B", "Channels C′", "ArrowLeft")) == ["48", "32", "16"]
    assert warning.inner_text() == "Block B: branches have sixteenths of C′, and 8 is no multiple of 16"


def test_depthwise_is_a_layer_of_as_many_groups_as_channels_on_both_sides(open_figure):
    for channels, called in {(8, 8): "depthwise 3×3", (16, 8): "3×3, 8 groups", (8, 16): "3×3, 8 groups"}.items():
        into, out = channels
        page = open_figure("block-cost", state=f"inA={into}&outA={out}&groupsA=8")
        assert page.locator(".course-plots svg text").first.text_content() == called
        label = page.locator(".course-plots svg").first.get_attribute("aria-label")
        assert f": {called} from {into} to {out} channels, 100 %" in label


def test_ratios_name_their_standard_where_there_are_two(open_figure):
    page = open_figure("block-cost", state="kernelA=5&kindB=basic")
    assert numbers(page, 0) == ["102,400", "73,728"]
    assert shares(page, 0) == ["1 × one 5×5", "2 × one 3×3"]


def test_link_carries_the_state_and_a_broken_one_is_told(open_figure, said):
    query = "kindA=bottleneck&inA=256&outA=256&side=14&norm=yes&batch=32"
    page = open_figure("block-cost", hash=f"#fig-block-cost?{query}", over="http")
    assert numbers(page, 0)[0] == "71,168"  # 69,632 weights, and four numbers for each of 384 normalised channels
    link = page.locator(".course-link").get_attribute("href")
    assert said(open_figure("block-cost", hash=link[link.index("#") :])) == said(page)
    for query, sentence in {
        "kindA=lstm": "lstm is none of: standard, pointwise",
        "groupsA=3": "Block A: 3 groups do not divide 64 channels",
        "kindB=inception&outB=24": "Block B: branches have sixteenths of C′, and 24 is no multiple of 16",
        "kindB=bottleneck&outB=3": "Block B: a bottleneck has a quarter of C′ inside, and 3 is no multiple of 4",
        "kindB=dense&outB=64": "C′ must be more than 64",
        "kindA=inception&stride=2": "Block A: it has stride 1 only",
        "inA=65": "65 is none of: 1, 2, 3",
    }.items():
        page.evaluate("query => { location.hash = `#fig-block-cost?${query}`; }", query)
        page.wait_for_function(
            "part => document.querySelector('.course-warning').textContent.includes(part)", arg=sentence
        )
        assert said(page) == FIRST


# Words that are wider than the narrowest box around their middle.
OUT = """() => [...document.querySelectorAll('.course-plots svg')].flatMap(svg => {
    const boxes = [...svg.querySelectorAll('.course-strip')].map(one => one.getBoundingClientRect());
    return [...svg.querySelectorAll('text')].filter(text => {
        const {left, right, top, bottom} = text.getBoundingClientRect(), x = (left + right) / 2, y = (top + bottom) / 2;
        const box = boxes.find(one => one.left < x && x < one.right && one.top < y && y < one.bottom);
        return box && (left < box.left || right > box.right);
    }).map(text => text.textContent);
})"""


def test_words_stay_in_their_boxes(open_figure):
    page = open_figure("block-cost", fonts="DejaVu")
    kinds = page.evaluate("() => Object.keys(CourseBlockCost.KINDS)")
    drawn = 0
    for stride in (1, 2):
        for kind in kinds:
            if stride > 1 and kind in ("inception", "dense"):
                continue
            state = f"kindA={kind}&inA=768&outA=1024&groupsA=16&stride={stride}&kernelA=7"
            if kind == "shuffle" and stride == 1:
                state = state.replace("768", "1024")
            page.evaluate(
                "text => { const one = document.querySelector('.course-figure'); one.show(one.read(text)); }", state
            )
            assert page.locator(".course-warning").is_hidden(), page.locator(".course-warning").inner_text()
            assert page.evaluate(OUT) == [], state
            drawn += page.locator(".course-plots svg").first.locator(".course-strip").count()
    assert drawn > 50

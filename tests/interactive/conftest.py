"""The figures without the book: their JavaScript in Node, and each on a bare page in a browser."""

import base64
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import scripts
from programs import is_local
from servers import serving_folder

INTERACTIVE = Path(__file__).parents[2] / "book" / "interactive"

# Arrays travel as {"$array": dtype, "base64": bytes}, little endian: exact, NaN included, and quick to read and write.
RUNNER = """
"use strict";
const fs = require("fs");
const [modules, functionFile, payloadFile, resultFile] = process.argv.slice(2);
const TYPES = {float32: Float32Array, float64: Float64Array, uint8: Uint8Array, int8: Int8Array, int32: Int32Array};
const revive = (key, value) => {
  if (!value || value.$array === undefined) return value;
  const bytes = Buffer.from(value.base64, "base64");
  return new TYPES[value.$array](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};
const replace = (key, value) => {
  if (!ArrayBuffer.isView(value)) return value;
  const type = Object.keys(TYPES).find((name) => value.constructor === TYPES[name]);
  if (!type) throw new TypeError(`cannot hand a ${value.constructor.name} to Python`);
  return {$array: type, base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")};
};
(async () => {
  const loaded = JSON.parse(modules).map((file) => require(file));
  const payload = JSON.parse(fs.readFileSync(payloadFile, "utf8"), revive);
  const run = new Function("require", `return (${fs.readFileSync(functionFile, "utf8")}\\n)`)(require);
  const result = await run(loaded.length === 1 ? loaded[0] : loaded, payload);
  fs.writeFileSync(resultFile, JSON.stringify(result === undefined ? null : result, replace));
})().catch((error) => {
  process.stderr.write(String(error && error.stack ? error.stack : error) + "\\n");
  process.exitCode = 1;
});
"""


def _to_json(value):
    """What ``json`` asks for a value that it does not know: arrays of the types that both languages have."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype.name in ("float32", "float64", "uint8", "int8", "int32"):
        little = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        return {"$array": value.dtype.name, "base64": base64.b64encode(little.tobytes()).decode("ascii")}
    raise TypeError(f"cannot hand {type(value).__name__} {getattr(value, 'dtype', '')} to JavaScript")


def _from_json(value: dict):
    if "$array" not in value:
        return value
    return np.frombuffer(base64.b64decode(value["base64"]), np.dtype(value["$array"]).newbyteorder("<"))


@pytest.fixture(scope="session")
def run_node(node, tmp_path_factory):
    """A function ``run_node(modules, script, payload=None, *, timeout=120)`` that calls JavaScript once.

    Parameters
    ----------
    modules : str, Path or list of those
        Files to ``require``; names without a folder lie in ``book/interactive``.
    script : str
        A JavaScript function expression, which may be ``async``. It is called with what the module exports (with an array
        of exports, in order, if ``modules`` is a list) and with the payload; ``require`` is there too.
    payload : object, optional
        Anything that ``json`` writes, without NaN; also, at any depth, NumPy arrays of float32, float64, uint8, int8 or
        int32. They arrive as flat typed arrays in row-major order: hand over their shape beside them.
    timeout : float
        Seconds.

    Returns
    -------
    object
        What the function returns; typed arrays in it are flat, read-only NumPy arrays. ``undefined`` becomes None, and so
        do NaN and infinities outside typed arrays.

    Raises
    ------
    RuntimeError
        If the script throws; the message begins with the JavaScript error, such as ``RangeError: …``.

    Examples
    --------
    >>> run_node("digit-model.js", "(model, input) => model.create(input.data).forward(input.pixels).logits", payload)
    >>> run_node(["core.js", "xo.js"], "([core, xo]) => Object.keys(xo)")
    """

    def run(modules, script: str, payload=None, *, timeout: float = 120):
        single = isinstance(modules, str | Path)
        files = [str(INTERACTIVE / file) for file in ([modules] if single else modules)]
        if not single and len(files) == 1:
            script = f"(only, payload) => ({script})([only], payload)"
        folder = tmp_path_factory.mktemp("node")
        runner, function, sent, result = (folder / name for name in ("run.js", "function.js", "in.json", "out.json"))
        runner.write_text(RUNNER, encoding="utf-8")
        function.write_text(script, encoding="utf-8")
        sent.write_text(json.dumps(payload, default=_to_json, allow_nan=False), encoding="utf-8")
        command = [node, str(runner), json.dumps(files), str(function), str(sent), str(result)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return json.loads(result.read_text(encoding="utf-8"), object_hook=_from_json)

    return run


@pytest.fixture(scope="session")
def pictures_script():
    """The script that takes the figures' pictures; it also knows how to make a page for one figure."""
    return scripts.load("data_scripts/make_figure_pictures.py")


@pytest.fixture(scope="session")
def pages_folder(tmp_path_factory, pictures_script):
    """A folder for bare pages, and the address under which it and the scripts are served."""
    folder = tmp_path_factory.mktemp("pages")
    pictures_script.lay_out(folder / "interactive")
    with serving_folder(folder) as address:
        yield folder, address


@pytest.fixture(scope="session")
def context_with(browser_with):
    """A function from fonts, touch and JavaScript to a profile of the browser, one for all pages that ask for the same.

    The figures keep nothing, and a new page in a profile that is there takes a fraction of the time of a new profile.
    """
    contexts = {}

    def context_with(fonts, touch, javascript):
        key = fonts, touch, javascript
        if key not in contexts:
            contexts[key] = browser_with(fonts).new_context(has_touch=touch, java_script_enabled=javascript)
        return contexts[key]

    yield context_with
    for context in contexts.values():
        context.close()


@pytest.fixture
def open_figure(context_with, pages_folder, pictures_script):
    """A function that opens a figure on a bare page and returns playwright's page; checks at the end what it did.

    ``open_figure(name, *, state="", hash="", theme="light", width=760, reduced_motion=False, javascript=True, touch=False,
    over="file", fonts=None)``, where ``hash`` is the end of the address, such as ``"#fig-xo?step=3"``, ``over`` is "file" or
    "http", and ``fonts`` the only family of fonts. After the test, none of its pages may have complained in the console, asked
    another host for anything or kept anything in the browser.
    """
    opened, complaints = [], []

    def open_page(
        name,
        *,
        state="",
        hash="",
        theme="light",
        width=760,
        reduced_motion=False,
        javascript=True,
        touch=False,
        over="file",
        fonts=None,
    ):
        folder, address = pages_folder
        file = folder / f"{name}-{len(list(folder.glob('*.html')))}.html"
        text = pictures_script.bare_page(name, state=state, theme=theme, base="interactive/")
        file.write_text(text, encoding="utf-8")
        page = context_with(fonts, touch, javascript).new_page()
        opened.append((page, javascript))
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(reduced_motion="reduce" if reduced_motion else "no-preference")
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if not is_local(request.url) else None)
        page.goto((file.as_uri() if over == "file" else address + file.name) + hash)
        if javascript:
            page.wait_for_selector(".course-figure.live")
        return page

    yield open_page
    for page, javascript in opened:
        if javascript and page.evaluate("() => localStorage.length + sessionStorage.length + document.cookie.length"):
            complaints.append(f"{page.url} keeps something in the browser")
        page.close()
    assert not complaints


@pytest.fixture(scope="session")
def axe():
    """A function from a page, and rules if not all, to what axe-core finds on it, a line a finding."""
    from axe_playwright_python.sync_playwright import Axe

    script = Axe().axe_script

    def run(page, rules: list[str] | None = None) -> list[str]:
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(script)
        options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": rules} if rules else {})
        return [
            f"{finding['id']}: {finding['help']}: {node['html'][:150]} ({node['failureSummary'][:200]})"
            for finding in page.evaluate("options => axe.run(options)", options)["violations"]
            for node in finding["nodes"][:3]
        ]

    return run


@pytest.fixture(scope="session")
def sideways():
    """A function from a page to how many pixels it is wider than the screen."""
    return lambda page: page.evaluate(
        "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
    )


@pytest.fixture(scope="session")
def said():
    """A function from a page to what the figure's live region says."""
    return lambda page: page.locator(".course-status p").first.inner_text()

"""What the book's pages weigh and how soon they are there, on a phone with a slow connection.

    python benchmarks/page_weight.py [BUILD …] [--rounds 3] [--pages ADDRESS …] [--output FILE]

BUILD is a folder of HTML, by default the last build of this checkout; several are measured in turn, side by side with what was
stored last. A server on this machine sends files compressed, as hosts of static pages do. Chromium, 390×844, its processor
slowed four times, 1.6 Mbit/s with a delay of 150 ms and an empty cache, opens each page twice a round: at its top, then reads
it to the end; and, where it has an interactive figure, by a link to that. Given are

* bytes and requests until nothing is loaded any more, before the reader scrolls, and bytes once the end has been read;
* requests to other machines;
* the first contentful paint and the time until the figure lives, in seconds (medians of the rounds);
* the layout shift of opening and reading (the worst of the rounds).

Keep the machine idle meanwhile: the times are those of a phone only then, and the load before is saved with them. The last
folder's figures are saved, and compared with the limits.
"""

import argparse
import contextlib
import gzip
import json
import os
import statistics
import threading
from collections.abc import Sequence
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from _record import RESULTS, save

from course_utils.cli.chromium import find_chromium

PAGES = (
    "index.html",
    "1-concepts/what-is-a-cnn.html",
    "2-layers/convolution.html",
    "3-training/backpropagation.html",
    "5-practice/mnist-cnn.html",
    "6-xo/xo-walkthrough.html",
    "7-history/lenet-to-vgg.html",
    "2-layers/index.html",
    "play/draw-a-digit.html",
    "appendix/api.html",
)
SCREEN = {"width": 390, "height": 844}
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
SLOWER = 4
LANDING, LESSON = 250_000, 500_000  # bytes
LIMITS = {"requests": 25, "elsewhere": 0, "paint": 1.2, "live": 2.5, "shift": 0.05}
TEXT = (".html", ".css", ".js", ".svg", ".json", ".txt", ".inv")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

OBSERVE = """() => {
    window.courseShift = 0;
    new PerformanceObserver(list => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) window.courseShift += one.value;
    }).observe({type: "layout-shift", buffered: true});
    const look = () => {
        if (window.courseLive || !document.querySelector("figure .course-figure.live")) return;
        window.courseLive = performance.now();
    };
    new MutationObserver(look).observe(document, {subtree: true, childList: true, attributeFilter: ["class"]});
}"""
PAINT = """async () => {
    const painted = () => performance.getEntriesByName("first-contentful-paint")[0];
    while (!painted()) await new Promise(done => setTimeout(done, 50));
    return painted().startTime / 1000;
}"""
READ = """async () => {
    const step = innerHeight / 2;
    for (let at = 0; at < document.scrollingElement.scrollHeight; at += step) {
        scrollTo({top: at, behavior: "instant"});
        await new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)));
    }
}"""
FIGURE = """() => document.querySelector("figure [data-scripts]")?.closest("[id]")?.id"""


@cache
def compressed(file: Path) -> bytes:
    """A file as a server sends it to a browser that takes compressed ones."""
    return gzip.compress(file.read_bytes(), 6)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        file = Path(self.translate_path(self.path))
        if not file.is_file():
            self.send_error(404)
            return
        text = file.suffix in TEXT
        content = compressed(file) if text else file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        if text:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content)

    def log_message(self, *arguments):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


@contextlib.contextmanager
def serving(folder: Path):
    """Serve a folder, compressed; yields the address."""
    with _Server(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Visit:
    """A page in a profile of its own, and what has been sent for it."""

    def __init__(self, browser, *, slow: bool):
        self.context = browser.new_context(viewport=SCREEN, device_scale_factor=2, is_mobile=True, has_touch=True)
        self.page = self.context.new_page()
        self.page.add_init_script(f"({OBSERVE})()")
        self.session = self.context.new_cdp_session(self.page)
        self.bytes, self.addresses = 0, []
        self.session.on("Network.loadingFinished", lambda event: self._add(event["encodedDataLength"]))
        self.session.on("Network.requestWillBeSent", lambda event: self.addresses.append(event["request"]["url"]))
        self.session.send("Network.enable")
        if slow:
            self.session.send("Network.emulateNetworkConditions", NETWORK)
            self.session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def _add(self, count: float):
        self.bytes += int(count)

    @property
    def requests(self) -> list[str]:
        """Addresses that were asked for over a network."""
        return [one for one in self.addresses if urlsplit(one).scheme in ("http", "https", "ws", "wss")]

    @property
    def elsewhere(self) -> list[str]:
        """Those of other machines."""
        return [one for one in self.requests if urlsplit(one).hostname != "127.0.0.1"]

    def open(self, address: str):
        """Open a page and wait until it has loaded all that it wants."""
        self.page.goto(address, wait_until="networkidle")

    def read(self):
        """Scroll to the end, and wait for what comes meanwhile."""
        self.page.evaluate(READ)
        self.page.wait_for_load_state("networkidle")


@contextlib.contextmanager
def visiting(browser, *, slow: bool):
    """A visit, ended afterwards."""
    visit = Visit(browser, slow=slow)
    try:
        yield visit
    finally:
        visit.context.close()


def limits(name: str) -> dict[str, float]:
    """What a page may have at most: the reference is no lesson, so that its size is not limited."""
    size = {} if name.startswith("appendix/") else {"bytes": LANDING if name == "index.html" else LESSON}
    return size | LIMITS


def measure(browser, address: str) -> dict[str, float]:
    """One round of one page."""
    with visiting(browser, slow=True) as visit:
        visit.open(address)
        figures = {"bytes": visit.bytes, "requests": len(visit.requests)}
        figures["paint"] = visit.page.evaluate(PAINT)
        figure = visit.page.evaluate(FIGURE)
        visit.read()
        figures |= {"bytes_to_the_end": visit.bytes, "elsewhere": len(visit.elsewhere)}
        figures["shift"] = visit.page.evaluate("() => courseShift")
    if figure:
        with visiting(browser, slow=True) as visit:
            visit.page.goto(f"{address}#{figure}?")
            visit.page.wait_for_function("() => window.courseLive", timeout=60_000)
            figures["live"] = visit.page.evaluate("() => courseLive / 1000")
    return figures


def summary(rounds: list[dict[str, float]]) -> dict[str, float]:
    """One number for each of what was measured in several rounds."""
    joined = {name: [one[name] for one in rounds if name in one] for name in rounds[0]}
    return {
        name: round(max(values), 4)
        if name == "shift"
        else round(statistics.median(values), 3)
        if name in ("paint", "live")
        else max(values)
        for name, values in joined.items()
    }


def show(builds: dict[str, dict[str, dict[str, float]]], chosen: Sequence[str]) -> None:
    """Print a table for each page, a column for each build."""
    width = max(map(len, builds)) + 2
    for page in chosen:
        print(f"\n{page:40}" + "".join(f"{name:>{width}}" for name in builds) + f"{'limit':>10}")
        names = dict.fromkeys(name for build in builds.values() for name in build.get(page, {}))
        for name in names:
            cells = [build.get(page, {}).get(name) for build in builds.values()]
            texts = ["–" if value is None else f"{value:,g}" if value < 1000 else f"{value:,.0f}" for value in cells]
            limit = limits(page).get(name)
            over = limit is not None and cells[-1] is not None and cells[-1] > limit
            line = "".join(f"{text:>{width}}" for text in texts) + f"{'' if limit is None else f'{limit:,g}':>10}"
            print(f"  {name:38}{line}{'  over' if over else ''}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", nargs="*", type=Path, default=[Path(__file__).parents[1] / "_build" / "html"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--pages", nargs="+", default=PAGES, help="addresses within the book; not all: nothing is saved"
    )
    parser.add_argument(
        "--browser",
        help="Chromium or Chrome; the one with windows takes as long as readers' (default: the first found)",
    )
    parser.add_argument("--output", type=Path, default=RESULTS / "page_weight.json")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: at least 1")
    for folder in options.builds:
        if not (folder / "index.html").is_file():
            parser.error(f"{folder} is no built book: it has no index.html")
    from playwright.sync_api import sync_playwright

    stored = RESULTS / "page_weight.json"
    builds, load = {}, round(os.getloadavg()[0], 1)
    if stored.is_file():
        last = json.loads(stored.read_text(encoding="utf-8"))
        builds[f"stored {last['date']}"] = last["pages"]
    program = options.browser or find_chromium()
    found = {folder: {page: [] for page in options.pages} for folder in options.builds}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        version = browser.version
        for _ in range(options.rounds):
            for folder, pages in found.items():
                with serving(folder) as address:
                    for page, rounds in pages.items():
                        if (folder / page).is_file():
                            rounds.append(measure(browser, address + page))
        browser.close()
    for number, (folder, pages) in enumerate(found.items(), 1):
        name = f"{number}: {folder.parent.name}/{folder.name}"
        builds[name] = {page: summary(rounds) for page, rounds in pages.items() if rounds}
    if tuple(options.pages) == PAGES:
        figures = {"browser": f"{Path(program).name} {version}", "rounds": options.rounds, "load": load}
        save("page_weight", figures | {"limits": LIMITS, "pages": builds[name]}, options.output)
    show(builds, options.pages)


if __name__ == "__main__":
    main()

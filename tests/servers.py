"""Servers on this machine: one that behaves well or badly, and one of a folder."""

import contextlib
import itertools
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer


@contextlib.contextmanager
def serving(content: bytes, behaviour: str):
    """Serve ``content`` on this machine, well or badly; yields the address and the list of requested paths."""
    asked, over = [], threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            how = behaviour if behaviour != "second try" else ("404" if len(asked) == 1 else "good")
            if how == "404":
                self.send_error(404)
                return
            if how == "drips headers":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                self.drip(b"X-Slow: 1\r\n")
                return
            body = {"wrong bytes": content[:-1] + bytes([content[-1] ^ 1]), "too long": content + b"more"}.get(
                how, content
            )
            self.send_response(200)
            if how != "too long":
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if how == "drips slowly":
                self.drip(body)
            if how in ("truncates", "stalls", "drips"):
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
            if how == "stalls":
                over.wait(20)
            elif how == "drips":
                with contextlib.suppress(OSError):
                    while not over.wait(0.05):
                        self.wfile.write(bytes(300))
            elif how not in ("truncates", "drips slowly"):
                self.wfile.write(body)

        def drip(self, content):
            """Send a byte every 50 ms, again and again."""
            with contextlib.suppress(OSError):
                for byte in itertools.cycle(content):
                    if over.wait(0.05):
                        return
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/archive.tar.gz", asked
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def serving_folder(folder):
    """Serve the files of a folder on this machine; yields the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()

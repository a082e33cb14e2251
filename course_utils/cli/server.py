"""Serve the built book on this machine, and to this machine only."""

import errno
import functools
import os
import sys
import webbrowser
from collections.abc import Callable
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rich.console import Console

from course_utils.cli import book
from course_utils.cli.project import CourseError, Project

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_TRIED_PORTS = 100


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder, always fresh, without a line for each request."""

    def end_headers(self):
        """Let the browser ask again for a page that may have been rebuilt."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def send_error(self, code, message=None, explain=None):
        """Answer as the host of the published book does: with the book's own page where nothing is found."""
        page = Path(self.directory, f"{HTTPStatus.NOT_FOUND.value}.html")
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *arguments):
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    """A server that never shares its port."""

    allow_reuse_address = os.name != "nt"
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Keep quiet about readers who left before a page had arrived."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def take_port(start: Callable[[int], Any], port: int | None, default: int, console: Console):
    """Return what ``start`` starts on ``port`` or, without one, on the default port or the next that is free.

    Raises
    ------
    CourseError
        If the port that was asked for cannot be used, or none is free.
    """
    for candidate in [port] if port else range(default, default + _TRIED_PORTS):
        try:
            started = start(candidate)
        except OSError as error:
            reason = "is in use already" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            continue
        if candidate not in (port, default):
            console.print(f"Port {default} is in use; taking {candidate}.")
        return started
    if port:
        raise CourseError(f"port {port} {reason}; choose another one with --port")
    raise CourseError(f"no port from {default} to {default + _TRIED_PORTS - 1} is free; choose one with --port")


def open_server(folder: Path, port: int | None, console: Console) -> Server:
    """Take a port (see :func:`take_port`) and return the server of a folder on it, which does not answer yet."""
    handler = functools.partial(Handler, directory=str(folder))
    return take_port(lambda number: Server((HOST, number), handler), port, DEFAULT_PORT, console)


def serve(project: Project, *, port: int | None = None, open_browser: bool = True) -> int:
    """Build what changed and serve the book until interrupted.

    A book whose build gave warnings is shown too, after them: whoever edits a page wants to see it.
    """
    console = Console(highlight=False)
    with open_server(project.html, port, console) as server:
        try:
            book.build(project, console=console)
        except book.BuildError as error:
            if not book.index(project).is_file():
                raise
            console.print(f"course: {error}", markup=False, soft_wrap=True, style="yellow")
        address = f"http://{HOST}:{server.server_port}/"
        console.print(f"The book is at {address} (stop with Ctrl-C)")
        if open_browser and has_display():
            webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            console.print("\nStopped.")
    return 0


def has_display() -> bool:
    """Tell whether a browser could open a window; without one, a text browser would take over the terminal."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

import socket
import threading
import urllib.error
import urllib.request

import pytest
from rich.console import Console

from course_utils.cli import book, server
from course_utils.cli.project import CourseError


@pytest.fixture
def busy():
    """A port that somebody listens on."""
    with socket.create_server((server.HOST, 0)) as listener:
        yield listener.getsockname()[1]


def test_pages_are_served_fresh_and_to_this_machine_only(tmp_path, capsys):
    (tmp_path / "index.html").write_text("a page")
    with server.open_server(tmp_path, None, Console()) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{running.server_port}/") as answer:
                assert answer.read() == b"a page"
                assert answer.headers["Cache-Control"] == "no-cache"
        finally:
            running.shutdown()
            thread.join()
        assert running.server_address[0] == "127.0.0.1"
    assert "GET" not in capsys.readouterr().err


def test_an_address_that_does_not_exist_gets_the_page_of_the_book_for_that(tmp_path):
    with server.open_server(tmp_path, None, Console()) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{running.server_port}/no/such/page.html"
        try:
            for page in (None, "lost – and found"):
                if page:
                    (tmp_path / "404.html").write_text(page, encoding="utf-8")
                with pytest.raises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(address)
                assert caught.value.code == 404
                with caught.value as answer:
                    assert (page or "File not found") in answer.read().decode("utf-8")
        finally:
            running.shutdown()
            thread.join()


@pytest.mark.parametrize(("error", "said"), [(BrokenPipeError(), False), (ValueError("our mistake"), True)])
def test_a_reader_who_left_is_no_news_but_a_mistake_is(tmp_path, capsys, error, said):
    with server.open_server(tmp_path, None, Console()) as running:
        try:
            raise error
        except (BrokenPipeError, ValueError):
            running.handle_error(None, ("127.0.0.1", 1))
    assert ("our mistake" in capsys.readouterr().err) == said


def test_busy_port_that_was_asked_for(tmp_path, busy):
    with pytest.raises(CourseError, match=f"port {busy} is in use already; choose another one with --port"):
        server.open_server(tmp_path, busy, Console())


def test_port_that_may_not_be_used(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(server, "Server", refuse)
    with pytest.raises(CourseError, match=r"port 80 cannot be used \(Permission denied\)"):
        server.open_server(tmp_path, 80, Console())


def test_busy_default_port_takes_the_next_and_says_so(tmp_path, busy, monkeypatch, capsys):
    monkeypatch.setattr(server, "DEFAULT_PORT", busy)
    with server.open_server(tmp_path, None, Console()) as running:
        assert running.server_port > busy
        assert f"Port {busy} is in use; taking {running.server_port}" in " ".join(capsys.readouterr().out.split())


def test_no_free_port_at_all(tmp_path, busy, monkeypatch):
    monkeypatch.setattr(server, "DEFAULT_PORT", busy)
    monkeypatch.setattr(server, "_TRIED_PORTS", 1)
    with pytest.raises(CourseError, match="no port"):
        server.open_server(tmp_path, None, Console())


@pytest.fixture
def opened(monkeypatch):
    """Addresses that a browser would have opened; serving ends at once, as by Ctrl-C."""
    addresses = []

    def stop(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(server.Server, "serve_forever", stop)
    monkeypatch.setattr(server.webbrowser, "open", addresses.append)
    monkeypatch.setattr(server, "has_display", lambda: True)
    return addresses


@pytest.mark.parametrize("open_browser", [True, False])
def test_serve_builds_prints_the_address_and_stops_cleanly(project, opened, monkeypatch, capsys, open_browser):
    built = []
    monkeypatch.setattr(book, "build", lambda project, console: built.append(project))
    assert server.serve(project, open_browser=open_browser) == 0
    said = capsys.readouterr().out
    assert built == [project]
    assert "The book is at http://127.0.0.1:" in said
    assert "Stopped" in said
    assert len(opened) == open_browser


def test_a_book_with_warnings_is_still_shown_but_one_without_pages_is_not(project, opened, monkeypatch, capsys):
    def warn(project, console):
        raise book.BuildError("no such label")

    monkeypatch.setattr(book, "build", warn)
    with pytest.raises(book.BuildError):
        server.serve(project)
    project.html.mkdir(parents=True)
    book.index(project).write_text("a page")
    assert server.serve(project) == 0
    assert "no such label" in capsys.readouterr().out


def test_a_text_browser_does_not_take_over_the_terminal(monkeypatch):
    monkeypatch.setattr(server.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not server.has_display()
    monkeypatch.setenv("DISPLAY", ":0")
    assert server.has_display()

import pytest
from rich.console import Console

from course_utils.cli import book
from course_utils.cli.book import BuildError

SCRIPT = """\
import pathlib, sys
for line in pathlib.Path("say.txt").read_text().splitlines():
    print(line)
html = pathlib.Path("_build/html")
html.mkdir(parents=True, exist_ok=True)
(html / "index.html").write_text("a page")
pathlib.Path("_build/builds").open("a").write("b")
sys.exit("WARNING" in pathlib.Path("say.txt").read_text())
"""


@pytest.fixture
def builds(project, monkeypatch):
    """Replace Jupyter Book by a script that says what say.txt holds; return a function that counts its runs."""
    monkeypatch.setattr(book, "_COMMAND", ("-c", SCRIPT))
    monkeypatch.setattr(book, "fingerprints", without_say(book.fingerprints))
    (project.root / "say.txt").write_text("reading\nwriting\n")
    return lambda: len((project.output / "builds").read_text())


def without_say(fingerprints):
    def function(project):
        say = project.root / "say.txt"
        text = say.read_text()
        say.unlink()
        result = fingerprints(project)
        say.write_text(text)
        return result

    return function


def test_second_build_has_nothing_to_do(project, builds, capsys):
    book.build(project)
    book.build(project)
    assert builds() == 1
    assert "up to date" in capsys.readouterr().out
    book.build(project, everything=True)
    assert builds() == 2


def test_missing_pages_are_built_again(project, builds):
    book.build(project)
    book.index(project).unlink()
    book.build(project)
    assert builds() == 2


@pytest.mark.parametrize(
    ("name", "keeps"),
    [
        ("book/index.md", True),
        ("book/_static/course.css", False),
        ("_config.yml", False),
        ("course_utils/new.py", False),
        ("CHANGELOG.md", False),
    ],
)
def test_pages_are_built_alone_and_after_other_changes_everything_is(project, builds, name, keeps):
    book.build(project)
    (project.html / "other.html").write_text("of before")
    project.doctrees.mkdir()
    file = project.root / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("changed\n")
    book.build(project)
    assert (project.html / "other.html").exists() is keeps
    assert project.doctrees.exists() is keeps


def test_a_warning_fails_and_is_shown_and_the_next_build_is_a_whole_one(project, builds):
    book.build(project)
    (project.book / "index.md").write_text("# Other\n")
    (project.root / "say.txt").write_text(
        f"reading\n\x1b[31m{project.root}/book/index.md:1: WARNING: no such label\x1b[0m\nend\n"
    )
    with pytest.raises(BuildError) as caught:
        book.build(project)
    assert str(caught.value).splitlines()[1:] == ["    book/index.md:1: WARNING: no such label"]
    assert "reading" in (project.output / "book.log").read_text()
    (project.html / "other.html").write_text("of before")
    (project.root / "say.txt").write_text("fine\n")
    book.build(project)
    assert not (project.html / "other.html").exists()


def test_a_crash_without_a_known_word_shows_the_end(project, builds, monkeypatch):
    monkeypatch.setattr(book, "_COMMAND", ("-c", "print('gone'); raise SystemExit(3)"))
    with pytest.raises(BuildError, match="gone"):
        book.build(project, console=Console())


def test_command_is_the_strict_build():
    assert book._COMMAND[2:] == ("build", "book", "-W", "--keep-going", "-n")

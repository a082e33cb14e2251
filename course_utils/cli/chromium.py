"""Which browser prints the book, takes its pictures and opens its pages in tests."""

import os
import shutil

from course_utils.cli.project import CourseError

# First the Chromium without windows, in which a page opens in a third of the time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
PROGRAMS += ("google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
)


def find_chromium() -> str:
    """Return the path of a Chromium, Chrome or Edge.

    Raises
    ------
    CourseError
        If there is none.
    """
    found = (shutil.which(name) for name in (*PROGRAMS, *map(os.path.expandvars, PLACES)))
    program = next(filter(None, found), None)
    if program is None:
        raise CourseError(
            "this needs Chromium or Chrome, and none was found. Install it (Debian, Ubuntu: sudo apt install chromium; "
            "macOS: brew install --cask chromium) and run the command again"
        )
    return program

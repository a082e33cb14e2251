"""One thread for each of several processes, and programs that some tests need besides Python."""

import gc
import os
import signal

import programs
import pytest

from course_utils.cli.chromium import find_chromium
from course_utils.cli.project import CourseError

# In the background of a shell Ctrl-C is ignored, and so it would be by the programs that tests start and stop.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if "PYTEST_XDIST_WORKER" in os.environ:  # the processes keep the cores busy; NumPy and TensorFlow read this at import
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(name, "1")


def pytest_collection_finish():
    """Let the garbage collector leave alone what stays to the end: modules and thousands of tests, at each of its rounds."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium, Chrome or Edge."""
    try:
        return find_chromium()
    except CourseError as error:
        programs.absent(str(error))


@pytest.fixture(scope="session")
def node() -> str:
    """Path of Node."""
    return programs.find_program(("node",), "nodejs")


@pytest.fixture(scope="session")
def browser_with(chromium, tmp_path_factory):
    """A function from a family of fonts, or None for all that the machine has, to a browser with no other fonts."""
    with programs.browsers(chromium, tmp_path_factory.mktemp("fonts")) as browser_with:
        yield browser_with

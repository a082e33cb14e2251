"""Programs that work together on this machine: started at once, and none of them outlives the call, or its caller."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from course_utils._arguments import as_callable, as_count, as_number, as_path

HOST = "127.0.0.1"
TRIES = 3
# What a program says when another one has taken its port in the meantime.
PORT_TAKEN = ("Could not start gRPC server", "ddress already in use")
# A worker waits for the end of its standard input, which comes when its caller is no more, and ends then.
_GUARDED = """
import os, runpy, sys, threading
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that no program listens on now.

    Parameters
    ----------
    count : int
        How many, all different.

    Returns
    -------
    list of int

    Raises
    ------
    ValueError
        If the number is not a count.
    """
    sockets = [socket.socket() for _ in range(as_count(count, "count"))]
    try:
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def together(
    script: str | Path,
    environment: Callable[[int, list[str]], Mapping[str, str]],
    *,
    workers: int,
    timeout: float = 300,
) -> list[str]:
    """Run one program in several processes at once, in its own folder, and wait for all of them.

    Parameters
    ----------
    script : path
        The program. It is given its rank, 0 and up, and the number of workers.
    environment : callable
        Takes a rank and the addresses of all workers, and returns the variables of the environment that tell them to the program.
    workers : int
        How many processes.
    timeout : float
        Seconds after which all are stopped.

    Returns
    -------
    list of str
        What each printed.

    Raises
    ------
    ValueError
        If an argument is none of these.
    RuntimeError
        If one fails, with what it printed at the end; the others are stopped.
    TimeoutError
        If they are not done in time.
    """
    script, environment = as_path(script, "script").resolve(), as_callable(environment, "environment")
    workers, timeout = as_count(workers, "workers"), as_number(timeout, "timeout", above=0)
    if not script.is_file():
        raise ValueError(f"script is {str(script)!r}; there is no such file")
    for left in reversed(range(TRIES)):
        addresses = [f"{HOST}:{port}" for port in free_ports(workers)]
        settings = [{**os.environ, **environment(rank, addresses)} for rank in range(workers)]
        try:
            return _run(script, settings, timeout)
        except RuntimeError as error:
            if not left or not any(words in str(error) for words in PORT_TAKEN):
                raise
    raise AssertionError("unreachable")


def _run(script: Path, settings: list[dict[str, str]], timeout: float) -> list[str]:
    """What the workers printed; all have ended when this returns or raises."""
    files = [script.with_name(f"{script.stem}-{rank}.log") for rank in range(len(settings))]
    team: list[subprocess.Popen] = []
    try:
        for rank, variables in enumerate(settings):
            command = [sys.executable, "-c", _GUARDED, str(script), str(rank), str(len(settings))]
            with files[rank].open("wb") as log:
                team.append(
                    subprocess.Popen(
                        command, cwd=script.parent, env=variables, stdin=subprocess.PIPE, stdout=log, stderr=log
                    )
                )
        end = time.monotonic() + timeout
        while (codes := [one.poll() for one in team]) != [0] * len(team):
            failed = next((rank for rank, code in enumerate(codes) if code), None)
            if failed is not None:
                raise RuntimeError(f"worker {failed} failed with exit status {codes[failed]}:\n{_text(files[failed])}")
            if time.monotonic() > end:
                waiting = ", ".join(str(rank) for rank, code in enumerate(codes) if code is None)
                raise TimeoutError(f"not done after {timeout:g} seconds: worker {waiting}\n{_text(files[0])}")
            time.sleep(0.05)
    finally:
        for one in team:
            one.kill()
        for one in team:
            one.wait()
            one.stdin.close()
    return [_text(file, lines=None) for file in files]


def _text(file: Path, lines: int | None = 15) -> str:
    """The last lines that a program printed, or all."""
    text = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(text[-lines:] if lines else text)

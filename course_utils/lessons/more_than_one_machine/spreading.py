"""Trainings that do not need each other, in any order and by any process: each result is a file, and what is there is not done again."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from course_utils._arguments import as_callable, as_list, as_path


def spread(train: Callable, jobs: Iterable, folder: str | Path, client=None) -> dict:
    """Do what of the jobs is not done yet, here or by the workers of a cluster, and return the results of all.

    Parameters
    ----------
    train : callable
        Takes a job, and returns what JSON can hold. The same job gives the same result, whoever does it.
    jobs : iterable of str or int
        Different ones; each is the name of a file.
    folder : path
        Where results are kept, ``<job>.json`` each. Only this process writes there, so that workers need not see the folder.
    client : distributed.Client, optional
        Of a cluster; without one the jobs are done here, one after the other.

    Returns
    -------
    dict
        The results by their jobs, in the order of ``jobs``.

    Raises
    ------
    ValueError
        If a job cannot name a file, or stands there twice.
    """
    train, folder = as_callable(train, "train"), as_path(folder, "folder")
    jobs = as_list(list(jobs), "jobs", least=0)
    for job in jobs:
        if not isinstance(job, str | int) or not str(job) or set(str(job)) & set('/\\:*?"<>|') or str(job)[0] == ".":
            raise ValueError(f"jobs holds {job!r}; expected whole numbers, or texts that can name a file")
    if len({str(job) for job in jobs}) < len(jobs):
        raise ValueError("jobs holds one of them twice; each gives one file")
    folder.mkdir(parents=True, exist_ok=True)
    files = {job: folder / f"{job}.json" for job in jobs}
    missing = [job for job in jobs if not files[job].exists()]
    for job, result in done(train, missing, client):
        _keep(files[job], result)
    return {job: json.loads(file.read_text(encoding="utf-8")) for job, file in files.items()}


def done(train: Callable, jobs: list, client=None):
    """Yield each job with its result as soon as it is there; with a client in the order in which they end."""
    if client is None:
        for job in jobs:
            yield job, train(job)
        return
    from distributed import as_completed

    futures = client.map(train, jobs, pure=False)
    by_key = {future.key: job for future, job in zip(futures, jobs, strict=True)}
    for future, result in as_completed(futures, with_results=True):
        yield by_key[future.key], result


def _keep(file: Path, result) -> None:
    """Write a result whole or not at all, also when the power goes."""
    text = json.dumps(result)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())  # a name must not reach the disk before what it names
    os.replace(part, file)

"""Do the trainings of a benchmark by a cluster, or by some processes of this machine, one file a training.

    python benchmarks/_spread.py tuning FOLDER [--seeds 240] [--scheduler tcp://first:8786 | --processes 2]
    python benchmarks/_spread.py mnist_race FOLDER [--seeds 5] [--recipes fast-1 fast-3] [--scheduler ...]

``tuning`` is the part of ``benchmarks/tuning.py`` in which only the seed changes, ``mnist_race`` the recipes of
``benchmarks/mnist_race.py``. A training that has its file in FOLDER is not done again: what was interrupted goes on. Without a
scheduler and with one process (the default) all is done here. ``dask scheduler`` starts a scheduler, ``dask worker ADDRESS``
on each machine a worker; the course has to be installed on all of them, in the same versions.
"""

import argparse
import contextlib
import functools
from pathlib import Path

from course_utils.lessons.more_than_one_machine import spreading


def tuning(job: str) -> float:
    """Validation accuracy of the default settings; a job is such as ``seed-3``."""
    from threadpoolctl import threadpool_limits

    from course_utils.lessons.tuning import trials

    with threadpool_limits(1):  # several threads add in another order
        *_, accuracy = trials.accuracies(seed=int(job.rpartition("-")[2]))
    return accuracy


def mnist_race(job: str, run) -> dict:
    """What one recipe gives with one seed; a job is such as ``fast-1-seed-3``."""
    from course_utils import datasets

    recipe, _, seed = job.rpartition("-seed-")
    return run(recipe, datasets.load_mnist(), int(seed))


def planned(options: argparse.Namespace) -> tuple:
    """The function that does a job, and the jobs."""
    if options.benchmark == "tuning":
        return tuning, [f"seed-{seed}" for seed in range(options.seeds or 240)]
    import cloudpickle
    import mnist_race as race  # beside this file, and not on other machines: its functions travel whole

    cloudpickle.register_pickle_by_value(race)
    jobs = [f"{recipe}-seed-{seed}" for seed in range(options.seeds or 5) for recipe in options.recipes]
    return functools.partial(mnist_race, run=race.run), jobs


@contextlib.contextmanager
def workers(options: argparse.Namespace):
    """A client of the scheduler that was named or of one for this machine, or None."""
    if not options.scheduler and options.processes == 1:
        yield None
        return
    import distributed

    if options.scheduler:
        with distributed.Client(options.scheduler) as client:
            yield client
        return
    local = {"threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    with (
        distributed.LocalCluster(n_workers=options.processes, **local) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def main() -> None:
    """Do what is not done, and say how many trainings there are now."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("benchmark", choices=("tuning", "mnist_race"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--recipes", nargs="+", default=["fast-1", "fast-2", "fast-3", "classic"])
    parser.add_argument("--scheduler", help="address, such as tcp://first:8786")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    train, jobs = planned(options)
    with workers(options) as client:
        results = spreading.spread(train, jobs, options.folder, client)
    print(f"{len(results)} trainings in {options.folder}")


if __name__ == "__main__":
    main()

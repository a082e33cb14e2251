"""Take part in a search: a program that several processes run at once, on one machine or on many.

    python -m course_utils.lessons.tuning.worker STORAGE [--study digits] [--trials 4] [--seed 0]

``STORAGE`` is the address of a database that all of them reach, such as ``sqlite:///search.db`` for processes of one
machine, or ``postgresql://user@host/search``. Each process asks it for the trials so far, runs one more, writes the
accuracy of each epoch there, and begins again.
"""

import argparse

from course_utils.lessons.tuning import trials


def objective(trial) -> float:
    """Train one network with settings that the study suggests, and stop early if the study says so.

    Parameters
    ----------
    trial : optuna.Trial
        From the study.

    Returns
    -------
    float
        Validation accuracy after the last epoch.

    Raises
    ------
    optuna.TrialPruned
        If the accuracies so far are too low.
    """
    import optuna

    settings = {}
    for name, (low, high, scale) in trials.SPACE.items():
        suggest = trial.suggest_int if name == "filters" else trial.suggest_float
        settings[name] = suggest(name, low, high, log=scale == "log")
    curve = trials.accuracies(**settings, seed=trial.number)
    for epoch, accuracy in enumerate(curve, start=1):
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned
    return accuracy


def main(argv: list[str] | None = None) -> None:
    """Run some trials of a study that exists.

    Parameters
    ----------
    argv : list of str, optional
        Arguments, without the program's name; those of the process unless given.

    Raises
    ------
    ValueError
        If the database has no study of this name.
    """
    import optuna

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("storage", help="address of the database")
    parser.add_argument("--study", default="digits", help="name of the study (default: digits)")
    parser.add_argument("--trials", type=int, default=4, help="how many trials to run (default: 4)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sampler, another one for each process")
    options = parser.parse_args(argv)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=options.seed, n_startup_trials=5)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1)
    storage = optuna.storages.get_storage(options.storage)
    known = optuna.get_all_study_names(storage)
    if options.study not in known:
        there = f"it has {', '.join(map(repr, known))}" if known else "it has none"
        raise ValueError(f"the database has no study {options.study!r}; {there}. optuna.create_study makes one")
    study = optuna.load_study(study_name=options.study, storage=storage, sampler=sampler, pruner=pruner)

    def noted(trial) -> float:
        trial.set_user_attr("worker", options.seed)
        return objective(trial)

    study.optimize(noted, n_trials=options.trials)


if __name__ == "__main__":
    main()

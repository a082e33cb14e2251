"""Processes that work together and leave nothing behind, trainings that go on, and the exercises computed in another way."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from course_utils.lessons.more_than_one_machine import checks, processes, programs, spreading

ROOT = Path(__file__).parents[2]


def right(results):
    return all(result.right for result in results)


def no_environment(rank, addresses):
    return {"ADDRESSES": " ".join(addresses)}


def script(folder, text):
    path = folder / "worker.py"
    path.write_text(text)
    return path


def alive(folder):
    """Process numbers that workers wrote, and that still exist as more than a remnant."""
    found = [int(file.name) for file in folder.glob("[0-9]*") if file.name.isdigit()]
    return [
        number
        for number in found
        if psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    ]


SIGNED = "import os, pathlib, sys, time\npathlib.Path(str(os.getpid())).touch()\n"


# --- processes


def test_each_worker_knows_its_rank_and_the_addresses_of_all(tmp_path):
    path = script(tmp_path, SIGNED + "print(sys.argv[1:], os.environ['ADDRESSES'])")
    said = processes.together(path, no_environment, workers=2, timeout=60)
    assert [text.split("]")[0] for text in said] == ["['0', '2'", "['1', '2'"]
    first, second = (text.split("] ")[1] for text in said)
    assert first == second
    assert len(set(first.split())) == 2
    assert all(address.startswith("127.0.0.1:") for address in first.split())
    assert len(list(tmp_path.glob("[0-9]*"))) == 2
    assert not alive(tmp_path)


def test_one_that_fails_is_quoted_and_the_others_are_stopped(tmp_path):
    text = SIGNED + "sys.argv[1] == '1' and sys.exit('no bread left')\ntime.sleep(300)"
    start = time.monotonic()
    with pytest.raises(RuntimeError, match=r"worker 1 failed with exit status 1:\nno bread left"):
        processes.together(script(tmp_path, text), no_environment, workers=2)
    assert time.monotonic() - start < 60
    assert not alive(tmp_path)


def test_those_that_do_not_end_are_stopped(tmp_path):
    text = SIGNED + "print('waiting', flush=True)\ntime.sleep(300)"
    with pytest.raises(TimeoutError, match="not done after 5 seconds: worker 0, 1\nwaiting"):
        processes.together(script(tmp_path, text), no_environment, workers=2, timeout=5)
    assert len(list(tmp_path.glob("[0-9]*"))) == 2
    assert not alive(tmp_path)


def test_a_port_that_was_taken_meanwhile_is_exchanged(tmp_path):
    text = """
import os, socket
host, port = os.environ["ADDRESSES"].split(":")
socket.create_server((host, int(port))).close()
"""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.MonkeyPatch.context() as patch:
        real, offers = processes.free_ports, [[taken.getsockname()[1]]]
        patch.setattr(processes, "free_ports", lambda count: offers.pop() if offers else real(count))
        processes.together(script(tmp_path, text), no_environment, workers=1, timeout=60)
        assert not offers
        patch.setattr(processes, "free_ports", lambda count: [taken.getsockname()[1]])
        with pytest.raises(RuntimeError, match="ddress already in use"):
            processes.together(script(tmp_path, text), no_environment, workers=1, timeout=60)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_workers_end_with_a_caller_that_is_killed(tmp_path):
    path = script(tmp_path, SIGNED + "time.sleep(300)")
    caller = f"""
from course_utils.lessons.more_than_one_machine import processes
processes.together({str(path)!r}, lambda rank, addresses: {{}}, workers=2)
"""
    one = subprocess.Popen([sys.executable, "-c", caller], cwd=ROOT)
    try:
        _until(lambda: len(list(tmp_path.glob("[0-9]*"))) == 2)
        assert len(alive(tmp_path)) == 2
        one.send_signal(signal.SIGKILL)
        one.wait()
        _until(lambda: not alive(tmp_path))
    finally:
        one.kill()
        one.wait()


def _until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "too late"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: processes.together("nowhere.py", no_environment, workers=1), "there is no such file"),
        (lambda: processes.together(__file__, no_environment, workers=0), "workers"),
        (lambda: processes.together(__file__, {}, workers=1), "environment"),
        (lambda: processes.together(__file__, no_environment, workers=1, timeout=0), "timeout"),
        (lambda: processes.free_ports(0), "count"),
        (lambda: spreading.spread(abs, ["a/b"], "here"), "can name a file"),
        (lambda: spreading.spread(abs, [1.5], "here"), "can name a file"),
        (lambda: spreading.spread(abs, [1, "1"], "here"), "twice"),
        (lambda: spreading.spread(3, [1], "here"), "train"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- trainings


def test_what_is_there_is_not_done_again(tmp_path):
    calls = []

    def square(job):
        calls.append(job)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return job**2

    with pytest.raises(KeyboardInterrupt):
        spreading.spread(square, range(4), tmp_path / "new")
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == ["0.json", "1.json"]
    assert spreading.spread(square, range(4), tmp_path / "new") == {0: 0, 1: 1, 2: 4, 3: 9}
    assert calls == [0, 1, 2, 2, 3]


def test_a_result_that_cannot_be_stored_leaves_no_file(tmp_path):
    with pytest.raises(TypeError):
        spreading.spread(lambda job: object(), [1], tmp_path)
    assert not list(tmp_path.glob("*.json"))


def _benchmark(folder, *options, stop_after=None):
    """Run the script; kill it once so many results are there."""
    program = [sys.executable, "benchmarks/_spread.py", "tuning", str(folder), "--seeds", "8", *options]
    one = subprocess.Popen(program, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        if stop_after:
            _until(lambda: len(list(folder.glob("*.json"))) >= stop_after)
        else:
            assert one.wait(timeout=300) == 0
    finally:
        children = psutil.Process(one.pid).children(recursive=True) if one.poll() is None else []
        one.kill()
        one.wait()
        _, left = psutil.wait_procs(children, timeout=60)
        assert not left, "processes of the cluster have outlived the program"
    return {file.stem: json.loads(file.read_text()) for file in folder.glob("*.json")}


def test_a_benchmark_by_two_processes_after_a_kill_is_that_of_one(tmp_path):
    one = _benchmark(tmp_path / "one")
    interrupted = _benchmark(tmp_path / "two", "--processes", "2", stop_after=2)
    assert 2 <= len(interrupted) < 8
    times = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "two").glob("*.json")}
    two = _benchmark(tmp_path / "two", "--processes", "2")
    assert one == two
    assert len(two) == 8
    assert times.items() <= {file.name: file.stat().st_mtime_ns for file in (tmp_path / "two").glob("*.json")}.items()
    stored = json.loads((ROOT / "benchmarks/results/tuning.json").read_text(encoding="utf-8"))["spread"]
    np.testing.assert_allclose([one[f"seed-{seed}"] for seed in range(8)], stored[:8], atol=0.02)


def test_the_race_on_a_scheduler_elsewhere_gets_functions_that_the_worker_lacks(tmp_path):
    """A worker in another folder, which cannot import what stands beside the script, is sent it."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "benchmarks")!r})
import argparse, _spread, cloudpickle
train, jobs = _spread.planned(argparse.Namespace(benchmark="mnist_race", seeds=2, recipes=["fast-1", "classic"]))
print(jobs)
cloudpickle.register_pickle_by_value(_spread)
open("sent", "wb").write(cloudpickle.dumps(train))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "['fast-1-seed-0', 'classic-seed-0', 'fast-1-seed-1', 'classic-seed-1']"
    read = f"import pickle; print(pickle.load(open({str(tmp_path / 'sent')!r}, 'rb')).keywords['run'].__name__)"
    done = subprocess.run([sys.executable, "-c", read], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "run"


# --- exercises


def test_the_joint_gradient_by_single_pictures():
    def joint(gradients, counts):
        rows = [gradient for gradient, count in zip(gradients, counts, strict=True) for _ in range(count)]
        return np.mean(rows, axis=0)

    assert right(checks.joint.evaluate(joint))


def test_joint_statistics_from_values_that_have_them():
    def merged(means, variances, counts):
        values = []
        for mean, variance, count in zip(means, variances, counts, strict=True):
            values += [mean + np.sqrt(variance) * sign for sign in (-1, 1) for _ in range(count // 2)]
        return np.array([np.mean(values), np.var(values)])

    assert right(checks.merged.evaluate(merged))


@pytest.mark.parametrize(
    ("wrong", "reply"),
    [
        (lambda m, v, c: _from(m, v, c)[::-1], "the mean comes first"),
        (lambda m, v, c: _from(m, v, c) * [1, c.sum() / (c.sum() - 1)], "not by one less"),
        (lambda m, v, c: np.array([m @ c, v @ c]) / c.sum() + [0, m.var()], "weighed by the counts, too"),
        (lambda m, v, c: np.array([m @ c, v @ c]) / c.sum(), "how far apart"),
    ],
)
def test_wrong_joint_statistics_are_told_what_is_wrong(wrong, reply):
    results = checks.merged.evaluate(wrong)
    assert not right(results)
    assert any(reply in str(result) for result in results)


def _from(means, variances, counts):
    mean = means @ counts / counts.sum()
    return np.array([mean, (variances + (means - mean) ** 2) @ counts / counts.sum()])


@pytest.mark.parametrize(
    ("answers", "reply"),
    [
        ((817.8, 210, 0.164), "milliseconds"),
        ((0.818, 209.36, 0.164), "no parts of pictures"),
        ((0.818, 209, 0.164), "Round up"),
        ((1.636, 210, 0.164), "at the same time"),
        ((0.818, 210, 0.082), "both workers"),
    ],
)
def test_wrong_bills_are_told_what_is_wrong(answers, reply):
    results = checks.bill.evaluate(*answers)
    assert not right(results)
    assert any(reply in str(result) for result in results)


def test_agreement_of_workers_does_not_show_an_exchange():
    """Question 1: with the same rows for both, workers agree even if each keeps its own gradient."""
    first, second = programs._pair(lambda rank: slice(0, programs.BATCH // 2), lambda slopes, rank: slopes[rank])
    np.testing.assert_array_equal(first, second)


def test_the_bill_tried_picture_by_picture():
    exchange = 25_557_032 * 32 / 10**9
    pictures = next(n for n in range(1, 10_000) if exchange <= 0.2 * (exchange + n / 64))
    assert right(checks.bill.evaluate(exchange, pictures, 2 * pictures * 0.1 / 256))


def test_programs_by_what_they_show():
    answers = {}
    for name, far in programs.distances().items():
        same = {other for other, difference in far.items() if difference < 1e-6}
        answers[name] = {
            frozenset({"workers", "one"}): "right",
            frozenset({"workers", "twice"}): "sums the gradients",
            frozenset({"workers"}): "the same rows twice",
            frozenset(): "no exchange",
        }[frozenset(same)]
    assert right(checks.programs.evaluate(**answers))

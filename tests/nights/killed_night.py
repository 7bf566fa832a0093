#!/usr/bin/env python3
"""A night that is killed (kill -9) at ten random moments and resumed comes to the same summary.json but for times.

    killed_night.py PROGRAM DATA_FOLDER OUT
"""
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

TIMES = {"seconds", "evaluations_per_second", "begun", "ended", "path"}  # and where the directories lie
PLAN = """
[[model]]
name = "robust"
path = "{data}/mnist_lpd_mlp_b_0.1.pt"
[[model]]
name = "plain"
path = "{data}/mnist_nor_mlp_b.pt"
[data]
source = "mnist:{data}"
limit = 200
[[stage]]
kind = "attack"
norm = "linf"
epsilon = 0.1
preset = "fast"
batch = 20
[[stage]]
kind = "curve"
norm = "linf"
epsilon-max = 0.3
limit = 80
batch = 10
[[stage]]
kind = "corruptions"
limit = 20
[[stage]]
kind = "fuzz"
evaluations = 6000
limit = 60
[[gate]]
stage = "attack"
model = "robust"
measure = "robust_accuracy"
min = 0.7
"""


def without_times(document):
    if isinstance(document, dict):
        return {key: without_times(value) for key, value in document.items() if key not in TIMES}
    return [without_times(value) for value in document] if isinstance(document, list) else document


def difference(one, other, place=""):
    """The first place in which two documents differ; nothing when they do not."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        found = (difference(one[key], other[key], f"{place}/{key}") for key in one)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        found = (difference(a, b, f"{place}/{number}") for number, (a, b) in enumerate(zip(one, other)))
    else:
        return None if one == other else f"{place}: {one!r} and {other!r}"
    return next((text for text in found if text), None)


def main():
    program, data, out = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / "plan.toml").write_text(PLAN.format(data=data))
    command = [program, "run", str(out / "plan.toml"), "--out"]

    began = time.monotonic()
    whole = subprocess.run([*command, out / "whole"], capture_output=True, text=True)
    took = time.monotonic() - began
    assert whole.returncode == 0, whole.stderr

    seed = random.randrange(1 << 30)
    moments, kills = random.Random(seed), 0
    while True:
        resume = ["--resume"] if (out / "killed" / "run.json").exists() else []
        if not resume:
            shutil.rmtree(out / "killed", ignore_errors=True)
        process = subprocess.Popen([*command, out / "killed", *resume], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            # Ten such spans are half a night, so that it cannot end before.
            _, messages = process.communicate(timeout=moments.uniform(0.2, 0.1 * took) if kills < 10 else None)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
    assert process.returncode == 0, messages
    one, other = (json.loads((out / name / "summary.json").read_text()) for name in ("whole", "killed"))
    found = difference(without_times(one), without_times(other))
    assert found is None, f"seed {seed}, {kills} kills: {found}"
    assert kills == 10, f"seed {seed}: killed only {kills} times before it ended"
    print(f"seed {seed}: killed {kills} times in a night of {took:.1f} s, the same summary")


main()

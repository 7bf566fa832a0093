#!/usr/bin/env python3
"""Runs nights whose names are hostile wherever a user can write one: goal, gates, classes, the model's file.

    hostile_night.py PROGRAM DATA_FOLDER OUT

Leaves OUT/nights/one and OUT/nights/two (compared with the first, with a trend), OUT/documents/*.json of other commands.
"""
import json
import pathlib
import shutil
import subprocess
import sys

SCRIPT = "<script>alert(1)</script>"
HOSTILE = SCRIPT + " \"double\" 'single' `tick` | pipe & amp ]]> \u202egnihton\u202c =cmd|'/c calc'!A1 http://example.org @user"
MODEL = "<img src=x onerror=alert(1)> \"q\" 'q' \u202e.pt"


def toml(text):
    """A TOML string: JSON's escapes are a subset of its own, and a bell is added."""
    return json.dumps(text + " \u0007")


def plan_text(data):
    def gate(name, stage, lines):
        return f'[[gate]]\nname = {toml(name)}\nstage = "{stage}"\n{lines}\n'

    return (f"goal = {toml(HOSTILE)}\n[[model]]\nname = 'plain'\npath = {json.dumps(MODEL)}\n"
            f"[[model]]\nname = 'robust'\npath = 'robust.pt'\n"
            f"[data]\nsource = {json.dumps('mnist:' + str(data))}\nclasses = 'classes.txt'\nlimit = 60\n"
            "[[stage]]\nname = 'linf'\nkind = 'attack'\nnorm = 'linf'\nepsilon = 0.1\nattack = 'pgd:steps=10,relative-step=0.25'\n"
            "[[stage]]\nkind = 'curve'\nnorm = 'linf'\nat = '0.05,0.1'\nepsilon-max = 0.3\nlimit = 20\nattack = 'fgsm'\n"
            "[[stage]]\nkind = 'corruptions'\nlimit = 10\nmodels = 'plain'\n"
            "[[stage]]\nkind = 'fuzz'\nevaluations = 500\nlimit = 20\nmodels = 'plain'\n"
            "[[stage]]\nkind = 'replay'\ncorpus = 'failures'\nmodels = 'plain'\n"
            + gate(HOSTILE, "linf", "measure = 'robust_accuracy'\nmin = 0.5")
            + gate("=1+1", "linf", "measure = 'clean_accuracy'\nmin = 0.99\non = 'interval'\nlevel = 'warn'")
            + gate("drop " + HOSTILE, "linf", "measure = 'robust_accuracy'\nmax-drop = 0.1\nlevel = 'info'"))


def main():
    program, data, out = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
    shutil.rmtree(out, ignore_errors=True)
    (out / "documents").mkdir(parents=True)
    shutil.copy(data / "mnist_nor_mlp_b.pt", out / MODEL)
    shutil.copy(data / "mnist_lpd_mlp_b_0.1.pt", out / "robust.pt")
    (out / "classes.txt").write_text("\n".join(f"{number} {HOSTILE}" for number in range(10)) + "\n")
    (out / "plan.toml").write_text(plan_text(data))

    def run(name, *words, codes=(0,)):
        done = subprocess.run([program, *words], cwd=out, capture_output=True, text=True)
        if done.returncode not in codes:
            sys.exit(f"{words[0]}: exit {done.returncode}\n{done.stderr}")
        if name:
            (out / "documents" / f"{name}.json").write_text(done.stdout)

    sample = ["--data", f"mnist:{data}", "--limit", "20"]
    run("attack", "attack", MODEL, *sample, "--norm", "linf", "--epsilon", "0.1", "--attack", "pgd:steps=5", "--corpus", "failures",
        "--json")
    run("transforms", "attack", "robust.pt", *sample, "--attack", "rotate:max-degrees=20", "--json")
    run("plan", "plan", "lint", "plan.toml", "--json")
    run("estimate", "run", "plan.toml", "--dry-run", "--json")
    run(None, "run", "plan.toml", "--out", "nights/one", codes=(1,))
    run("nightly", "run", "plan.toml", "--out", "nights/two", "--baseline", "nights/one", "--history", "nights", "--limit", "50",
        "--json", codes=(1,))
    run(None, "report", "nights/two", "--history", "nights")
    run("compare", "compare", "nights/one", "nights/one", "--json")
    run("selftest", "selftest", "robust.pt", *sample, "--norm", "linf", "--epsilon", "0.1", "--json", codes=(0, 1, 7))


main()

#!/usr/bin/env python3
"""`compare` of the standard and the robust model beside SciPy: exact McNemar, Wilson intervals, Holm's adjustment.

    scipy_agrees.py PROGRAM DATA_FOLDER OUT

Exit code 77 (CTest: skipped) without SciPy.
"""
import json
import math
import pathlib
import shutil
import subprocess
import sys

try:
    from scipy import stats
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)


def rows_of(run):
    lines = (run / "samples.jsonl").read_text().splitlines()
    return {row["index"]: row["status"] for row in map(json.loads, lines)}


def main():
    program, data, out = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for name, model in (("standard", "mnist_nor_mlp_b"), ("robust", "mnist_lpd_mlp_b_0.1")):
        subprocess.run([program, "attack", data / f"{model}.pt", "--data", f"mnist:{data}", "--limit", "500", "--norm", "linf",
                        "--epsilon", "0.03", "--attack", "pgd:steps=20", "--out", out / name],
                       check=True, capture_output=True)

    def compare(first, second):
        done = subprocess.run([program, "compare", out / first, out / second, "--json"], check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    first, second = rows_of(out / "standard"), rows_of(out / "robust")
    result = compare("standard", "robust")
    verdicts = {one["measure"]: one["verdict"] for one in result["comparisons"]}
    assert verdicts["robust_accuracy"] == "better", verdicts
    assert result["verdict"] == ("worse" if "worse" in verdicts.values() else "better"), (result["verdict"], verdicts)
    expected = {}
    for measure, bad in (("clean_accuracy", {"clean error"}), ("robust_accuracy", {"clean error", "found"})):
        broken = sum(first[index] not in bad and second[index] in bad for index in first)
        mended = sum(first[index] in bad and second[index] not in bad for index in first)
        p = stats.binomtest(broken, broken + mended, 0.5).pvalue if broken + mended else 1.0
        wilson = [stats.binomtest(sum(rows[index] not in bad for index in rows), len(rows)).proportion_ci(method="wilson")
                  for rows in (first, second)]
        expected[measure] = (broken, mended, p, wilson)
    rising = sorted(value[2] for value in expected.values())
    holm = [min(1.0, rising[0] * 2), min(1.0, max(rising[0] * 2, rising[1]))]
    for comparison in result["comparisons"]:
        broken, mended, p, wilson = expected[comparison["measure"]]
        assert (comparison["broken"], comparison["mended"]) == (broken, mended), comparison
        assert math.isclose(comparison["p"], p, rel_tol=1e-9, abs_tol=1e-300), (comparison["p"], p)
        assert math.isclose(comparison["p_adjusted"], holm[rising.index(p)], rel_tol=1e-9, abs_tol=1e-300), comparison
        for name, interval in zip(("first", "second"), wilson):
            assert math.isclose(comparison[name]["low"], interval.low, rel_tol=1e-6), (comparison[name], interval)
            assert math.isclose(comparison[name]["high"], interval.high, rel_tol=1e-6), (comparison[name], interval)
    same = compare("robust", "robust")
    assert same["verdict"] == "no difference shown" and all(one["p"] == 1 for one in same["comparisons"]), same
    print({measure: value[:3] for measure, value in expected.items()})


main()

"""A long fuzzing run, watched: memory of the supervisor and of its workers, and evaluations/s, per tenth of the run.

    python3 bench/fuzz_soak.py build/release/faultline 1000000
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

PAGE_KB = 4


def resident_kb(process):
    return int(pathlib.Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_KB


def children_of(process):
    return pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()


def watch(command, state):
    """Yields (seconds, evaluations, supervisor KB, largest worker KB) four times a second."""
    begin = time.time()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None:
            try:
                evaluations = json.loads(state.read_text())["evaluations"] if state.exists() else 0
                workers = [resident_kb(child) for child in children_of(run.pid)]
                yield time.time() - begin, evaluations, resident_kb(run.pid), max(workers, default=0)
            except (OSError, ValueError, IndexError):
                pass  # a process has just ended, or the file is being replaced
            time.sleep(0.25)


def median(values):
    return sorted(values)[len(values) // 2]


def main():
    program, evaluations = sys.argv[1], int(sys.argv[2])
    data = pathlib.Path(__file__).parent.parent / "tests" / "data"
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "run"
        rows = list(watch([program, "fuzz", str(data / "mnist_lpd_mlp_b_0.1.pt"), "--data", f"mnist:{data}",
                           "--limit", "1000", "--evaluations", str(evaluations), "--workers", "2", "--out", str(out)],
                          out / "state.json"))
        summary = json.loads((out / "summary.json").read_text())
    print("tenth  evaluations/s  supervisor MB  largest worker MB")
    # Evaluations are known after whole rounds: rates are taken between the moments at which they rose.
    rounds = [row for before, row in zip(rows, rows[1:]) if row[1] > before[1]]
    for tenth in range(10):
        part = rows[len(rows) * tenth // 10:len(rows) * (tenth + 1) // 10]
        middle = (part[0][0] + part[-1][0]) / 2
        span = [(a, b) for a, b in zip(rounds, rounds[1:]) if a[0] <= middle <= b[0]]
        rate = f"{(span[0][1][1] - span[0][0][1]) / (span[0][1][0] - span[0][0][0]):13.0f}" if span else f"{'-':>13}"
        print(f"{tenth + 1:5}  {rate}  {median([row[2] for row in part]) / 1024:13.0f}  "
              f"{max(row[3] for row in part) / 1024:17.0f}")
    print({key: summary[key] for key in ("evaluations", "seconds", "evaluations_per_second", "minimisation_evaluations",
                                         "corpus_size", "findings", "seeds_broken", "rounds")})


if __name__ == "__main__":
    main()

"""A long fuzzing run, watched: evaluations/s and the memory of the supervisor and of its workers, round by round.

    python3 bench/fuzz_soak.py build/release/faultline 1000000
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

PAGE_KB = 4


def resident_mb(process):
    return int(pathlib.Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_KB / 1024


def children_of(process):
    return pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()


def watch(command, state):
    """Yields (state, supervisor MB, largest worker MB) ten times a second; the state is {} before the first round ends."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None:
            try:
                now = json.loads(state.read_text()) if state.exists() else {}
                workers = [resident_mb(child) for child in children_of(run.pid)]
                yield now, resident_mb(run.pid), max(workers, default=0)
            except (OSError, ValueError, IndexError):
                pass  # a process has just ended, or the file is being replaced
            time.sleep(0.1)


def by_round(looks):
    """Yields (evaluations, evaluations/s, most of the supervisor's MB, most of a worker's MB, corpus) of every round."""
    evaluations, seconds, supervisor, worker = 0, 0, 0, 0
    for state, supervisor_now, worker_now in looks:
        supervisor, worker = max(supervisor, supervisor_now), max(worker, worker_now)
        if state.get("evaluations", 0) > evaluations:
            rate = (state["evaluations"] - evaluations) / (state["seconds"] - seconds)
            evaluations, seconds = state["evaluations"], state["seconds"]
            yield evaluations, rate, supervisor, worker, len(state["corpus"])
            supervisor, worker = 0, 0


def main():
    program, evaluations = sys.argv[1], int(sys.argv[2])
    data = pathlib.Path(__file__).parent.parent / "tests" / "data"
    print("evaluations  evaluations/s  supervisor MB  largest worker MB  corpus")
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "run"
        command = [program, "fuzz", str(data / "mnist_lpd_mlp_b_0.1.pt"), "--data", f"mnist:{data}", "--limit", "1000",
                   "--evaluations", str(evaluations), "--workers", "2", "--out", str(out)]
        rounds = []
        for one in by_round(watch(command, out / "state.json")):
            rounds.append(one)
            print("{:11}  {:13.0f}  {:13.0f}  {:17.0f}  {:6}".format(*one), flush=True)
        summary = json.loads((out / "summary.json").read_text())
    print({key: summary[key] for key in ("evaluations", "seconds", "evaluations_per_second", "minimisation_evaluations",
                                         "corpus_size", "findings", "seeds_broken", "rounds")})
    first, last = rounds[0], rounds[-1]
    print(f"last round over first: {last[1] / first[1]:.2f} in evaluations/s, {last[2] / first[2]:.3f} in memory of the "
          f"supervisor, {last[3] / first[3]:.3f} in memory of a worker")


if __name__ == "__main__":
    main()

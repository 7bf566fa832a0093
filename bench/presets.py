#!/usr/bin/env python3
"""Presets beside the reference implementation of AutoAttack (pyautoattack 0.2.0, whose attacks are the original's) on the
same images in one run. Prints one table per model: errors, propagations per image, seconds, ratio to the reference.

  scripts/peers.sh --presets [--samples N] [--models lpd,wk17a] [--presets fast,autoattack-standard]

The reference runs with 2 threads in batches of 250; its propagations are counted by a wrapper around the model, and its
errors are counted again here. Faultline runs with 2 workers; its seconds are the run's own wall clock.
"""
import argparse
import json
import os
import subprocess
import sys
import time
import types

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
for missing in ("visdom", "torchvision"):
    sys.modules.setdefault(missing, types.ModuleType(missing))
from peers import DATA, errors, load_images, scripted  # noqa: E402

MODELS = {"lpd": ("mnist_lpd_mlp_b_0.1.pt", 0.1), "wk17a": ("mnist_wk17a.pt", 0.1)}
NORMS = {"linf": "Linf", "l2": "L2"}


class Counted(torch.nn.Module):
    """Counts the rows that go forwards and backwards through a model."""

    def __init__(self, module):
        super().__init__()
        self.module, self.forwards, self.backwards = module, 0, 0

    def forward(self, x):
        self.forwards += len(x)
        out = self.module(x)
        if out.requires_grad:
            out.register_hook(lambda gradient: setattr(self, "backwards", self.backwards + len(gradient)))
        return out


def reference(model, norm, epsilon, x, y):
    from pyautoattack import AutoAttack
    counted = Counted(scripted(MODELS[model][0]))
    attack = AutoAttack(counted, norm=NORMS[norm], eps=epsilon, version="standard", device="cpu", seed=0)
    begin = time.perf_counter()
    points, _ = attack.run_standard_evaluation(x, y, batch_size=250)
    seconds = time.perf_counter() - begin
    return errors(counted.module, points, y), counted.forwards / len(x), counted.backwards / len(x), seconds


def faultline(program, model, norm, epsilon, samples, preset):
    command = [program, "attack", f"{DATA}/{MODELS[model][0]}", "--data", f"mnist:{DATA}", "--limit", str(samples), "--norm", norm,
               "--epsilon", repr(epsilon), "--preset", preset, "--workers", "2", "--json"]
    result = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    total = lambda what: sum(attack[what] for attack in result["attacks"]) / result["samples"]
    assert result["verification"]["rejected"] == 0
    return result["adversarial_errors"], total("forwards"), total("backwards"), result["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--models", default="lpd,wk17a")
    parser.add_argument("--presets", default="fast,autoattack-standard")
    parser.add_argument("--norm", default="linf", choices=NORMS)
    parser.add_argument("--epsilon", type=float)
    options = parser.parse_args()
    torch.set_num_threads(2)
    for model in options.models.split(","):
        epsilon = options.epsilon or MODELS[model][1]
        x, y = load_images("mnist", options.samples)
        rows = {f"faultline {preset}": faultline(options.program, model, options.norm, epsilon, options.samples, preset)
                for preset in options.presets.split(",")}
        rows["pyautoattack standard"] = base = reference(model, options.norm, epsilon, x, y)
        print(f"\n{MODELS[model][0]}, {options.norm} {epsilon:g}, first {options.samples} images")
        print(f"  {'':32}{'errors':>8}{'F/image':>10}{'B/image':>10}{'seconds':>10}{'of the reference: F':>22}{'B':>8}{'seconds':>10}")
        for name, row in rows.items():
            shares = [100 * mine / theirs for mine, theirs in zip(row[1:], base[1:])]
            print(f"  {name:32}{row[0]:8}{row[1]:10.0f}{row[2]:10.0f}{row[3]:10.1f}{shares[0]:20.1f} %{shares[1]:6.1f} %"
                  f"{shares[2]:8.1f} %", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""PGD-40 (Linf, from the clean image, cross-entropy, best settings of each) by Faultline and by Python, on the same
images, in turns. Prints one table per model: adversarial errors, median seconds, ratio to Faultline.

  python bench/peers.py build/release/faultline [--samples N] [--repetitions N] [--models mlp,wk17a,resnet20]

Every Python contender runs with 2 threads and the best of several batch sizes. Faultline runs with 2 workers; its time is
the run's own wall clock (`seconds` of --json), as the others' is without imports. No contender's own verdict is
believed: the errors are counted again here. Libraries that are not installed are left out.
"""
import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
import types

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

DATA = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/data"))
STEPS = 40
# adv-lib imports both at start-up and needs neither here.
for name in ("visdom", "torchvision"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["torchvision"].models = None

MODELS = {
    "mlp": ("mnist_lpd_mlp_b_0.1.pt", 0.1),
    "wk17a": ("mnist_wk17a.pt", 0.1),
    "resnet20": ("cifar10_resnet20.pt", 1 / 255),
}
BATCHES = {"mlp": (100, 250, 500), "wk17a": (100, 250, 500), "resnet20": (50, 100)}


def load_images(model, count):
    if model == "resnet20":
        images = np.load(f"{DATA}/cifar10_test100_images_u8.npy")
        labels = np.load(f"{DATA}/cifar10_test100_labels_i64.npy")
    else:
        with gzip.open(f"{DATA}/t10k-images-idx3-ubyte.gz") as file:
            images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
        with gzip.open(f"{DATA}/t10k-labels-idx1-ubyte.gz") as file:
            labels = np.frombuffer(file.read(), np.uint8, offset=8).astype(np.int64)
    return torch.from_numpy(images[:count].copy()).float() / 255, torch.from_numpy(labels[:count].copy())


def scripted(file):
    module = torch.jit.load(f"{DATA}/{file}").eval()
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    return module


def eager(model):
    """The same network as plain modules, where that is easy."""
    if model == "mlp":
        net = nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))
    elif model == "wk17a":
        net = nn.Sequential(nn.Conv2d(1, 16, 4, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 4, 2, 1), nn.ReLU(), nn.Flatten(),
                            nn.Linear(1568, 100), nn.ReLU(), nn.Linear(100, 10))
    else:
        return None
    net.load_state_dict(scripted(MODELS[model][0]).state_dict())
    return net.eval().requires_grad_(False)


def plain_loop(module, epsilon):
    def attack(x, y):
        lower, upper = (x - epsilon).clamp(0, 1), (x + epsilon).clamp(0, 1)
        point = x.clone()
        for _ in range(STEPS):
            point.requires_grad_(True)
            gradient, = torch.autograd.grad(F.cross_entropy(module(point), y, reduction="sum"), point)
            point = torch.min(torch.max(point.detach() + 0.1 * epsilon * gradient.sign(), lower), upper)
        return point
    return attack


def library_attacks(module, epsilon):
    found = {}
    try:
        import foolbox
        model = foolbox.PyTorchModel(module, bounds=(0, 1), device="cpu")
        pgd = foolbox.attacks.LinfPGD(rel_stepsize=0.1, steps=STEPS, random_start=False)
        found["foolbox"] = lambda x, y: pgd(model, x, y, epsilons=epsilon)[1]
    except ImportError:
        pass
    try:
        import torchattacks
        found["torchattacks"] = torchattacks.PGD(module, eps=epsilon, alpha=0.1 * epsilon, steps=STEPS, random_start=False)
    except ImportError:
        pass
    try:
        from adv_lib.attacks import pgd_linf
        found["adv-lib"] = lambda x, y: pgd_linf(module, x, y, ε=epsilon, steps=STEPS, random_init=False,
                                                 relative_step_size=0.1)
    except ImportError:
        pass
    try:
        from art.attacks.evasion import ProjectedGradientDescentPyTorch
        from art.estimators.classification import PyTorchClassifier
        classifier = PyTorchClassifier(module, nn.CrossEntropyLoss(), input_shape=(1, 28, 28), nb_classes=10,
                                       clip_values=(0, 1), device_type="cpu")
        attack = ProjectedGradientDescentPyTorch(classifier, eps=epsilon, eps_step=0.1 * epsilon, max_iter=STEPS,
                                                 batch_size=500, verbose=False)
        found["ART"] = lambda x, y: torch.from_numpy(attack.generate(x.numpy(), y.numpy()))
    except (ImportError, AttributeError):
        pass
    return found


def errors(module, points, labels):
    with torch.no_grad():
        return int((module(points).argmax(1) != labels).sum())


def timed(attack, x, y, batch):
    begin = time.perf_counter()
    points = torch.cat([attack(a, b).detach() for a, b in zip(x.split(batch), y.split(batch))])
    return time.perf_counter() - begin, points


def faultline(program, model, samples):
    path, epsilon = MODELS[model]
    data = f"npy:{DATA}/cifar10_test100_images_u8.npy,{DATA}/cifar10_test100_labels_i64.npy" if model == "resnet20" else f"mnist:{DATA}"
    command = [program, "attack", f"{DATA}/{path}", "--data", data, "--limit", str(samples), "--norm", "linf", "--epsilon",
               repr(epsilon), "--attack", f"pgd:steps={STEPS},relative-step=0.1,start=clean,loss=ce", "--workers", "2", "--json"]
    result = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return result["seconds"], result["adversarial_errors"]


def contenders(model):
    """name -> (attack, batch sizes to try)"""
    module, epsilon = scripted(MODELS[model][0]), MODELS[model][1]
    listed = {"plain loop, TorchScript": (plain_loop(module, epsilon), BATCHES[model])}
    if (twin := eager(model)) is not None:
        listed["plain loop, eager"] = (plain_loop(twin, epsilon), BATCHES[model])
    for name, attack in library_attacks(module, epsilon).items():
        listed[name] = (attack, BATCHES[model][-1:])
    return module, listed


def compare(program, model, samples, repetitions):
    x, y = load_images(model, samples)
    module, listed = contenders(model)
    best_batch = {}
    for name, (attack, batches) in list(listed.items()):
        try:
            timed(attack, x[:batches[-1]], y[:batches[-1]], batches[-1])  # warm-up
            best_batch[name] = min(batches, key=lambda b: timed(attack, x[:2 * batches[-1]], y[:2 * batches[-1]], b)[0])
        except Exception as error:  # a peer that cannot run this model is left out, by name
            print(f"  {name}: left out, {type(error).__name__}: {error}")
            del listed[name]
    seconds = {name: [] for name in ["faultline", *listed]}
    found = {}
    for _ in range(repetitions):
        spent, found["faultline"] = faultline(program, model, len(x))
        seconds["faultline"].append(spent)
        for name, (attack, _) in listed.items():
            spent, points = timed(attack, x, y, best_batch[name])
            seconds[name].append(spent)
            found[name] = errors(module, points, y)
    print(f"\n{model}: {len(x)} images, PGD-{STEPS}, epsilon {MODELS[model][1]:.4g}, {repetitions} turns")
    print(f"  {'contender':28}{'errors':>8}{'seconds':>10}{'ratio':>8}  (lowest .. highest ratio of a turn)")
    for name, spent in seconds.items():
        ratios = sorted(a / b for a, b in zip(spent, seconds["faultline"]))
        batch = f", batch {best_batch[name]}" if name in best_batch else ""
        print(f"  {name + batch:28}{found[name]:8}{statistics.median(spent):10.2f}{statistics.median(ratios):8.2f}"
              f"  ({ratios[0]:.2f} .. {ratios[-1]:.2f})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--models", default="mlp,wk17a,resnet20")
    options = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(0)
    for model in options.models.split(","):
        compare(options.program, model, options.samples, options.repetitions)


if __name__ == "__main__":
    main()

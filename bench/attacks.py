#!/usr/bin/env python3
"""What each attack finds and costs on the bundled models: one line of JSON per attack and model, a table at the end.

  python bench/attacks.py build/release/faultline [--samples N] [--attacks SPEC ...] [--out FILE]

scripts/bench-compare shows the lines of two builds side by side.
"""
import argparse
import json
import os
import subprocess

DATA = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/data"))
MODELS = [("mnist_wk17a", "linf", "0.1"), ("mnist_lpd_mlp_b_0.1", "linf", "0.1"), ("mnist_adv_mlp_b_0.1", "linf", "0.1"),
          ("mnist_nor_mlp_b", "linf", "0.02"), ("mnist_wk17a", "l2", "1.5"), ("mnist_lpd_mlp_b_0.1", "l1", "8")]
ATTACKS = ["fgsm", "mifgsm", "pgd", "apgd", "apgd:loss=probability-margin", "apgd:start=diverse,steps=12,restarts=8",
           "apgd:start=search", "apgd-t", "apgd-t:order=linearised,targets=3", "fab", "fab-t", "square", "noise",
           "preset=fast", "preset=autoattack-standard"]


def run(program, model, norm, epsilon, attack, samples):
    chosen = ["--preset", attack.split("=", 1)[1]] if attack.startswith("preset=") else ["--attack", attack]
    command = [program, "attack", f"{DATA}/{model}.pt", "--data", f"mnist:{DATA}", "--limit", str(samples), "--norm", norm,
               "--epsilon", epsilon, "--workers", "2", "--json", *chosen]
    result = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    total = lambda what: sum(one[what] for one in result["attacks"])
    return {"model": model, "norm": norm, "epsilon": epsilon, "attack": attack, "errors": result["adversarial_errors"],
            "forwards": total("forwards") / samples, "backwards": total("backwards") / samples,
            "seconds": round(result["seconds"], 3), "rejected": result["verification"]["rejected"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--attacks", nargs="*", default=ATTACKS)
    parser.add_argument("--out", help="file for the lines of JSON")
    options = parser.parse_args()
    lines = []
    for model, norm, epsilon in MODELS:
        print(f"\n{model}, {norm} {epsilon}, first {options.samples} images")
        print(f"  {'attack':44}{'errors':>8}{'F/image':>10}{'B/image':>10}{'seconds':>10}")
        for attack in options.attacks:
            line = run(options.program, model, norm, epsilon, attack, options.samples)
            lines.append(line)
            print(f"  {attack:44}{line['errors']:8}{line['forwards']:10.1f}{line['backwards']:10.1f}{line['seconds']:10.2f}",
                  flush=True)
    if options.out:
        with open(options.out, "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)


if __name__ == "__main__":
    main()

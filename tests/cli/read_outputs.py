#!/usr/bin/env python3
"""Reads a run directory as a Python user would, with numpy and torch alone, and checks what it claims.

    read_outputs.py RUN_DIRECTORY

Exit code 77 (CTest: skipped) when numpy or torch are missing.
"""
import json
import pathlib
import struct
import sys

try:
    import numpy
    import torch
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)


def read_safetensors(path):
    """The arrays and the metadata of a safetensors file: u64 length of the header, JSON header, raw data."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    data = raw[8 + length :]
    arrays = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", (path, entry)
        begin, end = entry["data_offsets"]
        arrays[name] = numpy.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"])
    assert sum(array.nbytes for array in arrays.values()) == len(data), "bytes that belong to no tensor"
    return arrays, metadata


def same_bits(a, b):
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def main():
    run = pathlib.Path(sys.argv[1])
    plan = json.loads((run / "run.json").read_text())["plan"]
    summary = json.loads((run / "summary.json").read_text())
    rows = [json.loads(line) for line in (run / "samples.jsonl").read_text().splitlines()]
    clean, adversarial, labels, predictions, indices = (
        numpy.load(run / "npy" / f"{name}.npy") for name in ("clean", "adversarial", "labels", "predictions", "indices"))

    assert plan["norm"] == "linf", plan["norm"]
    epsilon, (lower, upper) = plan["epsilon"], plan["data"]["bounds"]
    found = {row["index"]: row for row in rows if row["status"] == "found"}
    assert len(rows) == summary["samples"] == len({row["index"] for row in rows})
    assert len(found) >= 10, "too few witnesses to check"
    assert len(found) + summary["clean_errors"] == summary["adversarial_errors"]
    assert sum(row["status"] == "clean error" for row in rows) == summary["clean_errors"]
    assert sorted(found) == sorted(indices.tolist())
    assert labels.dtype == predictions.dtype == indices.dtype == numpy.int64
    names = {path.stem for path in (run / "witnesses").glob("*.safetensors")}
    assert names == {row["witness"] for row in found.values()}

    for place, index in enumerate(indices.tolist()):
        row = found[index]
        tensors, metadata = read_safetensors(run / "witnesses" / (row["witness"] + ".safetensors"))
        assert same_bits(tensors["clean"], clean[place]) and same_bits(tensors["witness"], adversarial[place]), index
        assert metadata == {"label": str(row["label"]), "prediction": str(row["prediction"]), "sample": str(index)}, metadata
        assert row["label"] == labels[place] != predictions[place] == row["prediction"], index
        witness = tensors["witness"].astype(numpy.float64)
        distance = numpy.abs(witness - tensors["clean"].astype(numpy.float64)).max()
        assert distance <= epsilon, (index, distance)
        assert abs(distance - row["distance"]) <= 1e-12, (index, distance, row["distance"])
        assert numpy.isfinite(witness).all() and witness.min() >= lower and witness.max() <= upper, index

    model = torch.jit.load(plan["model"]["path"]).eval()
    with torch.no_grad():
        on_clean = model(torch.from_numpy(clean)).argmax(1).numpy()
        on_witness = model(torch.from_numpy(adversarial)).argmax(1).numpy()
    assert (on_clean == labels).all(), "a clean sample of a witness is wrong"
    assert (on_witness == predictions).all() and (on_witness != labels).all(), "a witness does not fool the model"
    print(f"{len(found)} witnesses of {len(rows)} samples hold")


main()

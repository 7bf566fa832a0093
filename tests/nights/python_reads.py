#!/usr/bin/env python3
"""Reads a night's files with parsers that are not ours, and compares what they say with summary.json.

    python_reads.py RUN_DIRECTORY SCHEMAS [DOCUMENT.json ...]

Documents and lines of samples.jsonl are validated against docs/schemas. Exit code 77 (CTest: skipped) when a package is missing.
"""
import csv
import html.parser
import json
import pathlib
import sys

try:
    import jsonschema
    import junitparser
    import markdown_it
    import referencing
    from prometheus_client.parser import text_string_to_metric_families
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

MARKS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F], "?")


def one_line(text):
    """A name as it is shown in a line: control characters are spaces."""
    return "".join(" " if ord(letter) < 32 or ord(letter) == 127 else letter for letter in text)


class Schemas:
    def __init__(self, folder):
        self.schemas = {path.name: json.loads(path.read_text()) for path in folder.glob("*.schema.json")}
        resources = [(name, referencing.Resource.from_contents(schema)) for name, schema in self.schemas.items()]
        self.registry = referencing.Registry().with_resources(resources)

    def check(self, name, document, where):
        validator = jsonschema.Draft202012Validator(self.schemas[f"{name}.schema.json"], registry=self.registry)
        error = jsonschema.exceptions.best_match(validator.iter_errors(document))
        assert error is None, f"{where}: {error.json_path}: {error.message}"

    def bite(self, name, document):
        """A schema that takes everything is none: without a key, with one too many, each is refused."""
        for broken in ({**document, "surplus": 1}, dict(list(document.items())[1:])):
            try:
                self.check(name, broken, "")
            except AssertionError:
                continue
            raise AssertionError(f"{name}.schema.json takes a document that is none")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.style, self.inside, self.elements = "", "", [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside.append(tag)

    def handle_endtag(self, tag):
        while tag in self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" in self.inside:
            self.style += data
        else:
            self.text += data


def check_page(path, summary):
    page = Page()
    page.feed(path.read_text())
    assert path.stat().st_size <= 5_000_000
    for tag, attributes in page.elements:
        assert tag not in ("script", "iframe", "object", "embed", "link", "form"), tag
        assert not [name for name in attributes if name.startswith("on")], attributes
        for name in ("src", "href", "xlink:href"):
            target = attributes.get(name, "#")
            assert target.startswith(("data:image/png;base64,", "#")), target
    assert "url(" not in page.style and "@import" not in page.style
    policies = [attributes["content"] for tag, attributes in page.elements if attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policies and "default-src 'none'" in policies[0]
    for gate in summary["gates"]:
        name = one_line(gate["name"]).translate(MARKS)
        assert name in page.text, f"report.html does not show the gate {name!r}"


def check_markdown(path, summary):
    def text_of(tokens):
        return "".join(text_of(token.children) if token.children else token.content for token in tokens)

    tokens = markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table").parse(path.read_text())
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or []}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "fence", "code_block"}, kinds
    text = text_of(tokens).replace("\u200b", "")  # keeps users of that name from being told
    assert "@user" not in path.read_text(), "GitHub would tell a user"
    for gate in summary["gates"]:
        assert one_line(gate["name"]).strip() in text, f"report.md does not show the gate {gate['name']!r}"
    rows = sum(token.type == "tr_open" for token in tokens)
    measures = sum(len(stage["measures"]) + stage["finished"] for stage in summary["stages"])
    assert rows == len(summary["gates"]) + 1 + measures, (rows, measures)


def check_junit(path, summary):
    suites = list(junitparser.JUnitXml.fromfile(str(path)))
    cases = [case for suite in suites for case in suite]
    failures = [case for case in cases if case.result]
    unfinished = sum(not stage["finished"] for stage in summary["stages"])
    assert len(cases) == len(summary["stages"]) + len(summary["gates"]) == sum(suite.tests for suite in suites)
    assert len(failures) == sum(gate["fails"] for gate in summary["gates"]) + unfinished == sum(suite.failures for suite in suites)
    names = [(case.classname, case.name) for case in cases]
    assert len(set(names)) == len(names), "names are not unique"
    assert all(failure.message for case in failures for failure in case.result)


def check_metrics(path, summary):
    read = {}
    for family in text_string_to_metric_families(path.read_text()):
        assert family.type == "gauge", family
        for sample in family.samples:
            read[sample.name, *sorted(sample.labels.items())] = sample.value
    expected = {("faultline_run_failed",): float(summary["exit_code"] != 0)}
    for stage in summary["stages"]:
        for name, measure in stage["measures"].items():
            labels = sorted({"stage": stage["name"], "model": stage["model"], "measure": name}.items())
            for key, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
                if key in measure:
                    expected["faultline_measure" + suffix, *labels] = measure[key]
    for gate in summary["gates"]:
        labels = sorted({"gate": one_line(gate["name"]), "stage": gate["stage"], "model": gate["model"]}.items())
        expected["faultline_gate_failed", *labels] = float(gate["fails"])
    assert read.pop(("faultline_run_end_timestamp_seconds",)) > 1.7e9
    assert read == expected, set(read.items()) ^ set(expected.items())


def check_table(path, summary):
    rows = list(csv.DictReader(path.open(newline="")))
    expected = [(stage["name"], stage["model"], stage["kind"], name, *(measure.get(key) for key in ("value", "low", "high")))
                for stage in summary["stages"] for name, measure in stage["measures"].items()]
    read = [(row["stage"], row["model"], row["kind"], row["measure"],
             *(float(row[key]) if row[key] else None for key in ("value", "low", "high"))) for row in rows]
    assert read == expected, set(read) ^ set(expected)


def main():
    run, schemas = pathlib.Path(sys.argv[1]), Schemas(pathlib.Path(sys.argv[2]))
    summary = json.loads((run / "summary.json").read_text())
    schemas.check("nightly", summary, "summary.json")
    schemas.bite("nightly", summary)
    schemas.check("baseline", json.loads((run / "baseline.json").read_text()), "baseline.json")
    for stage in summary["stages"]:
        schemas.check(stage["kind"], stage["document"], stage["id"])
        schemas.bite(stage["kind"], stage["document"])
    lines = [(path, json.loads(line)) for path in run.glob("stages/*/samples.jsonl") for line in path.read_text().splitlines()]
    for path, row in lines:
        schemas.check("sample_row", row, path)
    schemas.bite("sample_row", lines[0][1])
    for path in map(pathlib.Path, sys.argv[3:]):
        document = json.loads(path.read_text())
        name = document["schema"].removeprefix("faultline.").removesuffix("/1")
        schemas.check(name, document, path.name)
        schemas.bite(name, document)
    check_page(run / "report.html", summary)
    check_markdown(run / "report.md", summary)
    check_junit(run / "junit.xml", summary)
    check_metrics(run / "metrics.prom", summary)
    check_table(run / "measures.csv", summary)
    print(f"{len(lines)} rows, {len(summary['stages'])} stages and {len(sys.argv) - 3} documents hold")


main()

#!/usr/bin/env python3
"""Opens a night's report.html in headless Chromium: the verdict is visible, nothing complains, nothing is fetched, and it prints.

    browser_reads.py RUN_DIRECTORY

Exit code 77 (CTest: skipped) when there is no Chromium.
"""
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The browser asks its maker for news of its own; a page of ours has no reason to.
ITS_OWN = re.compile(r"(^|\.)(google|googleapis|gvt1|gstatic|chromium)\.(com|org)$")


class Texts(html.parser.HTMLParser):
    """What a reader sees of a document, and its elements."""

    def __init__(self):
        super().__init__()
        self.text, self.elements, self.hidden = "", [], 0

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.hidden += tag in ("style", "script", "title")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "script", "title")

    def handle_data(self, data):
        if not self.hidden:
            self.text += data


def open_page(browser, page, folder, *words):
    command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync",
               f"--user-data-dir={folder}/profile", "--enable-logging=stderr", f"--log-net-log={folder}/net.json", *words,
               page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def fetched(folder):
    """Addresses that were asked for, the browser's own and the page itself left out."""
    log = (folder / "net.json").read_text()
    try:
        events = json.loads(log)["events"]
    except json.JSONDecodeError:  # a browser that ends at once leaves the list open
        events = json.loads(log.rstrip().rstrip(",") + "]}")["events"]
    addresses = {event.get("params", {}).get("url", "") for event in events}
    hosts = {urllib.parse.urlsplit(address).hostname or "" for address in addresses}
    return {host for host in hosts if host and not ITS_OWN.search(host)}


def main():
    browser = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if browser is None:
        print("skipped: no Chromium here")
        sys.exit(77)
    run = pathlib.Path(sys.argv[1]).resolve()
    page = run / "report.html"
    summary = json.loads((run / "summary.json").read_text())
    assert page.stat().st_size <= 5_000_000, "the page is larger than 5 MB"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shown = open_page(browser, page, folder, "--dump-dom")
        complaints = [line for line in shown.stderr.splitlines() if "CONSOLE" in line]
        assert not complaints, complaints
        assert not fetched(folder), fetched(folder)
        texts = Texts()
        texts.feed(shown.stdout)
        assert summary["verdict"] in texts.text and summary["sentence"] in texts.text, "the verdict cannot be seen"
        tags = {tag for tag, _ in texts.elements}
        assert not tags & {"script", "iframe", "object", "embed", "link", "form"}, tags
        assert len([tag for tag, _ in texts.elements if tag == "body"]) == 1
        assert "<script>alert(1)</script>" in texts.text, "a hostile name is shown as text"
        assert all(image.get("src", "").startswith("data:image/png;base64,") for tag, image in texts.elements if tag == "img")
        open_page(browser, page, folder, f"--print-to-pdf={folder}/report.pdf")
        pdf = (folder / "report.pdf").read_bytes()
        assert pdf.startswith(b"%PDF-") and len(pdf) > 20_000, f"no PDF of it: {len(pdf)} bytes"
    print(f"{page.stat().st_size} bytes, {len(texts.elements)} elements, a PDF of {len(pdf)} bytes")


main()

"""Laws of the vendored front-end files: licensed, reproducible and silent on the network."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "webapp" / "vendor"
STATIC = ROOT / "webapp" / "static" / "vendor"
AXE = ROOT / "tests" / "data" / "axe.min.js"
LICENSES = STATIC / "LICENSES.md"

# What a browser fetches by itself. Plain strings (XML namespaces, links to docs) are not requests.
OUTSIDE = r"\s*(?:[a-z][a-z0-9+.-]*:)?//[^\s\"'()]+"
OUTSIDE_REQUEST = re.compile(
    rf"@import\s*(?:url\()?\s*[\"']?{OUTSIDE}"
    rf"|\burl\(\s*[\"']?{OUTSIDE}"
    rf"|\bimport(?:Scripts)?\s*\(?\s*[\"'`]{OUTSIDE}"
    rf"|(?:\bfrom|[}}*]from)\s*[\"'`]{OUTSIDE}",
    re.IGNORECASE,
)
REBUILD_SECONDS_MAX = 300


def vendored_files() -> set[Path]:
    return {path for path in STATIC.rglob("*") if path.is_file()} | {AXE}


def licensed_files() -> set[Path]:
    rows = re.findall(r"^\| `([^`]+)` \|", LICENSES.read_text(encoding="utf-8"), re.MULTILINE)
    return {ROOT / row for row in rows}


def committed_texts() -> dict[Path, str]:
    sources = {path for path in SOURCE.iterdir() if path.is_file()}
    return {path: path.read_text(encoding="utf-8") for path in sources | vendored_files()}


def outside_requests(text: str) -> list[str]:
    return [match.group()[:120] for match in OUTSIDE_REQUEST.finditer(text)]


def test_every_file_named_in_the_licences_exists() -> None:
    assert licensed_files()
    assert {path for path in licensed_files() if not path.is_file()} == set()


def test_every_vendored_file_is_named_in_the_licences() -> None:
    assert vendored_files() - licensed_files() == {LICENSES}


def test_every_licensed_package_has_its_licence_text() -> None:
    text = LICENSES.read_text(encoding="utf-8")
    packages = set(re.findall(r"^\| `[^`]+` \| (\S+) \|", text, re.MULTILINE))
    assert packages == set(re.findall(r"^## (\S+)\n\n```text\n\s*\S", text, re.MULTILINE))


@pytest.mark.parametrize(
    "text",
    [
        '@import "https://fonts.example/inter.css";',
        "@import url(//fonts.example/inter.css);",
        "src:url(https://fonts.example/inter.woff2)",
        "src:url( 'http://fonts.example/inter.woff2')",
        'import "https://cdn.example/lit.js"',
        'import{html}from"https://cdn.example/lit.js"',
        'export * from "//cdn.example/lit.js"',
        "await import(`https://cdn.example/lit.js`)",
        'importScripts("https://cdn.example/worker.js")',
    ],
)
def test_an_outside_request_is_recognised(text: str) -> None:
    assert outside_requests(text)


@pytest.mark.parametrize(
    "text",
    [
        "url(\"data:image/svg+xml,%3csvg xmlns='http://www.w3.org/2000/svg'%3e\")",
        "url(#gradient)",
        'const svg="http://www.w3.org/2000/svg"',
        '// see https://lit.dev\nimport { html } from "./lit.js"',
    ],
)
def test_a_plain_string_is_not_an_outside_request(text: str) -> None:
    assert outside_requests(text) == []


@pytest.mark.parametrize(
    "path",
    sorted(path for path in vendored_files() if path.suffix in {".css", ".js", ".svg"}),
    ids=lambda path: path.name,
)
def test_no_vendored_file_asks_for_an_outside_url(path: Path) -> None:
    assert outside_requests(path.read_text(encoding="utf-8")) == []


def test_no_vendored_file_refers_to_a_source_map() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in vendored_files()}
    assert [path for path, text in texts.items() if "sourceMappingURL=" in text] == []


def test_every_icon_in_the_build_script_is_a_symbol_in_the_sprite() -> None:
    script = (SOURCE / "build.mjs").read_text(encoding="utf-8")
    names = re.search(r"ICONS = `([^`]+)`", script)
    assert names is not None
    sprite = (STATIC / "icons.svg").read_text(encoding="utf-8")
    assert re.findall(r'<symbol id="([^"]+)"', sprite) == names[1].split()


def test_the_lock_file_names_no_registry_host() -> None:
    lock = (SOURCE / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity": "sha512-' in lock
    assert re.findall(r'"resolved"|https?://[^"\s]*(?:registry|\.tgz)[^"\s]*', lock) == []


def test_the_direct_dependencies_are_exact_pins() -> None:
    package = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))
    pins = package["devDependencies"]
    assert [name for name, pin in pins.items() if not re.fullmatch(r"\d+\.\d+\.\d+", pin)] == []


def test_no_committed_file_holds_a_path_of_the_machine_that_built_it() -> None:
    holders = [path for path, text in committed_texts().items() if str(ROOT) in text]
    assert holders == []


@pytest.mark.timeout(REBUILD_SECONDS_MAX)
def test_a_rebuild_gives_the_committed_bytes(tmp_path: Path) -> None:
    if os.environ.get("PITBOSS_TEST_VENDOR") != "1":
        pytest.skip("the rebuild needs the npm registry: set PITBOSS_TEST_VENDOR=1")
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("the rebuild needs node and npm, and this machine has not both")
    folder = tmp_path / SOURCE.relative_to(ROOT)
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules"))
    for command in (["ci"], ["run", "build"]):
        subprocess.run([npm, *command], cwd=folder, check=True, timeout=REBUILD_SECONDS_MAX)
    rebuilt = {tmp_path / path.relative_to(ROOT): path for path in vendored_files()}
    outputs = [tmp_path / STATIC.relative_to(ROOT), tmp_path / AXE.parent.relative_to(ROOT)]
    written = {path for output in outputs for path in output.rglob("*") if path.is_file()}
    assert written == set(rebuilt)
    assert [path for path in written if path.read_bytes() != rebuilt[path].read_bytes()] == []

"""What documents say about this repository, as far as a machine can check it: links, paths and commands."""

import pathlib
import re

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
PATH = re.compile(r"`((?:src|docs|tests|tools|bench|fuzz|deploy|console|cmake)/[\w./-]+\.\w+)`")
SKIPPED = {"node_modules", "dist", ".git"}


def documents(root):
    for path in sorted(root.rglob("*.md")):
        parts = path.relative_to(root).parts
        if not SKIPPED.intersection(parts) and not parts[0].startswith("build"):
            yield path


def anchors(text):
    for title in re.findall(r"^#+ +(.+)$", text, re.M):
        yield re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def broken_links(root):
    for path in documents(root):
        for target in LINK.findall(FENCE.sub("", path.read_text())):
            name, _, anchor = target.partition("#")
            if ":" in name:
                continue
            at = (path.parent / name) if name else path
            if not at.exists():
                yield f"{path.relative_to(root)}: {target}"
            elif anchor and at.suffix == ".md" and anchor not in anchors(at.read_text()):
                yield f"{path.relative_to(root)}: {target}"


def missing_paths(root):
    for path in documents(root):
        for name in PATH.findall(path.read_text()):
            beside = path.parent / name
            if not (root / name).exists() and not beside.exists():
                yield f"{path.relative_to(root)}: {name}"


def wrong_commands(root):
    program = (root / "src/app/main.cpp").read_text()
    subcommands = set(re.findall(r'add_subcommand\("([\w-]+)"', program))
    options = {o for names in re.findall(r'add_(?:option|flag)\(\s*"([^"]+)"', program) for o in names.split(",")} | {"--help", "--version"}
    for path in documents(root):
        for language, block in FENCE.findall(path.read_text()):
            if language != "sh":
                continue
            for line in block.replace("\\\n", " ").splitlines():
                for script in re.findall(r"(?:^|\s)\./(run|test|package|\w+)(?=\s|$)", line):
                    if not (root / script).exists():
                        yield f"{path.relative_to(root)}: ./{script}"
                called = re.search(r"(?:^|\s|/)salus (?=[a-z])(.+)", line)
                if not called or "systemctl" in line or "apt-get" in line or re.search(r"-[ug] salus (?!salus)", line):
                    continue
                words = called.group(1).split("#")[0].split()
                if words[:2] and words[0] == "salus":
                    words = words[1:]
                if words[0] not in subcommands:
                    yield f"{path.relative_to(root)}: salus {words[0]}"
                for option in (w for w in words if w.startswith("--") and w not in options):
                    yield f"{path.relative_to(root)}: salus {words[0]} {option}"

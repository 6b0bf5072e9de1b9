"""Stack traces and logs, folded to what identifies them: the exception, a frame of one's own, codes."""

from __future__ import annotations

import re

_SEEN = 600
_FRAMES = (
    # Java, JavaScript, .NET
    r"at (?:async |new )?[\w$.<>\[\]/`~+-]{1,200}(?: \[as \w{1,80}\])? ?\(.{0,300}\)(?: in .{1,300})?",
    r"at \S{1,250}:\d+(?::\d+)?\)?",  # JavaScript without a function
    r'File ".{1,300}", line \d+(?:, in .{1,100})?',  # Python
    r"#\d+ (?:\S{1,250}\(\d+\): .{1,250}|0x[0-9a-f]{4,16} .{1,250}|\{main\})",  # PHP, gdb
    r"from \S{1,250}:\d+:in .{1,100}",  # Ruby
    r"\.\.\. \d+ (?:more|common frames omitted)",
    r"\d+: +0x[0-9a-f]+.{0,300}",  # Rust
    r"[\w.*()/-]{2,200}\(0x[0-9a-f].{0,300}",  # Go
    r"\d{1,3} +\S{1,80} +0x[0-9a-f]{6,16} .{0,300}",  # Apple
    r"[\w./-]{0,200}@(?:https?|file|resource)://\S{1,300}:\d+:\d+",  # Firefox
)
_FRAME = re.compile("|".join(_FRAMES))
_PYTHON_FRAME = re.compile(r'File ".{1,300}", line \d+')
_HEADING = re.compile(
    r"Traceback \(most recent call last\):|Stack ?trace:|Call stack:|goroutine \d+ .{0,60}", re.I
)
# Code that is nobody's own: what is left of a trace after it says where it went wrong.
_LIBRARIES = re.compile(
    r"\b(?:java|javax|jdk|sun|kotlin|scala|jakarta|org\.(?:apache|springframework|hibernate|eclipse|"
    r"junit|jboss)|"
    r"System|Microsoft|Newtonsoft|Illuminate|Symfony|android|androidx|dalvik|com\.(?:sun|android|"
    r"google))[.\\]|"
    r"node_modules|node:internal|internal/|site-packages|dist-packages|/lib/python|/usr/lib|vendor/|"
    r"/gems/|<anonymous>|"
    r"webpack|chunk-|^\.\.\. "
)
_MOST_LINES_OF_A_RUN = 1

_STAMP = re.compile(
    r"\s{0,8}[\[(]?(?:\d{4}[-/.]\d{2}[-/.]\d{2}|\d{2}[-/.](?:\d{2}|[A-Z][a-z]{2})[-/.]\d{4}|"
    r"[A-Z][a-z]{2} +\d{1,2})"
    r"[T ,:]{1,2}\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?[\])]?[ \t:|-]{0,4}"
    r"|\s{0,8}\[?\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\]?[ \t:|-]{1,4}"
)
_GRAVE = re.compile(
    r"err(?:or)?\b|\berror|fatal|exception|fail|critical|panic|denied|refused|timed? ?out|abort|fehler|"
    r"erreur|"
    r"\b[45]\d{2}\b|0x[0-9a-f]{4}",
    re.IGNORECASE,
)
_LOG_FROM = 6
_GRAVE_KEPT = 6


def folded(text: str) -> str:
    """Return the text with each run of frames reduced to one and each log to what went wrong in it."""
    return "\n".join(_folded_logs(_folded_traces(text.split("\n"))))


def _folded_traces(lines: list[str]) -> list[str]:
    kept: list[str] = []
    run: list[str] = []
    for line in lines:
        bare = line[:_SEEN].strip()
        if _FRAME.fullmatch(bare):
            run.append(bare)
        elif not run or not (bare == "" or _is_code_of_frame(line, run[-1])):
            kept += _frames_kept(run)
            run = []
            if not _HEADING.fullmatch(bare):
                kept.append(line)
    return kept + _frames_kept(run)


def _is_code_of_frame(line: str, frame: str) -> bool:
    """Python shows the source below each frame, four columns in, and marks it with carets."""
    return bool(_PYTHON_FRAME.match(frame)) and line.startswith("    ")


def _frames_kept(run: list[str]) -> list[str]:
    if len(run) <= _MOST_LINES_OF_A_RUN:
        return run
    ordered = run[::-1] if _PYTHON_FRAME.match(run[0]) else run
    return [next((frame for frame in ordered if not _LIBRARIES.search(frame)), ordered[0])]


def _folded_logs(lines: list[str]) -> list[str]:
    kept: list[str] = []
    run: list[str] = []
    for line in lines:
        stamp = _STAMP.match(line)
        if stamp and stamp.end() < len(line):
            run.append(line[stamp.end() :])
            continue
        kept += _log_kept(run)
        run = []
        kept.append(line)
    return kept + _log_kept(run)


def _log_kept(run: list[str]) -> list[str]:
    if len(run) < _LOG_FROM:
        return run
    grave = list(dict.fromkeys(line.strip() for line in run if _GRAVE.search(line[:_SEEN])))
    return grave[:_GRAVE_KEPT] or [run[0], run[-1]]

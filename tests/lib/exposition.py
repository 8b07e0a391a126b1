"""A strict reader of what Prometheus (text format 0.0.4) and OpenMetrics (1.0.0) scrape. It accepts less than either
allows: what a lenient reader would let pass is an error here."""
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|Inf)|NaN")
SUFFIXES = {"gauge": {""}, "counter": {"_total"}, "info": {"_info"}}


class Family:
    def __init__(self, name):
        self.name, self.kind, self.help = name, None, None
        self.samples = {}  # tuple of (label, value) pairs, sorted -> float


def labels_of(text, at, where):
    """The labels from the character after `{` on; returns them and the place after `}`."""
    labels = {}
    while True:
        label = LABEL.match(text, at)
        if not label:
            raise ValueError(f"{where}: no label name at column {at}")
        at = label.end()
        if text[at:at + 2] != '="':
            raise ValueError(f"{where}: label without a quoted value")
        at, value = at + 2, ""
        while text[at:at + 1] != '"':
            if at >= len(text):
                raise ValueError(f"{where}: label value without an end")
            if text[at] == "\\":
                if text[at + 1:at + 2] not in ("\\", '"', "n"):
                    raise ValueError(f"{where}: bad escape in a label value")
                value += "\n" if text[at + 1] == "n" else text[at + 1]
                at += 2
            else:
                value += text[at]
                at += 1
        if label[0] in labels:
            raise ValueError(f"{where}: label {label[0]} twice")
        if label[0].startswith("__"):
            raise ValueError(f"{where}: label {label[0]} is reserved")
        labels[label[0]] = value
        at += 1
        if text[at:at + 1] == "}":
            return labels, at + 1
        if text[at:at + 1] != ",":
            raise ValueError(f"{where}: neither comma nor brace after a label")
        at += 1


def parse(body, openmetrics):
    """Families by name, as the samples are called in the text format, whichever format it is. Raises ValueError."""
    text = body.decode("utf-8") if isinstance(body, bytes) else body
    if not text.endswith("\n"):
        raise ValueError("the last line has no line feed")
    lines = text[:-1].split("\n")
    if openmetrics:
        if lines.pop() != "# EOF":
            raise ValueError("the last line is not # EOF")
    elif "# EOF" in lines:
        raise ValueError("# EOF belongs to OpenMetrics")
    families, current = {}, None
    for number, line in enumerate(lines, 1):
        where = f"line {number} ({line[:80]!r})"
        comment = re.fullmatch(r"# (HELP|TYPE) (\S+) (.+)", line)
        if comment:
            what, name, rest = comment.groups()
            if not NAME.fullmatch(name):
                raise ValueError(f"{where}: bad name")
            if not current or current.name != name:
                if name in families:
                    raise ValueError(f"{where}: family {name} a second time")
                current = families[name] = Family(name)
            if current.samples:
                raise ValueError(f"{where}: {what} after samples")
            if what == "HELP":
                if current.help is not None or re.search(r"\\(?![\\n\"])", rest):
                    raise ValueError(f"{where}: second or badly escaped help")
                current.help = rest
            else:
                if current.kind is not None or rest not in SUFFIXES:
                    raise ValueError(f"{where}: second or unknown type")
                if rest == "info" and not openmetrics:
                    raise ValueError(f"{where}: the text format has no info")
                current.kind = rest
            continue
        sample = NAME.match(line)
        if not sample:
            raise ValueError(f"{where}: neither sample nor HELP nor TYPE")
        at, labels = sample.end(), {}
        if line[at:at + 1] == "{":
            labels, at = labels_of(line, at + 1, where)
        if line[at:at + 1] != " " or not NUMBER.fullmatch(line[at + 1:]):
            raise ValueError(f"{where}: no single number after the name")
        if not current or current.kind is None or current.help is None:
            raise ValueError(f"{where}: no HELP and TYPE before it")
        suffixes = SUFFIXES[current.kind] if openmetrics else {""}
        if sample[0] not in {current.name + s for s in suffixes}:
            raise ValueError(f"{where}: does not belong to {current.name}")
        if not openmetrics and current.kind == "counter" and not current.name.endswith("_total"):
            raise ValueError(f"{where}: a counter is called ..._total")
        if openmetrics and current.name.endswith(("_total", "_info")):
            raise ValueError(f"{where}: a family is not called with its suffix")
        value = float(line[at + 1:])
        if current.kind == "counter" and not value >= 0:
            raise ValueError(f"{where}: a counter below 0")
        key = tuple(sorted(labels.items()))
        if key in current.samples:
            raise ValueError(f"{where}: the same labels twice")
        if current.samples and {k for k, _ in key} != {k for k, _ in next(iter(current.samples))}:
            raise ValueError(f"{where}: other labels than the sample before")
        current.samples[key] = value
    if not openmetrics:
        return families
    return {f.name + next(iter(SUFFIXES[f.kind])): f for f in families.values()}

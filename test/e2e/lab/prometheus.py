"""Prometheus' text format 0.0.4, read strictly: what promtool check metrics would find, and more."""
import re

METRIC = r"[a-z][a-z0-9_]*"
SAMPLE = re.compile(rf'^({METRIC})(?:\{{({METRIC}="(?:[^"\\\n]|\\[\\"n])*"(?:,{METRIC}="(?:[^"\\\n]|\\[\\"n])*")*)\}})? '
                    r"(-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|NaN|[+-]Inf)$")
FORBIDDEN = re.compile(r"_(milliseconds|ms|minutes|hours|bits|kilobytes|megabytes|percent|count|sum|bucket|gauge|counter)(_|$)")


def read(text, prefix):
    """{(name, labels): value}; fails at the first thing that is not as it should be."""
    assert text.endswith("\n"), "the last line has no end"
    helps, types, samples, current = {}, {}, {}, None
    for line in text[:-1].split("\n"):
        words = line.split(" ", 3)
        if words[:2] == ["#", "HELP"]:
            assert words[2] not in helps and words[3].strip() == words[3] and words[3], line
            helps[words[2]], current = words[3], words[2]
        elif words[:2] == ["#", "TYPE"]:
            assert words[2] == current and words[2] not in types and words[3] in ("gauge", "counter"), line
            types[words[2]] = words[3]
        else:
            found = SAMPLE.match(line)
            assert found, f"no sample: {line!r}"
            name, labels, value = found.groups()
            assert name == current and name in types, f"not behind its HELP and TYPE: {line}"
            assert (name, labels) not in samples, f"twice: {line}"
            samples[name, labels] = float(value)
    for name, kind in types.items():
        assert name.startswith(prefix), name
        assert (kind == "counter") == name.endswith("_total"), f"{kind} {name}"
        assert not FORBIDDEN.search(name), f"unit or type in the name: {name}"
        assert any(sample == name for sample, _ in samples), f"no sample of {name}"
    return samples

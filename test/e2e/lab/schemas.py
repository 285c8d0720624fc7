"""The schemas in docs/schemas/, as validators."""
import glob
import json
import os

import jsonschema

from lab.box import ROOT

FOLDER = os.path.join(ROOT, "docs/schemas")


def _local(node):
    """References between files become references inside one document."""
    if isinstance(node, dict):
        return {key: "#/$defs/" + value[:-len(".json")] if key == "$ref" else _local(value)
                for key, value in node.items()}
    return [_local(item) for item in node] if isinstance(node, list) else node


def _load():
    found = {}
    for path in glob.glob(os.path.join(FOLDER, "*.json")):
        with open(path, encoding="utf-8") as file:
            found[os.path.basename(path)[:-len(".json")]] = _local(json.load(file))
    return found


ALL = _load()


def validate(value, name):
    """Fails where `value` is not as docs/schemas/NAME.json says; the value."""
    validator = jsonschema.Draft202012Validator(dict(ALL[name], **{"$defs": ALL}))
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(value)]
    assert not errors, f"{name}: " + "; ".join(errors[:5])
    return value

"""Names of a pipeline mapped onto the names of a schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.core.schema import Attribute, SchemaView

# A file of the pipeline's folder that tells about it, and the maps that it may hold.
ABOUT = "saidby.json"
SECTIONS = ("labels", "links", "attributes", "values")


@dataclass(frozen=True, slots=True)
class LabelMap:
    """What a pipeline's labels, link kinds, attributes and values are called here.

    A name that is not in the map keeps its own; one mapped to nothing is left out.
    """

    names: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """Return what a name is here, "" when it is left out."""
        return self.names.get(name, name)

    def value(self, value: Any, attribute: Attribute) -> Any:
        """Return what a value of an attribute is here."""
        if isinstance(value, str) and attribute.choices and value not in attribute.choices:
            return self.of(value)
        return value


def read_map(path: Path) -> dict[str, str]:
    """Read a map from a JSON file, as in `{"PERSON": "SPEAKER"}`; raise `Problem` at its fault."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem("file-unreadable", reason=error.strerror or error).at(str(path)) from None
    except ValueError as error:
        raise Problem("label-map", reason=f"it is no JSON ({error})").at(str(path)) from None
    if not isinstance(data, dict):
        raise Problem("label-map", reason="it is no object").at(str(path))
    for theirs, ours in data.items():
        if not isinstance(ours, str | None):
            raise Problem("label-map", reason=f"{theirs!r} leads to no name").at(str(path))
    return {theirs: ours or "" for theirs, ours in data.items()}


def check_map(names: Mapping[str, str], schema: SchemaView) -> None:
    """Raise `Problem` when a map leads to a name that a schema does not know."""
    known = {*schema.labels, *schema.links, ""}
    for label in schema.labels.values():
        for attribute in label.attributes:
            known |= {attribute.name, f"{label.name}.{attribute.name}", *attribute.choices}
    for theirs, ours in names.items():
        if ours not in known:
            labels = ", ".join(schema.labels)
            reason = (
                f"{theirs!r} leads to {ours!r}, which the schema does not know; it has {labels}"
            )
            raise Problem("label-map", reason=reason)


def about(folder: Path) -> dict[str, Any]:
    """Return what a folder's `saidby.json` tells; raise `ValueError` when it is malformed."""
    path = folder / ABOUT
    if not path.exists():
        return {}
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError(f"{ABOUT} holds no object")
    return data


def names_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the names that a `saidby.json` maps, of labels, links, attributes and values."""
    names: dict[str, str] = {}
    for section in SECTIONS:
        rows = data.get(section) or {}
        names.update({str(theirs): str(ours or "") for theirs, ours in rows.items()})
    return names

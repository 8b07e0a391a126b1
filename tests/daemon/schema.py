"""The part of JSON Schema 2020-12 that OpenAPI documents and the OpenAPI 3.1 schema itself use. An unknown keyword is an
error, so that nothing passes because it was not looked at."""
import re

ANNOTATIONS = {"$schema", "$id", "$comment", "description", "title", "default", "examples", "format", "writeOnly",
               "readOnly", "deprecated", "$defs", "$anchor", "$dynamicAnchor", "contentEncoding", "contentMediaType"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool) or isinstance(value, float) and value.is_integer()
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def same(a, b):
    return a == b and isinstance(a, bool) == isinstance(b, bool)


class Validator:
    """validate(value, schema) returns a list of "path: what is wrong"; references start at `root`."""

    def __init__(self, root):
        self.root = root

    def resolve(self, reference):
        if not reference.startswith("#"):
            raise ValueError(f"reference outside the document: {reference}")
        node = self.root
        if reference.startswith("#/"):
            for part in reference[2:].split("/"):
                node = node[part.replace("~1", "/").replace("~0", "~")]
        elif reference != "#":
            node = next(d for d in self.root.get("$defs", {}).values()
                        if reference[1:] in (d.get("$anchor"), d.get("$dynamicAnchor")))
        return node

    def validate(self, value, schema):
        return self.check(value, schema, "$")[0]

    def check(self, value, schema, path):
        """Errors, and the members of an object that some keyword has evaluated."""
        if isinstance(schema, bool):
            return ([] if schema else [f"{path}: nothing is allowed here"]), set()
        errors, seen = [], set()

        def sub(inner):
            found, names = self.check(value, inner, path)
            if not found:
                seen.update(names)
            return found

        for key, wanted in schema.items():
            handler = getattr(self, "on_" + key.replace("$", ""), None)
            if handler:
                errors += handler(value, wanted, path, schema, seen)
            elif key in ("$ref", "$dynamicRef"):
                errors += sub(self.resolve(wanted))
            elif key == "allOf":
                for inner in wanted:
                    errors += sub(inner)
            elif key in ("anyOf", "oneOf"):
                tries = [sub(inner) for inner in wanted]
                good = sum(not t for t in tries)
                if good == 0 or (key == "oneOf" and good != 1):
                    errors.append(f"{path}: {good} of {key} match: {[t[0] for t in tries if t][:3]}")
            elif key == "not":
                if not self.check(value, wanted, path)[0]:
                    errors.append(f"{path}: matches what is forbidden")
            elif key == "if":
                branch = "then" if not sub(wanted) else "else"
                if branch in schema:
                    errors += sub(schema[branch])
            elif key == "dependentSchemas":
                for name, inner in wanted.items():
                    if isinstance(value, dict) and name in value:
                        errors += sub(inner)
            elif key in ("then", "else", "unevaluatedProperties") or key in ANNOTATIONS or key.startswith("x-"):
                pass
            else:
                raise ValueError(f"keyword {key} is not implemented")
        if schema.get("unevaluatedProperties") is False and isinstance(value, dict):
            errors += [f"{path}: member {name!r} is not allowed" for name in value if name not in seen]
        return errors, seen

    def on_type(self, value, wanted, path, *_):
        names = wanted if isinstance(wanted, list) else [wanted]
        return [] if any(is_type(value, n) for n in names) else [f"{path}: is {type(value).__name__}, not {wanted}"]

    def on_const(self, value, wanted, path, *_):
        return [] if same(value, wanted) else [f"{path}: is not {wanted!r}"]

    def on_enum(self, value, wanted, path, *_):
        return [] if any(same(value, w) for w in wanted) else [f"{path}: {value!r} is not one of {wanted}"]

    def on_pattern(self, value, wanted, path, *_):
        return [] if not isinstance(value, str) or re.search(wanted, value) else [f"{path}: does not match {wanted}"]

    def on_required(self, value, wanted, path, *_):
        return [f"{path}: {n!r} is missing" for n in wanted if isinstance(value, dict) and n not in value]

    def on_properties(self, value, wanted, path, _schema, seen):
        errors = []
        for name, inner in wanted.items():
            if isinstance(value, dict) and name in value:
                seen.add(name)
                errors += self.check(value[name], inner, f"{path}.{name}")[0]
        return errors

    def on_patternProperties(self, value, wanted, path, _schema, seen):
        errors = []
        for name in value if isinstance(value, dict) else ():
            for pattern, inner in wanted.items():
                if re.search(pattern, name):
                    seen.add(name)
                    errors += self.check(value[name], inner, f"{path}.{name}")[0]
        return errors

    def on_additionalProperties(self, value, wanted, path, schema, seen):
        errors = []
        for name in value if isinstance(value, dict) else ():
            if name in schema.get("properties", {}) or any(re.search(p, name) for p in schema.get("patternProperties", {})):
                continue
            seen.add(name)
            errors += self.check(value[name], wanted, f"{path}.{name}")[0]
        return errors

    def on_propertyNames(self, value, wanted, path, *_):
        return [e for name in (value if isinstance(value, dict) else ()) for e in self.check(name, wanted, f"{path}<{name}>")[0]]

    def on_items(self, value, wanted, path, *_):
        return [e for i, item in enumerate(value if isinstance(value, list) else ())
                for e in self.check(item, wanted, f"{path}[{i}]")[0]]

    def on_minProperties(self, value, wanted, path, *_):
        return [f"{path}: too few members"] if isinstance(value, dict) and len(value) < wanted else []

    def on_maxProperties(self, value, wanted, path, *_):
        return [f"{path}: too many members"] if isinstance(value, dict) and len(value) > wanted else []

    def on_minItems(self, value, wanted, path, *_):
        return [f"{path}: too few items"] if isinstance(value, list) and len(value) < wanted else []

    def on_maxItems(self, value, wanted, path, *_):
        return [f"{path}: too many items"] if isinstance(value, list) and len(value) > wanted else []

    def on_uniqueItems(self, value, wanted, path, *_):
        if wanted and isinstance(value, list) and any(same(a, b) for i, a in enumerate(value) for b in value[:i]):
            return [f"{path}: items repeat"]
        return []

    def on_minLength(self, value, wanted, path, *_):
        return [f"{path}: too short"] if isinstance(value, str) and len(value) < wanted else []

    def on_maxLength(self, value, wanted, path, *_):
        return [f"{path}: too long"] if isinstance(value, str) and len(value) > wanted else []

    def on_minimum(self, value, wanted, path, *_):
        return [f"{path}: below {wanted}"] if is_type(value, "number") and value < wanted else []

    def on_maximum(self, value, wanted, path, *_):
        return [f"{path}: above {wanted}"] if is_type(value, "number") and value > wanted else []

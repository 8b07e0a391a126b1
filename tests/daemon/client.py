"""Calls the API and checks every answer against the server's own /openapi.json."""
import json
import re

import sqlopt_test
from schema import Validator

METHODS = ("get", "post", "put", "delete", "patch")


class Client:
    """call() fails when an answer is not what the document says; `hit` collects the operations that were called."""

    def __init__(self, server):
        self.server = server
        self.document = server.get("/openapi.json").json()
        self.validator = Validator(self.document)
        self.hit = set()
        self.operations = {}
        for path, item in self.document["paths"].items():
            pattern = re.compile("^" + re.sub(r"\\{id\\}", r"[^/]+", re.escape(path)) + "/?$")
            for method in METHODS:
                if method in item:
                    self.operations[method.upper(), path] = (pattern, item[method])

    def operation(self, method, path):
        found = [(p, op) for (m, p), (pattern, op) in self.operations.items()
                 if m == method and pattern.match(path.split("?")[0])]
        if not found:
            raise AssertionError(f"{method} {path} is not in /openapi.json")
        return min(found, key=lambda row: "{id}" in row[0])[1]  # literal paths win

    def call(self, method, path, body=None, expect=200, headers=None, timeout=60):
        """One checked request; returns the decoded body. `expect`: a status or several."""
        operation = self.operation(method, path)
        reply = sqlopt_test.http(method, self.server.url + path, body, headers, timeout)
        wanted = expect if isinstance(expect, tuple) else (expect,)
        if reply.status not in wanted:
            raise AssertionError(f"{method} {path}: {reply.status}, not {expect}: {reply.body[:600]!r}")
        if not reply.headers.get("X-Request-ID"):
            raise AssertionError(f"{method} {path}: no X-Request-ID")
        self.hit.add(operation["operationId"])
        answer = operation["responses"].get(str(reply.status)) or operation["responses"]["default"]
        content = answer.get("content")
        if not content:
            if reply.body:
                raise AssertionError(f"{method} {path}: a body where none is documented")
            return None
        media_type = reply.headers.get("Content-Type")
        if media_type not in content:
            raise AssertionError(f"{method} {path}: {media_type} is not documented for {reply.status}")
        value = json.loads(reply.body)
        errors = self.validator.validate(value, content[media_type]["schema"])
        if errors:
            raise AssertionError(f"{method} {path} {reply.status}: " + "; ".join(errors[:5]))
        self.headers = reply.headers
        return value

    def problem(self, method, path, body, status, *words, **options):
        """The call fails with `status`, and what it says holds every one of `words`."""
        value = self.call(method, path, body, expect=status, **options)
        text = json.dumps(value["detail"]).lower()
        for word in words:
            if word.lower() not in text:
                raise AssertionError(f"{method} {path}: {word!r} is not in {text}")
        return value

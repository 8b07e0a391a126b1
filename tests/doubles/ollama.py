"""A double of an Ollama server, for tests: GET /api/tags and POST /api/chat, with the faults of real ones.

    with Ollama() as model:
        model.answer = advice(indexes=["CREATE INDEX ON users (email)"])
        model.behave = "hang"
        ... model.url, model.prompts()

It is no model: it says what the test tells it to say, and keeps what it was asked."""
import http.server
import json
import socket
import threading

NAME = "double:1b"

BEHAVIOURS = ("answer", "hang", "rubbish", "dies", "no_model", "busy", "long", "endless", "not_json", "other_json", "cut_off",
              "redirect", "no_message")


def advice(rewrites=(), indexes=(), explanation="An explanation."):
    """The document that the schema asks for; a proposal is its text, or a (text, reason) pair."""
    def pairs(items, name):
        return [{name: i[0], "reason": i[1]} if isinstance(i, tuple) else {name: i, "reason": "Because."} for i in items]
    return {"explanation": explanation, "rewrites": pairs(rewrites, "sql"), "indexes": pairs(indexes, "ddl")}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        model = self.server.double
        model.seen.append(("GET", self.path, dict(self.headers), None))
        if self.path == "/api/tags":
            self.reply(200, {"models": [{"name": name, "size": 1} for name in model.models]})
        else:
            self.reply(404, {"error": "not found"})

    def do_POST(self):
        model = self.server.double
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        model.seen.append(("POST", self.path, dict(self.headers), text))
        if self.path != "/api/chat":
            self.reply(404, {"error": "not found"})
            return
        model.asked.set()
        try:
            getattr(self, "do_" + model.next_behaviour())(model)
        except OSError:  # the client has given up, which is what some tests are about
            self.close_connection = True

    def message(self, model, content, **more):
        self.reply(200, {"model": model.models[0] if model.models else NAME, "done": True, "done_reason": "stop",
                         "message": {"role": "assistant", "content": content}, **more})

    def do_answer(self, model):
        self.message(model, json.dumps(model.answer))

    def do_hang(self, model):
        """Takes its time: `release` ends it, and then the answer comes."""
        model.release.wait(120)
        self.do_answer(model)

    def do_rubbish(self, _):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.close_connection = True
        self.wfile.write(b"\x00\xff{{{rubbish" * 50)

    def do_dies(self, model):
        data = json.dumps({"message": {"content": json.dumps(model.answer)}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:len(data) // 2])
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def do_no_model(self, _):
        self.reply(404, {"error": f"model '{NAME}' not found"})

    def do_busy(self, _):
        self.reply(503, {"error": "server busy, please try again. maximum pending requests exceeded"})

    def do_long(self, model):
        self.message(model, json.dumps(advice(explanation="x" * 2_000_000)))

    def do_endless(self, model):
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        while not model.release.is_set():
            self.wfile.write(b'{"message":' + b" " * 65536)

    def do_not_json(self, model):
        self.message(model, "Sure! Here is an index you could create:\n```sql\nCREATE INDEX ...\n```")

    def do_other_json(self, model):
        self.message(model, json.dumps({"advice": ["DROP TABLE users"], "rewrites": "none"}))

    def do_cut_off(self, model):
        self.message(model, json.dumps(model.answer)[:-10], done_reason="length")

    def do_redirect(self, model):
        self.reply(302, {}, [("Location", model.url + "/elsewhere")])

    def do_no_message(self, _):
        self.reply(200, {"hello": "world"})


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that hangs up is what some tests are about."""


class Ollama:
    def __init__(self, models=(NAME,)):
        self.models, self.answer, self.behave = list(models), advice(), "answer"
        self.script = []  # behaviours of the next questions, before `behave`
        self.seen = []  # (method, path, headers, body)
        self.asked, self.release = threading.Event(), threading.Event()
        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.server.double = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    def next_behaviour(self):
        return self.script.pop(0) if self.script else self.behave

    def reset(self, behave="answer", answer=None):
        self.release.set()
        self.release, self.asked = threading.Event(), threading.Event()
        self.behave, self.answer, self.script = behave, advice() if answer is None else answer, []
        del self.seen[:]

    def questions(self):
        """The decoded bodies of /api/chat."""
        return [json.loads(body) for method, path, _, body in self.seen if (method, path) == ("POST", "/api/chat")]

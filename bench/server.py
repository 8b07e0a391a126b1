#!/usr/bin/env python3
"""The server's own cost: start, memory at rest, GET /health beside a bare libmicrohttpd that answers the same bytes.

Prints name<TAB>value<TAB>unit. The reference is measured first, in the same run, with the same client (wrk)."""
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))
SQLOPT = os.environ.get("SQLOPT", os.path.join(BUILD, "sqlopt"))
PORT = 18731


def health(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    connection.request("GET", "/health")
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError("GET /health answered %d" % response.status)
    return body


def start(command, env=None):
    """Starts the program; returns it and the milliseconds until /health answered."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while time.monotonic() < began + 10:
        try:
            health(PORT)
            return process, (time.monotonic() - began) * 1000
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("%s ended with status %d" % (command[0], process.returncode)) from None
            time.sleep(0.002)
    process.kill()
    raise RuntimeError("%s did not answer within 10 s" % command[0])


def stop(process):
    process.terminate()
    process.wait(timeout=15)


def rate(port):
    out = subprocess.run(["wrk", "-t1", "-c32", "-d3s", "http://127.0.0.1:%d/health" % port], stdout=subprocess.PIPE, text=True, check=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def rss_mb(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


def main():
    with tempfile.TemporaryDirectory(prefix="sqlopt-bench-") as folder:
        env = dict(os.environ, DATABASE_URL="sqlite:///%s/store.db" % folder, BACKEND_PORT=str(PORT), OLLAMA_BASE_URL="", LOG_LEVEL="warn")
        starts = []
        for _ in range(5):
            process, milliseconds = start([SQLOPT, "serve"], env)
            starts.append(milliseconds)
            body = health(PORT)
            stop(process)
        body_file = os.path.join(folder, "body.json")
        with open(body_file, "wb") as out:
            out.write(body)
        bare, _ = start([os.path.join(BUILD, "bench", "bare_http"), str(PORT), body_file])
        reference = rate(PORT)
        stop(bare)
        process, _ = start([SQLOPT, "serve"], env)
        time.sleep(1)
        idle = rss_mb(process.pid)
        ours = rate(PORT)
        stop(process)
    print("server.start\t%.1f\tms" % statistics.median(starts))
    print("server.idle_rss\t%.1f\tMB" % idle)
    print("http.health_reference\t%.0f\treq/s" % reference)
    print("http.health\t%.0f\treq/s" % ours)
    print("http.health_ratio\t%.3f\tx" % (ours / reference))
    return 0


if __name__ == "__main__":
    sys.exit(main())

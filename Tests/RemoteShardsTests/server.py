"""A small HTTP server for tests: files of a folder with Range requests, and misbehaviour on request. Standard library only.

Usage: python3 server.py FOLDER CONTROL LOG [CERTIFICATE KEY]
Prints its port. CONTROL is a JSON file read before each answer:
  {"cut": {"NAME": [BYTES, TIMES]}, "status": {"NAME": CODE}, "norange": true, "slow": {"NAME": SECONDS}}
LOG gets a line for each request: PATH RANGE STATUS.
"""
import http.server
import json
import os
import ssl
import sys
import threading
import time
import urllib.parse

folder, control_path, log_path = sys.argv[1:4]
cuts_done: dict[str, int] = {}
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def note(self, status):
        with lock, open(log_path, "a") as log:
            log.write(f"{self.path} {self.headers.get('Range', '-')} {status}\n")

    def answer(self, status, body=b"", headers=()):
        self.note(status)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        try:
            with open(control_path) as file:
                control = json.load(file)
        except FileNotFoundError:
            control = {}
        path = urllib.parse.unquote(self.path)

        def asked(table):
            """The entry of a table of misbehaviour whose name this path ends in."""
            return next(((name, value) for name, value in control.get(table, {}).items() if path.endswith("/" + name)), (None, None))

        status = asked("status")[1]
        if status is not None:
            return self.answer(status, b"<html>a page that is no shard</html>")
        target = os.path.join(folder, path.lstrip("/"))
        if ".." in path or not os.path.isfile(target):
            return self.answer(404, b"<html>not here</html>")
        with open(target, "rb") as file:
            body = file.read()
        status, headers, wanted = 200, [("Accept-Ranges", "bytes")], self.headers.get("Range")
        if wanted and not control.get("norange"):
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            if start >= len(body):
                return self.answer(416, b"", [("Content-Range", f"bytes */{len(body)}")])
            headers.append(("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}"))
            body, status = body[start:], 206
        time.sleep(asked("slow")[1] or 0)
        name, (cut, times) = asked("cut")[0], asked("cut")[1] or (None, 0)
        with lock:
            cuts = cut is not None and cuts_done.get(name, 0) < times and cut < len(body)
            if cuts:
                cuts_done[name] = cuts_done.get(name, 0) + 1
        if not cuts:
            return self.answer(status, body, headers)
        self.note(f"{status} cut")
        self.send_response(status)
        for header in headers:
            self.send_header(*header)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if len(sys.argv) > 5:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
# Ends with the test process: its end of the pipe closes.
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.serve_forever()

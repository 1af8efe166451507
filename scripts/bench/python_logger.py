"""The other side of `python_ratio`: a heartbeat logger on Python's own http.server.

It does what such a logger does for a beat, and no more: parse the JSON, append one line to a file,
flush it to the operating system, answer. Argument: the file.

It uses http.server as it comes, as the logger does that hbd replaces: HTTP/1.0, a connection (and
so a thread) a request. With a second argument, "tuned", it keeps connections alive and writes each
answer in one go, which is the most that http.server can do.
"""

import json
import sys
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

log = open(sys.argv[1], "a", encoding="utf-8")
lock = threading.Lock()
ANSWER = b'{"status":"ok"}'


class Handler(BaseHTTPRequestHandler):
    if sys.argv[2:] == ["tuned"]:
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # headers and body leave in one write

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        entry = {
            "timestamp": datetime.now().strftime("%Y-%m-%d %H:%M:%S"),
            "client_ip": self.client_address[0],
            "path": self.path,
            "late": False,
            "payload": json.loads(body),
        }
        with lock:
            log.write(json.dumps(entry) + "\n")
            log.flush()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, format, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a client that went away


server = Server(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}/", flush=True)
server.serve_forever()

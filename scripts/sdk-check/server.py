"""A server that takes down what it is asked, word for word."""

import sys
import threading
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    method: str
    # The whole address, as its sender wrote it.
    url: str
    headers: Message
    body: bytes

    @property
    def path(self):
        return urlsplit(self.url).path

    @property
    def query(self):
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    @property
    def form(self):
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    @property
    def target(self):
        """Path and query."""
        return self.url.removeprefix(f"http://{urlsplit(self.url).netloc}")


class Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # Who does not wait for the answer has not asked for it: a call may end meanwhile.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Server:
    """Answers with what `answer` makes of each request, a (status, headers, body), on a free port of this machine."""

    def __init__(self, answer):
        self.arrived = []
        self.lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                request = Request(self.command, f"{server.base}{self.path}", self.headers, self.rfile.read(length))
                with server.lock:
                    server.arrived.append(request)
                status, headers, body = answer(request)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                # SignalWire's SDK asks for it, and takes the connection for open where it is not confirmed.
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        self.http = Listener(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def take(self):
        """What has arrived since this was asked last."""
        with self.lock:
            taken, self.arrived = self.arrived, []
        return taken

"""Servers of tests in a thread of their own."""

import socketserver
import threading

POLL_SECONDS = 0.02
"""After so long they learn that they are to stop; by default it is half a second a test."""


def serve(server: socketserver.BaseServer) -> threading.Thread:
    """Serves until ``server.shutdown()``."""
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    return thread

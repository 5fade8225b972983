"""mitmdump as a catch-all: answers 200 itself, and writes the flow with -w."""

from mitmproxy import http


def request(flow: http.HTTPFlow) -> None:
    flow.response = http.Response.make(200)

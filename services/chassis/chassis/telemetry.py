"""Traces that follow a fact for days, and logs in JSON that hold no personal data."""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def tracer() -> trace.Tracer:
    """Our tracer; it makes nothing when no exporter was configured."""
    return trace.get_tracer("jembatan")


def start(site: str, otlp_endpoint: str | None, processor: SpanProcessor | None = None) -> None:
    """Begins to make traces if there is somewhere to send them. One provider per process: the first call counts."""
    if otlp_endpoint:
        processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint))
    if processor and not isinstance(trace.get_tracer_provider(), TracerProvider):
        provider = TracerProvider(resource=Resource({"service.name": "jembatan", "jembatan.site": site}))
        provider.add_span_processor(processor)
        trace.set_tracer_provider(provider)


def trace_requests(app: FastAPI) -> None:
    """A span per request, if anybody is told: named by its route, for a path would carry a person's id."""
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        FastAPIInstrumentor.instrument_app(
            app, excluded_urls="healthz,readyz", exclude_spans=["receive", "send"], server_request_hook=_without_path
        )


def _without_path(span: trace.Span, scope: dict[str, Any]) -> None:
    for name in ("http.target", "http.url", "url.path", "url.query", "url.full"):
        span.set_attribute(name, "")


@contextmanager
def continued(name: str, traceparent: str | None) -> Iterator[None]:
    """A span that goes on with the trace the fact began, in whatever process and however long ago that was."""
    if traceparent is None:
        yield
        return
    # An exception's own text may hold what was in the event or in a row.
    begun = extract({"traceparent": traceparent})
    with tracer().start_as_current_span(name, begun, record_exception=False, set_status_on_exception=False):
        yield


def received(name: str, traceparents: Iterable[str | None]) -> None:
    """One short span in each fact's own trace, for readers that apply many facts at once."""
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        for traceparent in traceparents:
            with continued(name, traceparent):
                pass


class JsonFormatter(logging.Formatter):
    """One JSON object a line: what our code chose to say, and of an exception only its type and place.

    An exception's text is left out, since a database or a parser puts the offending value into it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, object] = {
            "at": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _FIELDS}
        if record.exc_info and record.exc_info[1]:
            error, where = record.exc_info[1], record.exc_info[2]
            line["error"] = type(error).__name__
            while where:
                line["where"] = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}"
                where = where.tb_next
        return json.dumps(line, default=str)


def log_as_json(level: int = logging.INFO) -> None:
    """Sends every log of this process through the formatter above."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # These hold paths, and paths hold ids of people.
    logging.getLogger("uvicorn.access").disabled = logging.getLogger("httpx2").disabled = True

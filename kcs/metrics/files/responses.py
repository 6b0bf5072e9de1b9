"""Sending a file while it is made."""

from __future__ import annotations

from flask import Response, stream_with_context

from kcs.metrics.files.tables import Download


def download(file: Download) -> Response:
    """Answer with a file to keep; its rows are read while they are sent."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(stream_with_context(file.pieces), content_type=file.content_type, headers=headers)

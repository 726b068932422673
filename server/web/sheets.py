"""Workbooks as answers."""

from typing import Any
from urllib.parse import quote

from fastapi import Response

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}, "description": "A workbook"}}


def download(name: str, body: bytes) -> Response:
    """A workbook to be saved under `name` (RFC 6266)."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(body, media_type=MEDIA_TYPE, headers=headers)

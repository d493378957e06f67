"""A WSMan endpoint on loopback with a PSRP server behind it, for our remoting to talk to.

HTTP, SOAP and the shell's life are here; the protocol is psrpcore's server side; scripts run in
`powershell.Run` against an estate. A pipeline moves on only when its output is fetched, so that
faults fall where a test wants them.
"""

import base64
import threading
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psrpcore
from psrpcore.types import (
    ErrorCategoryInfo,
    ErrorRecord,
    NETException,
    PipelineState,
    PSInvocationState,
)

from tests.psrp.estate import VmmEstate
from tests.psrp.powershell import PsError, Run

S = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
RSP = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
CREATION = "{http://schemas.microsoft.com/powershell}creationXml"
DONE = f"{RSP}/CommandState/Done"
RUNNING = f"{RSP}/CommandState/Running"
SHELL_ACTIONS = f"{RSP}/"

USER, PASSWORD = "netmap-svc", "not-a-real-pässword"


class Dropped(Exception):
    """The connection ends without an answer."""


class VmmServer:
    """A VMM server whose estate is asked and changed over PowerShell remoting.

    Faults: `drop_after` ends the connection once so many lines were put out, with
    `lost` further lines done whose answer never arrives. `refuse` turns away every login,
    `down` every connection.
    """

    def __init__(
        self,
        estate: VmmEstate,
        lines_at_once: int = 10,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.estate = estate
        self.lines_at_once = lines_at_once
        self.now = now
        self.drop_after: int | None = None
        self.lost = 0
        self.refuse = False
        self.down = False
        self.logins = 0
        self.scripts: list[str] = []
        self.open_shells: dict[str, _Shell] = {}
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with outer._lock:
                    try:
                        status, answer = outer.answer(self.headers.get("Authorization"), body)
                    except Dropped:
                        self.close_connection = True
                        return
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", 'Basic realm="WSMAN"')
                self.send_header("Content-Type", "application/soap+xml;charset=UTF-8")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = int(self._http.server_address[1])
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> "VmmServer":
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, authorization: str | None, body: bytes) -> tuple[int, bytes]:
        """One SOAP request."""
        if self.down:
            raise Dropped
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.refuse or authorization not in (wanted, _latin(wanted)):
            return 401, b""
        envelope = ET.fromstring(body)
        header, content = envelope[0], envelope[1]
        action = (header.findtext(f"{{{WSA}}}Action") or "").rpartition("/")[2]
        message = header.findtext(f"{{{WSA}}}MessageID") or ""
        selector = header.find(f"{{{WSMAN}}}SelectorSet/{{{WSMAN}}}Selector")
        if action == "Create":
            self.logins += 1
            shell = _Shell(self)
            shell.feed(content.find(f".//{CREATION}"))
            self.open_shells[shell.id] = shell
            return 200, _envelope(message, shell.created())
        known = self.open_shells.get((selector.text or "") if selector is not None else "")
        if known is None:
            return 500, _fault(message, 2150858843, "The shell was not found on the server.")
        if action == "Delete":
            del self.open_shells[known.id]
            return 200, _envelope(message, "")
        made = getattr(known, action.lower())(content[0])
        if made is None:
            text = "The WS-Management service cannot complete the operation within the time."
            return 500, _fault(message, 2150858793, text)
        return 200, _envelope(message, made)


class _Shell:
    """A runspace pool and its pipelines."""

    def __init__(self, server: VmmServer) -> None:
        self.id = str(uuid.uuid4()).upper()
        self._server = server
        self._pool = psrpcore.ServerRunspacePool()
        self._pipelines: dict[str, _Pipeline] = {}

    def feed(self, element: ET.Element | None, pipeline: str = "") -> None:
        """Take what the client sent; a complete request starts its pipeline."""
        assert element is not None
        if pipeline and pipeline not in self._pipelines:
            made = psrpcore.ServerPipeline(self._pool, uuid.UUID(pipeline))
            self._pipelines[pipeline] = _Pipeline(made, self._server)
        data = base64.b64decode(element.text or "")
        self._pool.receive_data(psrpcore.PSRPPayload(data, psrpcore.StreamType.default, None))
        while (event := self._pool.next_event()) is not None:
            if isinstance(event, psrpcore.CreatePipelineEvent):
                self._pipelines[str(event.pipeline_id).upper()].start()

    def created(self) -> str:
        return (
            '<x:ResourceCreated xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer">'
            f'<a:ReferenceParameters><w:SelectorSet><w:Selector Name="ShellId">{self.id}'
            "</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
            f"<rsp:Shell><rsp:ShellId>{self.id}</rsp:ShellId></rsp:Shell>"
        )

    def command(self, element: ET.Element) -> str:
        id = element.attrib["CommandId"].upper()
        self.feed(element.find(f"{{{RSP}}}Arguments"), id)
        return f"<rsp:CommandResponse><rsp:CommandId>{id}</rsp:CommandId></rsp:CommandResponse>"

    def send(self, element: ET.Element) -> str:
        stream = element[0]
        self.feed(stream, stream.attrib.get("CommandId", "").upper())
        return "<rsp:SendResponse/>"

    def receive(self, element: ET.Element) -> str | None:
        id = element[0].attrib.get("CommandId", "").upper()
        pipeline = self._pipelines.get(id)
        if pipeline is not None:
            pipeline.go_on()
        parts = []
        while (payload := self._pool.data_to_send()) is not None:
            data = base64.b64encode(payload.data).decode()
            to = f' CommandId="{payload.pipeline_id}"' if payload.pipeline_id else ""
            parts.append(f'<rsp:Stream Name="stdout"{to}>{data}</rsp:Stream>')
        if not parts:
            return None
        if pipeline is not None:
            state = DONE if pipeline.ended else RUNNING
            parts.append(f'<rsp:CommandState CommandId="{id}" State="{state}"/>')
        return f"<rsp:ReceiveResponse>{''.join(parts)}</rsp:ReceiveResponse>"

    def signal(self, element: ET.Element) -> str:
        pipeline = self._pipelines.get(element.attrib["CommandId"].upper())
        if pipeline is not None:
            pipeline.ended = True
        return "<rsp:SignalResponse/>"


class _Pipeline:
    """A script under way."""

    def __init__(self, pipeline: psrpcore.ServerPipeline, server: VmmServer) -> None:
        self.ended = False
        self._pipeline = pipeline
        self._server = server
        self._output: Iterator[Any] = iter(())
        self._run = Run({})
        self._warned = 0

    def start(self) -> None:
        metadata = self._pipeline.metadata
        assert isinstance(metadata, psrpcore.PowerShell)
        [command] = metadata.commands
        assert command.is_script
        self._server.scripts.append(command.command_text)
        self._pipeline.start()
        given = {str(name): value for name, value in command.parameters}
        self._run = Run(self._server.estate.cmdlets(), self._server.now)
        self._output = self._run.script(command.command_text, **given)

    def go_on(self) -> None:
        """Run until so many lines are out, or the end."""
        if self.ended:
            return
        try:
            for _ in range(self._server.lines_at_once):
                self._drop_if_due()
                try:
                    value = next(self._output)
                except StopIteration:
                    self._warn()
                    self._pipeline.complete()
                    self.ended = True
                    return
                self._warn()
                self._pipeline.write_output(value)
                if self._server.drop_after is not None:
                    self._server.drop_after -= 1
        except PsError as error:
            self.ended = True
            self._fail(str(error))

    def _warn(self) -> None:
        for message in self._run.warnings[self._warned :]:
            self._pipeline.write_warning(message)
        self._warned = len(self._run.warnings)

    def _drop_if_due(self) -> None:
        if self._server.drop_after is not None and self._server.drop_after <= 0:
            for _ in range(self._server.lost):
                next(self._output, None)
            self._server.drop_after = None
            self._server.open_shells.clear()
            raise Dropped

    def _fail(self, message: str) -> None:
        record = ErrorRecord(
            Exception=NETException(Message=message),
            CategoryInfo=ErrorCategoryInfo(),
            FullyQualifiedErrorId="CarmineError",
        )
        failed = PSInvocationState.Failed
        self._pipeline.prepare_message(
            PipelineState(PipelineState=int(failed), ExceptionAsErrorRecord=record)
        )
        self._pipeline.state = failed


def _latin(header: str) -> str:
    """The same login as a client sends it that encodes names and passwords as Latin-1."""
    del header
    return "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode("latin-1")).decode()


def _envelope(relates_to: str, body: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{S}" xmlns:a="{WSA}" xmlns:w="{WSMAN}" xmlns:rsp="{RSP}">'
        f"<s:Header><a:RelatesTo>{relates_to}</a:RelatesTo></s:Header><s:Body>{body}</s:Body>"
        "</s:Envelope>"
    ).encode()


def _fault(relates_to: str, code: int, text: str) -> bytes:
    return _envelope(
        relates_to,
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{text}</s:Text></s:Reason><s:Detail>'
        f'<f:WSManFault xmlns:f="{FAULT}" Code="{code}" Machine="vmm"><f:Message>{text}'
        "</f:Message></f:WSManFault></s:Detail></s:Fault>",
    )

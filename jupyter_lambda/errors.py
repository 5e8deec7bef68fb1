"""The one error tree of jupyter_lambda.

Every class knows its AWS error code, the HTTP status it travels under, whose fault it is and
whether the same call may succeed when it is repeated. Messages say what was wrong, the limit
that applies and the remedy.

::

    LambdaError
    ├── InvalidParameterValue        400  a name, a size or an option that AWS would refuse
    │   ├── HandlerNotFound               a cell in which no handler can be found
    │   ├── CellSyntaxError               a cell that does not parse
    │   └── CaptureError                  a captured value that cannot be shipped
    ├── InvalidRequestContent        400  a payload that cannot be read
    ├── RequestTooLarge              413  a payload over its limit
    ├── ResourceNotFound             404  no such function, run or invocation
    ├── ResourceConflict             409  the resource is in a state that forbids the call
    ├── TooManyRequests              429  throttled, with AWS's reason
    ├── Unauthorized                 403  a token that is missing or wrong
    ├── ServiceFault                 500  our own failure, never the handler's
    │   ├── ServiceUnavailable       503  the Lambda service is down or will not start
    │   └── WorkerLost               502  the worker ended while it held the invocation
    ├── FunctionError                200  the handler failed: exception, timeout, crash
    ├── RunInputError                 -   the iterator given to ``map`` raised
    └── DemoError                     -   the quickstart cannot run here, or a cell of it failed
"""

from __future__ import annotations

from typing import Any, ClassVar


class LambdaError(Exception):
    """Base of every error that jupyter_lambda raises on purpose."""

    code: ClassVar[str] = "ServiceException"
    http_status: ClassVar[int] = 500
    sender_fault: ClassVar[bool] = False
    retryable: ClassVar[bool] = False

    @property
    def message(self) -> str:
        return str(self.args[0]) if self.args else self.code

    def to_wire(self) -> dict[str, Any]:
        """The JSON body under which the error crosses the service's API."""
        return {"type": type(self).__name__, "code": self.code, "message": self.message}


class InvalidParameterValue(LambdaError):
    """A name, a size or an option that AWS would refuse; the message says the limit."""

    code = "InvalidParameterValueException"
    http_status = 400
    sender_fault = True


class HandlerNotFound(InvalidParameterValue):
    """No handler can be found in a cell or a function object."""


class CellSyntaxError(InvalidParameterValue):
    """A cell that does not parse; the message carries the line and the caret."""


class CaptureError(InvalidParameterValue):
    """A captured value that cannot or should not be shipped; the message names the variable."""


class InvalidRequestContent(LambdaError):
    code = "InvalidRequestContentException"
    http_status = 400
    sender_fault = True


class RequestTooLarge(LambdaError):
    code = "RequestTooLargeException"
    http_status = 413
    sender_fault = True


class ResourceNotFound(LambdaError):
    """There is no such function, run or invocation."""

    code = "ResourceNotFoundException"
    http_status = 404
    sender_fault = True


class ResourceConflict(LambdaError):
    code = "ResourceConflictException"
    http_status = 409
    sender_fault = True


class TooManyRequests(LambdaError):
    code = "TooManyRequestsException"
    http_status = 429
    sender_fault = True
    retryable = True


class Unauthorized(LambdaError):
    code = "AccessDeniedException"
    http_status = 403
    sender_fault = True


class ServiceFault(LambdaError):
    """Our own failure; the handler is not to blame."""


class ServiceUnavailable(ServiceFault):
    """The Lambda service is down, or it will not start."""

    code = "ServiceUnavailableException"
    http_status = 503
    retryable = True


class WorkerLost(ServiceFault):
    """The worker ended while it held the invocation, so its outcome is unknown."""

    code = "Sandbox.WorkerLost"
    http_status = 502
    retryable = True


class FunctionError(LambdaError):
    """The handler failed. Holds AWS's error object and the traceback in terms of the cell.

    Attributes:
        error_type: ``errorType`` of the error object, such as ``KeyError`` or ``Sandbox.Timedout``.
        error_message: ``errorMessage`` of the error object.
        stack_trace: ``stackTrace`` entries, mapped to the defining cell where it is known.
        request_id: the request id under which the logs are found.
    """

    code = "FunctionError"
    http_status = 200

    def __init__(
        self,
        error_type: str,
        error_message: str,
        *,
        stack_trace: list[str] | None = None,
        request_id: str = "",
        function_name: str = "",
    ) -> None:
        super().__init__(f"{error_type}: {error_message}" if error_message else error_type)
        self.error_type = error_type
        self.error_message = error_message
        self.stack_trace = list(stack_trace or [])
        self.request_id = request_id
        self.function_name = function_name

    def __reduce__(self) -> tuple[Any, ...]:
        return (
            _rebuild_function_error,
            (
                self.error_type,
                self.error_message,
                self.stack_trace,
                self.request_id,
                self.function_name,
            ),
        )

    def __str__(self) -> str:
        where = f" in {self.function_name!r}" if self.function_name else ""
        head = (
            f"{self.message}{where} (request {self.request_id})"
            if self.request_id
            else self.message
        )
        if not self.stack_trace:
            return head
        trace = "".join(self.stack_trace)
        return f"{head}\n\nRemote traceback (most recent call last):\n{trace}{self.message}"

    def _render_traceback_(self) -> list[str]:
        """IPython shows this instead of the frames of our own client; notes come last."""
        return [*str(self).splitlines(), *getattr(self, "__notes__", ())]


def _rebuild_function_error(
    error_type: str, error_message: str, stack_trace: list[str], request_id: str, function_name: str
) -> FunctionError:
    return FunctionError(
        error_type,
        error_message,
        stack_trace=stack_trace,
        request_id=request_id,
        function_name=function_name,
    )


class RunInputError(LambdaError):
    """The iterator given to ``map`` raised; what it had yielded before is in the run.

    Attributes:
        run_id: the run that holds the items accepted so far.
        accepted: how many items it holds.
    """

    code = "RunInputError"
    sender_fault = True

    def __init__(self, message: str, *, run_id: str, accepted: int) -> None:
        super().__init__(message)
        self.run_id = run_id
        self.accepted = accepted


class DemoError(LambdaError):
    """The quickstart cannot run here, or a cell of it failed; the message has the remedy or the
    traceback."""

    code = "DemoError"


def _tree(root: type[LambdaError]) -> list[type[LambdaError]]:
    return [root] + [leaf for child in root.__subclasses__() for leaf in _tree(child)]


def from_wire(body: dict[str, Any]) -> LambdaError:
    """The error that ``to_wire`` described; an unknown type becomes a ``ServiceFault``."""
    known = {cls.__name__: cls for cls in _tree(LambdaError)}
    cls = known.get(str(body.get("type")), ServiceFault)
    if cls in (FunctionError, RunInputError):
        cls = ServiceFault
    return cls(str(body.get("message", "")))

"""The host agent with real zygotes and real environments."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from jupyter_lambda.runtime import frames

ECHO = "def handler(event, context):\n    return event\n"


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(condition, patience_s: float = 10.0) -> None:
    """Look until the condition holds; the look itself blocks on the kernel's clock, not on luck."""
    import time

    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        os.sched_yield()


def test_agent_refuses_whoever_lacks_the_token(agent):
    stranger = type(agent)(agent.process, agent.port)
    stranger.hello("guess")
    with pytest.raises((EOFError, ConnectionResetError)):
        stranger.next()


def test_environment_answers_events_in_order_and_stays_warm(environment):
    peer = environment(
        """
        calls = 0
        def handler(event, context):
            global calls
            calls += 1
            return [event, calls]
        """
    )
    for event in range(20):
        peer.send(1, event)
    assert [peer.answer().body for _ in range(20)] == [[i, i + 1] for i in range(20)]


def test_result_larger_than_a_socket_buffer_arrives_whole(environment):
    peer = environment(ECHO)
    text = "x" * 5_000_000
    assert peer.call(1, text).body == text


def test_handler_exception_becomes_awss_error_object_and_keeps_the_environment(environment):
    peer = environment(
        """
        def handler(event, context):
            return {"a": 1}[event]
        """
    )
    answer = peer.call(1, "b")
    assert answer.outcome == frames.OUTCOME_ERROR
    assert answer.body["errorType"] == "KeyError"
    assert answer.body["stackTrace"][0].startswith('  File "/var/task/lambda_function.py", line 3')
    assert peer.call(1, "a").body == 1
    assert "[ERROR] KeyError: 'b'" in peer.logs()


@pytest.mark.parametrize(
    ("body", "error_type", "message"),
    [
        ("import os; os._exit(3)", "Runtime.ExitError", "exit status 3"),
        ("import os; os._exit(0)", "Runtime.ExitError", "exited without providing a reason"),
        ("raise SystemExit(7)", "Runtime.ExitError", "exit status 7"),
        ("import ctypes; ctypes.string_at(0)", "Runtime.ExitError", "segmentation fault"),
        ("import os; os.abort()", "Runtime.ExitError", "signal: aborted"),
        ("import os; os.kill(os.getpid(), 9)", "Runtime.ExitError", "signal: killed"),
    ],
)
def test_crash_ends_in_an_exit_error_and_a_new_environment_works(
    environment, body, error_type, message
):
    peer = environment(f"def handler(event, context):\n    if event: {body}\n    return 'well'\n")
    answer = peer.call(1, 1)
    assert answer.outcome == frames.OUTCOME_CRASH
    assert answer.body["errorType"] == error_type
    assert message in answer.body["errorMessage"]
    assert peer.ended()["reason"] == "exit"
    peer.start(2, peer.deploy(ECHO))
    assert peer.call(2, "again").body == "again"


@pytest.mark.parametrize(
    "body",
    [
        "import time; time.sleep(60)",
        "\n        while True: pass",
        "import re; re.match('(a+)+$', 'a' * 40 + 'b')",
        "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 3, 15)]; "
        "time.sleep(60)",
    ],
    ids=["sleeps", "spins", "holds-the-gil", "ignores-signals"],
)
def test_timeout_is_enforced_from_outside_whatever_the_handler_does(environment, body):
    peer = environment(f"def handler(event, context):\n    if event: {body}\n    return 1\n")
    assert peer.call(1, 0).body == 1
    answer = peer.call(1, 1, timeout_s=0.3)
    assert answer.outcome == frames.OUTCOME_TIMEOUT
    assert answer.body["errorType"] == "Sandbox.Timedout"
    assert answer.body["errorMessage"].endswith("Task timed out after 0.30 seconds")
    assert answer.duration_us == 300_000
    assert peer.ended()["reason"] == "timeout"


def test_events_behind_a_crash_are_not_answered_for(environment):
    """They never started, so they go back to the service to be sent elsewhere."""
    peer = environment("import os\ndef handler(event, context):\n    os._exit(1)\n")
    first = peer.send(1, "x")
    peer.send(1, "y")
    peer.ended()
    answered = [
        frames.TICKET.unpack_from(frame, frames.HEADER_BYTES)[0]
        for kind, _, frame in peer.seen
        if kind == frames.RESULT
    ]
    assert answered == [first]


@pytest.mark.parametrize(
    ("source", "error_type"),
    [
        ("import nowhere_to_be_found", "Runtime.ImportModuleError"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
        ("other = 1", "Runtime.HandlerNotFound"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_init_failure_is_the_invocations_answer(environment, source, error_type):
    answer = environment(source).call(1, {})
    assert answer.outcome == frames.OUTCOME_ERROR
    assert answer.body["errorType"] == error_type


def test_exit_during_init_is_an_exit_error(environment):
    answer = environment("import os; os._exit(4)").call(1, {})
    assert answer.outcome == frames.OUTCOME_CRASH
    assert "exit status 4" in answer.body["errorMessage"]


def test_result_that_cannot_be_written_is_a_marshal_error(environment):
    peer = environment("def handler(event, context):\n    return object()\n")
    assert peer.call(1, {}).body["errorType"] == "Runtime.MarshalError"


def test_output_arrives_while_the_handler_still_runs(environment):
    peer = environment(
        """
        import time
        def handler(event, context):
            print("begun")
            time.sleep(60)
        """
    )
    peer.send(1, {}, timeout_s=60)
    _, _, frame = peer.next(frames.LOG)
    assert frame.endswith(b"begun\n")


def test_output_of_descriptors_and_child_processes_is_kept(environment):
    peer = environment(
        """
        import os, subprocess, sys
        def handler(event, context):
            os.write(1, b"by descriptor\\n")
            subprocess.run([sys.executable, "-c", "print('by child')"], check=True)
            print("by print", file=sys.stderr)
            return 1
        """
    )
    peer.call(1, {})
    peer.call(1, {})
    for text in ("by descriptor", "by child", "by print"):
        assert text in peer.logs()


def test_output_beyond_the_limit_is_dropped_and_said(environment):
    peer = environment(
        "def handler(event, context):\n    for _ in range(200): print('x' * 50_000)\n"
    )
    peer.call(1, {}, timeout_s=30)
    assert "bytes dropped]" in peer.logs()


def test_environment_sees_awss_variables_and_none_of_the_hosts(environment):
    peer = environment(
        "import os\ndef handler(event, context):\n    return dict(os.environ)\n",
        variables={"MODE": "fast"},
    )
    variables = peer.call(1, {}).body
    assert variables["MODE"] == "fast"
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "probe"
    assert variables["TZ"] == ":UTC"
    assert "HOST_SECRET" not in variables


def test_secrets_of_the_host_are_not_in_the_environments_own_proc_entry(environment):
    peer = environment(
        "def handler(event, context):\n    return open('/proc/self/environ').read()\n"
    )
    assert "do-not-tell" not in peer.call(1, {}).body


def test_context_tells_the_invocation(environment):
    peer = environment(
        """
        def handler(event, context):
            return [context.function_name, context.memory_limit_in_mb,
                    context.get_remaining_time_in_millis(), len(context.aws_request_id)]
        """
    )
    name, memory, remaining_ms, length = peer.call(1, {}, timeout_s=4).body
    assert (name, memory, length) == ("probe", "128", 36)
    assert 3_000 < remaining_ms <= 4_000


def test_idle_environment_is_frozen_and_thaws_for_the_next_event(environment):
    peer = environment(
        """
        import os, threading, time
        ticks = 0
        def count():
            global ticks
            while True:
                time.sleep(0.001)
                ticks += 1
        threading.Thread(target=count, daemon=True).start()
        def handler(event, context):
            return os.getpid()
        """
    )
    pid = peer.call(1, {}).body
    wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    assert peer.call(1, {}).body == pid


def test_a_process_forked_by_the_handler_cannot_disturb_the_channel(environment):
    peer = environment(
        """
        import os
        def handler(event, context):
            pid = os.fork()
            if pid == 0:
                print("from the fork")
                os._exit(0)
            os.waitpid(pid, 0)
            return event
        """
    )
    for event in range(5):
        assert peer.call(1, event).body == event


@pytest.mark.parametrize("victim", ["agent", "zygote"])
def test_nothing_outlives_the_agent_or_its_zygote(agent, victim):
    agent.start(
        1,
        agent.deploy(
            "import os\ndef handler(event, context):\n"
            "    print(os.getpid(), os.getppid())\n    while True: pass\n"
        ),
    )
    agent.send(1, {}, timeout_s=60)
    agent.next(frames.LOG)
    environment_pid, zygote_pid = map(int, agent.logs().split())
    os.kill(agent.process.pid if victim == "agent" else zygote_pid, signal.SIGKILL)
    wait_until(lambda: not alive(environment_pid))
    if victim == "zygote":
        answer = agent.ended()
        assert answer["reason"] == "zygote lost"


def test_agent_ends_with_its_lifeline(agent):
    agent.start(1, agent.deploy(ECHO))
    agent.call(1, 1)
    agent.process.stdin.close()
    assert agent.process.wait(10) == 0


def test_cancelled_event_is_answered_as_cancelled(environment):
    peer = environment("import time\ndef handler(event, context):\n    time.sleep(event)\n")
    peer.call(1, 0)
    peer.send(1, 60, timeout_s=60)
    peer.sock.sendall(frames.pack(frames.STOP, 1, b""))
    assert peer.answer().outcome == frames.OUTCOME_CANCELLED
    assert peer.ended()["reason"] == "stopped"


def test_import_set_is_preloaded_and_environments_share_it(agent):
    agent.sock.sendall(frames.pack_json(frames.PRELOAD, 0, {"modules": ["decimal"]}))
    _, _, frame = agent.next(frames.PRELOADED)
    assert frames.json_of(frame) == {"modules": ["decimal"], "error": None}
    source = "import sys\nfound = 'decimal' in sys.modules\ndef handler(e, c):\n    return found\n"
    agent.start(1, agent.deploy(source), preload=["decimal"])
    assert agent.call(1, {}).body is True


def test_import_set_that_fails_is_reported_and_the_base_serves(agent):
    agent.sock.sendall(frames.pack_json(frames.PRELOAD, 0, {"modules": ["no_such_thing"]}))
    _, _, frame = agent.next(frames.PRELOADED)
    assert "ModuleNotFoundError" in frames.json_of(frame)["error"]
    agent.start(1, agent.deploy(ECHO), preload=["no_such_thing"])
    assert agent.call(1, 5).body == 5


def test_agent_without_fork_says_what_to_do():
    program = "import os; del os.fork; from jupyter_lambda.runtime.agent import main; main()"
    import sys

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "WSL 2" in done.stderr

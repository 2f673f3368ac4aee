"""What the machine refuses, and interruptions, end in words and with an exit status; faults keep their traceback."""

import errno
import gc
import io
import logging
import os
import signal
import sys
import threading
import time

import jax
import pytest

from jaxgan import failures
from jaxgan.cli import main
from jaxgan.program import interruption, preparation
from jaxgan.program.interruption import Interruption
from jaxgan.runs import checkpoints
from jaxgan.standard_files import Unbreakable

SMALL = "--generator-hidden 8 --discriminator-hidden 8 --batch-size 8 --steps 4 --steps-per-call 1 --log-every 2"


def ring(out, *options):
    return main(["train", "ring", *SMALL.split(), "--out", str(out), *options])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/a/b"), "/a/b: No space left on device"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device"),
        (OSError(errno.EXDEV, "Invalid cross-device link", "a", None, "b"), "a -> b: Invalid cross-device link"),
        (OSError(errno.EACCES, "Permission denied", "a\n[b]"), r"a\n[b]: Permission denied"),
        (OSError("3 GiB do not fit"), "3 GiB do not fit"),
        (MemoryError("Unable to allocate 3 GiB"), "not enough memory. Unable to allocate 3 GiB"),
        (MemoryError(), "not enough memory. MemoryError"),
        (jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory\nmore"), "not enough memory on the device"),
        (
            ValueError("RESOURCE_EXHAUSTED: Error writing local file \"/a/b\": Failed [os_error_code='28']"),
            "/a/b: No space left on device",
        ),
        (
            jax.errors.JaxRuntimeError("INTERNAL: Error dispatching: Out of memory allocating 5 bytes."),
            "not enough memory on the device",
        ),
        (
            RuntimeError("Worker process was terminated unexpectedly with exit code -9. Search the logs"),
            "a process that gathers batches was ended from outside (exit code -9)",
        ),
        (ValueError("shapes (3,) and (4,)"), None),
        (KeyError("x"), None),
        (jax.errors.JaxRuntimeError("INTERNAL: a bug"), None),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_the_machine_refuses_is_a_sentence_and_a_fault_is_none(error, words):
    sentence = failures.sentence(error)
    assert sentence == words or (sentence is not None and words is not None and sentence.startswith(words))


def test_out_that_is_a_file_ends_in_words(tmp_path, capsys):
    (tmp_path / "runs").touch()
    assert ring(tmp_path / "runs") == 1
    assert capsys.readouterr().err == f"jaxgan: error: {tmp_path / 'runs'}: Not a directory\n"


@pytest.mark.parametrize("flag", [os.ST_RDONLY, 0])
def test_a_place_that_is_read_only_is_told_from_one_without_rights(flag, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result((4096, 4096, 1, 1, 1, 1, 1, 1, flag, 255)))
    assert ring(tmp_path) == 1
    assert capsys.readouterr().err.strip().endswith("Read-only file system" if flag else "Permission denied")


def test_a_failed_write_waits_for_the_threads_of_orbax(capfd):
    go = threading.Event()

    class Writer(threading.Thread):
        __module__ = "orbax.somewhere"

        def run(self):
            go.wait()
            logging.getLogger("concurrent.futures").error("a traceback")

    @failures.said_once()
    def write():
        writer.start()
        threading.Timer(0.1, go.set).start()
        raise OSError("full")

    writer = Writer()
    with pytest.raises(OSError, match="full"):
        write()
    assert not writer.is_alive()
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_a_full_disk_in_a_run_ends_in_words_and_tells_how_to_go_on(tmp_path, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoints, "save", full)
    assert ring(tmp_path) == 1
    assert capsys.readouterr().err.splitlines() == [
        "jaxgan: error: No space left on device",
        f"The same command with --resume {tmp_path / '00000-ring'} goes on from the newest checkpoint.",
    ]


def test_ctrl_c_while_the_run_is_prepared_ends_in_words(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(preparation, "dataset_of", lambda *_: signal.raise_signal(signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # programs in the background ignore it
    try:
        assert ring(tmp_path) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "jaxgan: stopped\n"


@pytest.mark.parametrize("delay", [0, 0.1], ids=["quick", "busy machine"])
def test_ctrl_c_in_the_garbage_collector_is_not_lost(delay, capsys, monkeypatch):
    def once(phase, info):
        gc.callbacks.remove(once)
        raise KeyboardInterrupt

    def start(thread):
        start_at_once(thread)
        time.sleep(delay)

    def collect():
        gc.callbacks.append(once)
        gc.collect()
        time.sleep(5)

    start_at_once = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", start)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # programs in the background ignore it
    try:
        with pytest.raises(KeyboardInterrupt), failures.interruptions_heard():
            collect()
    finally:
        signal.signal(signal.SIGINT, before)
    assert not capsys.readouterr().err


def test_a_fault_of_jaxgan_keeps_its_traceback(tmp_path, monkeypatch):
    monkeypatch.setattr(preparation, "dataset_of", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError) as caught:
        ring(tmp_path)
    assert "a bug in jaxgan" in caught.value.__notes__[0]


class Broken(io.StringIO):
    def write(self, text):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


@pytest.mark.slow
@pytest.mark.parametrize("show", ["json", "text"])
def test_a_run_outlives_its_standard_output(show, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Broken())
    assert ring(tmp_path, "--show", show) == 0
    assert (tmp_path / "00000-ring" / "checkpoints" / "4").is_dir()


def test_a_command_whose_standard_output_is_full_says_so(monkeypatch, capsys):
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert main(["presets"]) == 1
    assert capsys.readouterr().err == "jaxgan: error: standard output: No space left on device\n"


def test_an_unbreakable_stream_goes_quiet_and_remembers_why():
    stream = Unbreakable(Broken())
    print("a", file=stream)
    stream.flush()
    assert isinstance(stream.error, BrokenPipeError)
    print("a", file=Unbreakable(None))
    Unbreakable(None).close()


def test_a_signal_is_announced_at_once_and_a_second_one_interrupts(capsys):
    with Interruption() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.asked
        deadline = time.monotonic() + 10
        while "SIGTERM received" not in (said := capsys.readouterr().err) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert "SIGTERM received: the run stops after this step" in said
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_second_signal_ends_a_program_that_does_not_see_it(monkeypatch):
    ended = []
    monkeypatch.setattr(interruption, "GRACE", 0.05)
    monkeypatch.setattr(os, "_exit", ended.append)
    with Interruption(ends_program=True, before_end=lambda: ended.append("bar hidden")):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        deadline = time.monotonic() + 10
        while not ended and time.monotonic() < deadline:
            time.sleep(0.01)
    assert ended == ["bar hidden", 130]


def test_handlers_of_signals_are_as_before(capsys):
    before = [signal.getsignal(number) for number in interruption.SIGNALS]
    with Interruption():
        pass
    assert [signal.getsignal(number) for number in interruption.SIGNALS] == before
    assert signal.set_wakeup_fd(-1) == -1


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal here")
def test_a_process_outlives_its_terminal():
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup ignores it
    try:
        with interruption.outliving_the_terminal():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)

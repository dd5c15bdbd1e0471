"""The stream that kernels are launched on, as Python says it."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import kiln

SOURCE = """
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>
void* current(int type, int index) { return TVMFFIEnvGetStream(type, index); }
void set(int type, int index, int64_t stream) {
  TVMFFIEnvSetStream(type, index, (void*)stream, 0);
}
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
"""
CUDA, ROCM = 2, 10


@pytest.fixture(scope="module")
def module() -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all")


def test_a_stream_is_current_within_its_block(module: kiln.Module) -> None:
    assert not module.current(CUDA, 0)
    with kiln.use_stream(0x1000) as nothing:
        assert nothing is None
        assert module.current(CUDA, 0) == 0x1000
    assert not module.current(CUDA, 0)


def test_blocks_nest(module: kiln.Module) -> None:
    with kiln.use_stream(0x1000):
        with kiln.use_stream(0x2000):
            assert module.current(CUDA, 0) == 0x2000
            with kiln.use_stream(0):
                assert not module.current(CUDA, 0)
            assert module.current(CUDA, 0) == 0x2000
        assert module.current(CUDA, 0) == 0x1000


def test_an_exception_ends_the_block(module: kiln.Module) -> None:
    with pytest.raises(LookupError), kiln.use_stream(0x1000):
        module["call"](lambda: {}["nothing"])
    assert not module.current(CUDA, 0)


def test_a_stream_that_was_set_before_comes_back(module: kiln.Module) -> None:
    module.set(CUDA, 0, 0x3000)
    try:
        with kiln.use_stream(0x1000):
            # What a kernel sets meanwhile does not outlive the block.
            module.set(CUDA, 0, 0x4000)
            assert module.current(CUDA, 0) == 0x4000
        assert module.current(CUDA, 0) == 0x3000
    finally:
        module.set(CUDA, 0, 0)


@pytest.mark.parametrize("device", ["cuda:1", kiln.Device("cuda", 1)])
def test_each_device_has_its_own(module: kiln.Module, device: object) -> None:
    with kiln.use_stream(0x1000, device), kiln.use_stream(0x2000, "rocm"):
        assert module.current(CUDA, 1) == 0x1000
        assert module.current(ROCM, 0) == 0x2000
        assert not module.current(CUDA, 0)
    assert not module.current(CUDA, 1)
    assert not module.current(ROCM, 0)


def test_each_thread_has_its_own(module: kiln.Module) -> None:
    barrier = threading.Barrier(4, timeout=60)
    seen: dict[int, tuple] = {}

    def work(stream: int) -> None:
        with kiln.use_stream(stream):
            barrier.wait()
            inside = module.current(CUDA, 0)
            barrier.wait()
        seen[stream] = (inside, module.current(CUDA, 0))

    threads = [threading.Thread(target=work, args=(0x1000 * i,)) for i in range(1, 5)]
    with kiln.use_stream(0x9000):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert module.current(CUDA, 0) == 0x9000
    for stream in (0x1000, 0x2000, 0x3000, 0x4000):
        inside, after = seen[stream]
        assert inside == stream
        assert not after


def test_a_callback_has_the_stream_of_its_caller(module: kiln.Module) -> None:
    with kiln.use_stream(0x1000):
        assert module["call"](module.current, CUDA, 0) == 0x1000
        assert module["call"](lambda: module.current(CUDA, 0)) == 0x1000


class OfTorch:
    cuda_stream = 0x1111


class OfCupy:
    ptr = 0x2222


class OfAHandle:
    handle = 0x3333


class OfTheProtocol:
    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, 0x4444


class OfTheProtocolAsAProperty:
    @property
    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, 0x5555


class OfTheProtocolAndATorch(OfTheProtocol):
    cuda_stream = 0x6666


@pytest.mark.parametrize(
    ("stream", "address"),
    [
        (0x7777, 0x7777),
        (2**63 + 16, 2**63 + 16),
        (OfTorch(), 0x1111),
        (OfCupy(), 0x2222),
        (OfAHandle(), 0x3333),
        (OfTheProtocol(), 0x4444),
        (OfTheProtocolAsAProperty(), 0x5555),
        (OfTheProtocolAndATorch(), 0x4444),
    ],
)
def test_a_stream_is_an_address_or_has_one(
    module: kiln.Module, stream: object, address: int
) -> None:
    with kiln.use_stream(stream):
        assert module.current(CUDA, 0) == address


@pytest.mark.parametrize("stream", [None, "0x1000", 1.0, object(), np.zeros(1)])
def test_what_is_no_stream_is_refused(module: kiln.Module, stream: object) -> None:
    text = f"a stream is its address, or has .* got a {type(stream).__name__}"
    with pytest.raises(TypeError, match=text), kiln.use_stream(stream):
        raise AssertionError("the block is entered")
    assert not module.current(CUDA, 0)


@pytest.mark.parametrize(
    ("device", "kind", "text"),
    [
        ("nowhere", ValueError, "no device type 'nowhere'"),
        ("cuda:x", ValueError, "'cuda:1', got 'cuda:x'"),
        (1, TypeError, "a device is a kiln.Device or a str"),
    ],
)
def test_what_is_no_device_is_refused(device: object, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text), kiln.use_stream(0x1000, device):
        raise AssertionError("the block is entered")


def test_an_exporter_is_asked_for_the_stream_that_is_in_use() -> None:
    asked = []

    class Exporter:
        """Memory that claims to be a GPU's."""

        def __dlpack_device__(self) -> tuple[int, int]:
            return CUDA, 0

        def __dlpack__(self, **named: object) -> object:
            asked.append(named.get("stream"))
            return np.zeros(3).__dlpack__(max_version=(1, 0))

    with kiln.use_stream(0x1000):
        kiln.from_dlpack(Exporter())
    kiln.from_dlpack(Exporter())
    with kiln.use_stream(0x1000, "cuda:1"):
        kiln.from_dlpack(Exporter())
    assert asked == [0x1000, None, None]


def test_a_block_may_be_used_as_a_decorator(module: kiln.Module) -> None:
    @kiln.use_stream(0x1000)
    def current() -> int:
        return module.current(CUDA, 0)

    assert (current(), current()) == (0x1000, 0x1000)
    assert not module.current(CUDA, 0)

"""Tensors of PyTorch: in without a copy, and back as such. Runs where torch is installed."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable

import numpy as np
import pytest

import kiln

torch = pytest.importorskip("torch")

SOURCE = """
#include <tvm/ffi/c_api.h>
double sum(const float* x, int64_t n) {
  double total = 0;
  for (int64_t i = 0; i < n; ++i) total += x[i];
  return total;
}
void scale(float* x, float by, int64_t n) {
  for (int64_t i = 0; i < n; ++i) x[i] *= by;
}
void add(const float* x, const float* y, float* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) out[i] = x[i] + y[i];
}
void* address(const void* x) { return (void*)x; }
int64_t extent(DLTensor* x, int64_t i) { return x->shape[i]; }
int64_t stride(DLTensor* x, int64_t i) { return x->strides ? x->strides[i] : -1; }
int dimensions(DLTensor* x) { return x->ndim; }
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
"""

NAMES = """bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 bfloat16 float32 float64
float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu""".split()

echo = kiln.function(lambda value: value)


@pytest.fixture(scope="module")
def module() -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all")


def test_a_tensor_goes_in_without_a_copy(module: kiln.Module) -> None:
    x = torch.ones(8)
    assert module.address(x) == x.data_ptr()
    module.scale(x, 0.5, 8)
    assert (x == 0.5).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_element_type_travels(name: str) -> None:
    x = torch.tensor([[0, 1], [1, 0]]).to(getattr(torch, name))
    assert str(kiln.from_dlpack(x).dtype) == name
    result = echo(x)
    assert (result.dtype, result.shape) == (x.dtype, x.shape)
    assert (result.view(torch.uint8) == x.view(torch.uint8)).all()


@pytest.mark.parametrize("name", ["complex64", "complex128"])
def test_complex_numbers_travel(name: str) -> None:
    x = torch.tensor([1 + 2j, -3j], dtype=getattr(torch, name))
    assert torch.equal(echo(x), x)


def test_two_elements_in_a_byte_are_one_of_two_lanes() -> None:
    x = torch.zeros(4, dtype=torch.uint8).view(torch.float4_e2m1fn_x2)
    assert str(kiln.from_dlpack(x).dtype) == "float4_e2m1fnx2"
    assert echo(x).dtype == torch.float4_e2m1fn_x2


def test_a_result_is_a_tensor_on_the_same_memory() -> None:
    x = torch.zeros(3)
    result = echo(x)
    assert type(result) is torch.Tensor
    result[0] = 7
    assert x[0] == 7


def test_a_result_outlives_the_tensor_that_was_given() -> None:
    result = echo(torch.full((1000,), 3.0))
    others = [torch.zeros(1000) for _ in range(8)]
    assert (result == 3).all()
    assert (sum(others) == 0).all()


def test_a_view_starts_where_it_does(module: kiln.Module) -> None:
    x = torch.arange(6, dtype=torch.float32)
    assert module.address(x[2:]) == x.data_ptr() + 8
    module.scale(x[2:4], 10.0, 2)
    assert x.tolist() == [0, 1, 20, 30, 4, 5]


def test_strides_arrive(module: kiln.Module) -> None:
    x = torch.zeros(4, 6)
    view = x[1:, ::2].T
    assert [module.extent(view, i) for i in range(2)] == [3, 3]
    assert [module.stride(view, i) for i in range(2)] == [2, 6]
    assert module.stride(torch.ones(1).expand(4), 0) == 0
    assert echo(view).stride() == (2, 6)


@pytest.mark.parametrize("view", [lambda x: x[::2], lambda x: x[:1].expand(4)])
def test_a_tensor_with_gaps_is_refused_by_a_kernel_on_pointers(
    module: kiln.Module, view: Callable
) -> None:
    with pytest.raises(ValueError, match=r"argument 0 \(x\): .* without gaps"):
        module.sum(view(torch.ones(8)), 4)
    assert module.sum(view(torch.ones(8)).contiguous(), 4) == 4


def test_zero_dimensions_and_no_elements(module: kiln.Module) -> None:
    scalar, empty = torch.tensor(3.0), torch.zeros(0, 3)
    assert (module.dimensions(scalar), module.sum(scalar, 1)) == (0, 3)
    assert (module.dimensions(empty), module.extent(empty, 0), module.extent(empty, 1)) == (2, 0, 3)
    assert module.sum(empty, 0) == 0
    assert (echo(scalar).shape, echo(empty).shape) == (torch.Size([]), torch.Size([0, 3]))


def test_a_tensor_of_another_type_is_named(module: kiln.Module) -> None:
    with pytest.raises(TypeError, match=r"argument 0 \(x\): expected float32 tensor, got int32"):
        module.sum(torch.ones(4, dtype=torch.int32), 4)
    with pytest.raises(TypeError, match=r"argument 1 \(n\): expected int, got int64 tensor"):
        module.sum(torch.ones(4), torch.tensor(4))


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.ones(4, requires_grad=True),
        lambda: torch.ones(4, requires_grad=True) * 2,
        lambda: torch.nn.Parameter(torch.ones(4)),
        lambda: torch.nn.Linear(4, 4).bias,
    ],
)
def test_a_tensor_that_is_differentiated_goes_in_as_if_it_was_detached(
    module: kiln.Module, make: Callable
) -> None:
    x = make()
    assert module.address(x) == x.data_ptr()
    assert kiln.from_dlpack(x).address == x.data_ptr()
    result = echo(x)
    assert result.data_ptr() == x.data_ptr()
    assert not result.requires_grad


def test_a_parameter_without_a_gradient_goes_in(module: kiln.Module) -> None:
    x = torch.nn.Parameter(torch.ones(4), requires_grad=False)
    module.scale(x, 2.0, 4)
    assert (x == 2).all()
    assert isinstance(echo(x), torch.Tensor)


def test_kernels_are_the_forward_and_backward_of_an_autograd_function(module: kiln.Module) -> None:
    class Triple(torch.autograd.Function):
        @staticmethod
        def forward(context: object, x: torch.Tensor) -> torch.Tensor:
            y = x.detach().clone()
            module.scale(y, 3.0, y.numel())
            return y

        @staticmethod
        def backward(context: object, above: torch.Tensor) -> torch.Tensor:
            below = above.clone()
            module.scale(below, 3.0, below.numel())
            return below

    x = torch.arange(4.0, requires_grad=True)
    (Triple.apply(x) ** 2).sum().backward()
    assert torch.equal(x.grad, 18 * torch.arange(4.0))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: torch.ones(4).to_sparse(), r"storage|layout"),
        (lambda: torch.ones(4, device="meta"), "meta"),
        (lambda: torch.zeros(4, dtype=torch.bits8), "Bit types"),
    ],
)
def test_a_tensor_that_is_no_plain_memory_is_refused(
    module: kiln.Module, make: Callable, text: str
) -> None:
    x = make()
    for call in (module.address, echo, kiln.from_dlpack):
        with pytest.raises((BufferError, RuntimeError), match=text):
            call(x)


def test_a_callback_makes_a_view_of_its_tensor_and_writes_to_it(module: kiln.Module) -> None:
    x = torch.arange(4, dtype=torch.float32)

    def double(tensor: kiln.Tensor) -> float:
        view = torch.from_dlpack(tensor)
        assert view.data_ptr() == x.data_ptr()
        view.view(2, 2)[1].mul_(2)
        return float(view.sum())

    assert module.call(double, x) == 11
    assert x.tolist() == [0, 1, 4, 6]


def test_an_exception_of_torch_comes_through_a_kernel_as_itself(module: kiln.Module) -> None:
    def fail(tensor: kiln.Tensor) -> None:
        torch.from_dlpack(tensor).view(3)

    with pytest.raises(RuntimeError, match=r"shape '\[3\]' is invalid for input of size 4"):
        module.call(fail, torch.ones(4))


def test_numpy_and_torch_mix_in_one_call(module: kiln.Module) -> None:
    out = np.zeros(4, np.float32)
    module.add(torch.arange(4, dtype=torch.float32), np.ones(4, np.float32), out, 4)
    assert (out == [1, 2, 3, 4]).all()
    second = kiln.function(lambda first, second: second)
    assert isinstance(second(torch.ones(2), np.zeros(2)), torch.Tensor)
    assert isinstance(second(np.ones(2), torch.zeros(2)), np.ndarray)


def test_a_tensor_of_a_derived_class_gives_a_tensor_of_torch() -> None:
    class Derived(torch.Tensor):
        pass

    assert isinstance(echo(torch.ones(3).as_subclass(Derived)), torch.Tensor)


def test_a_tensor_made_in_inference_mode_goes_in(module: kiln.Module) -> None:
    with torch.inference_mode():
        x = torch.ones(4)
        module.scale(x, 2.0, 4)
        assert module.sum(x, 4) == 8


def test_calls_keep_no_tensor(module: kiln.Module) -> None:
    memory = np.ones(4, np.float32)
    freed = weakref.ref(memory)
    x, grown = torch.from_numpy(memory), torch.ones(4, requires_grad=True)
    before = []
    for round_ in range(1000):
        module.sum(x, 4)
        echo(x)
        with pytest.raises(TypeError):
            module.scale(x, "by", 4)
        module.sum(grown, 4)
        echo(grown)
        if round_ == 10:
            before = [sys.getrefcount(v) for v in (x, grown)]
    assert [sys.getrefcount(v) for v in (x, grown)] == before
    del memory, x
    gc.collect()
    assert freed() is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_kernel_follows_the_stream_that_is_current_in_torch() -> None:
    kernel = kiln.compile(
        "__global__ void add(float* x, float by, int n) {"
        "  int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) x[i] += by; }",
        "cuda",
        exports="add",
        launch="1d",
    )["add"]
    stream = torch.cuda.Stream()
    x = torch.zeros(1024, device="cuda")
    torch.cuda.synchronize()
    with torch.cuda.stream(stream):
        # The kernel has to come after both, which the default stream would not wait for.
        torch.cuda._sleep(100_000_000)
        x.fill_(1)
        kernel(x, 2.0, 1024)
        x.mul_(2)
    stream.synchronize()
    assert (x == 6).all()

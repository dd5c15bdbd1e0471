"""Arrays of JAX, on the CPU: in without a copy, and back as arrays of JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import kiln

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_num_cpu_devices", 2)
jax.config.update("jax_enable_x64", True)

SOURCE = """
#include <tvm/ffi/c_api.h>
double sum(const float* x, int64_t n) {
  double total = 0;
  for (int64_t i = 0; i < n; ++i) total += x[i];
  return total;
}
void add(const float* x, const float* y, float* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) out[i] = x[i] + y[i];
}
void fill(float* x, float by, int64_t n) {
  for (int64_t i = 0; i < n; ++i) x[i] = by;
}
void* address(const void* x) { return (void*)x; }
int64_t extent(DLTensor* x, int64_t i) { return x->shape[i]; }
int dimensions(DLTensor* x) { return x->ndim; }
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
"""

PLAIN = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split()
SMALL = """bfloat16 float8_e3m4 float8_e4m3 float8_e4m3b11fnuz float8_e4m3fn float8_e4m3fnuz
float8_e5m2 float8_e5m2fnuz float8_e8m0fnu""".split()

echo = kiln.function(lambda value: value)


@pytest.fixture(scope="module")
def module() -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all")


def same(one: jax.Array, other: jax.Array) -> bool:
    """Whether both are of one type and shape, bit for bit."""
    shape = (one.dtype, one.shape) == (other.dtype, other.shape)
    return shape and np.asarray(one).tobytes() == np.asarray(other).tobytes()


def test_an_array_goes_in_without_a_copy(module: kiln.Module) -> None:
    array = jnp.arange(8, dtype=jnp.float32)
    assert module.address(array) == array.unsafe_buffer_pointer()
    assert module.sum(array, 8) == 28


@pytest.mark.parametrize("name", PLAIN + SMALL)
def test_every_element_type_that_jax_hands_out_travels(name: str) -> None:
    array = jnp.array([[0, 1], [1, 0]], name)
    assert str(kiln.from_dlpack(array).dtype) == name
    assert same(echo(array), array)


@pytest.mark.parametrize("name", ["complex64", "complex128"])
def test_complex_numbers_travel(name: str) -> None:
    array = jnp.array([1 + 2j, -3j], name)
    assert same(echo(array), array)


@pytest.mark.parametrize("name", ["int2", "uint2", "int4", "uint4"])
def test_an_element_type_that_jax_keeps_is_refused_in_its_words(
    module: kiln.Module, name: str
) -> None:
    with pytest.raises(jax.errors.JaxRuntimeError, match="no DLPack equivalent"):
        module.address(jnp.zeros(4, name))


def test_a_packed_element_type_goes_in(module: kiln.Module) -> None:
    array = jnp.zeros(4, "float4_e2m1fn")
    assert str(kiln.from_dlpack(array).dtype) == "float4_e2m1fn"
    assert module.extent(array, 0) == 4


def test_a_result_is_a_jax_array_on_the_same_memory() -> None:
    array = jnp.arange(6.0).reshape(2, 3)
    result = echo(array)
    assert isinstance(result, jax.Array)
    assert result.unsafe_buffer_pointer() == array.unsafe_buffer_pointer()


def test_a_result_outlives_the_array_that_was_given() -> None:
    result = echo(jnp.full(1000, 3.0))
    others = [jnp.zeros(1000) for _ in range(8)]
    assert (result == 3).all()
    assert (sum(others) == 0).all()


def test_the_result_of_a_jitted_function_is_complete_when_a_kernel_reads_it(
    module: kiln.Module,
) -> None:
    @jax.jit
    def product(x: jax.Array) -> jax.Array:
        return (x @ x @ x).sum(axis=0)

    x = jnp.full((512, 512), 0.125, jnp.float32)
    expected = 512 * 512 * 64 * 64 * 0.125
    for _ in range(10):
        assert module.sum(product(x), 512) == expected


def test_a_result_goes_on_in_jax() -> None:
    result = echo(jnp.arange(4.0))
    assert jax.jit(lambda x: (x * 2).sum())(result) == 12
    assert (jax.grad(lambda x: (x * x).sum())(result) == 2 * jnp.arange(4.0)).all()


def test_a_jitted_function_calls_a_kernel_back(module: kiln.Module) -> None:
    shape = jax.ShapeDtypeStruct((), np.float32)

    @jax.jit
    def twice_the_sum(x: jax.Array) -> jax.Array:
        return 2 * jax.pure_callback(lambda v: np.float32(module.sum(v, 4)), shape, x)

    assert twice_the_sum(jnp.arange(4, dtype=jnp.float32)) == 12


@pytest.mark.parametrize("transform", [jax.jit, jax.grad])
def test_an_array_that_is_only_traced_is_refused(module: kiln.Module, transform: object) -> None:
    with pytest.raises(jax.errors.ConcretizationTypeError, match=r"__dlpack__\(\) method"):
        transform(lambda x: module.sum(x, 4))(jnp.ones(4, jnp.float32))


def test_an_array_that_was_deleted_is_refused(module: kiln.Module) -> None:
    array = jnp.ones(4, jnp.float32)
    array.delete()
    with pytest.raises(RuntimeError, match="deleted"):
        module.sum(array, 4)


def test_zero_dimensions_and_no_elements(module: kiln.Module) -> None:
    scalar, empty = jnp.float32(3), jnp.zeros((0, 3), jnp.float32)
    assert (module.dimensions(scalar), module.sum(scalar, 1)) == (0, 3)
    assert (module.dimensions(empty), module.extent(empty, 0), module.extent(empty, 1)) == (2, 0, 3)
    assert same(echo(scalar), scalar)
    assert same(echo(empty), empty)


def test_an_array_of_another_type_is_named(module: kiln.Module) -> None:
    with pytest.raises(TypeError, match=r"argument 0 \(x\): expected float32 tensor, got int32"):
        module.sum(jnp.ones(4, jnp.int32), 4)
    with pytest.raises(TypeError, match=r"argument 1 \(n\): expected int, got int64 tensor"):
        module.sum(jnp.ones(4, jnp.float32), jnp.int64(4))


def test_numpy_and_jax_mix_in_one_call(module: kiln.Module) -> None:
    out = np.zeros(4, np.float32)
    module.add(jnp.arange(4, dtype=jnp.float32), np.ones(4, np.float32), out, 4)
    assert (out == [1, 2, 3, 4]).all()


def test_the_first_array_says_of_which_library_a_result_is() -> None:
    second = kiln.function(lambda first, second: second)
    assert isinstance(second(jnp.ones(2), np.zeros(2)), jax.Array)
    assert isinstance(second(np.ones(2), jnp.zeros(2)), np.ndarray)


def test_a_callback_makes_a_jax_array_of_its_tensor(module: kiln.Module) -> None:
    array = jnp.arange(4, dtype=jnp.float32)
    assert module.call(lambda x: float(jax.dlpack.from_dlpack(x).sum()), array) == 6


def test_the_memory_of_every_cpu_device_is_the_cpus(module: kiln.Module) -> None:
    array = jax.device_put(np.ones(4, np.float32), jax.devices()[1])
    assert kiln.from_dlpack(array).device == kiln.Device("cpu")
    assert module.sum(array, 4) == 4


def test_an_array_over_several_devices_is_refused(module: kiln.Module) -> None:
    mesh = jax.make_mesh((2,), ("x",))
    sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("x"))
    array = jax.device_put(np.ones(4, np.float32), sharding)
    with pytest.raises(BufferError, match="over 2 devices"):
        module.sum(array, 4)


def test_a_kernel_does_not_write_to_an_array_that_jax_holds_constant(module: kiln.Module) -> None:
    array = jnp.zeros(4, jnp.float32)
    # The other package's runtime has no place to say that a tensor is read-only.
    if kiln._core.get_global("kiln.read_only_tensor_deleter") is None:
        module.fill(array, 7.0, 4)
        return
    with pytest.raises(ValueError, match="read-only"):
        module.fill(array, 7.0, 4)
    assert (np.asarray(array) == 0).all()

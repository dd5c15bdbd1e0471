// Tensors from and to DLPack, in both of its forms, and views.
#include <string.h>

#include "check.h"

static _Alignas(256) float g_data[64];
static int64_t g_shape[2];
static int64_t g_strides[2];
static int g_deleted = 0;

static void DeleteLegacy(DLManagedTensor* self) { g_deleted += self->manager_ctx == g_data; }
static void DeleteVersioned(DLManagedTensorVersioned* self) {
  g_deleted += self->manager_ctx == g_data;
}

// A 2 x 3 float32 tensor on the CPU.
static DLTensor Matrix(void* data) {
  DLTensor tensor;
  memset(&tensor, 0, sizeof(tensor));
  tensor.data = data;
  tensor.device.device_type = kDLCPU;
  tensor.ndim = 2;
  tensor.dtype.code = kDLFloat;
  tensor.dtype.bits = 32;
  tensor.dtype.lanes = 1;
  tensor.shape = g_shape;
  tensor.strides = g_strides;
  g_shape[0] = 2, g_shape[1] = 3;
  g_strides[0] = 3, g_strides[1] = 1;
  return tensor;
}

static DLManagedTensor Legacy(DLTensor tensor) {
  const DLManagedTensor managed = {tensor, g_data, DeleteLegacy};
  g_deleted = 0;
  return managed;
}

static DLManagedTensorVersioned Versioned(DLTensor tensor, uint64_t flags) {
  const DLManagedTensorVersioned managed = {{1, 3}, g_data, DeleteVersioned, flags, tensor};
  g_deleted = 0;
  return managed;
}

static bool HasStrides(TVMFFIObjectHandle object, int64_t first, int64_t second) {
  const DLTensor* tensor = Cell(object);
  return tensor->strides != NULL && tensor->strides[0] == first && tensor->strides[1] == second;
}

// Whether a tensor with these demands is taken, and deleted once with the tensor object.
static bool Takes(DLTensor tensor, int32_t alignment, int32_t contiguous) {
  DLManagedTensor legacy = Legacy(tensor);
  TVMFFIObjectHandle object = NULL;
  if (TVMFFITensorFromDLPack(&legacy, alignment, contiguous, &object) != 0) return false;
  bool good = g_deleted == 0;
  TVMFFIObjectDecRef(object);
  good = good && g_deleted == 1;
  DLManagedTensorVersioned versioned = Versioned(tensor, 0);
  if (TVMFFITensorFromDLPackVersioned(&versioned, alignment, contiguous, &object) != 0)
    return false;
  good = good && g_deleted == 0;
  TVMFFIObjectDecRef(object);
  return good && g_deleted == 1;
}

// Whether it is refused in both forms, and left to the caller.
static bool Refuses(DLTensor tensor, int32_t alignment, int32_t contiguous) {
  DLManagedTensor legacy = Legacy(tensor);
  DLManagedTensorVersioned versioned = Versioned(tensor, 0);
  TVMFFIObjectHandle object = NULL;
  return TVMFFITensorFromDLPack(&legacy, alignment, contiguous, &object) != 0 &&
         Raised("RuntimeError", "") &&
         TVMFFITensorFromDLPackVersioned(&versioned, alignment, contiguous, &object) != 0 &&
         Raised("RuntimeError", "") && object == NULL && g_deleted == 0;
}

static void TestFromDLPack(void) {
  DLManagedTensor legacy = Legacy(Matrix(g_data));
  TVMFFIObjectHandle object = NULL;
  CHECK("a legacy tensor is taken", TVMFFITensorFromDLPack(&legacy, 0, 0, &object) == 0);
  const DLTensor* tensor = Cell(object);
  CHECK("the object is a tensor with one reference",
        ((TVMFFIObject*)object)->type_index == kTVMFFITensor && StrongCount(object) == 1);
  CHECK("it shares data, shape and strides",
        tensor->data == g_data && tensor->shape == g_shape && tensor->strides == g_strides);
  CHECK("it has the dtype, device and rank of its source",
        tensor->dtype.code == kDLFloat && tensor->dtype.bits == 32 && tensor->dtype.lanes == 1 &&
            tensor->device.device_type == kDLCPU && tensor->device.device_id == 0 &&
            tensor->ndim == 2 && tensor->byte_offset == 0);
  CHECK("the source lives as long as the object", g_deleted == 0);
  TVMFFIObjectDecRef(object);
  CHECK("the source is deleted once", g_deleted == 1);

  DLTensor matrix = Matrix(g_data);
  matrix.strides = NULL;
  legacy = Legacy(matrix);
  TVMFFITensorFromDLPack(&legacy, 0, 1, &object);
  CHECK("absent strides are filled in, legacy form", HasStrides(object, 3, 1));
  TVMFFIObjectDecRef(object);
  DLManagedTensorVersioned versioned = Versioned(matrix, 0);
  TVMFFITensorFromDLPackVersioned(&versioned, 0, 1, &object);
  CHECK("absent strides are filled in, versioned form", HasStrides(object, 3, 1));
  TVMFFIObjectDecRef(object);

  legacy = Legacy(Matrix(g_data));
  legacy.deleter = NULL;
  TVMFFITensorFromDLPack(&legacy, 0, 0, &object);
  CHECK("a source needs no deleter", TVMFFIObjectDecRef(object) == 0 && g_deleted == 0);

  matrix = Matrix(g_data);
  matrix.ndim = 0, matrix.shape = NULL, matrix.strides = NULL;
  CHECK("a tensor of rank 0 is taken", Takes(matrix, 64, 1));

  versioned = Versioned(Matrix(g_data), DLPACK_FLAG_BITMASK_READ_ONLY);
  CHECK("a read-only tensor is taken",
        TVMFFITensorFromDLPackVersioned(&versioned, 0, 0, &object) == 0);
  TVMFFIObjectDecRef(object);
  versioned = Versioned(Matrix(g_data), DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED);
  CHECK("padded sub-byte types are refused",
        TVMFFITensorFromDLPackVersioned(&versioned, 0, 0, &object) != 0 &&
            Raised("RuntimeError", "") && g_deleted == 0);
}

static void TestDemands(void) {
  char* bytes = (char*)g_data;
  CHECK("aligned data is taken", Takes(Matrix(g_data), 256, 1));
  CHECK("misaligned data is refused", Refuses(Matrix(bytes + 4), 64, 0));
  CHECK("misaligned data is taken if alignment does not matter", Takes(Matrix(bytes + 4), 0, 1));
  CHECK("alignment 4 is enough for alignment 4", Takes(Matrix(bytes + 4), 4, 1));
  DLTensor matrix = Matrix(g_data);
  matrix.byte_offset = 4;
  CHECK("the byte offset counts: away from alignment", Refuses(matrix, 64, 0));
  matrix = Matrix(bytes + 4);
  matrix.byte_offset = 60;
  CHECK("the byte offset counts: to alignment", Takes(matrix, 64, 0));
  matrix = Matrix(bytes + 4);
  matrix.device.device_type = kDLCUDA;
  CHECK("the address counts on CUDA", Refuses(matrix, 64, 0));
  matrix.device.device_type = kDLOpenCL;
  CHECK("an opaque handle has no alignment", Takes(matrix, 64, 0));
  matrix.byte_offset = 4;
  CHECK("an offset from an opaque handle has", Refuses(matrix, 64, 0));

  matrix = Matrix(g_data);
  g_strides[0] = 1, g_strides[1] = 2;
  CHECK("a transposed tensor is not contiguous", Refuses(matrix, 0, 1));
  CHECK("a transposed tensor is taken if that does not matter", Takes(matrix, 0, 0));
  g_strides[0] = 4, g_strides[1] = 1;
  CHECK("a tensor with gaps is not contiguous", Refuses(matrix, 0, 1));
  g_shape[0] = 1, g_strides[0] = 99;
  CHECK("the stride of an extent of 1 does not matter", Takes(matrix, 0, 1));
  g_shape[0] = 0, g_strides[1] = 99;
  CHECK("the strides of an empty tensor do not matter", Takes(matrix, 0, 1));
}

static void TestToDLPack(void) {
  DLManagedTensorVersioned source = Versioned(Matrix(g_data), 0);
  TVMFFIObjectHandle object = NULL;
  DLManagedTensor* legacy = NULL;
  DLManagedTensorVersioned* versioned = NULL;
  TVMFFITensorFromDLPackVersioned(&source, 0, 0, &object);

  CHECK("a tensor is lent in the legacy form",
        TVMFFITensorToDLPack(object, &legacy) == 0 && legacy->dl_tensor.data == g_data &&
            legacy->dl_tensor.ndim == 2 && legacy->dl_tensor.shape[1] == 3 &&
            legacy->dl_tensor.strides[0] == 3);
  CHECK("a tensor is lent in the versioned form",
        TVMFFITensorToDLPackVersioned(object, &versioned) == 0 &&
            versioned->dl_tensor.data == g_data && versioned->dl_tensor.shape[1] == 3);
  CHECK("the versioned form says DLPack 1.3, no flags",
        versioned->version.major == 1 && versioned->version.minor == 3 && versioned->flags == 0);
  CHECK("each loan holds a reference", StrongCount(object) == 3);
  TVMFFIObjectDecRef(object);
  legacy->deleter(legacy);
  CHECK("a loan keeps the source", g_deleted == 0);
  versioned->deleter(versioned);
  CHECK("the last loan deletes the source once", g_deleted == 1);
}

static void TestView(void) {
  DLManagedTensor source = Legacy(Matrix(g_data));
  TVMFFIObjectHandle object = NULL, view = NULL;
  TVMFFITensorFromDLPack(&source, 0, 0, &object);
  int64_t shape[1] = {3}, strides[1] = {1};
  DLTensor row = Matrix(g_data + 3);
  row.ndim = 1, row.shape = shape, row.strides = strides;
  CHECK("a view is made", TVMFFITensorCreateUnsafeView(object, &row, &view) == 0);
  shape[0] = 0, strides[0] = 0;
  const DLTensor* tensor = Cell(view);
  CHECK("a view has the data of its prototype and copies of its extents",
        tensor->data == g_data + 3 && tensor->ndim == 1 && tensor->shape[0] == 3 &&
            tensor->strides[0] == 1);
  TVMFFIObjectDecRef(object);
  CHECK("a view keeps the source", g_deleted == 0);
  TVMFFIObjectDecRef(view);
  CHECK("the last view deletes the source once", g_deleted == 1);
}

void TestTensors(void) {
  TestFromDLPack();
  TestDemands();
  TestToDLPack();
  TestView();
}

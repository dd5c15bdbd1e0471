// Streams, the tensor allocator, signals.
#include <pthread.h>
#include <stdlib.h>

#include "check.h"

static void* const kStream = (void*)0x51;

static void* StreamElsewhere(void* stream) {
  *(TVMFFIStreamHandle*)stream = TVMFFIEnvGetStream(kDLCUDA, 1);
  return NULL;
}

static void TestStreams(void) {
  TVMFFIStreamHandle before = kStream, elsewhere = kStream;
  CHECK("the stream of an unknown device is NULL",
        TVMFFIEnvGetStream(99, 99) == NULL && TVMFFIEnvGetStream(-1, -1) == NULL);
  CHECK("a stream is set, in place of none",
        TVMFFIEnvSetStream(kDLCUDA, 1, kStream, &before) == 0 && before == NULL &&
            TVMFFIEnvGetStream(kDLCUDA, 1) == kStream);
  CHECK("each device has its own",
        TVMFFIEnvGetStream(kDLCUDA, 0) == NULL && TVMFFIEnvGetStream(kDLROCM, 1) == NULL);
  pthread_t thread;
  pthread_create(&thread, NULL, StreamElsewhere, (void*)&elsewhere);
  pthread_join(thread, NULL);
  CHECK("each thread has its own", elsewhere == NULL);
  CHECK("a stream is set back", TVMFFIEnvSetStream(kDLCUDA, 1, NULL, &before) == 0 &&
                                    before == kStream && TVMFFIEnvGetStream(kDLCUDA, 1) == NULL);
  CHECK("the stream before need not be asked for", TVMFFIEnvSetStream(kDLCPU, 0, NULL, NULL) == 0);
}

static int g_live = 0;

static void Free(DLManagedTensorVersioned* self) {
  --g_live;
  free(self->dl_tensor.data);
  free(self->dl_tensor.shape);
  free(self);
}

// Allocates float32 tensors on the CPU; fails for other dtypes, gives nothing for rank 0.
static int Allocate(DLTensor* prototype, DLManagedTensorVersioned** out, void* error_ctx,
                    void (*set_error)(void* error_ctx, const char* kind, const char* message)) {
  if (prototype->dtype.code != kDLFloat) {
    set_error(error_ctx, "MemoryError", "floats only");
    return -1;
  }
  *out = NULL;
  if (prototype->ndim == 0) return 0;
  DLManagedTensorVersioned* managed = calloc(1, sizeof(*managed));
  size_t size = sizeof(float);
  managed->dl_tensor = *prototype;
  managed->dl_tensor.strides = NULL;
  managed->dl_tensor.byte_offset = 0;
  managed->dl_tensor.shape = calloc((size_t)prototype->ndim, sizeof(int64_t));
  for (int32_t i = 0; i < prototype->ndim; ++i) {
    managed->dl_tensor.shape[i] = prototype->shape[i];
    size *= (size_t)prototype->shape[i];
  }
  managed->dl_tensor.data = malloc(size);
  managed->version.major = 1;
  managed->version.minor = 3;
  managed->deleter = Free;
  ++g_live;
  *out = managed;
  return 0;
}

static int AllocateNothing(DLTensor* prototype, DLManagedTensorVersioned** out, void* error_ctx,
                           void (*set_error)(void* error_ctx, const char* kind,
                                             const char* message)) {
  (void)prototype, (void)out;
  set_error(error_ctx, "MemoryError", "nothing left");
  return -1;
}

static void* AllocatorElsewhere(void* allocator) {
  *(DLPackManagedTensorAllocator*)allocator = TVMFFIEnvGetDLPackManagedTensorAllocator();
  return NULL;
}

static DLPackManagedTensorAllocator AskElsewhere(void) {
  DLPackManagedTensorAllocator allocator = NULL;
  pthread_t thread;
  pthread_create(&thread, NULL, AllocatorElsewhere, (void*)&allocator);
  pthread_join(thread, NULL);
  return allocator;
}

static void TestAllocator(void) {
  int64_t shape[2] = {2, 3};
  DLTensor prototype = {0};
  prototype.device.device_type = kDLCPU;
  prototype.ndim = 2;
  prototype.dtype.code = kDLFloat;
  prototype.dtype.bits = 32;
  prototype.dtype.lanes = 1;
  prototype.shape = shape;
  TVMFFIObjectHandle object = NULL;
  DLPackManagedTensorAllocator before = Allocate;

  CHECK("no allocator is set at first", TVMFFIEnvGetDLPackManagedTensorAllocator() == NULL);
  CHECK("without an allocator there is no tensor", TVMFFIEnvTensorAlloc(&prototype, &object) != 0 &&
                                                       Raised("RuntimeError", "") &&
                                                       object == NULL);
  CHECK("an allocator is set for this thread, in place of none",
        TVMFFIEnvSetDLPackManagedTensorAllocator(Allocate, 0, &before) == 0 && before == NULL &&
            TVMFFIEnvGetDLPackManagedTensorAllocator() == Allocate);
  CHECK("another thread does not see it", AskElsewhere() == NULL);

  CHECK("a tensor is allocated", TVMFFIEnvTensorAlloc(&prototype, &object) == 0 && g_live == 1);
  const DLTensor* tensor = Cell(object);
  CHECK("it is as asked for", ((TVMFFIObject*)object)->type_index == kTVMFFITensor &&
                                  StrongCount(object) == 1 && tensor->data != NULL &&
                                  tensor->ndim == 2 && tensor->shape[0] == 2 &&
                                  tensor->shape[1] == 3 && tensor->dtype.bits == 32);
  CHECK("its strides are filled in",
        tensor->strides != NULL && tensor->strides[0] == 3 && tensor->strides[1] == 1);
  TVMFFIObjectDecRef(object);
  CHECK("it is freed once", g_live == 0);

  prototype.dtype.code = kDLInt;
  CHECK("an allocator's own error is passed on",
        TVMFFIEnvTensorAlloc(&prototype, &object) == -1 && Raised("MemoryError", "floats only"));
  prototype.dtype.code = kDLFloat;
  prototype.ndim = 0;
  CHECK("an allocator must give a tensor",
        TVMFFIEnvTensorAlloc(&prototype, &object) != 0 && Raised("RuntimeError", ""));

  CHECK("an allocator is set for the process",
        TVMFFIEnvSetDLPackManagedTensorAllocator(AllocateNothing, 1, &before) == 0 &&
            before == Allocate && AskElsewhere() == AllocateNothing);
  TVMFFIEnvSetDLPackManagedTensorAllocator(Allocate, 0, NULL);
  CHECK("that of the thread goes first", TVMFFIEnvGetDLPackManagedTensorAllocator() == Allocate);
  TVMFFIEnvSetDLPackManagedTensorAllocator(NULL, 0, &before);
  CHECK("that of the process stays behind it",
        before == Allocate && TVMFFIEnvGetDLPackManagedTensorAllocator() == AllocateNothing);
  TVMFFIEnvSetDLPackManagedTensorAllocator(NULL, 1, NULL);
  CHECK("both are removed", TVMFFIEnvGetDLPackManagedTensorAllocator() == NULL);
}

void TestEnvironment(void) {
  TestStreams();
  TestAllocator();
  CHECK("without a frontend no signal is pending", TVMFFIEnvCheckSignals() == 0);
  CHECK("an unknown frontend function is refused",
        TVMFFIEnvRegisterCAPI("Unknown", NULL) != 0 && Raised("ValueError", "Unknown"));
}

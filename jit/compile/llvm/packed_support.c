#include "jit/compile/llvm/packed_support.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message that is cut where it grows too long. */
typedef struct Message {
  char text[512];
  size_t size;
} Message;

__attribute__((format(printf, 2, 3))) static void Append(Message* message, const char* format,
                                                         ...) {
  const size_t room = sizeof(message->text) - message->size;
  va_list list;
  va_start(list, format);
  const int size = vsnprintf(message->text + message->size, room, format, list);
  va_end(list);
  if (size > 0) message->size += (size_t)size < room ? (size_t)size : room - 1;
}

static const DLTensor* TensorOf(const TVMFFIAny* value) {
  if (value->type_index == kTVMFFITensor) return (const DLTensor*)(value->v_obj + 1);
  if (value->type_index == kTVMFFIDLTensorPtr) return (const DLTensor*)value->v_ptr;
  return NULL;
}

static void AppendExtents(Message* message, const int64_t* extents, int32_t ndim) {
  Append(message, "[");
  for (int32_t i = 0; i < ndim; ++i) {
    Append(message, i == 0 ? "%" PRId64 : ", %" PRId64, extents[i]);
  }
  Append(message, "]");
}

/* "float32", as the runtime spells it. For complex numbers it has no name. */
static void AppendDataType(Message* message, DLDataType dtype) {
  if (dtype.code == kDLComplex && dtype.lanes == 1) {
    Append(message, "complex%d", dtype.bits);
    return;
  }
  TVMFFIAny name = {0};
  if (TVMFFIDataTypeToString(&dtype, &name) != 0) {
    TVMFFIObjectHandle ignored = NULL;
    TVMFFIErrorMoveFromRaised(&ignored);
    TVMFFIObjectDecRef(ignored);
    Append(message, "DLDataType{%d, %d, %d}", dtype.code, dtype.bits, dtype.lanes);
  } else if (name.type_index == kTVMFFISmallStr) {
    Append(message, "%s", name.v_bytes);
  } else {
    Append(message, "%s", ((const TVMFFIByteArray*)(name.v_obj + 1))->data);
    TVMFFIObjectDecRef(name.v_obj);
  }
}

static void AppendTensor(Message* message, const DLTensor* tensor) {
  AppendDataType(message, tensor->dtype);
  Append(message, " tensor of shape ");
  AppendExtents(message, tensor->shape, tensor->ndim);
}

static const char* DeviceName(int32_t device_type) {
  switch (device_type) {
    case kDLCPU:
      return "cpu";
    case kDLCUDA:
      return "cuda";
    case kDLOpenCL:
      return "opencl";
    case kDLVulkan:
      return "vulkan";
    case kDLMetal:
      return "metal";
    case kDLROCM:
      return "rocm";
    default:
      return "device type ";
  }
}

static void AppendDevice(Message* message, DLDevice device) {
  const char* name = DeviceName((int32_t)device.device_type);
  Append(message, "%s", name);
  if (name[0] == 'd') Append(message, "%d", (int)device.device_type);
  Append(message, ":%d", device.device_id);
}

/* The kind of a value, and the value itself where that is short. */
static void AppendValue(Message* message, const TVMFFIAny* value) {
  const DLTensor* tensor = TensorOf(value);
  if (tensor != NULL) {
    AppendTensor(message, tensor);
    return;
  }
  const TVMFFITypeInfo* type = NULL;
  switch (value->type_index) {
    case kTVMFFINone:
      Append(message, "None");
      return;
    case kTVMFFIInt:
      Append(message, "int %" PRId64, value->v_int64);
      return;
    case kTVMFFIBool:
      Append(message, "bool %s", value->v_int64 != 0 ? "true" : "false");
      return;
    case kTVMFFIFloat:
      Append(message, "float %g", value->v_float64);
      return;
    case kTVMFFIRawStr:
    case kTVMFFISmallStr:
    case kTVMFFIStr:
      Append(message, "a string");
      return;
    case kTVMFFIByteArrayPtr:
    case kTVMFFISmallBytes:
    case kTVMFFIBytes:
      Append(message, "bytes");
      return;
    case kTVMFFIDataType:
      Append(message, "dtype ");
      AppendDataType(message, value->v_dtype);
      return;
    case kTVMFFIDevice:
      Append(message, "device ");
      AppendDevice(message, value->v_device);
      return;
    case kTVMFFIBigInt:
      Append(message, "an int of more than 64 bits");
      return;
    case kTVMFFIOpaquePtr:
      Append(message, "a pointer");
      return;
    case kTVMFFIDLTensorPtr:
      Append(message, "a null DLTensor*");
      return;
    default:
      if (value->type_index >= kTVMFFIStaticObjectBegin)
        type = TVMFFIGetTypeInfo(value->type_index);
      if (type != NULL) {
        Append(message, "%.*s", (int)type->type_key.size, type->type_key.data);
      } else {
        Append(message, "a value of type %d", value->type_index);
      }
  }
}

int32_t kiln_packed_has_nul(const TVMFFIAny* string) {
  const char* text = string->v_bytes;
  size_t size = string->small_str_len;
  if (string->type_index == kTVMFFIStr) {
    const TVMFFIByteArray* bytes = (const TVMFFIByteArray*)(string->v_obj + 1);
    text = bytes->data;
    size = bytes->size;
  }
  return size != 0 && memchr(text, 0, size) != NULL;
}

const void* kiln_packed_unsigned_bits(const TVMFFIAny* value) {
  if (value->type_index != kTVMFFIBigInt) return NULL;
  const TVMFFIByteArray words = TVMFFIBigIntGetContentByteArray(value);
  const int64_t* word = (const int64_t*)words.data;
  /* Two's complement, lowest word first: above 2^63 a second word holds the sign alone. */
  return words.size == 2 * sizeof(int64_t) && word[1] == 0 ? word : NULL;
}

int kiln_packed_raise_count(const KilnPackedSignature* signature, int32_t given) {
  Message message = {{0}, 0};
  Append(&message, "%s: expected %" PRId64 " argument%s, got %d", signature->function,
         signature->count, signature->count == 1 ? "" : "s", given);
  TVMFFIErrorSetRaisedFromCStr("TypeError", message.text);
  return -1;
}

int kiln_packed_raise_argument(const KilnPackedSignature* signature, const TVMFFIAny* args,
                               int32_t index, int32_t fault) {
  const KilnPackedParameter* parameter = &signature->parameters[index];
  const DLTensor* tensor = TensorOf(&args[index]);
  const char* kind = "ValueError";
  Message message = {{0}, 0};
  Append(&message, "%s: argument %d", signature->function, index);
  if (parameter->name[0] != '\0') Append(&message, " (%s)", parameter->name);
  Append(&message, ": expected ");
  switch (fault) {
    case kKilnPackedFaultDevice:
      Append(&message, "a tensor in CPU memory, got one on ");
      AppendDevice(&message, tensor->device);
      break;
    case kKilnPackedFaultNotOnGpu:
      Append(&message, "a tensor in CUDA memory, got one on ");
      AppendDevice(&message, tensor->device);
      break;
    case kKilnPackedFaultOtherGpu:
      Append(&message, "a tensor on the GPU of the first one, got one on ");
      AppendDevice(&message, tensor->device);
      break;
    case kKilnPackedFaultContiguity:
      Append(&message, "a tensor whose rows follow each other without gaps, got one of shape ");
      AppendExtents(&message, tensor->shape, tensor->ndim);
      Append(&message, " with strides ");
      AppendExtents(&message, tensor->strides, tensor->ndim);
      break;
    case kKilnPackedFaultAlignment:
      Append(&message, "a tensor aligned to its element size, got %s at the address 0x%" PRIxPTR,
             parameter->expected, (uintptr_t)tensor->data + (uintptr_t)tensor->byte_offset);
      break;
    case kKilnPackedFaultReadOnly:
      Append(&message, "a tensor that may be written, got a read-only one");
      break;
    case kKilnPackedFaultNul:
      Append(&message, "%s, got one with a NUL inside, where a C string ends", parameter->expected);
      break;
    case kKilnPackedFaultRange:
      Append(&message, "%s, got ", parameter->expected);
      AppendValue(&message, &args[index]);
      Append(&message, ", which it can't hold");
      break;
    default:
      kind = "TypeError";
      Append(&message, "%s, got ", parameter->expected);
      AppendValue(&message, &args[index]);
  }
  TVMFFIErrorSetRaisedFromCStr(kind, message.text);
  return -1;
}

// Arguments that no correct caller gives: null handles, wrong kinds, text that claims too much.
// Each is an error that says so.

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include <kiln/dlpack.h>
#include <kiln/kiln.h>
#include <tvm/ffi/extra/c_env_api.h>

#include "tests/fuzz/raised.h"

namespace kiln::fuzz {
namespace {

constexpr TVMFFIByteArray kName{"test.fault", 10};
constexpr TVMFFIByteArray kNoContent{nullptr, 5};

// Evaluates to the kind of the error with which the call failed.
#define KIND_OF_FAILURE(call) ((call) == 0 ? "no failure" : TakeRaisedKind())

TEST(Fault, NullFunctions) {
  TVMFFIObjectHandle out = nullptr;
  Any result;
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIFunctionCreate(nullptr, nullptr, nullptr, &out)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIFunctionCall(nullptr, nullptr, 0, result.out())), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIFunctionGetGlobal(nullptr, &out)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIFunctionGetGlobal(&kNoContent, &out)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIFunctionSetGlobal(&kName, nullptr, 0)), "TypeError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIFunctionSetGlobal(nullptr, nullptr, 0)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIFunctionSetGlobalFromMethodInfo(nullptr, 0)), "ValueError");
  TVMFFIMethodInfo info{};
  info.name = kNoContent;
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0)), "ValueError");
  info.name = kName;
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0)), "TypeError");
  const Function function = Function::FromTyped([] { return 1; });
  info.method = AnyView(function).raw();
  info.doc = kNoContent;
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0)), "ValueError");
  EXPECT_FALSE(GlobalFunction::Find("test.fault").has_value());
}

TEST(Fault, NullObjects) {
  TVMFFIObjectHandle out = nullptr;
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIObjectIncRef(nullptr)), "ValueError");
  EXPECT_EQ(TVMFFIObjectDecRef(nullptr), 0);
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIObjectCreateOpaque(nullptr, kTVMFFIStr, nullptr, &out)),
            "RuntimeError");
  EXPECT_EQ(out, nullptr);
}

TEST(Fault, NullTypes) {
  int32_t index = -1;
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITypeKeyToIndex(nullptr, &index)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITypeKeyToIndex(&kNoContent, &index)), "ValueError");
  EXPECT_EQ(TVMFFITypeGetOrAllocIndex(nullptr, -1, 1, 0, 1, kTVMFFIObject), -2);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITypeRegisterField(kTVMFFIStr, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITypeRegisterMethod(kTVMFFIStr, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITypeRegisterMetadata(kTVMFFIStr, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITypeRegisterAttr(kTVMFFIStr, &kName, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITypeRegisterAttr(kTVMFFIStr, nullptr, nullptr)), "ValueError");
  EXPECT_EQ(TVMFFIGetTypeAttrColumn(nullptr), nullptr);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
}

TEST(Fault, IndicesThatNoTypeHas) {
  for (const int32_t index : {-1, INT32_MIN, INT32_MAX, 20, 63, 127, 1 << 20, (1 << 20) - 1}) {
    EXPECT_EQ(TVMFFIGetTypeInfo(index), nullptr) << index;
    TVMFFIFieldInfo field{};
    EXPECT_EQ(KIND_OF_FAILURE(TVMFFITypeRegisterField(index, &field)), "InternalError") << index;
    const Any value(1);
    EXPECT_EQ(KIND_OF_FAILURE(TVMFFITypeRegisterAttr(index, &kName, &value.raw())), "InternalError")
        << index;
    EXPECT_EQ(TVMFFITypeGetOrAllocIndex(&kName, -1, 1, 0, 1, index), -2) << index;
    EXPECT_NE(index == -2, TakeRaisedKind() == "ValueError") << index;
  }
}

TEST(Fault, NullText) {
  Any out;
  DLDataType dtype;
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIStringFromByteArray(nullptr, out.out())), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIStringFromByteArray(&kNoContent, out.out())), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIBytesFromByteArray(nullptr, out.out())), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIBytesFromByteArray(&kNoContent, out.out())), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIBigIntFromByteArray(nullptr, out.out())), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIDataTypeFromString(nullptr, &dtype)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIDataTypeFromString(&kNoContent, &dtype)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIDataTypeToString(nullptr, out.out())), "ValueError");
  EXPECT_EQ(TVMFFIBigIntGetContentByteArray(nullptr).size, 0u);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
}

TEST(Fault, NullErrors) {
  TVMFFIErrorSetRaised(nullptr);
  EXPECT_EQ(TakeRaisedKind(), "");
  TVMFFIErrorSetRaisedFromCStr(nullptr, nullptr);
  EXPECT_EQ(TakeRaisedKind(), "RuntimeError");
  TVMFFIErrorSetRaisedFromCStrParts("ValueError", nullptr, 3);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  const char* parts[] = {"a", nullptr, "b"};
  TVMFFIErrorSetRaisedFromCStrParts("ValueError", parts, -3);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  TVMFFIErrorSetRaisedFromCStrParts("ValueError", parts, 3);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  TVMFFIObjectHandle handle = nullptr;
  ASSERT_EQ(TVMFFIErrorCreate(nullptr, &kNoContent, nullptr, &handle), 0);
  EXPECT_EQ(Error(ObjectPtr<ErrorObj>::AdoptHandle(handle)).message(), "");
}

TEST(Fault, NullTensors) {
  TVMFFIObjectHandle out = nullptr;
  DLManagedTensor* plain = nullptr;
  DLManagedTensorVersioned* versioned = nullptr;
  DLTensor prototype{};
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITensorFromDLPack(nullptr, 0, 0, &out)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITensorFromDLPackVersioned(nullptr, 0, 0, &out)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITensorToDLPack(nullptr, &plain)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITensorToDLPackVersioned(nullptr, &versioned)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITensorCreateUnsafeView(nullptr, &prototype, &out)), "ValueError");
  const Tensor tensor = Tensor::Empty({2}, DataTypeOf<float>());
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITensorCreateUnsafeView(tensor.handle(), nullptr, &out)),
            "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIEnvTensorAlloc(nullptr, &out)), "RuntimeError");
  TVMFFIEnvSetDLPackManagedTensorAllocator(
      [](DLTensor*, DLManagedTensorVersioned**, void*,
         void (*)(void*, const char*, const char*)) -> int { return 0; },
      0, nullptr);
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIEnvTensorAlloc(nullptr, &out)), "ValueError");
  TVMFFIEnvSetDLPackManagedTensorAllocator(nullptr, 0, nullptr);
}

TEST(Fault, HandlesOfOtherObjectsThanTensors) {
  const Array<Any> array{Any(1)};
  TVMFFIObjectHandle out = nullptr;
  DLManagedTensor* plain = nullptr;
  DLManagedTensorVersioned* versioned = nullptr;
  DLTensor prototype{};
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITensorToDLPack(array.handle(), &plain)), "TypeError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITensorToDLPackVersioned(array.handle(), &versioned)),
            "TypeError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFITensorCreateUnsafeView(array.handle(), &prototype, &out)),
            "TypeError");
}

TEST(Fault, NullInTheEnvironment) {
  TVMFFIObjectHandle out = nullptr;
  void* handle = nullptr;
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIEnvModLookupFromImports(nullptr, "f", &out)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIEnvModRegisterContextSymbol(nullptr, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIEnvModRegisterSystemLibSymbol(nullptr, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIEnvRegisterCAPI(nullptr, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIEnvSetStream(-1, 0, nullptr, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIEnvSetStream(kDLCUDA, -1, nullptr, nullptr)), "ValueError");
  EXPECT_EQ(TVMFFIEnvGetStream(-1, INT32_MAX), nullptr);
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIHandleInitOnce(nullptr, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIHandleInitOnce(&handle, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIHandleDeinitOnce(nullptr, nullptr)), "ValueError");
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIHandleDeinitOnce(&handle, nullptr)), "ValueError");
}

// The kind of the error of a call with one argument of these bits.
std::string KindOfCall(const char* function, const TVMFFIAny& argument) {
  TVMFFIAny args[] = {argument};
  Any result;
  return KIND_OF_FAILURE(
      TVMFFIFunctionCall(GlobalFunction::Get(function).handle(), args, 1, result.out()));
}

TEST(Fault, InlineTextThatClaimsMoreThanFits) {
  for (const int32_t kind : {kTVMFFISmallStr, kTVMFFISmallBytes}) {
    for (const uint32_t length : {8u, 200u, UINT32_MAX}) {
      TVMFFIAny text{};
      text.type_index = kind;
      text.small_str_len = length;
      Any out;
      EXPECT_EQ(KIND_OF_FAILURE(TVMFFIAnyViewToOwnedAny(&text, out.out())), "ValueError");
      const bool is_text = kind == kTVMFFISmallStr;
      EXPECT_EQ(KindOfCall(is_text ? "ffi.String" : "ffi.Bytes", text), "TypeError");
      EXPECT_EQ(KindOfCall("ffi.Array", text), "ValueError");
    }
    TVMFFIAny longest{};
    longest.type_index = kind;
    longest.small_str_len = 7;
    Any out;
    EXPECT_EQ(TVMFFIAnyViewToOwnedAny(&longest, out.out()), 0);
  }
}

TEST(Fault, TextArgumentsThatAreNull) {
  Any out;
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIAnyViewToOwnedAny(nullptr, out.out())), "ValueError");
  for (const int32_t kind : {kTVMFFIRawStr, kTVMFFIByteArrayPtr, kTVMFFIObjectRValueRef}) {
    TVMFFIAny null{};
    null.type_index = kind;
    EXPECT_NE(KIND_OF_FAILURE(TVMFFIAnyViewToOwnedAny(&null, out.out())), "no failure") << kind;
    EXPECT_EQ(KindOfCall("ffi.String", null), "TypeError") << kind;
    EXPECT_EQ(KindOfCall("ffi.Bytes", null), "TypeError") << kind;
  }
  TVMFFIAny bytes{};
  bytes.type_index = kTVMFFIByteArrayPtr;
  bytes.v_ptr = const_cast<TVMFFIByteArray*>(&kNoContent);
  EXPECT_EQ(KIND_OF_FAILURE(TVMFFIAnyViewToOwnedAny(&bytes, out.out())), "ValueError");
  EXPECT_EQ(KindOfCall("ffi.Bytes", bytes), "TypeError");
}

}  // namespace
}  // namespace kiln::fuzz

// Reference counts, opaque objects, type indices, handles that are set up once.
#include <string.h>

#include "check.h"

// An object that a frontend could make by hand. Its deleter records the flags of each call.
typedef struct {
  TVMFFIObject head;
  int calls;
  int flags[2];
} Recorder;

static void Record(void* self, int flags) {
  Recorder* recorder = self;
  if (recorder->calls < 2) recorder->flags[recorder->calls] = flags;
  ++recorder->calls;
}

static Recorder MakeRecorder(void) {
  Recorder recorder;
  memset(&recorder, 0, sizeof(recorder));
  recorder.head.combined_ref_count = (UINT64_C(1) << 32) | 1;
  recorder.head.type_index = kTVMFFIObject;
  recorder.head.deleter = Record;
  return recorder;
}

static void CountCall(void* counter) { ++*(int*)counter; }

static void TestReferenceCounts(void) {
  Recorder plain = MakeRecorder();
  CHECK("IncRef succeeds", TVMFFIObjectIncRef(&plain) == 0);
  CHECK("IncRef adds a strong reference", StrongCount(&plain) == 2 && WeakCount(&plain) == 1);
  CHECK("DecRef succeeds", TVMFFIObjectDecRef(&plain) == 0);
  CHECK("DecRef keeps a referenced object", plain.calls == 0 && StrongCount(&plain) == 1);
  TVMFFIObjectDecRef(&plain);
  CHECK("the last DecRef deletes content and memory in one call",
        plain.calls == 1 && plain.flags[0] == kTVMFFIObjectDeleterFlagBitMaskBoth);

  Recorder watched = MakeRecorder();
  watched.head.combined_ref_count += UINT64_C(1) << 32;
  TVMFFIObjectDecRef(&watched);
  CHECK("the last DecRef leaves the memory to a weak reference",
        watched.calls == 1 && watched.flags[0] == kTVMFFIObjectDeleterFlagBitMaskStrong);
  CHECK("the strong references give their weak one up",
        StrongCount(&watched) == 0 && WeakCount(&watched) == 1);

  Recorder immortal = MakeRecorder();
  immortal.head.deleter = NULL;
  CHECK("an object without deleter can be released", TVMFFIObjectDecRef(&immortal) == 0);
  CHECK("DecRef ignores NULL", TVMFFIObjectDecRef(NULL) == 0);
}

static void TestOpaque(void) {
  int deleted = 0;
  TVMFFIObjectHandle object = NULL;
  CHECK("CreateOpaque succeeds",
        TVMFFIObjectCreateOpaque(&deleted, kTVMFFIOpaquePyObject, CountCall, &object) == 0);
  CHECK("an opaque object has its type and its handle",
        ((TVMFFIObject*)object)->type_index == kTVMFFIOpaquePyObject &&
            ((TVMFFIOpaqueObjectCell*)Cell(object))->handle == &deleted);
  TVMFFIObjectDecRef(object);
  CHECK("an opaque object runs its deleter once", deleted == 1);

  TVMFFIObjectCreateOpaque(&deleted, kTVMFFIOpaquePyObject, NULL, &object);
  CHECK("an opaque object needs no deleter", TVMFFIObjectDecRef(object) == 0 && deleted == 1);
  CHECK("CreateOpaque takes no other type",
        TVMFFIObjectCreateOpaque(&deleted, kTVMFFIStr, CountCall, &object) != 0 &&
            Raised("RuntimeError", "") && deleted == 1);
}

static int32_t IndexOf(const char* key) {
  const TVMFFIByteArray bytes = Bytes(key);
  int32_t index = -9;
  return TVMFFITypeKeyToIndex(&bytes, &index) == 0 ? index : -9;
}

static void TestTypes(void) {
  CHECK("the types of the ABI are known by their keys",
        IndexOf("None") == kTVMFFINone && IndexOf("int") == kTVMFFIInt &&
            IndexOf("bool") == kTVMFFIBool && IndexOf("float") == kTVMFFIFloat &&
            IndexOf("void*") == kTVMFFIOpaquePtr && IndexOf("DataType") == kTVMFFIDataType &&
            IndexOf("Device") == kTVMFFIDevice && IndexOf("DLTensor*") == kTVMFFIDLTensorPtr &&
            IndexOf("const char*") == kTVMFFIRawStr &&
            IndexOf("TVMFFIByteArray*") == kTVMFFIByteArrayPtr &&
            IndexOf("ObjectRValueRef") == kTVMFFIObjectRValueRef &&
            IndexOf("ffi.SmallStr") == kTVMFFISmallStr &&
            IndexOf("ffi.SmallBytes") == kTVMFFISmallBytes &&
            IndexOf("ffi.Object") == kTVMFFIObject && IndexOf("ffi.String") == kTVMFFIStr &&
            IndexOf("ffi.Bytes") == kTVMFFIBytes && IndexOf("ffi.Error") == kTVMFFIError &&
            IndexOf("ffi.Function") == kTVMFFIFunction && IndexOf("ffi.Shape") == kTVMFFIShape &&
            IndexOf("ffi.Tensor") == kTVMFFITensor && IndexOf("ffi.Array") == kTVMFFIArray &&
            IndexOf("ffi.Map") == kTVMFFIMap && IndexOf("ffi.Module") == kTVMFFIModule &&
            IndexOf("ffi.OpaquePyObject") == kTVMFFIOpaquePyObject &&
            IndexOf("ffi.List") == kTVMFFIList && IndexOf("ffi.Dict") == kTVMFFIDict);
  CHECK("an unknown type key is an error", IndexOf("kiln.test.Nothing") == -9 && !NothingRaised());

  const TVMFFIByteArray key = Bytes("kiln.test.Type");
  CHECK("asking for a type does not register it",
        TVMFFITypeGetOrAllocIndex(&key, -1, 1, 0, 1, -2) == -2);
  const int32_t index = TVMFFITypeGetOrAllocIndex(&key, -1, 1, 0, 1, kTVMFFIObject);
  CHECK("a new type gets a dynamic index", index >= kTVMFFIDynObjectBegin);
  CHECK("a registered type keeps its index",
        TVMFFITypeGetOrAllocIndex(&key, -1, 1, 0, 1, kTVMFFIObject) == index &&
            TVMFFITypeGetOrAllocIndex(&key, -1, 1, 0, 1, -2) == index &&
            IndexOf("kiln.test.Type") == index);
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(index);
  CHECK("a type knows its key and its ancestors",
        Same(info->type_key, "kiln.test.Type") && info->type_index == index &&
            info->type_depth == 1 && info->type_ancestors[0] == TVMFFIGetTypeInfo(kTVMFFIObject));
}

static int g_inits = 0;
static int g_resource = 0;

static int Init(void** result) {
  ++g_inits;
  *result = &g_resource;
  return 0;
}
static int InitNothing(void** result) {
  *result = NULL;
  return 0;
}
static int InitFailing(void** result) {
  (void)result;
  TVMFFIErrorSetRaisedFromCStr("ValueError", "no resource");
  return -1;
}
static int Deinit(void* handle) {
  g_inits -= handle == &g_resource;
  return 0;
}

static void TestHandleOnce(void) {
  void* handle = NULL;
  CHECK("HandleInitOnce sets the handle",
        TVMFFIHandleInitOnce(&handle, Init) == 0 && handle == &g_resource);
  CHECK("HandleInitOnce runs once", TVMFFIHandleInitOnce(&handle, Init) == 0 && g_inits == 1);
  CHECK("HandleDeinitOnce releases the handle",
        TVMFFIHandleDeinitOnce(&handle, Deinit) == 0 && handle == NULL && g_inits == 0);
  CHECK("HandleDeinitOnce runs once", TVMFFIHandleDeinitOnce(&handle, Deinit) == 0 && g_inits == 0);
  CHECK("HandleInitOnce takes no NULL",
        TVMFFIHandleInitOnce(&handle, InitNothing) != 0 && Raised("RuntimeError", ""));
  CHECK("HandleInitOnce passes an error on", TVMFFIHandleInitOnce(&handle, InitFailing) == -1 &&
                                                 handle == NULL &&
                                                 Raised("ValueError", "no resource"));
}

void TestObjects(void) {
  TestReferenceCounts();
  TestOpaque();
  TestTypes();
  TestHandleOnce();
}

// The C ABI of Kiln, binary compatible with TVM FFI 0.1.16: a call convention, a value type,
// reference counted objects and the functions of libtvm_ffi.so. Everything else is built on this
// header.
//
// Words and rules used below:
// - A function that returns int returns 0 on success. Any other value is a failure: an Error is
//   then raised on the calling thread, to be taken with TVMFFIErrorMoveFromRaised, and the outputs
//   are unchanged unless said otherwise.
// - "New reference": the caller owns one count and gives it back with TVMFFIObjectDecRef.
//   "Borrowed": the callee uses it during the call only, or keeps a count of its own.
// - Every function may be called from any thread, at the same time, unless it says otherwise.
// - A pointer argument is not NULL unless it says otherwise. Sizes and offsets are in bytes.
// - Strings are UTF-8 by convention; nothing checks it.
// NOLINTBEGIN(modernize-use-using, bugprone-reserved-identifier)
#ifndef TVM_FFI_C_API_H_
#define TVM_FFI_C_API_H_

#include <stddef.h>
#include <stdint.h>

#include <kiln/dlpack.h>

// -----------------------------------------------------------------------------------------------
// Macros
// -----------------------------------------------------------------------------------------------

// The version of the ABI that this header declares. TVMFFIGetVersion answers that of the library.
#define TVM_FFI_VERSION_MAJOR 0
#define TVM_FFI_VERSION_MINOR 1
#define TVM_FFI_VERSION_PATCH 16

// A function of the runtime library.
#ifndef TVM_FFI_DLL
#define TVM_FFI_DLL __attribute__((visibility("default")))
#endif
// A function that a library made by the user exports.
#ifndef TVM_FFI_DLL_EXPORT
#define TVM_FFI_DLL_EXPORT __attribute__((visibility("default")))
#endif
// A definition that may stand in several objects of one program.
#define TVM_FFI_WEAK __attribute__((weak))
// A function that changes nothing and depends on its arguments and on memory alone.
#define TVM_FFI_ATTRIBUTE_PURE __attribute__((__pure__))

// Enumerations are int32_t wide in C++ too. Undefined again at the end of this header.
#ifdef __cplusplus
#define TVM_FFI_ENUM_BASE_ : int32_t
extern "C" {
#else
#define TVM_FFI_ENUM_BASE_
#endif

// -----------------------------------------------------------------------------------------------
// Type indices
// -----------------------------------------------------------------------------------------------

// What a TVMFFIAny holds and what type an object has: one numbering for both.
//   [0, 64)    values stored in the TVMFFIAny itself
//   [64, 128)  objects whose type is known to the ABI
//   [128, ..)  objects whose type was registered at run time
typedef enum TVMFFITypeIndex TVM_FFI_ENUM_BASE_ {
  // Any value. Stands in field annotations, never in a TVMFFIAny.
  kTVMFFIAny = -1,

  kTVMFFINone = 0,
  kTVMFFIInt = 1,        // v_int64
  kTVMFFIBool = 2,       // v_int64, 0 or 1
  kTVMFFIFloat = 3,      // v_float64
  kTVMFFIOpaquePtr = 4,  // v_ptr, owned by no one
  kTVMFFIDataType = 5,   // v_dtype
  kTVMFFIDevice = 6,     // v_device
  // v_ptr is a DLTensor*, borrowed even in an owned value.
  kTVMFFIDLTensorPtr = 7,
  // v_c_str, borrowed and ended by NUL. Views only.
  kTVMFFIRawStr = 8,
  // v_ptr is a TVMFFIByteArray*, borrowed. Views only.
  kTVMFFIByteArrayPtr = 9,
  // v_ptr is a TVMFFIObject** to move out of: the taker sets it to NULL. Views only.
  kTVMFFIObjectRValueRef = 10,
  kTVMFFISmallStr = 11,    // v_bytes and small_str_len: up to 7 bytes and a NUL
  kTVMFFISmallBytes = 12,  // likewise
  // What a structural mutation returns for "left as it was".
  kTVMFFIUnchanged = 13,

  kTVMFFIStaticObjectBegin = 64,
  // The root of all object types.
  kTVMFFIObject = 64,
  kTVMFFIStr = 65,       // TVMFFIObject, TVMFFIByteArray; a NUL follows the content
  kTVMFFIBytes = 66,     // TVMFFIObject, TVMFFIByteArray
  kTVMFFIError = 67,     // TVMFFIObject, TVMFFIErrorCell
  kTVMFFIFunction = 68,  // TVMFFIObject, TVMFFIFunctionCell
  kTVMFFIShape = 69,     // TVMFFIObject, TVMFFIShapeCell
  kTVMFFITensor = 70,    // TVMFFIObject, DLTensor
  kTVMFFIArray = 71,     // TVMFFIObject, TVMFFISeqCell of TVMFFIAny; immutable
  kTVMFFIMap = 72,       // immutable
  kTVMFFIModule = 73,
  // TVMFFIObject, TVMFFIOpaqueObjectCell: a PyObject* that Python alone understands.
  kTVMFFIOpaquePyObject = 74,
  kTVMFFIList = 75,            // TVMFFIObject, TVMFFISeqCell of TVMFFIAny; mutable
  kTVMFFIDict = 76,            // mutable
  kTVMFFIVisitInterrupt = 77,  // ends a structural visit early
  // TVMFFIObject, size_t count, then count int64_t words: two's complement, lowest word first, no
  // word more than needed. An integer that fits int64_t is always a kTVMFFIInt.
  kTVMFFIBigInt = 78,
  kTVMFFIStaticObjectEnd,

  kTVMFFIDynObjectBegin = 128
} TVMFFITypeIndex;

// -----------------------------------------------------------------------------------------------
// Objects
// -----------------------------------------------------------------------------------------------

// Points to a TVMFFIObject.
typedef void* TVMFFIObjectHandle;

// What a deleter has to do.
typedef enum TVMFFIObjectDeleterFlagBitMask TVM_FFI_ENUM_BASE_ {
  // The last strong reference is gone: destroy the content, keep the memory.
  kTVMFFIObjectDeleterFlagBitMaskStrong = 1 << 0,
  // The last weak reference is gone too: free the memory.
  kTVMFFIObjectDeleterFlagBitMaskWeak = 1 << 1,
  // Both at once, as for nearly every object.
  kTVMFFIObjectDeleterFlagBitMaskBoth =
      (kTVMFFIObjectDeleterFlagBitMaskStrong | kTVMFFIObjectDeleterFlagBitMaskWeak),
} TVMFFIObjectDeleterFlagBitMask;

// The head of every object.
typedef struct TVMFFIObject {
  // Bits 0..31 count strong references, bits 32..63 weak ones. All strong references together
  // hold one weak reference, so a new object has 0x100000001. Changed by atomic operations only.
  uint64_t combined_ref_count;
  int32_t type_index;  // >= kTVMFFIStaticObjectBegin
  uint32_t __padding;
  union {
    // Called by whoever drops the last reference, with TVMFFIObjectDeleterFlagBitMask flags, on
    // that caller's thread. May be NULL.
    void (*deleter)(void* self, int flags);
    int64_t __ensure_align;
  };
} TVMFFIObject;

// -----------------------------------------------------------------------------------------------
// Values
// -----------------------------------------------------------------------------------------------

// One value of any type, in 16 bytes. The same layout serves two roles:
//   a view   borrows what it points to; it may hold every type index. Arguments are views.
//   an owned value holds one strong reference where type_index >= kTVMFFIStaticObjectBegin, and is
//            none of the kinds marked "views only". Results are owned values.
// TVMFFIAnyViewToOwnedAny makes the second from the first.
typedef struct TVMFFIAny {
  int32_t type_index;  // TVMFFITypeIndex
  union {
    uint32_t zero_padding;   // 0, except in small strings and bytes
    uint32_t small_str_len;  // 0..7
  };
  union {
    int64_t v_int64;
    double v_float64;
    void* v_ptr;
    const char* v_c_str;
    TVMFFIObject* v_obj;
    DLDataType v_dtype;  // the four bytes behind it are 0
    DLDevice v_device;
    char v_bytes[8];
    uint64_t v_uint64;  // all the bits, for hashing and comparing
  };
} TVMFFIAny;

// -----------------------------------------------------------------------------------------------
// Cells: what follows the TVMFFIObject head in the objects of the ABI
// -----------------------------------------------------------------------------------------------

// A range of bytes. In a string or bytes object it lives as long as the object. `data` may be
// NULL where `size` is 0.
typedef struct TVMFFIByteArray {
  const char* data;
  size_t size;
} TVMFFIByteArray;

// The extents of a shape object; `data` lives as long as the object.
typedef struct TVMFFIShapeCell {
  const int64_t* data;
  size_t size;
} TVMFFIShapeCell;

// The elements of an array or a list. Threads that share a list lock it themselves.
typedef struct TVMFFISeqCell {
  void* data;        // TVMFFIAny[capacity], the first `size` of them in use and owned
  int64_t size;      // in elements
  int64_t capacity;  // in elements
  // Frees `data`; NULL where `data` lies within the object itself.
  void (*data_deleter)(void*);
} TVMFFISeqCell;

// How update_backtrace changes a backtrace.
typedef enum TVMFFIBacktraceUpdateMode TVM_FFI_ENUM_BASE_ {
  kTVMFFIBacktraceUpdateModeReplace = 0,
  kTVMFFIBacktraceUpdateModeAppend = 1,
} TVMFFIBacktraceUpdateMode;

// The content of an error. All of it belongs to the error object.
typedef struct TVMFFIErrorCell {
  TVMFFIByteArray kind;     // such as "ValueError"
  TVMFFIByteArray message;  // a NUL follows it
  // One line for each frame, the innermost first, so that callers append as the error travels up.
  TVMFFIByteArray backtrace;
  // Copies `backtrace` into the error. Invalidates the `backtrace` read before, so it is for the
  // one thread that has the error in hand.
  void (*update_backtrace)(TVMFFIObjectHandle self, const TVMFFIByteArray* backtrace,
                           int32_t update_mode);
  TVMFFIObjectHandle cause_chain;    // the Error that led to this one, or NULL; owned
  TVMFFIObjectHandle extra_context;  // any object, or NULL; owned
} TVMFFIErrorCell;

// The call convention: what every function of the ABI looks like, a symbol of a kernel library as
// well.
//   handle    what the function was created with (TVMFFIFunctionCreate); NULL for a library symbol
//   args      num_args views, borrowed for the call; may be NULL where num_args is 0
//   result    holds no object (type_index < 64) on entry; an owned value on success
// Returns 0, or non-zero with an Error raised on this thread. Never throws a C++ exception.
typedef int (*TVMFFISafeCallType)(void* handle, const TVMFFIAny* args, int32_t num_args,
                                  TVMFFIAny* result);

// The content of a function object.
typedef struct TVMFFIFunctionCell {
  // Called with the function object as `handle`.
  TVMFFISafeCallType safe_call;
  // The same call for C++ on both sides: returns void and throws. NULL for functions not made in
  // C++. Use it within one C++ runtime only.
  void* cpp_call;
} TVMFFIFunctionCell;

// The content of an opaque object.
typedef struct TVMFFIOpaqueObjectCell {
  void* handle;  // released by the deleter given to TVMFFIObjectCreateOpaque
} TVMFFIOpaqueObjectCell;

// -----------------------------------------------------------------------------------------------
// Version
// -----------------------------------------------------------------------------------------------

typedef struct TVMFFIVersion {
  uint32_t major;
  uint32_t minor;
  uint32_t patch;
} TVMFFIVersion;

// The version of the ABI that the library implements. This function never changes.
TVM_FFI_DLL void TVMFFIGetVersion(TVMFFIVersion* out_version);

// -----------------------------------------------------------------------------------------------
// Object functions
// -----------------------------------------------------------------------------------------------

// Adds a strong reference. The caller must hold one already, its own or a borrowed one.
TVM_FFI_DLL int TVMFFIObjectIncRef(TVMFFIObjectHandle obj);

// Drops a strong reference; the last one runs the deleter before this returns. NULL is ignored.
TVM_FFI_DLL int TVMFFIObjectDecRef(TVMFFIObjectHandle obj);

// Wraps a foreign resource in an object. type_index must be kTVMFFIOpaquePyObject, or RuntimeError.
//   handle    owned by the object from success on; on failure it stays the caller's
//   deleter   called once with `handle` when the object dies; may be NULL
//   out       new reference
TVM_FFI_DLL int TVMFFIObjectCreateOpaque(void* handle, int32_t type_index,
                                         void (*deleter)(void* handle), TVMFFIObjectHandle* out);

// -----------------------------------------------------------------------------------------------
// Where objects live
// -----------------------------------------------------------------------------------------------

// Stands right before every object.
typedef struct TVMFFIObjectAllocHeader {
  // Frees the memory of the object at `ptr`, all that the allocator took for it. Called by the
  // object's deleter once no reference is left; the content is destroyed by then and must not be
  // read. NULL where the deleter frees by itself.
  void (*delete_space)(void* ptr);
} TVMFFIObjectAllocHeader;

// Where new objects get their memory. A frontend that keeps state of its own beside each object
// sets one.
typedef struct TVMFFICustomAllocator {
  // Returns `size` uninitialised bytes at `alignment`, with a filled-in TVMFFIObjectAllocHeader
  // right before them, or NULL with an Error raised. Called from any thread.
  void* (*allocate)(size_t size, size_t alignment, int32_t type_index, void* context);
  void* context;  // passed to allocate, otherwise untouched
} TVMFFICustomAllocator;

// The allocator in use, never NULL. It belongs to whoever set it.
// Not to be called while another thread sets one.
TVM_FFI_DLL TVMFFICustomAllocator* TVMFFIGetCustomAllocator(void);

// Makes `allocator` the one of the process; NULL brings the built-in one back. It must live as
// long as the process. To be called once, at the start, before other threads make objects.
TVM_FFI_DLL int TVMFFISetCustomAllocator(TVMFFICustomAllocator* allocator);

// -----------------------------------------------------------------------------------------------
// Value functions
// -----------------------------------------------------------------------------------------------

// Makes an owned value of a view. What `out` held before is overwritten, not released.
//   objects                 one more strong reference
//   kTVMFFIRawStr           a copy: kTVMFFISmallStr up to 7 bytes, else kTVMFFIStr
//   kTVMFFIByteArrayPtr     a copy: kTVMFFISmallBytes up to 7 bytes, else kTVMFFIBytes
//   kTVMFFIObjectRValueRef  the reference moves to `out` and leaves NULL; an error if it was NULL
//   all others              the same 16 bytes
TVM_FFI_DLL int TVMFFIAnyViewToOwnedAny(const TVMFFIAny* any_view, TVMFFIAny* out);

// Copies `input` to a string, owned by the caller: kTVMFFISmallStr up to 7 bytes, else kTVMFFIStr.
// `out` is overwritten, and None on failure.
TVM_FFI_DLL int TVMFFIStringFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out);

// Likewise, to kTVMFFISmallBytes or kTVMFFIBytes.
TVM_FFI_DLL int TVMFFIBytesFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out);

// Makes the integer of `input`: 64-bit words in the machine's byte order, two's complement, the
// lowest word first; none at all is zero. The result is owned by the caller: kTVMFFIInt where it
// fits, else kTVMFFIBigInt. ValueError if the size is no multiple of 8. `out` is overwritten, and
// None on failure.
TVM_FFI_DLL int TVMFFIBigIntFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out);

// The words of a kTVMFFIInt or kTVMFFIBigInt, in the form above. Points into *value or its object
// and lives as long as they do.
TVM_FFI_DLL TVMFFIByteArray TVMFFIBigIntGetContentByteArray(const TVMFFIAny* value);

// Reads a dtype: a name, bits, lanes: "float32", "int8x4", "bool", "bfloat16", "float8_e4m3fn",
// "int32xvscalex4" (scalable vectors: minus lanes), "handle"; "" and "void" are {kDLOpaqueHandle,
// 0, 0}. Short forms "i8", "u8", "f32", "bf16", "f8_e4m3fn" and "fp8_e4m3fn" are read too.
// ValueError otherwise.
TVM_FFI_DLL int TVMFFIDataTypeFromString(const TVMFFIByteArray* str, DLDataType* out);

// Writes a dtype in the long form above. `out` is overwritten by a kTVMFFIStr, however short,
// that the caller owns. ValueError for a code that has no name.
TVM_FFI_DLL int TVMFFIDataTypeToString(const DLDataType* dtype, TVMFFIAny* out);

// -----------------------------------------------------------------------------------------------
// Functions and their registry
// -----------------------------------------------------------------------------------------------

// Makes a function object of a C callback.
//   self      passed to safe_call as `handle`; may be NULL
//   deleter   called once with `self` when the object dies; may be NULL
//   out       new reference
// With neither self nor deleter, what the callback gets as `handle` is unspecified.
TVM_FFI_DLL int TVMFFIFunctionCreate(void* self, TVMFFISafeCallType safe_call,
                                     void (*deleter)(void* self), TVMFFIObjectHandle* out);

// Calls a function; arguments and result as in TVMFFISafeCallType. Returns what the callee
// returns, with the callee's error raised.
TVM_FFI_DLL int TVMFFIFunctionCall(TVMFFIObjectHandle func, TVMFFIAny* args, int32_t num_args,
                                   TVMFFIAny* result);

// Registers `f`, borrowed, under `name`, which is copied. A name in use is replaced with
// allow_override and a RuntimeError without; calls under way finish on the function they started
// with.
TVM_FFI_DLL int TVMFFIFunctionSetGlobal(const TVMFFIByteArray* name, TVMFFIObjectHandle f,
                                        int allow_override);

// Looks a function up. `out`: new reference, or NULL, with success, where no such name is
// registered.
TVM_FFI_DLL int TVMFFIFunctionGetGlobal(const TVMFFIByteArray* name, TVMFFIObjectHandle* out);

// -----------------------------------------------------------------------------------------------
// Errors
//
// Each thread has room for one raised error. A function that fails puts it there and returns
// non-zero; its caller takes it out, or returns non-zero in turn and leaves it there.
// -----------------------------------------------------------------------------------------------

// Takes the raised error of this thread out. `result`: new reference, or NULL where none is raised.
TVM_FFI_DLL void TVMFFIErrorMoveFromRaised(TVMFFIObjectHandle* result);

// Raises `error`, borrowed, in place of the one raised before. NULL clears.
TVM_FFI_DLL void TVMFFIErrorSetRaised(TVMFFIObjectHandle error);

// Raises a new error with a backtrace from here. Both strings are copied.
TVM_FFI_DLL void TVMFFIErrorSetRaisedFromCStr(const char* kind, const char* message);

// Likewise, with the message in num_parts pieces; NULL pieces are skipped. Lets a compiler share
// the pieces that its messages have in common.
TVM_FFI_DLL void TVMFFIErrorSetRaisedFromCStrParts(const char* kind, const char** message_parts,
                                                   int32_t num_parts);

// Makes an error object; the three texts are copied. `out`: new reference. A failure means that
// memory has run out, and raises nothing.
TVM_FFI_DLL int TVMFFIErrorCreate(const TVMFFIByteArray* kind, const TVMFFIByteArray* message,
                                  const TVMFFIByteArray* backtrace, TVMFFIObjectHandle* out);

// Likewise, with the Error that led to it and an object with more about it. Both are borrowed
// (the new error takes references of its own) and may be NULL.
TVM_FFI_DLL int TVMFFIErrorCreateWithCauseAndExtraContext(
    const TVMFFIByteArray* kind, const TVMFFIByteArray* message, const TVMFFIByteArray* backtrace,
    TVMFFIObjectHandle cause_chain, TVMFFIObjectHandle extra_context, TVMFFIObjectHandle* out);

// The call stack of this thread as text, in the form of TVMFFIErrorCell::backtrace; valid until the
// thread calls this again. Never fails: at worst the text is empty.
//   filename, lineno, func   the place of the caller, written first; NULL to leave it out
//   cross_ffi_boundary       0: stop where the stack was entered from another language
TVM_FFI_DLL const TVMFFIByteArray* TVMFFIBacktrace(const char* filename, int lineno,
                                                   const char* func, int cross_ffi_boundary);

// -----------------------------------------------------------------------------------------------
// Tensors
// -----------------------------------------------------------------------------------------------

// Makes a tensor object that shares the memory of `from`.
//   from                owned by the tensor from success on: its deleter runs once, when the tensor
//                       dies. On failure it stays the caller's
//   require_alignment   of data + byte_offset, in bytes, or of byte_offset alone where the pointers
//                       of the device are opaque; 0 for none. RuntimeError if it does not hold
//   require_contiguous  non-zero: RuntimeError unless row-major without gaps. Extents of 1 and
//                       empty tensors fit any strides
//   out                 new reference. Absent strides are filled in
TVM_FFI_DLL int TVMFFITensorFromDLPack(DLManagedTensor* from, int32_t require_alignment,
                                       int32_t require_contiguous, TVMFFIObjectHandle* out);

// Likewise. RuntimeError for DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED; the other flags are not
// kept.
TVM_FFI_DLL int TVMFFITensorFromDLPackVersioned(DLManagedTensorVersioned* from,
                                                int32_t require_alignment,
                                                int32_t require_contiguous,
                                                TVMFFIObjectHandle* out);

// Lends a tensor out. *out shares data and shape with `from` and holds a reference to it, dropped
// by (*out)->deleter, which the caller or whoever it passes *out to must call once.
TVM_FFI_DLL int TVMFFITensorToDLPack(TVMFFIObjectHandle from, DLManagedTensor** out);

// Likewise, marked with version 1.3 and no flags.
TVM_FFI_DLL int TVMFFITensorToDLPackVersioned(TVMFFIObjectHandle from,
                                              DLManagedTensorVersioned** out);

// Makes a tensor with the metadata and data pointer of `prototype` that keeps `source` alive. The
// shape and the strides, which must be given, are copied. The caller vouches that the data lies
// in `source`. `out`: new reference.
TVM_FFI_DLL int TVMFFITensorCreateUnsafeView(TVMFFIObjectHandle source, const DLTensor* prototype,
                                             TVMFFIObjectHandle* out);

// -----------------------------------------------------------------------------------------------
// Types and reflection
//
// A type has a key, such as "ffi.String", an index and one parent. Reflection describes its
// fields and methods to other languages. What is registered stays for the life of the process;
// texts and values are copied. A type is to be described before other threads look at it.
// -----------------------------------------------------------------------------------------------

// Reads the field at the address `field`. `result`: an owned value.
typedef int (*TVMFFIFieldGetter)(void* field, TVMFFIAny* result);

// Writes the field at the address `field`. `value` is a view.
typedef int (*TVMFFIFieldSetter)(void* field, const TVMFFIAny* value);

// Makes an object of a type, its fields yet to be set. `result`: new reference.
typedef int (*TVMFFIObjectCreator)(TVMFFIObjectHandle* result);

// Flags of TVMFFIFieldInfo and TVMFFIMethodInfo.
typedef enum TVMFFIFieldFlagBitMask TVM_FFI_ENUM_BASE_ {
  kTVMFFIFieldFlagBitMaskWritable = 1 << 0,
  kTVMFFIFieldFlagBitMaskHasDefault = 1 << 1,
  kTVMFFIFieldFlagBitMaskIsStaticMethod = 1 << 2,
  // Not part of structural equality and hash.
  kTVMFFIFieldFlagBitMaskSEqHashIgnore = 1 << 3,
  // Enters a region of kTVMFFIDefRegionKindPattern.
  kTVMFFIFieldFlagBitMaskSEqHashDefPattern = 1 << 4,
  // The default is a Function without arguments that makes it. With HasDefault only.
  kTVMFFIFieldFlagBitMaskDefaultFromFactory = 1 << 5,
  // Left out of the printed form.
  kTVMFFIFieldFlagBitMaskReprOff = 1 << 6,
  // Left out of recursive comparison.
  kTVMFFIFieldFlagBitMaskCompareOff = 1 << 7,
  // Left out of recursive hash.
  kTVMFFIFieldFlagBitMaskHashOff = 1 << 8,
  // No parameter of the generated constructor.
  kTVMFFIFieldFlagBitMaskInitOff = 1 << 9,
  // A keyword-only parameter of the generated constructor.
  kTVMFFIFieldFlagBitMaskKwOnly = 1 << 10,
  // `setter` is a Function object called with (field address as kTVMFFIOpaquePtr, value).
  kTVMFFIFieldFlagBitSetterIsFunctionObj = 1 << 11,
  // Enters a region of kTVMFFIDefRegionKindSimple.
  kTVMFFIFieldFlagBitMaskSEqHashDefSimple = 1 << 12,
} TVMFFIFieldFlagBitMask;

// How structural equality and hash treat the objects of a type.
typedef enum TVMFFISEqHashKind TVM_FFI_ENUM_BASE_ {
  kTVMFFISEqHashKindUnsupported = 0,
  // By content; it does not matter whether two fields share one object.
  kTVMFFISEqHashKindTreeNode = 1,
  // A variable, which may be mapped to another one where it is defined.
  kTVMFFISEqHashKindFreeVar = 2,
  // By content and by which fields share one object.
  kTVMFFISEqHashKindDAGNode = 3,
  // A tree node without variables below it, so the same pointer means equal.
  kTVMFFISEqHashKindConstTreeNode = 4,
  // One object for each value, so equal means the same pointer.
  kTVMFFISEqHashKindUniqueInstance = 5,
} TVMFFISEqHashKind;

// What a variable means in the region of a field that is visited.
typedef enum TVMFFIDefRegionKind TVM_FFI_ENUM_BASE_ {
  // A use. One that no region around it defines is equal to itself alone.
  kTVMFFIDefRegionKindNone = 0,
  // A definition, and so are all variables in its type at their first occurrence. Regions inside
  // do not change that.
  kTVMFFIDefRegionKindPattern = 1,
  // A definition of this variable alone; those in its type are uses.
  kTVMFFIDefRegionKindSimple = 2,
} TVMFFIDefRegionKind;

// A field of a type.
typedef struct TVMFFIFieldInfo {
  TVMFFIByteArray name;
  TVMFFIByteArray doc;
  TVMFFIByteArray metadata;  // JSON
  int64_t flags;             // TVMFFIFieldFlagBitMask
  int64_t size;
  int64_t alignment;
  int64_t offset;  // from the start of the object
  TVMFFIFieldGetter getter;
  // A TVMFFIFieldSetter, or, with kTVMFFIFieldFlagBitSetterIsFunctionObj, a Function object. Set
  // for read-only fields too: reading stored objects back needs it.
  void* setter;
  TVMFFIAny default_value_or_factory;  // with HasDefault, else None; a view
  // The type as declared, such as kTVMFFIAny or kTVMFFIArray. The value may be of a narrower one.
  int32_t field_static_type_index;
} TVMFFIFieldInfo;

// A method of a type, or what is known about a global function.
typedef struct TVMFFIMethodInfo {
  TVMFFIByteArray name;
  TVMFFIByteArray doc;
  TVMFFIByteArray metadata;  // JSON
  int64_t flags;             // TVMFFIFieldFlagBitMask
  TVMFFIAny method;          // a Function, as a view; takes the object first unless static
} TVMFFIMethodInfo;

// A type as a whole.
typedef struct TVMFFITypeMetadata {
  TVMFFIByteArray doc;
  TVMFFIObjectCreator creator;  // NULL if objects cannot be made by reflection
  int32_t total_size;           // of the object, or 0 if not fixed
  TVMFFISEqHashKind structural_eq_hash_kind;
} TVMFFITypeMetadata;

// One attribute of all types. That of type i is data[i - begin_index], None if it has none; types
// outside of [begin_index, begin_index + size) have none. Not inherited. The column itself stays
// where it is; `data` is valid until the next registration in it.
typedef struct TVMFFITypeAttrColumn {
  const TVMFFIAny* data;
  int32_t size;
  int32_t begin_index;
} TVMFFITypeAttrColumn;

// A registered type. Never moves and is never freed.
typedef struct TVMFFITypeInfo {
  int32_t type_index;
  int32_t type_depth;  // how many ancestors
  TVMFFIByteArray type_key;
  // The type_depth ancestors, the root first. An object of type i is an instance of type p if p
  // is i or info(i)->type_ancestors[info(p)->type_depth] is info(p).
  const struct TVMFFITypeInfo** type_ancestors;
  uint64_t type_key_hash;
  int32_t num_fields;
  int32_t num_methods;
  const TVMFFIFieldInfo* fields;       // own ones, not those of ancestors
  const TVMFFIMethodInfo* methods;     // own ones
  const TVMFFITypeMetadata* metadata;  // NULL if not registered
} TVMFFITypeInfo;

// The index of a registered type. Fails if there is none.
TVM_FFI_DLL int TVMFFITypeKeyToIndex(const TVMFFIByteArray* type_key, int32_t* out_tindex);

// The index of a type, registered now if it is not yet. A type that is known keeps its index,
// whatever the other arguments say.
//   static_type_index         the index to take, or -1 for the next free one
//   type_depth                number of ancestors
//   num_child_slots           indices to reserve right behind it, for fast checks against children
//   child_slots_can_overflow  0: no more children than slots
//   parent_type_index         -1 for a root; -2 to ask only: -2 is returned if the type is unknown
// If that contradicts what is registered: -2 as well, with an Error raised.
TVM_FFI_DLL int32_t TVMFFITypeGetOrAllocIndex(const TVMFFIByteArray* type_key,
                                              int32_t static_type_index, int32_t type_depth,
                                              int32_t num_child_slots,
                                              int32_t child_slots_can_overflow,
                                              int32_t parent_type_index);

// What is registered about a type; NULL if there is no such type.
TVM_FFI_DLL TVM_FFI_ATTRIBUTE_PURE const TVMFFITypeInfo* TVMFFIGetTypeInfo(int32_t type_index);

// Add a field, a method, the metadata to a type, in the order of the calls. Each fails for an
// unknown type and for what is there already; two methods alone may share a name.
TVM_FFI_DLL int TVMFFITypeRegisterField(int32_t type_index, const TVMFFIFieldInfo* info);
TVM_FFI_DLL int TVMFFITypeRegisterMethod(int32_t type_index, const TVMFFIMethodInfo* info);
TVM_FFI_DLL int TVMFFITypeRegisterMetadata(int32_t type_index, const TVMFFITypeMetadata* metadata);

// Sets an attribute of a type, once: RuntimeError if it has it. With type_index kTVMFFINone it
// only makes sure that the column exists.
TVM_FFI_DLL int TVMFFITypeRegisterAttr(int32_t type_index, const TVMFFIByteArray* attr_name,
                                       const TVMFFIAny* attr_value);

// The column of an attribute, NULL if there is none.
TVM_FFI_DLL const TVMFFITypeAttrColumn* TVMFFIGetTypeAttrColumn(const TVMFFIByteArray* attr_name);

// As TVMFFIFunctionSetGlobal, with documentation and metadata for the function.
TVM_FFI_DLL int TVMFFIFunctionSetGlobalFromMethodInfo(const TVMFFIMethodInfo* method_info,
                                                      int allow_override);

// -----------------------------------------------------------------------------------------------
// Set up once, for code without static constructors
// -----------------------------------------------------------------------------------------------

// If *handle_addr is NULL, sets it to what init_func gives. However many threads ask, one of them
// runs init_func and the others wait. init_func returns 0 and a handle that is not NULL (else
// RuntimeError), or raises an error and returns non-zero, which this returns; a later call tries
// again. init_func must not call this function.
TVM_FFI_DLL int TVMFFIHandleInitOnce(void** handle_addr, int (*init_func)(void** result));

// Sets *handle_addr to NULL and, if it was not, returns deinit_func(old value). One caller gets it.
TVM_FFI_DLL int TVMFFIHandleDeinitOnce(void** handle_addr, int (*deinit_func)(void* handle));

#ifdef __cplusplus
}  // extern "C"

// -----------------------------------------------------------------------------------------------
// Cells of an object, for C++. The object must be of the type. The pointer lives as long as it.
// -----------------------------------------------------------------------------------------------

inline int32_t TVMFFIObjectGetTypeIndex(TVMFFIObjectHandle obj) {
  return static_cast<TVMFFIObject*>(obj)->type_index;
}

// The content of a kTVMFFISmallStr or kTVMFFISmallBytes; points into *value.
inline TVMFFIByteArray TVMFFISmallBytesGetContentByteArray(const TVMFFIAny* value) {
  return {value->v_bytes, value->small_str_len};
}

inline TVMFFIByteArray* TVMFFIBytesGetByteArrayPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<TVMFFIByteArray*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline TVMFFIErrorCell* TVMFFIErrorGetCellPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<TVMFFIErrorCell*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline TVMFFIFunctionCell* TVMFFIFunctionGetCellPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<TVMFFIFunctionCell*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline TVMFFIOpaqueObjectCell* TVMFFIOpaqueObjectGetCellPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<TVMFFIOpaqueObjectCell*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline TVMFFIShapeCell* TVMFFIShapeGetCellPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<TVMFFIShapeCell*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline DLTensor* TVMFFITensorGetDLTensorPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<DLTensor*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline DLDevice TVMFFIDLDeviceFromIntPair(int32_t device_type, int32_t device_id) {
  return {static_cast<DLDeviceType>(device_type), device_id};
}
#endif  // __cplusplus

#undef TVM_FFI_ENUM_BASE_

#endif  // TVM_FFI_C_API_H_
// NOLINTEND(modernize-use-using, bugprone-reserved-identifier)

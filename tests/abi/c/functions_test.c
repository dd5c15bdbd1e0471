// Functions made of C callbacks, calls, and the registry of global functions.
#include "check.h"

typedef struct {
  int calls;
  int deleted;
} State;

// Adds its integer arguments up.
static int Sum(void* handle, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  State* state = handle;
  ++state->calls;
  int64_t sum = 0;
  for (int32_t i = 0; i < num_args; ++i) {
    if (args[i].type_index != kTVMFFIInt) {
      TVMFFIErrorSetRaisedFromCStr("TypeError", "sum takes integers");
      return -1;
    }
    sum += args[i].v_int64;
  }
  result->type_index = kTVMFFIInt;
  result->zero_padding = 0;
  result->v_int64 = sum;
  return 0;
}

static int Seven(void* handle, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  (void)handle, (void)args, (void)num_args;
  result->type_index = kTVMFFIInt;
  result->zero_padding = 0;
  result->v_int64 = 7;
  return 0;
}

static int Fail(void* handle, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  (void)handle, (void)args, (void)num_args, (void)result;
  TVMFFIErrorSetRaisedFromCStr("CustomError", "went wrong");
  return -3;
}

static void Delete(void* self) { ++((State*)self)->deleted; }

static TVMFFIAny Int(int64_t value) {
  TVMFFIAny any = {0};
  any.type_index = kTVMFFIInt;
  any.v_int64 = value;
  return any;
}

static void TestCalls(void) {
  State state = {0, 0};
  TVMFFIObjectHandle sum = NULL;
  CHECK("FunctionCreate succeeds", TVMFFIFunctionCreate(&state, Sum, Delete, &sum) == 0);
  CHECK("a new function has one strong and one weak reference",
        ((TVMFFIObject*)sum)->type_index == kTVMFFIFunction && StrongCount(sum) == 1 &&
            WeakCount(sum) == 1);
  const TVMFFIFunctionCell* cell = Cell(sum);
  CHECK("a function of a C callback has no C++ entry", cell->cpp_call == NULL);

  TVMFFIAny args[2] = {Int(40), Int(2)};
  TVMFFIAny result = {0};
  CHECK("a call passes handle, arguments and result",
        TVMFFIFunctionCall(sum, args, 2, &result) == 0 && state.calls == 1 &&
            result.type_index == kTVMFFIInt && result.v_int64 == 42);
  CHECK("a call through the cell does the same",
        cell->safe_call(sum, args, 1, &result) == 0 && state.calls == 2 && result.v_int64 == 40);
  CHECK("a call takes no arguments",
        TVMFFIFunctionCall(sum, NULL, 0, &result) == 0 && result.v_int64 == 0);
  args[0].type_index = kTVMFFINone;
  CHECK("a callee's error reaches the caller", TVMFFIFunctionCall(sum, args, 1, &result) == -1 &&
                                                   Raised("TypeError", "sum takes integers"));

  TVMFFIObjectHandle fail = NULL;
  TVMFFIFunctionCreate(&state, Fail, NULL, &fail);
  CHECK("a callee's return value reaches the caller",
        TVMFFIFunctionCall(fail, NULL, 0, &result) == -3 && Raised("CustomError", "went wrong"));
  TVMFFIObjectDecRef(fail);
  CHECK("a function needs no deleter", state.deleted == 0);

  TVMFFIObjectHandle seven = NULL;
  TVMFFIFunctionCreate(NULL, Seven, NULL, &seven);
  CHECK("a function needs no state",
        TVMFFIFunctionCall(seven, NULL, 0, &result) == 0 && result.v_int64 == 7);
  TVMFFIObjectDecRef(seven);

  TVMFFIObjectIncRef(sum);
  TVMFFIObjectDecRef(sum);
  CHECK("a referenced function keeps its state", state.deleted == 0);
  TVMFFIObjectDecRef(sum);
  CHECK("the last reference deletes the state once", state.deleted == 1);
}

// As a C++ weak pointer does: holds the memory, not the content.
static void TestWeakReference(void) {
  State state = {0, 0};
  TVMFFIObjectHandle sum = NULL;
  TVMFFIFunctionCreate(&state, Sum, Delete, &sum);
  TVMFFIObject* head = sum;
  __atomic_fetch_add(&head->combined_ref_count, UINT64_C(1) << 32, __ATOMIC_RELAXED);
  TVMFFIObjectDecRef(sum);
  CHECK("a weak reference does not keep the state", state.deleted == 1);
  CHECK("a weak reference keeps the memory", head->combined_ref_count == UINT64_C(1) << 32);
  head->deleter(head, kTVMFFIObjectDeleterFlagBitMaskWeak);
  CHECK("freeing the memory does not delete the state again", state.deleted == 1);
}

static void TestRegistry(void) {
  State first_state = {0, 0}, second_state = {0, 0};
  TVMFFIObjectHandle first = NULL, second = NULL, found = NULL;
  TVMFFIFunctionCreate(&first_state, Sum, Delete, &first);
  TVMFFIFunctionCreate(&second_state, Fail, Delete, &second);
  const TVMFFIByteArray name = Bytes("kiln.test.function");
  const TVMFFIByteArray missing = Bytes("kiln.test.missing");

  found = first;
  CHECK("an unknown name is found to be NULL, without an error",
        TVMFFIFunctionGetGlobal(&missing, &found) == 0 && found == NULL && NothingRaised());
  CHECK("SetGlobal succeeds", TVMFFIFunctionSetGlobal(&name, first, 0) == 0);
  CHECK("the registry holds a reference of its own", StrongCount(first) == 2);
  CHECK("GetGlobal finds the function",
        TVMFFIFunctionGetGlobal(&name, &found) == 0 && found == first);
  CHECK("GetGlobal gives a new reference", StrongCount(first) == 3);
  TVMFFIObjectDecRef(found);

  const TVMFFIByteArray longer = {"kiln.test.functionality", 18};
  TVMFFIFunctionGetGlobal(&longer, &found);
  CHECK("a name ends at its size", found == first);
  TVMFFIObjectDecRef(found);

  CHECK("a name in use is refused without override",
        TVMFFIFunctionSetGlobal(&name, second, 0) != 0 &&
            Raised("RuntimeError", "kiln.test.function"));
  TVMFFIFunctionGetGlobal(&name, &found);
  CHECK("a refusal leaves the registry as it was", found == first && StrongCount(second) == 1);

  CHECK("a name in use is replaced with override", TVMFFIFunctionSetGlobal(&name, second, 1) == 0);
  TVMFFIObjectHandle replaced = NULL;
  TVMFFIFunctionGetGlobal(&name, &replaced);
  CHECK("GetGlobal finds the replacement", replaced == second);
  TVMFFIObjectDecRef(replaced);
  TVMFFIAny result = {0};
  CHECK("a replaced function still runs where it is held",
        TVMFFIFunctionCall(found, NULL, 0, &result) == 0 && first_state.calls == 1);
  TVMFFIObjectDecRef(found);
  TVMFFIObjectDecRef(first);
  CHECK("a replaced function dies with its last reference", first_state.deleted == 1);

  CHECK("override registers a new name too", TVMFFIFunctionSetGlobal(&missing, second, 1) == 0);

  TVMFFIMethodInfo info = {0};
  info.name = name;
  info.doc = Bytes("Fails.");
  info.metadata = Bytes("{}");
  info.flags = kTVMFFIFieldFlagBitMaskIsStaticMethod;
  info.method.type_index = kTVMFFIFunction;
  info.method.v_obj = second;
  CHECK("a documented function obeys the override rule",
        TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0) != 0 &&
            Raised("RuntimeError", "kiln.test.function") &&
            TVMFFIFunctionSetGlobalFromMethodInfo(&info, 1) == 0);
  info.method = Int(1);
  CHECK("only a function can be registered",
        TVMFFIFunctionSetGlobalFromMethodInfo(&info, 1) != 0 && Raised("TypeError", ""));

  // `second_state` must outlive its functions: put one without state in their place.
  TVMFFIObjectHandle seven = NULL;
  TVMFFIFunctionCreate(NULL, Seven, NULL, &seven);
  TVMFFIFunctionSetGlobal(&name, seven, 1);
  TVMFFIFunctionSetGlobal(&missing, seven, 1);
  TVMFFIObjectDecRef(seven);
  TVMFFIObjectDecRef(second);
  CHECK("the registry gives every reference back", second_state.deleted == 1);
}

void TestFunctions(void) {
  TestCalls();
  TestWeakReference();
  TestRegistry();
}

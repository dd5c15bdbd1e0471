// The raised error of a thread, error objects, backtraces.
#include <pthread.h>
#include <string.h>

#include "check.h"

static void* RaisedElsewhere(void* nothing_raised) {
  *(bool*)nothing_raised = NothingRaised();
  return NULL;
}

static void TestRaised(void) {
  TVMFFIObjectHandle error = &error;
  TVMFFIErrorMoveFromRaised(&error);
  CHECK("no error is raised at first", error == NULL);

  TVMFFIErrorSetRaisedFromCStr("ValueError", "first");
  TVMFFIErrorMoveFromRaised(&error);
  CHECK("an error is raised from C strings", error != NULL);
  const TVMFFIErrorCell* cell = Cell(error);
  CHECK("it has its kind and its message",
        ((TVMFFIObject*)error)->type_index == kTVMFFIError && Same(cell->kind, "ValueError") &&
            Same(cell->message, "first") && cell->message.data[cell->message.size] == '\0');
  CHECK("it has neither cause nor context",
        cell->cause_chain == NULL && cell->extra_context == NULL);
  CHECK("taking it leaves none", NothingRaised());

  TVMFFIErrorSetRaised(error);
  CHECK("raising an object takes a reference", StrongCount(error) == 2);
  bool nothing_elsewhere = false;
  pthread_t thread;
  pthread_create(&thread, NULL, RaisedElsewhere, &nothing_elsewhere);
  pthread_join(thread, NULL);
  CHECK("another thread does not see it", nothing_elsewhere);
  TVMFFIErrorSetRaisedFromCStr("TypeError", "second");
  CHECK("raising another one drops it", StrongCount(error) == 1);
  CHECK("the one raised last is there", Raised("TypeError", "second") && NothingRaised());

  TVMFFIErrorSetRaised(error);
  TVMFFIErrorSetRaised(NULL);
  CHECK("raising NULL clears", NothingRaised() && StrongCount(error) == 1);

  TVMFFIErrorSetRaised(error);
  TVMFFIObjectHandle moved = NULL;
  TVMFFIErrorMoveFromRaised(&moved);
  CHECK("the object raised is the object taken", moved == error && StrongCount(error) == 2);
  TVMFFIObjectDecRef(moved);
  TVMFFIObjectDecRef(error);

  const char* parts[] = {"argument ", NULL, "2 of ", "`matmul`", NULL};
  TVMFFIErrorSetRaisedFromCStrParts("TypeError", parts, 5);
  CHECK("a message is joined from its parts", Raised("TypeError", "argument 2 of `matmul`"));
  TVMFFIErrorSetRaisedFromCStrParts("TypeError", parts, 0);
  CHECK("a message may have no parts", Raised("TypeError", ""));
}

static void TestErrorObjects(void) {
  const TVMFFIByteArray kind = Bytes("RuntimeError"), message = Bytes("inner"), none = {NULL, 0};
  const TVMFFIByteArray frame = Bytes("  File \"a.c\", line 1, in f\n");
  TVMFFIObjectHandle inner = NULL, context = NULL, outer = NULL;
  CHECK("ErrorCreate succeeds", TVMFFIErrorCreate(&kind, &message, &frame, &inner) == 0);
  const TVMFFIErrorCell* cell = Cell(inner);
  CHECK("an error has what it was made of", Same(cell->kind, "RuntimeError") &&
                                                Same(cell->message, "inner") &&
                                                Same(cell->backtrace, frame.data));
  CHECK("the texts are copies", cell->kind.data != kind.data && cell->message.data != message.data);

  const TVMFFIByteArray more = Bytes("  File \"b.c\", line 2, in g\n");
  cell->update_backtrace(inner, &more, kTVMFFIBacktraceUpdateModeAppend);
  CHECK("a backtrace can be appended to",
        Same(cell->backtrace, "  File \"a.c\", line 1, in f\n  File \"b.c\", line 2, in g\n"));
  cell->update_backtrace(inner, &more, kTVMFFIBacktraceUpdateModeReplace);
  CHECK("a backtrace can be replaced", Same(cell->backtrace, more.data));

  TVMFFIErrorCreate(&kind, &message, &none, &context);
  CHECK("an error may have an empty backtrace",
        ((TVMFFIErrorCell*)Cell(context))->backtrace.size == 0);
  CHECK("an error with a cause succeeds", TVMFFIErrorCreateWithCauseAndExtraContext(
                                              &kind, &message, &none, inner, context, &outer) == 0);
  cell = Cell(outer);
  CHECK("it has its cause and its context",
        cell->cause_chain == inner && cell->extra_context == context);
  CHECK("it takes references of its own", StrongCount(inner) == 2 && StrongCount(context) == 2);
  TVMFFIObjectDecRef(outer);
  CHECK("and gives them back", StrongCount(inner) == 1 && StrongCount(context) == 1);
  CHECK("cause and context may be NULL",
        TVMFFIErrorCreateWithCauseAndExtraContext(&kind, &message, &none, NULL, NULL, &outer) == 0);
  TVMFFIObjectDecRef(outer);
  TVMFFIObjectDecRef(context);
  TVMFFIObjectDecRef(inner);
}

static void TestBacktrace(void) {
  const TVMFFIByteArray* text = TVMFFIBacktrace("kernel.c", 42, "launch", 0);
  const char* frame = "  File \"kernel.c\", line 42, in launch\n";
  CHECK(
      "a backtrace starts with the place given",
      text != NULL && text->size >= strlen(frame) && memcmp(text->data, frame, strlen(frame)) == 0);
  CHECK("a backtrace needs no place", TVMFFIBacktrace(NULL, 0, NULL, 1) != NULL);
}

void TestErrors(void) {
  TestRaised();
  TestErrorObjects();
  TestBacktrace();
}

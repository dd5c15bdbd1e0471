#include "jit/link/image_code.h"

#include <exception>
#include <ranges>
#include <utility>

#include "jit/link/live_code.h"
#include "jit/link/profiler.h"
#include "kiln/error.h"

extern "C" {
void __cxa_finalize(void* dso_handle);
// Of libgcc, which throws by what it was told here.
void __register_frame(void* frames);
void __deregister_frame(void* frames);
}

namespace kiln::jit {

LoadedImage::Code::Code(std::shared_ptr<Linker> linker, std::string name)
    : linker_(std::move(linker)), name_(std::move(name)) {}

void LoadedImage::Code::Adopt(LinkedGraph linked) {
  linked_ = std::move(linked);
  if (linked_.frames != nullptr) __register_frame(linked_.frames);
  const char* const begin = linked_.memory.begin(MemoryPart::kCode);
  const size_t size = linked_.memory.size(MemoryPart::kCode);
  AddLiveCode(begin, size, &name_, &symbols);
  ReportToPerf({begin, size}, symbols);
}

// What they throw lies in code that goes when the link fails: it is replaced.
void LoadedImage::Code::RunConstructors() {
  if (calls == nullptr || calls->begun.exchange(true)) return;
  std::string kind = "LinkError";
  std::string failure = "a constructor of '" + name_ + "' threw ";
  try {
    for (void (*constructor)() : calls->constructors) constructor();
    calls->done = true;
    return;
  } catch (const kiln::Error& error) {
    kind = error.kind();
    failure = error.message();
  } catch (const std::exception& error) {
    failure += std::string("an exception: ") + error.what();
  } catch (...) {
    failure += "an exception of a foreign type";
  }
  throw kiln::Error(kind, failure);
}

// The last destructor goes first. Those that C++ registers while it runs lie, as in a shared
// library, between those without and those with a priority.
LoadedImage::Code::~Code() {
  static const FunctionList kNone;
  const bool is_constructed = calls != nullptr && calls->done;
  const FunctionList& plain = is_constructed ? calls->plain_destructors : kNone;
  const FunctionList& ranked = is_constructed ? calls->ranked_destructors : kNone;
  for (void (*destructor)() : plain | std::views::reverse) destructor();
  if (dso_handle != nullptr) __cxa_finalize(dso_handle);
  for (void (*destructor)() : ranked | std::views::reverse) destructor();
  debugged.clear();
  RemoveLiveCode(linked_.memory.begin(MemoryPart::kCode));
  if (linked_.frames != nullptr) __deregister_frame(linked_.frames);
}

}  // namespace kiln::jit

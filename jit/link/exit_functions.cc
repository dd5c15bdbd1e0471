#include "jit/link/exit_functions.h"

#include <cstring>
#include <utility>

#include <llvm/ExecutionEngine/JITLink/x86_64.h>

extern "C" {
int __cxa_thread_atexit_impl(void (*function)(void*), void* argument, void* dso_handle);
extern void* __dso_handle __attribute__((visibility("hidden")));  // of this library
}

namespace kiln::jit {
namespace {

LLVM_ENABLE_BITMASK_ENUMS_IN_NAMESPACE();

namespace jitlink = llvm::jitlink;
namespace x86_64 = llvm::jitlink::x86_64;
using llvm::orc::MemProt;

constexpr char kDsoHandle[] = "__dso_handle";
constexpr char kAtexit[] = "atexit";
constexpr char kCxaAtexit[] = "__cxa_atexit";

// int atexit(void (*f)(void)) { return __cxa_atexit(f, NULL, &__dso_handle); }
constexpr unsigned char kAtexitCode[] = {
    0x31, 0xF6,                                // xor esi, esi
    0x48, 0x8D, 0x15, 0x00, 0x00, 0x00, 0x00,  // lea rdx, [rip + __dso_handle]
    0xE9, 0x00, 0x00, 0x00, 0x00,              // jmp __cxa_atexit
};
constexpr uint32_t kHandleAt = 5;
constexpr uint32_t kJumpAt = 10;

jitlink::Symbol* FindExternal(jitlink::LinkGraph* graph, llvm::StringRef name) {
  for (jitlink::Symbol* symbol : graph->external_symbols()) {
    if (symbol->getName() == name) return symbol;
  }
  return nullptr;
}

jitlink::Symbol& External(jitlink::LinkGraph* graph, llvm::StringRef name) {
  jitlink::Symbol* const found = FindExternal(graph, name);
  return found != nullptr ? *found : graph->addExternalSymbol(name, 0, /*IsWeak=*/false);
}

void DefineAtexit(jitlink::LinkGraph* graph, jitlink::Symbol* atexit) {
  jitlink::Section& section = graph->createSection(".kiln_atexit", MemProt::Read | MemProt::Exec);
  jitlink::Block& block = graph->createContentBlock(
      section, {reinterpret_cast<const char*>(kAtexitCode), sizeof kAtexitCode},
      llvm::orc::ExecutorAddr(), /*Alignment=*/16, /*AlignmentOffset=*/0);
  block.addEdge(x86_64::Delta32, kHandleAt, External(graph, kDsoHandle), -4);
  block.addEdge(x86_64::BranchPCRel32, kJumpAt, External(graph, kCxaAtexit), 0);
  graph->makeDefined(*atexit, block, 0, sizeof kAtexitCode, jitlink::Linkage::Strong,
                     jitlink::Scope::Local, /*IsLive=*/false);
}

// A function that a thread is to call, and the image that it lies in.
struct ThreadExit {
  std::shared_ptr<ExitScope> scope;
  void (*function)(void*);
  void* argument;
};

void RunThreadExit(void* thread_exit) {
  const std::unique_ptr<ThreadExit> call(static_cast<ThreadExit*>(thread_exit));
  call->function(call->argument);
}

// What image code knows as __cxa_thread_atexit. Its handle holds the address of its scope. An image
// whose destructors run can't wait for threads any more.
int ThreadAtExit(void (*function)(void*), void* argument, void* dso_handle) {
  ExitScope* scope = nullptr;
  std::memcpy(&scope, dso_handle, sizeof scope);
  std::shared_ptr<ExitScope> alive = scope->weak_from_this().lock();
  if (alive == nullptr) return -1;
  auto call = std::make_unique<ThreadExit>(ThreadExit{std::move(alive), function, argument});
  const int code = __cxa_thread_atexit_impl(&RunThreadExit, call.get(), &__dso_handle);
  if (code == 0) call.release();
  return code;
}

}  // namespace

jitlink::Symbol* DefineDsoHandle(jitlink::LinkGraph* graph, ExitScope* scope) {
  if (jitlink::Symbol* atexit = FindExternal(graph, kAtexit)) DefineAtexit(graph, atexit);
  jitlink::Symbol* const handle = FindExternal(graph, kDsoHandle);
  if (handle == nullptr) return nullptr;
  jitlink::Section& section = graph->createSection(".kiln_dso_handle", MemProt::Read);
  const llvm::MutableArrayRef<char> content = graph->allocateBuffer(sizeof scope);
  std::memcpy(content.data(), &scope, sizeof scope);
  jitlink::Block& block =
      graph->createContentBlock(section, content, llvm::orc::ExecutorAddr(),
                                /*Alignment=*/sizeof(void*), /*AlignmentOffset=*/0);
  graph->makeDefined(*handle, block, 0, sizeof scope, jitlink::Linkage::Strong,
                     jitlink::Scope::Local, /*IsLive=*/true);
  return handle;
}

void* FindExitFunction(const std::string& name) {
  return name == "__cxa_thread_atexit" ? reinterpret_cast<void*>(&ThreadAtExit) : nullptr;
}

}  // namespace kiln::jit

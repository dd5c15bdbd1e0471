#include "jit/compile/llvm/fatal_errors.h"

#include <llvm/Config/llvm-config.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/PrettyStackTrace.h>

#include "jit/threads/crash_guard.h"

// Clang notes how deep the stack is where it begins, and goes on on a thread of its own where it
// comes near the end of it. The guard does not reach there, and compile threads have stack enough:
// Clang is linked so that it calls this instead (--wrap), and takes no note.
extern "C" void KilnNoteNoBottomOfStack() __asm__("__wrap__ZN5clang17noteBottomOfStackEv");
extern "C" void KilnNoteNoBottomOfStack() {}

namespace kiln::jit {

const std::string_view kLlvmName = "LLVM " LLVM_VERSION_STRING;

void SurviveFatalErrors() {
  static const bool kDone = [] {
    llvm::install_fatal_error_handler(
        [](void*, const char* reason, bool) { AbandonGuarded(reason); });
    llvm::install_bad_alloc_error_handler(
        [](void*, const char*, bool) { AbandonGuarded("it ran out of memory"); });
    // Records of what the compiler is at lie on its stack.
    SetGuardedState({[] { return llvm::SavePrettyStackState(); },
                     [](const void* saved) { llvm::RestorePrettyStackState(saved); }});
    return true;
  }();
  static_cast<void>(kDone);
}

}  // namespace kiln::jit

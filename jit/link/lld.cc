#include "jit/link/lld.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>

#include <lld/Common/CommonLinkerContext.h>
#include <lld/Common/Driver.h>
#include <llvm/Support/raw_ostream.h>

#include "jit/threads/crash_guard.h"
#include "kiln/error.h"

LLD_HAS_DRIVER(elf)

// lld initialises every target that LLVM has, for link-time optimisation of bitcode. Those that are
// not part of this library stand here, and do nothing. KILN_OTHER_TARGETS is KILN_NO_TARGET(name)
// for each.
#define KILN_NO_TARGET(name)                            \
  extern "C" void LLVMInitialize##name##Target() {}     \
  extern "C" void LLVMInitialize##name##TargetInfo() {} \
  extern "C" void LLVMInitialize##name##TargetMC() {}   \
  extern "C" void LLVMInitialize##name##AsmPrinter() {} \
  extern "C" void LLVMInitialize##name##AsmParser() {}
KILN_OTHER_TARGETS
#undef KILN_NO_TARGET

// lld sets LLVM's global options back before it reads its own, while other threads may compile by
// them. It is linked so that it calls this instead (--wrap).
extern "C" void KilnKeepLlvmOptions() __asm__("__wrap__ZN4llvm2cl25ResetAllOptionOccurrencesEv");
extern "C" void KilnKeepLlvmOptions() {}

// How lld leaves at a fatal error. It is linked so that it calls this instead (--wrap).
extern "C" [[noreturn]] void KilnLldExit(int code, bool no_cleanup) __asm__(
    "__wrap__ZN4llvm3sys7Process4ExitEib");
extern "C" [[noreturn]] void KilnRealProcessExit(int code, bool no_cleanup) __asm__(
    "__real__ZN4llvm3sys7Process4ExitEib");
extern "C" void KilnLldExit(int code, bool no_cleanup) {
  kiln::jit::AbandonGuarded("it gave up");
  KilnRealProcessExit(code, no_cleanup);
}

namespace kiln::jit {
namespace {

bool is_broken = false;  // lld's state after a crash, guarded by its mutex

}  // namespace

MemoryFile::MemoryFile(const std::string& bytes) : descriptor_(memfd_create("kiln", MFD_CLOEXEC)) {
  size_t written = 0;
  while (descriptor_ >= 0 && written < bytes.size()) {
    const ssize_t step = write(descriptor_, bytes.data() + written, bytes.size() - written);
    if (step < 0 && errno == EINTR) continue;
    if (step <= 0) break;
    written += static_cast<size_t>(step);
  }
  if (written == bytes.size() && descriptor_ >= 0) return;
  const std::string reason = std::strerror(errno);
  if (descriptor_ >= 0) close(descriptor_);
  throw kiln::Error("RuntimeError", "can't keep " + std::to_string(bytes.size()) +
                                        " bytes in a file in memory: " + reason);
}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

std::string RunLld(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"ld.lld"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::string messages;
  llvm::raw_string_ostream stream(messages);

  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (is_broken) return "lld crashed earlier in this process, and can't be used again";
  lld::Result result{/*retCode=*/1, /*canRunAgain=*/true};
  const std::optional<Crash> crash = RunGuarded(
      [&] { result = lld::lldMain(argv, stream, stream, {{lld::Gnu, &lld::elf::link}}); });
  // A fatal error leaves the state of the run behind.
  const bool is_clean = !crash || !RunGuarded([] { lld::CommonLinkerContext::destroy(); });
  is_broken = !result.canRunAgain || !is_clean;
  if (!crash && result.retCode == 0) return "";
  while (messages.ends_with('\n')) messages.pop_back();
  if (!messages.empty()) return messages;
  return crash ? "lld could not go on: " + crash->reason
               : "lld failed with code " + std::to_string(result.retCode);
}

}  // namespace kiln::jit

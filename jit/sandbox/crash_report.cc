#include "jit/sandbox/crash_report.h"

#include <link.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <tvm/ffi/c_api.h>

#include "jit/sandbox/memory_functions.h"
#include "jit/worker/message.h"

namespace kiln::jit {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGXCPU};
constexpr size_t kStackSize = 64 << 10;
// How far above the stack pointer a return address into compiled code is looked for.
constexpr size_t kWordsSearched = 4096;

struct Range {
  uintptr_t begin = 0;
  uintptr_t end = 0;

  bool Has(uintptr_t address) const { return address >= begin && address < end; }
};

// What the handlers read; set before any signal.
struct State {
  uint64_t tag = 0;
  const volatile RunPhase* phase = nullptr;
  const CodeLines* lines = nullptr;
  uintptr_t stack_begin = 0;  // of the thread that runs the code
  uintptr_t stack_end = 0;
  Range runtime;  // the code of the ABI's library
};
State state;

// A message in the form of ByteWriter, without allocating.
class SmallWriter {
 public:
  void Put(uint64_t value) {
    if (size_ + sizeof value > sizeof bytes_) return;
    std::memcpy(bytes_ + size_, &value, sizeof value);
    size_ += sizeof value;
  }
  void Put(const char* text) {
    constexpr size_t kLongest = 1000;
    const size_t length = text == nullptr ? 0 : std::min(std::strlen(text), kLongest);
    Put(length);
    if (size_ + length > sizeof bytes_) return;
    std::memcpy(bytes_ + size_, text == nullptr ? "" : text, length);
    size_ += length;
  }
  void Send() {
    const uint64_t body = size_ - sizeof(uint64_t);
    std::memcpy(bytes_, &body, sizeof body);
    [[maybe_unused]] const ssize_t sent = send(kWorkerSocket, bytes_, size_, MSG_NOSIGNAL);
  }

 private:
  char bytes_[4096] = {};
  size_t size_ = sizeof(uint64_t);  // behind the header
};

// What the unwinder has passed on its way out of a signal.
struct Way {
  bool in_runtime = false;  // the runtime's code, before any compiled code
  CodeLines::Place place;   // the first compiled code
};

// The tables of libraries lead to the code that called them. Compiled code may have none, so the
// way ends there.
Way Unwind() {
  Way way;
  _Unwind_Backtrace(
      [](_Unwind_Context* frame, void* passed) {
        auto* const so_far = static_cast<Way*>(passed);
        int is_exact = 0;
        uintptr_t address = _Unwind_GetIPInfo(frame, &is_exact);
        if (is_exact == 0) --address;
        so_far->place = state.lines->Find(address);
        if (so_far->place.function != nullptr) return _URC_END_OF_STACK;
        so_far->in_runtime |= state.runtime.Has(address);
        return _URC_NO_REASON;
      },
      &way);
  return way;
}

// Where compiled code has called from, in a process whose frames can't be followed: what its
// functions return to lies on the stack, among other things.
CodeLines::Place Search(uintptr_t stack) {
  CodeLines::Place place;
  if (stack < state.stack_begin || stack >= state.stack_end) return place;
  // NOLINTBEGIN(performance-no-int-to-ptr): the stack as words
  const auto* word = reinterpret_cast<const uintptr_t*>((stack + 7) & ~uintptr_t{7});
  const auto* const end =
      std::min(word + kWordsSearched, reinterpret_cast<const uintptr_t*>(state.stack_end));
  // NOLINTEND(performance-no-int-to-ptr)
  for (; word < end && place.function == nullptr; ++word) place = state.lines->Find(*word - 1);
  return place;
}

bool HasAddress(const siginfo_t& signal) {
  return (signal.si_signo == SIGSEGV || signal.si_signo == SIGBUS || signal.si_signo == SIGFPE ||
          signal.si_signo == SIGILL) &&
         signal.si_code > 0 && signal.si_code != SI_KERNEL;
}

// One signal, as its handler got it.
struct Taken {
  int number;
  siginfo_t* signal;
  ucontext_t* context;

  uintptr_t Register(int index) const {
    return static_cast<uintptr_t>(context->uc_mcontext.gregs[index]);
  }
};

// A fault near the stack pointer, at the end of what the stack may have.
bool IsStackOverflow(const Taken& taken) {
  constexpr uintptr_t kNear = 1 << 20;
  const uintptr_t stack = taken.Register(REG_RSP);
  const auto address = reinterpret_cast<uintptr_t>(taken.signal->si_addr);
  return taken.number == SIGSEGV && stack < state.stack_begin + kNear && address + kNear > stack &&
         address < stack + kNear && address < state.stack_begin + kNear;
}

[[noreturn]] void Send(const Taken& taken, const CodeLines::Place& place) {
  const bool has_address = HasAddress(*taken.signal);
  SmallWriter writer;
  writer.Put(state.tag);
  writer.Put(static_cast<uint64_t>(taken.number));
  writer.Put(uint64_t{has_address});
  writer.Put(has_address ? reinterpret_cast<uintptr_t>(taken.signal->si_addr) : 0);
  writer.Put(taken.number == SIGSYS ? static_cast<uint64_t>(taken.signal->si_syscall)
                                    : ~uint64_t{0});
  writer.Put(uint64_t{IsStackOverflow(taken)});
  writer.Put(uint64_t{MemoryWasRefused()});
  writer.Put(static_cast<uint64_t>(*state.phase));
  writer.Put(place.function);
  writer.Put(place.offset);
  writer.Put(place.file);
  writer.Put(place.line);
  writer.Send();
  _exit(128 + taken.number);
}

Taken first;
volatile sig_atomic_t reports = 0;

void Report(int number, siginfo_t* signal, void* context) {
  const Taken taken{number, signal, static_cast<ucontext_t*>(context)};
  // The unwinder came to harm: what led to it counts.
  if (reports == 1) {
    reports = 2;
    Send(first, Search(first.Register(REG_RSP)));
  }
  if (reports == 2) _exit(128 + number);
  const CodeLines::Place place = state.lines->Find(taken.Register(REG_RIP));
  if (place.function != nullptr) Send(taken, place);
  first = taken;
  reports = 1;
  const Way way = Unwind();
  if (number == SIGSYS && way.in_runtime) {
    // The runtime reads debug information for backtraces where it can. Here it can't.
    taken.context->uc_mcontext.gregs[REG_RAX] = -EACCES;
    reports = 0;
    return;
  }
  reports = 2;
  Send(taken, way.place.function != nullptr ? way.place : Search(taken.Register(REG_RSP)));
}

// The code of the library that has `address`.
Range CodeAround(const void* address) {
  struct Search {
    uintptr_t address;
    Range found;
  };
  Search search{reinterpret_cast<uintptr_t>(address), {}};
  dl_iterate_phdr(
      [](dl_phdr_info* library, size_t, void* passed) {
        auto* const sought = static_cast<Search*>(passed);
        for (int i = 0; i < library->dlpi_phnum; ++i) {
          const ElfW(Phdr)& segment = library->dlpi_phdr[i];
          const uintptr_t begin = library->dlpi_addr + segment.p_vaddr;
          const Range range{begin, begin + segment.p_memsz};
          if (segment.p_type != PT_LOAD || !range.Has(sought->address)) continue;
          sought->found = range;
          return 1;
        }
        return 0;
      },
      &search);
  return search.found;
}

}  // namespace

const char* PhaseName(RunPhase phase) {
  switch (phase) {
    case RunPhase::kCompile:
      return "compiling it";
    case RunPhase::kLink:
      return "linking it";
    case RunPhase::kConstructors:
      return "its constructors";
    case RunPhase::kCall:
      return "the call";
  }
  return "the call";
}

int WhereAreYouSignal() { return SIGXCPU; }

void ReportCrashes(uint64_t tag, const volatile RunPhase* phase, const CodeLines* lines) {
  state.tag = tag;
  state.phase = phase;
  state.lines = lines;
  pthread_attr_t attributes;
  void* begin = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &begin, &size);
    pthread_attr_destroy(&attributes);
  }
  state.stack_begin = reinterpret_cast<uintptr_t>(begin);
  state.stack_end = state.stack_begin + size;

  state.runtime = CodeAround(reinterpret_cast<const void*>(&TVMFFIFunctionCall));

  stack_t stack{};
  stack.ss_size = kStackSize;
  stack.ss_sp =
      mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack.ss_sp != MAP_FAILED) sigaltstack(&stack, nullptr);
  struct sigaction action{};
  action.sa_sigaction = &Report;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  // These may come inside the handler.
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigdelset(&action.sa_mask, number);
  for (const int number : kSignals) sigaction(number, &action, nullptr);
}

CrashReport GetCrashReport(ByteReader* reader) {
  CrashReport report;
  report.signal = static_cast<int>(reader->Integer());
  report.has_address = reader->Integer() != 0;
  report.address = reader->Integer();
  report.system_call = static_cast<int64_t>(reader->Integer());
  report.stack_overflow = reader->Integer() != 0;
  report.memory_refused = reader->Integer() != 0;
  report.phase = static_cast<RunPhase>(reader->Integer());
  report.function = reader->Text();
  report.offset = reader->Integer();
  report.file = reader->Text();
  report.line = static_cast<uint32_t>(reader->Integer());
  reader->End();
  return report;
}

}  // namespace kiln::jit

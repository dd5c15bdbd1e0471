#include "jit/sandbox/enter_sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "jit/worker/message.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

// A program for the kernel's filter of system calls. The number of the call is in its accumulator
// where a rule begins.
class Filter {
 public:
  Filter() {
    Load(offsetof(seccomp_data, arch));
    Add(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    Return(SECCOMP_RET_KILL_PROCESS);
    LoadNumber();
    // Calls of the x32 convention have other numbers.
    Add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
    Return(SECCOMP_RET_KILL_PROCESS);
  }

  void Allow(std::initializer_list<int> calls) {
    for (const int call : calls) Rule(call, SECCOMP_RET_ALLOW);
  }
  void Fail(int call, int code) {
    Rule(call, SECCOMP_RET_ERRNO | (static_cast<uint32_t>(code) & SECCOMP_RET_DATA));
  }

  // Tests of the arguments of one call; all must hold for it to be allowed. Arguments are compared
  // by their low 32 bits, which is all that the kernel takes of those that are tested so.
  class Tests {
   public:
    Tests& Equals(int argument, uint32_t value) {
      LoadLow(argument);
      steps_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 0));
      return *this;
    }
    Tests& AtMost(int argument, uint32_t value) {
      LoadLow(argument);
      steps_.push_back(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, value, 0, 0));
      return *this;
    }
    // All 64 bits.
    Tests& IsZero(int argument) {
      Equals(argument, 0);
      Load(argument, 4);
      steps_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0));
      return *this;
    }
    Tests& HasAll(int argument, uint32_t bits) { return Masked(argument, bits, bits); }
    Tests& HasNone(int argument, uint32_t bits) { return Masked(argument, bits, 0); }

   private:
    friend class Filter;

    Tests& Masked(int argument, uint32_t mask, uint32_t value) {
      LoadLow(argument);
      steps_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
      steps_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 0));
      return *this;
    }
    void LoadLow(int argument) { Load(argument, 0); }
    void Load(int argument, uint32_t half) {
      const auto at = static_cast<uint32_t>(offsetof(seccomp_data, args) +
                                            static_cast<size_t>(argument) * sizeof(uint64_t));
      steps_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at + half));
    }

    std::vector<sock_filter> steps_;
  };

  // One that fails a test is tried against the rules that follow, and refused in the end.
  void AllowIf(int call, const Tests& tests) {
    const size_t count = tests.steps_.size();
    // Past the tests and the verdict, to where the number is loaded again.
    Add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, static_cast<uint8_t>(count + 1));
    for (size_t i = 0; i < count; ++i) {
      sock_filter step = tests.steps_[i];
      const auto to_next = static_cast<uint8_t>(count - i);
      if (BPF_CLASS(step.code) == BPF_JMP) {
        (BPF_OP(step.code) == BPF_JGT ? step.jt : step.jf) = to_next;
      }
      program_.push_back(step);
    }
    Return(SECCOMP_RET_ALLOW);
    LoadNumber();
  }

  // For all threads of the process.
  void Install() {
    Return(SECCOMP_RET_TRAP);
    const sock_fprog program{static_cast<uint16_t>(program_.size()), program_.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0) {
      return;
    }
    throw kiln::Error("RuntimeError",
                      std::string("untrusted code can't be fenced in on this machine: the kernel's "
                                  "filter of system calls (seccomp) fails: ") +
                          std::strerror(errno));
  }

 private:
  void Add(int code, uint32_t value, uint8_t if_true, uint8_t if_false) {
    program_.push_back({static_cast<uint16_t>(code), if_true, if_false, value});
  }
  void Load(size_t offset) { Add(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset), 0, 0); }
  void LoadNumber() { Load(offsetof(seccomp_data, nr)); }
  void Return(uint32_t verdict) { Add(BPF_RET | BPF_K, verdict, 0, 0); }
  void Rule(int call, uint32_t verdict) {
    Add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1);
    Return(verdict);
  }

  std::vector<sock_filter> program_;
};

Filter MakeFilter() {
  using Tests = Filter::Tests;
  Filter filter;
  filter.Allow({SYS_futex,
                SYS_clock_gettime,
                SYS_rt_sigprocmask,
                SYS_munmap,
                SYS_mprotect,
                SYS_madvise,
                SYS_brk,
                SYS_mremap,
                SYS_sched_yield,
                SYS_getpid,
                SYS_gettid,
                SYS_getppid,
                SYS_exit,
                SYS_exit_group,
                SYS_rt_sigreturn,
                SYS_sigaltstack,
                SYS_nanosleep,
                SYS_clock_nanosleep,
                SYS_gettimeofday,
                SYS_time,
                SYS_clock_getres,
                SYS_times,
                SYS_getrusage,
                SYS_sysinfo,
                SYS_uname,
                SYS_getcpu,
                SYS_getrandom,
                SYS_sched_getaffinity,
                SYS_membarrier,
                SYS_rseq,
                SYS_set_robust_list,
                SYS_set_tid_address,
                SYS_poll,
                SYS_ppoll,
                SYS_read,
                SYS_close,
                SYS_fstat,
                SYS_lseek,
                SYS_restart_syscall});
  // What can't be looked into; the C library then asks in the way that can.
  filter.Fail(SYS_clone3, ENOSYS);
  filter.Fail(SYS_ioctl, ENOTTY);
  constexpr uint32_t kThread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
  filter.AllowIf(SYS_clone, Tests().HasAll(0, kThread));
  for (const int call : {SYS_write, SYS_writev}) {
    filter.AllowIf(call, Tests().AtMost(0, STDERR_FILENO));
  }
  filter.AllowIf(SYS_sendto, Tests().Equals(0, kWorkerSocket).IsZero(4));
  // Memory that is shared, or that grows downward, would not count against the limit of memory.
  filter.AllowIf(SYS_mmap, Tests().HasAll(3, MAP_PRIVATE).HasNone(3, MAP_SHARED | MAP_GROWSDOWN));
  filter.AllowIf(SYS_tgkill, Tests().Equals(0, static_cast<uint32_t>(getpid())));
  // Of itself alone.
  filter.AllowIf(SYS_prlimit64, Tests().Equals(0, 0).IsZero(2));
  filter.AllowIf(SYS_sched_setaffinity, Tests().Equals(0, 0));
  filter.Allow({SYS_getrlimit});
  return filter;
}

void Limit(int resource, rlim_t value) {
  const rlimit limit{value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

}  // namespace

void EnterSandbox(int processor_seconds) {
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, 0);
  if (processor_seconds != 0) Limit(RLIMIT_CPU, static_cast<rlim_t>(processor_seconds));
  MakeFilter().Install();
}

}  // namespace kiln::jit

#include "jit/sandbox/system_calls.h"

#include <sys/syscall.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace kiln::jit {
namespace {

struct SystemCall {
  int64_t number;
  std::string_view name;
  std::string_view purpose;
};

constexpr std::string_view kFiles = "opens or changes files";
constexpr std::string_view kNetwork = "uses the network";
constexpr std::string_view kProcesses = "starts processes";
constexpr std::string_view kOthers = "reaches into other processes";
constexpr std::string_view kSignals = "changes how signals are taken";
constexpr std::string_view kShared = "shares memory";

#define KILN_CALL(name, purpose) {SYS_##name, #name, purpose}
constexpr SystemCall kCalls[] = {
    KILN_CALL(open, kFiles),
    KILN_CALL(openat, kFiles),
    KILN_CALL(openat2, kFiles),
    KILN_CALL(creat, kFiles),
    KILN_CALL(stat, kFiles),
    KILN_CALL(lstat, kFiles),
    KILN_CALL(newfstatat, kFiles),
    KILN_CALL(statx, kFiles),
    KILN_CALL(access, kFiles),
    KILN_CALL(faccessat, kFiles),
    KILN_CALL(faccessat2, kFiles),
    KILN_CALL(readlink, kFiles),
    KILN_CALL(readlinkat, kFiles),
    KILN_CALL(unlink, kFiles),
    KILN_CALL(unlinkat, kFiles),
    KILN_CALL(rename, kFiles),
    KILN_CALL(renameat, kFiles),
    KILN_CALL(renameat2, kFiles),
    KILN_CALL(link, kFiles),
    KILN_CALL(linkat, kFiles),
    KILN_CALL(symlink, kFiles),
    KILN_CALL(symlinkat, kFiles),
    KILN_CALL(mkdir, kFiles),
    KILN_CALL(mkdirat, kFiles),
    KILN_CALL(rmdir, kFiles),
    KILN_CALL(chmod, kFiles),
    KILN_CALL(fchmod, kFiles),
    KILN_CALL(fchmodat, kFiles),
    KILN_CALL(chown, kFiles),
    KILN_CALL(fchown, kFiles),
    KILN_CALL(lchown, kFiles),
    KILN_CALL(fchownat, kFiles),
    KILN_CALL(truncate, kFiles),
    KILN_CALL(ftruncate, kFiles),
    KILN_CALL(mknod, kFiles),
    KILN_CALL(mknodat, kFiles),
    KILN_CALL(mount, kFiles),
    KILN_CALL(umount2, kFiles),
    KILN_CALL(chdir, kFiles),
    KILN_CALL(fchdir, kFiles),
    KILN_CALL(chroot, kFiles),
    KILN_CALL(getcwd, kFiles),
    KILN_CALL(getdents64, kFiles),
    KILN_CALL(write, "writes to other files than its standard output and error"),
    KILN_CALL(writev, "writes to other files than its standard output and error"),
    KILN_CALL(pwrite64, kFiles),
    KILN_CALL(pread64, kFiles),
    KILN_CALL(sendfile, kFiles),
    KILN_CALL(dup, "copies file descriptors"),
    KILN_CALL(dup2, "copies file descriptors"),
    KILN_CALL(dup3, "copies file descriptors"),
    KILN_CALL(fcntl, "changes file descriptors"),
    KILN_CALL(ioctl, "controls devices"),
    KILN_CALL(pipe, "makes pipes"),
    KILN_CALL(pipe2, "makes pipes"),
    KILN_CALL(socket, kNetwork),
    KILN_CALL(socketpair, kNetwork),
    KILN_CALL(connect, kNetwork),
    KILN_CALL(accept, kNetwork),
    KILN_CALL(accept4, kNetwork),
    KILN_CALL(bind, kNetwork),
    KILN_CALL(listen, kNetwork),
    KILN_CALL(sendto, kNetwork),
    KILN_CALL(sendmsg, kNetwork),
    KILN_CALL(sendmmsg, kNetwork),
    KILN_CALL(recvfrom, kNetwork),
    KILN_CALL(recvmsg, kNetwork),
    KILN_CALL(setsockopt, kNetwork),
    KILN_CALL(getsockopt, kNetwork),
    KILN_CALL(shutdown, kNetwork),
    KILN_CALL(fork, kProcesses),
    KILN_CALL(vfork, kProcesses),
    KILN_CALL(clone, kProcesses),
    KILN_CALL(clone3, kProcesses),
    KILN_CALL(execve, kProcesses),
    KILN_CALL(execveat, kProcesses),
    KILN_CALL(wait4, kProcesses),
    KILN_CALL(waitid, kProcesses),
    KILN_CALL(kill, kOthers),
    KILN_CALL(tkill, kOthers),
    KILN_CALL(tgkill, kOthers),
    KILN_CALL(rt_sigqueueinfo, kOthers),
    KILN_CALL(ptrace, kOthers),
    KILN_CALL(process_vm_readv, kOthers),
    KILN_CALL(process_vm_writev, kOthers),
    KILN_CALL(pidfd_open, kOthers),
    KILN_CALL(pidfd_getfd, kOthers),
    KILN_CALL(pidfd_send_signal, kOthers),
    KILN_CALL(sched_setaffinity, kOthers),
    KILN_CALL(setpgid, kOthers),
    KILN_CALL(setsid, kOthers),
    KILN_CALL(rt_sigaction, kSignals),
    KILN_CALL(signalfd4, kSignals),
    KILN_CALL(setitimer, "sets timers"),
    KILN_CALL(alarm, "sets timers"),
    KILN_CALL(timer_create, "sets timers"),
    KILN_CALL(mmap, kShared),
    KILN_CALL(memfd_create, kShared),
    KILN_CALL(shmget, kShared),
    KILN_CALL(shmat, kShared),
    KILN_CALL(prctl, "changes what it may do"),
    KILN_CALL(seccomp, "changes what it may do"),
    KILN_CALL(prlimit64, "changes what it may do"),
    KILN_CALL(setrlimit, "changes what it may do"),
    KILN_CALL(setuid, "changes who it is"),
    KILN_CALL(setgid, "changes who it is"),
    KILN_CALL(unshare, "changes what it may do"),
    KILN_CALL(setns, "changes what it may do"),
    KILN_CALL(bpf, "loads code into the kernel"),
    KILN_CALL(io_uring_setup, kFiles),
    KILN_CALL(perf_event_open, "measures events"),
    KILN_CALL(reboot, "controls the machine"),
};
#undef KILN_CALL

const SystemCall* Find(int64_t number) {
  const auto* const found = std::find_if(std::begin(kCalls), std::end(kCalls),
                                         [&](const SystemCall& c) { return c.number == number; });
  return found == std::end(kCalls) ? nullptr : found;
}

}  // namespace

std::string SystemCallName(int64_t number) {
  const SystemCall* const call = Find(number);
  return call == nullptr ? "number " + std::to_string(number) : std::string(call->name);
}

std::string SystemCallPurpose(int64_t number) {
  const SystemCall* const call = Find(number);
  return call == nullptr ? "" : std::string(call->purpose);
}

}  // namespace kiln::jit

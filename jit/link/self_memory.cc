#include "jit/link/self_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <mutex>

#include "jit/link/process_mutex.h"

namespace kiln::jit {
namespace {

constexpr size_t kPage = 4096;

enum class State : int { kNotAsked, kOpen, kRefused };

// The open file. It stands in memory that a child of fork finds zero: an inherited file would reach
// the parent's memory.
struct File {
  std::atomic<State> state;
  std::atomic<int> fd;
  std::atomic<dev_t> device;
  std::atomic<ino_t> inode;
};

File* MapFile() {
  void* const page =
      mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (madvise(page, kPage, MADV_WIPEONFORK) == 0) return new (page) File();
  munmap(page, kPage);
  return nullptr;
}

File* TheFile() {
  static File* const kFile = MapFile();
  return kFile;
}

ProcessMutex& OpenMutex() {
  static auto* const mutex = new ProcessMutex();
  return *mutex;
}

// Whether `fd` is still the file that was opened, and not one that the program has opened since.
bool IsStill(const File& file, int fd) {
  struct stat found{};
  return fstat(fd, &found) == 0 && found.st_dev == file.device.load(std::memory_order_relaxed) &&
         found.st_ino == file.inode.load(std::memory_order_relaxed);
}

bool WriteAll(int fd, char* to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(reinterpret_cast<uintptr_t>(to)));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    to += written;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// Whether the kernel lets `fd` write to memory that is not writable.
bool Works(int fd) {
  void* const page = mmap(nullptr, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  auto* const byte = static_cast<volatile char*>(page);
  const bool works = WriteAll(fd, static_cast<char*>(page), "k") && *byte == 'k';
  munmap(page, kPage);
  return works;
}

bool Open(File* file) {
  const std::lock_guard lock(OpenMutex());
  const State state = file->state.load(std::memory_order_acquire);
  if (state == State::kRefused) return false;
  if (state == State::kOpen && IsStill(*file, file->fd.load(std::memory_order_relaxed)))
    return true;

  const int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
  struct stat found{};
  if (fd < 0 || fstat(fd, &found) != 0 || !Works(fd)) {
    if (fd >= 0) close(fd);
    file->state.store(State::kRefused, std::memory_order_release);
    return false;
  }
  file->device.store(found.st_dev, std::memory_order_relaxed);
  file->inode.store(found.st_ino, std::memory_order_relaxed);
  file->fd.store(fd, std::memory_order_relaxed);
  file->state.store(State::kOpen, std::memory_order_release);
  return true;
}

}  // namespace

bool CanWriteProtected() noexcept {
  const int saved = errno;
  File* const file = TheFile();
  bool can = false;
  if (file != nullptr) {
    can = (file->state.load(std::memory_order_acquire) == State::kOpen &&
           IsStill(*file, file->fd.load(std::memory_order_relaxed))) ||
          Open(file);
  }
  errno = saved;
  return can;
}

bool WriteProtected(char* to, std::string_view bytes) noexcept {
  const int saved = errno;
  File* const file = TheFile();
  const bool written = file != nullptr &&
                       file->state.load(std::memory_order_acquire) == State::kOpen &&
                       WriteAll(file->fd.load(std::memory_order_relaxed), to, bytes);
  errno = saved;
  return written;
}

}  // namespace kiln::jit

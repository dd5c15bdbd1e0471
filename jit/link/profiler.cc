#include "jit/link/profiler.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "jit/link/process_mutex.h"
#include "jit/log.h"

namespace kiln::jit {
namespace {

constexpr char kVariable[] = "KILN_PERF";
constexpr char kFolderVariable[] = "JITDUMPDIR";
constexpr size_t kPage = 4096;

enum class Format { kNone, kMap, kJitdump };

// The layout of a jitdump file, version 1: this, then records.
struct DumpHeader {
  uint32_t magic = 0x4A695444;  // "JiTD", which tells the byte order
  uint32_t version = 1;
  uint32_t size = sizeof(DumpHeader);
  uint32_t machine = EM_X86_64;
  uint32_t padding = 0;
  uint32_t process = 0;
  uint64_t time = 0;   // as CLOCK_MONOTONIC, in nanoseconds
  uint64_t flags = 0;  // times are not the processor's own
};

// A function: this, its name with the zero at the end, its code.
struct CodeLoad {
  uint32_t kind = 0;
  uint32_t size = 0;  // of all three
  uint64_t time = 0;
  uint32_t process = 0;
  uint32_t thread = 0;
  uint64_t address = 0;
  uint64_t code_address = 0;
  uint64_t code_size = 0;
  uint64_t index = 0;  // another for each record
};

Format FormatAsked() {
  const char* const asked = std::getenv(kVariable);
  if (asked == nullptr || *asked == '\0') return Format::kNone;
  const std::string_view format = asked;
  if (format == "map") return Format::kMap;
  if (format == "jitdump") return Format::kJitdump;
  Log(LogLevel::kWarn, std::string(kVariable) + " must be 'map' or 'jitdump', got '" + asked +
                           "': perf is told nothing of compiled code");
  return Format::kNone;
}

uint64_t Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

template <class T>
void Append(std::string* bytes, const T& value) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof value);
}

// One of the two files, for this process.
class PerfFile {
 public:
  explicit PerfFile(Format format) : format_(format) {}

  void Add(const std::vector<ImageSymbol>& functions) {
    const std::lock_guard lock(mutex_);
    if (process_ != getpid()) Open();
    if (fd_ < 0) return;
    std::string bytes;
    for (const ImageSymbol& function : functions) {
      if (format_ == Format::kMap) {
        AppendLine(function, &bytes);
      } else {
        AppendRecord(function, {function.address, function.size}, &bytes);
      }
    }
    Write(bytes);
  }

 private:
  void Open() {
    if (fd_ >= 0) close(fd_);
    process_ = getpid();
    const char* const folder = std::getenv(kFolderVariable);
    path_ = format_ == Format::kMap
                ? "/tmp/perf-" + std::to_string(process_) + ".map"
                : std::string(folder == nullptr || *folder == '\0' ? "/tmp" : folder) + "/jit-" +
                      std::to_string(process_) + ".dump";
    fd_ = open(path_.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd_ < 0) return Fail("open");
    if (format_ == Format::kMap) return;
    DumpHeader header;
    header.process = static_cast<uint32_t>(process_);
    header.time = Now();
    std::string bytes;
    Append(&bytes, header);
    Write(bytes);
    // perf notices the file by this: it stays mapped, and is never run. A file system may forbid
    // it.
    if (fd_ >= 0 &&
        mmap(nullptr, kPage, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd_, 0) == MAP_FAILED) {
      Fail("map");
    }
  }

  static void AppendLine(const ImageSymbol& function, std::string* bytes) {
    std::array<char, 40> numbers{};
    std::snprintf(numbers.data(), numbers.size(), "%zx %x ",
                  reinterpret_cast<size_t>(function.address), function.size);
    bytes->append(numbers.data()).append(function.name).append("\n");
  }

  void AppendRecord(const ImageSymbol& function, std::string_view code, std::string* bytes) {
    CodeLoad record;
    record.size = static_cast<uint32_t>(sizeof record + function.name.size() + 1 + code.size());
    record.time = Now();
    record.process = static_cast<uint32_t>(process_);
    record.thread = static_cast<uint32_t>(syscall(SYS_gettid));
    record.address = record.code_address = reinterpret_cast<uint64_t>(function.address);
    record.code_size = code.size();
    record.index = next_index_++;
    Append(bytes, record);
    bytes->append(function.name).append(1, '\0').append(code);
  }

  void Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return Fail("write");
      bytes.remove_prefix(static_cast<size_t>(written));
    }
  }

  void Fail(const char* verb) {
    Log(LogLevel::kWarn, std::string("can't ") + verb + " '" + path_ + "' for perf: " +
                             std::strerror(errno) + "; it is told nothing of compiled code");
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  const Format format_;
  ProcessMutex mutex_;
  pid_t process_ = 0;  // whose file is open
  std::string path_;
  int fd_ = -1;
  uint64_t next_index_ = 0;
};

// Null where nothing was asked for.
PerfFile* TheFile() {
  static PerfFile* const kFile = [] {
    const Format format = FormatAsked();
    return format == Format::kNone ? nullptr : new PerfFile(format);
  }();
  return kFile;
}

// The functions by address. Those whose object does not tell the size reach to the next, or to the
// end.
std::vector<ImageSymbol> FunctionsOf(std::string_view code, const ImageSymbols& symbols) {
  std::vector<ImageSymbol> functions;
  symbols.ForEach([&](const ImageSymbol& symbol) {
    if (symbol.is_function && symbol.address >= code.data() &&
        symbol.address < code.data() + code.size()) {
      functions.push_back(symbol);
    }
  });
  std::sort(functions.begin(), functions.end(), [](const ImageSymbol& a, const ImageSymbol& b) {
    return std::pair(a.address, a.name) < std::pair(b.address, b.name);
  });
  const char* end = code.data() + code.size();
  for (ImageSymbol& function : functions | std::views::reverse) {
    if (function.size == 0) function.size = static_cast<uint32_t>(end - function.address);
    end = function.address;
  }
  return functions;
}

}  // namespace

void ReportToPerf(std::string_view code, const ImageSymbols& symbols) noexcept {
  PerfFile* const file = TheFile();
  if (file != nullptr && !code.empty()) file->Add(FunctionsOf(code, symbols));
}

}  // namespace kiln::jit

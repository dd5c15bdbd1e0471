#include "jit/compile/cuda/device_pch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "jit/compile/cuda/device_headers.h"
#include "jit/compile/cuda/include_scan.h"

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostBytes = uint64_t{1} << 30;
// Of NVRTC's heap for them, of which only what is used takes memory. Its default is too small for
// the larger headers of CCCL.
constexpr size_t kHeapBytes = size_t{1} << 30;

constexpr std::string_view kUsing = "using precompiled header file";
constexpr std::string_view kCreating = "creating precompiled header file";

// Whether every header that `text` includes is one whose content a key can tell.
bool IncludesAreKnown(std::string_view text, const DeviceSource& source,
                      const std::vector<std::string>& cuda_folders) {
  const IncludeScan scan = ScanIncludes(text);
  if (scan.has_computed) return false;
  return std::all_of(scan.all.begin(), scan.all.end(), [&](std::string_view name) {
    const std::string ending = "/" + std::string(name);
    return HasDeviceHeader(name, source, cuda_folders) ||
           std::any_of(source.headers.begin(), source.headers.end(),
                       [&](const auto& header) { return header.first.ends_with(ending); });
  });
}

std::string StateOf(const std::string& folder) {
  struct stat state{};
  if (stat(folder.c_str(), &state) != 0) return folder;
  return folder + " " + std::to_string(state.st_ino) + " " + std::to_string(state.st_mtim.tv_sec) +
         "." + std::to_string(state.st_mtim.tv_nsec);
}

// Appends `part` so that no two lists of parts give the same text.
void AddPart(std::string* key, std::string_view part) {
  *key += std::to_string(part.size()) + ":";
  *key += part;
}

}  // namespace

std::optional<std::string> PchKey(const Nvrtc& nvrtc, const DeviceSource& source,
                                  const std::vector<std::string>& options,
                                  const std::vector<std::string>& cuda_folders) {
  if (!nvrtc.has_precompiled_headers() || !source.include_dirs.empty()) return std::nullopt;
  const IncludeScan scan = ScanIncludes(source.text);
  const bool pays = std::any_of(scan.leading.begin(), scan.leading.end(),
                                [](auto name) { return !IsSmallDeviceHeader(name); });
  if (!pays || !IncludesAreKnown(source.text, source, cuda_folders)) return std::nullopt;
  std::string key;
  AddPart(&key, nvrtc.path());
  for (const std::string& option : options) AddPart(&key, option);
  AddPart(&key, scan.prefix);
  for (const auto& [name, text] : source.headers) {
    if (!IncludesAreKnown(text, source, cuda_folders)) return std::nullopt;
    AddPart(&key, name);
    AddPart(&key, text);
  }
  for (const std::string& folder : cuda_folders) AddPart(&key, StateOf(folder));
  return key;
}

// A file without a name.
class PchLease::File {
 public:
  File(int descriptor, uint64_t size) : descriptor_(descriptor), size_(size) {}
  ~File() { close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::string Path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
  uint64_t size() const { return size_; }

 private:
  int descriptor_;
  uint64_t size_;
};

struct PchLease::Store {
  struct Entry {
    std::shared_ptr<const File> file;  // null: it is being made, or can't be
    uint64_t last_use = 0;
  };

  void MakeRoom() {
    for (;;) {
      uint64_t bytes = 0;
      auto oldest = entries.end();
      for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
        if (entry->second.file == nullptr) continue;
        bytes += entry->second.file->size();
        if (oldest == entries.end() || entry->second.last_use < oldest->second.last_use) {
          oldest = entry;
        }
      }
      if (bytes <= kMostBytes) return;
      entries.erase(oldest);
    }
  }

  std::mutex mutex;
  std::map<std::string, Entry> entries;
  uint64_t uses = 0;
};

PchLease::Store& PchLease::TheStore() {
  static Store* const kStore = new Store;
  return *kStore;
}

PchLease::PchLease(const Nvrtc& nvrtc, std::string key) : nvrtc_(nvrtc), key_(std::move(key)) {
  Store& store = TheStore();
  const std::lock_guard<std::mutex> lock(store.mutex);
  const auto [place, is_new] = store.entries.try_emplace(key_);
  place->second.last_use = ++store.uses;
  if (!is_new) {
    file_ = place->second.file;
    if (file_ == nullptr) return;
    path_ = file_->Path();
    options_ = {"--use-pch=" + path_};
    return;
  }
  static const bool kHasHeap = nvrtc.functions().set_pch_heap_size(kHeapBytes) == 0;
  static_cast<void>(kHasHeap);  // with the default heap, fewer headers fit
  std::error_code error;
  std::string folder = (fs::temp_directory_path(error) / "kiln-pch-XXXXXX").string();
  if (error || mkdtemp(folder.data()) == nullptr) return;
  folder_ = folder;
  path_ = folder + "/headers.pch";
  options_ = {"--create-pch=" + path_};
}

PchLease::~PchLease() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

bool PchLease::Finish(const NvrtcProgram& program, const std::string& log, bool is_silent) {
  Store& store = TheStore();
  if (is_use()) {
    if (log.find(kUsing) != std::string::npos) return true;
    const std::lock_guard<std::mutex> lock(store.mutex);
    const auto place = store.entries.find(key_);
    if (place != store.entries.end() && place->second.file == file_) place->second.file = nullptr;
    return false;
  }
  if (folder_.empty()) return true;
  const size_t created = log.find(kCreating);
  const bool is_made =
      created != std::string::npos && program.PchStatus() == NvrtcProgram::kSuccess;
  // Any word about the file but that it is made: it can't be written.
  if (log.find(path_) != std::string::npos &&
      (created == std::string::npos || log.find(path_) != log.rfind(path_))) {
    return false;
  }
  if (!is_made || !is_silent) return true;
  const int descriptor = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return true;
  struct stat state{};
  fstat(descriptor, &state);
  auto file = std::make_shared<const File>(descriptor, static_cast<uint64_t>(state.st_size));
  const std::lock_guard<std::mutex> lock(store.mutex);
  store.entries[key_].file = std::move(file);
  store.MakeRoom();
  return true;
}

std::string LogOfHeaders(const std::string& log) {
  const size_t created = log.find(kCreating);
  if (created == std::string::npos) return {};
  return log.substr(0, log.rfind('\n', created) + 1);
}

std::string WithoutPchLines(const std::string& log) {
  std::string kept;
  std::string_view rest = log;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end);
    // "k.cu": creating precompiled header file "/tmp/..."
    if (line.starts_with('"') && (line.find(kUsing) != std::string_view::npos ||
                                  line.find(kCreating) != std::string_view::npos)) {
      continue;
    }
    kept += line;
  }
  return kept;
}

}  // namespace kiln::jit

#include "jit/compile/clang/file_witness.h"

#include <sys/stat.h>
#include <time.h>

#include <filesystem>
#include <utility>

namespace kiln::jit {
namespace {

// Coarser than the clock of any file system that headers are edited on.
constexpr int64_t kRacyNs = 2'000'000'000;

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

int64_t Now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return Nanoseconds(time);
}

}  // namespace

FileWitness::State FileWitness::StateOf(const Key& key) {
  struct stat found{};
  if (stat(key.path.c_str(), &found) != 0) return {};
  State state{.exists = true, .device = found.st_dev, .inode = found.st_ino};
  // Of a folder that was only asked for, nothing else counts.
  if (S_ISDIR(found.st_mode) && !key.with_names) return state;
  state.size = S_ISDIR(found.st_mode) ? 0 : found.st_size;
  state.modified_ns = Nanoseconds(found.st_mtim);
  state.changed_ns = Nanoseconds(found.st_ctim);
  return state;
}

void FileWitness::Keep(const Key& key, const State& state) {
  // What was noted first was there before anything was read.
  if (!states_.emplace(key, state).second) return;
  if (state.changed_ns != 0 && Now() - state.changed_ns < kRacyNs) is_racy_ = true;
}

void FileWitness::Note(const std::string& path) {
  const Key key{path, /*with_names=*/false};
  const State state = StateOf(key);
  if (state.exists) return Keep(key, state);
  std::string folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const Key folder_key{std::move(folder), /*with_names=*/true};
  Keep(folder_key, StateOf(folder_key));
}

bool FileWitness::Holds() const {
  for (const auto& [key, state] : states_) {
    if (StateOf(key) != state) return false;
  }
  return true;
}

}  // namespace kiln::jit

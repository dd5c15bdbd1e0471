#ifndef KILN_JIT_COMPILE_CLANG_FILE_WITNESS_H_
#define KILN_JIT_COMPILE_CLANG_FILE_WITNESS_H_

#include <cstdint>
#include <map>
#include <string>

namespace kiln::jit {

// What a compile saw of the machine's files: which were there, in which state, and which were not.
// As long as all of it holds, the same compile would see the same.
class FileWitness {
 public:
  // Notes the state of the file at `path`, before it is read. Where it is not there, its folder is
  // noted, which changes when the file appears.
  void Note(const std::string& path);

  // Whether every file and folder is as it was.
  bool Holds() const;

  // Whether a file changed so shortly before it was noted that another change might not show.
  bool is_racy() const { return is_racy_; }

 private:
  struct State {
    bool exists = false;
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;

    bool operator==(const State&) const = default;
  };
  struct Key {
    std::string path;
    bool with_names = false;  // of a folder: whether the names in it count

    auto operator<=>(const Key&) const = default;
  };
  static State StateOf(const Key& key);
  void Keep(const Key& key, const State& state);

  std::map<Key, State> states_;
  bool is_racy_ = false;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_FILE_WITNESS_H_

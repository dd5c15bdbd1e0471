// The ELF file behind code in memory.
#ifndef KILN_RUNTIME_OBJECT_FILE_H_
#define KILN_RUNTIME_OBJECT_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

struct dl_find_object;

namespace kiln::runtime {

// A file that a program or library was loaded from, opened for reading as long as this lives.
class ObjectFile {
 public:
  // The file of the object that was found around some code. Not open if there is none, or another
  // one lies at its path by now.
  explicit ObjectFile(const dl_find_object& found);
  ~ObjectFile();
  ObjectFile(const ObjectFile&) = delete;
  ObjectFile& operator=(const ObjectFile&) = delete;

  bool is_open() const noexcept { return descriptor_ >= 0; }

  // A path that leads to this very file as long as it is open, whatever happens to its names.
  std::string path() const;
  // The same for the same file with the same content, by whatever path; differs from any other.
  std::string identity() const;
  // True if it has a table of source lines. Reads the section headers alone.
  bool HasLines() const;

 private:
  bool IsLoadedAt(const void* begin, const void* end) const;
  bool Read(void* buffer, size_t size, off_t offset) const noexcept;

  int descriptor_ = -1;
};

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_OBJECT_FILE_H_

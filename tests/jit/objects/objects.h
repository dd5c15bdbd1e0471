#ifndef KILN_TESTS_JIT_OBJECTS_OBJECTS_H_
#define KILN_TESTS_JIT_OBJECTS_OBJECTS_H_

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace kiln::testing {

// What the build made: ObjectBytes("kernel.c.gcc.pic.o").
inline std::string ObjectBytes(const std::string& file) {
  std::ifstream stream(KILN_OBJECT_DIR "/" + file, std::ios::binary);
  if (!stream) throw std::runtime_error("can't read " + file);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace kiln::testing

#endif  // KILN_TESTS_JIT_OBJECTS_OBJECTS_H_

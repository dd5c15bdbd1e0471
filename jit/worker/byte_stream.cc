#include "jit/worker/byte_stream.h"

#include <cstring>

#include "kiln/error.h"

namespace kiln::jit {

void ByteWriter::Put(uint64_t value) {
  char bytes[sizeof value];
  for (size_t i = 0; i < sizeof value; ++i) bytes[i] = static_cast<char>(value >> (8 * i) & 0xFF);
  bytes_.append(bytes, sizeof bytes);
}

void ByteWriter::Put(std::string_view text) {
  Put(static_cast<uint64_t>(text.size()));
  bytes_.append(text);
}

uint64_t ByteReader::Integer() {
  uint64_t value = 0;
  if (left_.size() < sizeof value) Refuse("it ends inside an integer");
  for (size_t i = 0; i < sizeof value; ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(left_[i])) << (8 * i);
  }
  left_.remove_prefix(sizeof value);
  return value;
}

uint64_t ByteReader::Count(size_t size) {
  const uint64_t count = Integer();
  if (count > left_.size() / size) Refuse("it counts more than it has room for");
  return count;
}

std::string_view ByteReader::Text() {
  const uint64_t size = Count();
  const std::string_view text = left_.substr(0, size);
  left_.remove_prefix(size);
  return text;
}

void ByteReader::End() const {
  if (!left_.empty()) Refuse(std::to_string(left_.size()) + " bytes follow its end");
}

void ByteReader::Refuse(std::string_view reason) const {
  throw kiln::Error("RuntimeError", kiln::details::Concat({origin_, " is malformed: ", reason}));
}

}  // namespace kiln::jit

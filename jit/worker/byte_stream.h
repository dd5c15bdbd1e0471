#ifndef KILN_JIT_WORKER_BYTE_STREAM_H_
#define KILN_JIT_WORKER_BYTE_STREAM_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::jit {

// Values one after the other, as bytes: integers little-endian in eight bytes, a text as its length
// and its bytes. What is read must be what was written, in the same order.
class ByteWriter {
 public:
  void Put(uint64_t value);
  void Put(std::string_view text);
  // Without these, a literal would be taken for an integer or a bool.
  void Put(const char* text) { Put(std::string_view(text)); }
  void Put(const std::string& text) { Put(std::string_view(text)); }

  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads what a ByteWriter wrote. Nothing is trusted: each function throws RuntimeError, which names
// `origin`, where the bytes end too early. `bytes` must outlive the reader and the views it gives.
class ByteReader {
 public:
  ByteReader(std::string_view bytes, std::string_view origin) : left_(bytes), origin_(origin) {}

  uint64_t Integer();
  // An integer that counts things that take at least `size` bytes each.
  uint64_t Count(size_t size = 1);
  std::string_view Text();
  // Throws where bytes are left.
  void End() const;

  [[noreturn]] void Refuse(std::string_view reason) const;

 private:
  std::string_view left_;
  std::string origin_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_BYTE_STREAM_H_

#include "jit/worker/message.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "jit/worker/byte_stream.h"

namespace kiln::jit {
namespace {

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool ReceiveAll(int socket, char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t got = recv(socket, bytes, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

// The build id that the notes of a segment have, in hexadecimal; empty where they have none.
std::string BuildIdIn(const char* notes, size_t size) {
  const auto padded = [](size_t n) { return (n + 3) & ~size_t{3}; };
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes, sizeof note);
    const size_t whole = sizeof note + padded(note.n_namesz) + padded(note.n_descsz);
    if (whole > size) break;
    const char* name = notes + sizeof note;
    if (note.n_type == NT_GNU_BUILD_ID &&
        std::string_view(name, note.n_namesz) == std::string_view("GNU\0", 4)) {
      const char* id = name + padded(note.n_namesz);
      std::string text;
      for (size_t i = 0; i < note.n_descsz; ++i) {
        constexpr char kDigits[] = "0123456789abcdef";
        text += kDigits[static_cast<unsigned char>(id[i]) >> 4];
        text += kDigits[id[i] & 0xF];
      }
      return text;
    }
    notes += whole;
    size -= whole;
  }
  return {};
}

std::string BuildId() {
  std::string id;
  dl_iterate_phdr(
      [](dl_phdr_info* object, size_t, void* found) {
        const auto here = reinterpret_cast<uintptr_t>(&EngineIdentity);
        bool is_this = false;
        std::string text;
        for (int i = 0; i < object->dlpi_phnum; ++i) {
          const ElfW(Phdr)& segment = object->dlpi_phdr[i];
          const uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
          if (segment.p_type == PT_LOAD && here - begin < segment.p_memsz) is_this = true;
          if (segment.p_type == PT_NOTE && text.empty()) {
            text = BuildIdIn(reinterpret_cast<const char*>(begin), segment.p_memsz);
          }
        }
        if (is_this) *static_cast<std::string*>(found) = std::move(text);
        return is_this ? 1 : 0;
      },
      &id);
  return id;
}

}  // namespace

std::string MessageHeader(std::string_view message) {
  ByteWriter writer;
  writer.Put(static_cast<uint64_t>(message.size()));
  return writer.Take();
}

bool SendMessage(int socket, std::string_view message) {
  return message.size() <= kLongestMessage && SendAll(socket, MessageHeader(message)) &&
         SendAll(socket, message);
}

bool ReceiveMessage(int socket, std::string* message) {
  char header[sizeof(uint64_t)];
  if (!ReceiveAll(socket, header, sizeof header)) return false;
  const uint64_t size = ByteReader({header, sizeof header}, "a message").Integer();
  if (size > kLongestMessage) return false;
  message->resize(size);
  return ReceiveAll(socket, message->data(), message->size());
}

const std::string& EngineIdentity() {
  static const auto* const kIdentity = new std::string(KILN_VERSION " " + BuildId());
  return *kIdentity;
}

const std::string& EnginePath() {
  static const auto* const kPath = [] {
    Dl_info library{};
    dladdr(reinterpret_cast<const void*>(&EngineIdentity), &library);
    const char* const name = library.dli_fname == nullptr ? "" : library.dli_fname;
    const std::unique_ptr<char, decltype(&std::free)> resolved(realpath(name, nullptr), &std::free);
    return new std::string(resolved != nullptr ? resolved.get() : name);
  }();
  return *kPath;
}

}  // namespace kiln::jit

#include "jit/artifact/fat_binary.h"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <utility>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

constexpr uint32_t kMagic = 0xBA55ED50;
constexpr uint16_t kVersion = 1;
constexpr uint16_t kEntryVersion = 0x0101;
constexpr size_t kAlignment = 8;

constexpr uint64_t kIs64Bit = 0x1;
constexpr uint64_t kMadeOnLinux = 0x10;
constexpr uint64_t kCompressed = 0x8000;
constexpr uint64_t kSuffixA = 0x100000;
constexpr uint64_t kSuffixF = 0x200000;

struct Header {
  uint32_t magic;
  uint16_t version;
  uint16_t header_size;
  uint64_t entries_size;
};
static_assert(sizeof(Header) == 16);

struct Entry {
  uint16_t form;
  uint16_t version;
  uint32_t header_size;
  uint64_t padded_size;
  uint32_t compressed_size;
  uint32_t options_offset;
  uint16_t minor;
  uint16_t major;
  uint32_t architecture;
  uint32_t name_offset;
  uint32_t name_length;
  uint64_t flags;
  uint64_t zero;
  uint64_t uncompressed_size;
};
static_assert(sizeof(Entry) == 64);

constexpr std::pair<DeviceImage::Form, uint16_t> kForms[] = {
    {DeviceImage::Form::kPtx, 1}, {DeviceImage::Form::kCubin, 2}, {DeviceImage::Form::kLtoIr, 8}};

uint16_t NumberOf(DeviceImage::Form form) {
  for (const auto& [known, number] : kForms) {
    if (known == form) return number;
  }
  return 0;
}

// The version after ".version" of PTX, which all of it begins with but for comments.
void SetPtxVersion(std::string_view code, Entry* entry) {
  constexpr std::string_view kDirective = ".version ";
  const size_t at = code.find(kDirective);
  if (at == std::string_view::npos) return;
  const char* const end = code.data() + code.size();
  const auto major = std::from_chars(code.data() + at + kDirective.size(), end, entry->major);
  if (major.ptr != end && *major.ptr == '.') std::from_chars(major.ptr + 1, end, entry->minor);
}

void SetVersion(const DeviceImage& image, Entry* entry) {
  constexpr size_t kElfAbiVersionAt = 8;
  const std::string& code = image.code;
  switch (image.form) {
    case DeviceImage::Form::kPtx:
      return SetPtxVersion(code, entry);
    case DeviceImage::Form::kCubin:
      entry->major = 1;
      if (code.size() > kElfAbiVersionAt) {
        entry->minor = static_cast<unsigned char>(code[kElfAbiVersionAt]);
      }
      return;
    case DeviceImage::Form::kLtoIr:
      if (code.size() < 6) return;
      entry->major = static_cast<unsigned char>(code[4]);
      entry->minor = static_cast<unsigned char>(code[5]);
      return;
  }
}

uint64_t SuffixFlag(std::string_view suffix) {
  if (suffix.empty()) return 0;
  if (suffix == "a") return kSuffixA;
  if (suffix == "f") return kSuffixF;
  throw Error("ValueError", "the suffix of a GPU architecture must be '', 'a' or 'f', got '" +
                                std::string(suffix) + "'");
}

template <typename Struct>
void Append(const Struct& value, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof value);
}

[[noreturn]] void ThrowDamaged(std::string_view origin, const std::string& what) {
  throw Error("ValueError",
              "the GPU code of " + std::string(origin) + " is no fat binary of CUDA: " + what);
}

// The part of `bytes` behind its first `size` ones.
std::string_view Behind(std::string_view bytes, uint64_t size, std::string_view origin) {
  if (size > bytes.size()) {
    ThrowDamaged(origin, "an entry says it has " + std::to_string(size) + " bytes, but " +
                             std::to_string(bytes.size()) + " are left");
  }
  return bytes.substr(size);
}

std::string CodeOf(std::string_view padded, DeviceImage::Form form) {
  if (form == DeviceImage::Form::kPtx) padded = padded.substr(0, padded.find('\0'));
  return std::string(padded);
}

}  // namespace

std::string ArchitectureName(const DeviceImage& image) {
  const char* const prefix = image.form == DeviceImage::Form::kCubin ? "sm_" : "compute_";
  return prefix + std::to_string(image.architecture) + image.suffix;
}

std::string WriteFatBinary(const std::vector<DeviceImage>& images) {
  std::string entries;
  for (const DeviceImage& image : images) {
    const bool is_text = image.form == DeviceImage::Form::kPtx;
    const size_t size = image.code.size() + (is_text ? 1 : 0);
    const size_t padded_size = (size + kAlignment - 1) / kAlignment * kAlignment;
    Entry entry{};
    entry.form = NumberOf(image.form);
    entry.version = kEntryVersion;
    entry.header_size = sizeof(Entry);
    entry.padded_size = padded_size;
    entry.architecture = static_cast<uint32_t>(image.architecture);
    entry.flags = kIs64Bit | kMadeOnLinux | SuffixFlag(image.suffix);
    SetVersion(image, &entry);
    Append(entry, &entries);
    entries += image.code;
    entries.append(padded_size - image.code.size(), '\0');
  }
  std::string bytes;
  Append(Header{kMagic, kVersion, sizeof(Header), entries.size()}, &bytes);
  return bytes + entries;
}

size_t FatBinarySize(const void* header) {
  Header read;
  std::memcpy(&read, header, sizeof read);
  if (read.magic != kMagic || read.header_size < sizeof read) return 0;
  return read.header_size + read.entries_size;
}

std::vector<DeviceImage> ReadFatBinary(std::string_view bytes, std::string_view origin) {
  Header header;
  if (bytes.size() < sizeof header) {
    ThrowDamaged(origin, "it has " + std::to_string(bytes.size()) + " bytes, 16 at least");
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != kMagic) ThrowDamaged(origin, "it does not begin with 0xBA55ED50");
  if (header.version != kVersion) {
    ThrowDamaged(origin, "its version is " + std::to_string(header.version) + ", known is 1");
  }
  if (header.header_size < sizeof header || header.header_size > bytes.size()) {
    ThrowDamaged(origin, "its header's size is " + std::to_string(header.header_size));
  }
  std::string_view rest = bytes.substr(header.header_size);
  if (header.entries_size > rest.size()) {
    ThrowDamaged(origin, "it says it has " + std::to_string(header.entries_size) +
                             " bytes of code, but " + std::to_string(rest.size()) + " are there");
  }
  rest = rest.substr(0, header.entries_size);

  std::vector<DeviceImage> images;
  while (!rest.empty()) {
    Entry entry;
    Behind(rest, sizeof entry, origin);
    std::memcpy(&entry, rest.data(), sizeof entry);
    if (entry.header_size < sizeof entry) {
      ThrowDamaged(origin, "an entry's header has " + std::to_string(entry.header_size) + " bytes");
    }
    const std::string_view code = Behind(rest, entry.header_size, origin);
    rest = Behind(code, entry.padded_size, origin);
    for (const auto& [form, number] : kForms) {
      if (number != entry.form) continue;
      DeviceImage image;
      image.form = form;
      image.architecture = static_cast<int>(entry.architecture);
      image.suffix = (entry.flags & kSuffixA) != 0 ? "a" : (entry.flags & kSuffixF) != 0 ? "f" : "";
      if ((entry.flags & kCompressed) != 0) {
        throw Error("ValueError", "the GPU code of " + std::string(origin) + " for " +
                                      ArchitectureName(image) +
                                      " is compressed; make it with --compress-mode=none");
      }
      image.code = CodeOf(code.substr(0, entry.padded_size), form);
      images.push_back(std::move(image));
    }
  }
  return images;
}

}  // namespace kiln::jit

#include "jit/artifact/artifact.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "jit/artifact/utf8.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

using Json = nlohmann::ordered_json;
using Digest = std::array<unsigned char, 32>;

constexpr std::string_view kMagic = "KILNART\x1A";
constexpr char kBytes[] = "bytes";
constexpr size_t kVersionAt = 8;
constexpr size_t kTableSizeAt = 16;
constexpr size_t kObjectsSizeAt = 24;
constexpr size_t kDigestAt = 32;
constexpr size_t kHeaderSize = 64;
static_assert(kMagic.size() == kVersionAt);

template <class Integer>
void PutInteger(std::string* bytes, size_t at, Integer value) {
  for (size_t i = 0; i < sizeof value; ++i) {
    (*bytes)[at + i] = static_cast<char>(value >> (8 * i) & 0xFF);
  }
}

template <class Integer>
Integer GetInteger(std::string_view bytes, size_t at) {
  Integer value = 0;
  for (size_t i = 0; i < sizeof value; ++i) {
    value |= static_cast<Integer>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

// The digest of a file, the place of the digest itself taken as zero.
Digest FileDigest(std::string_view file) {
  const auto update = [](crypto_generichash_state* state, std::string_view part) {
    crypto_generichash_update(state, reinterpret_cast<const unsigned char*>(part.data()),
                              part.size());
  };
  Digest digest{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, digest.size());
  update(&state, file.substr(0, kDigestAt));
  crypto_generichash_update(&state, digest.data(), digest.size());
  update(&state, file.substr(kHeaderSize));
  crypto_generichash_final(&state, digest.data(), digest.size());
  return digest;
}

size_t SizeOf(const std::vector<std::string>& objects) {
  size_t size = 0;
  for (const std::string& object : objects) size += object.size();
  return size;
}

// JSON has UTF-8 alone, and names of files and symbols may be any bytes.
Json JsonOf(const std::string& text) {
  if (IsUtf8(text)) return text;
  std::string hex(2 * text.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(text.data()),
                 text.size());
  hex.pop_back();
  return {{kBytes, hex}};
}

Json JsonOf(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(JsonOf(text));
  return list;
}

// What JsonOf wrote. Throws std::exception where it is anything else.
std::string TextFrom(const Json& json) {
  if (!json.is_object()) return json.get<std::string>();
  const auto hex = json.at(kBytes).get<std::string>();
  std::string text(hex.size() / 2, '\0');
  size_t size = 0;
  if (sodium_hex2bin(reinterpret_cast<unsigned char*>(text.data()), text.size(), hex.data(),
                     hex.size(), nullptr, &size, nullptr) != 0 ||
      2 * size != hex.size()) {
    throw std::out_of_range("the bytes '" + hex + "'");
  }
  return text;
}

std::vector<std::string> TextsFrom(const Json& json) {
  std::vector<std::string> texts;
  for (const Json& text : json) texts.push_back(TextFrom(text));
  return texts;
}

std::string TableOf(const Artifact& artifact) {
  Json sizes = Json::array();
  for (const std::string& object : artifact.objects) sizes.push_back(object.size());
  Json headers = Json::array();
  for (const HeaderRecord& header : artifact.headers) {
    headers.push_back({{"path", JsonOf(header.path)}, {"digest", header.digest}});
  }
  const Json table = {
      {"name", JsonOf(artifact.name)},       {"language", LanguageName(artifact.language)},
      {"triple", artifact.triple},           {"cpu", artifact.cpu},
      {"features", artifact.features},       {"objects", std::move(sizes)},
      {"exports", JsonOf(artifact.exports)}, {"libraries", JsonOf(artifact.libraries)},
      {"headers", std::move(headers)},       {"warnings", ToJson(artifact.warnings)}};
  return table.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

// The objects that lie one after the other in `bytes`. Throws std::exception where the sizes are
// not those of `bytes`.
std::vector<std::string> SplitObjects(const Json& sizes, std::string_view bytes) {
  std::vector<std::string> objects;
  for (const Json& size : sizes) {
    if (size.get<uint64_t>() > bytes.size()) throw std::out_of_range("an object's size");
    objects.emplace_back(bytes.substr(0, size.get<uint64_t>()));
    bytes.remove_prefix(objects.back().size());
  }
  if (!bytes.empty()) throw std::out_of_range("the objects' sizes");
  return objects;
}

// Throws std::exception where a field is missing or of another type.
Artifact ArtifactFromTable(std::string_view text, std::string_view objects) {
  const Json table = Json::parse(text);
  Artifact artifact;
  artifact.name = TextFrom(table.at("name"));
  const std::string language = table.at("language").get<std::string>();
  const std::optional<Language> known = LanguageFromName(language);
  if (!known) throw std::out_of_range("language '" + language + "'");
  artifact.language = *known;
  artifact.triple = table.at("triple").get<std::string>();
  artifact.cpu = table.at("cpu").get<std::string>();
  artifact.features = table.at("features").get<std::string>();
  artifact.objects = SplitObjects(table.at("objects"), objects);
  artifact.exports = TextsFrom(table.at("exports"));
  artifact.libraries = TextsFrom(table.at("libraries"));
  for (const Json& header : table.at("headers")) {
    artifact.headers.push_back(
        {TextFrom(header.at("path")), header.at("digest").get<std::string>()});
  }
  artifact.warnings = DiagnosticsFromJson(table.at("warnings").get<std::string>());
  return artifact;
}

// Appends what `from` has and `to` lacks.
template <typename T>
void AddMissing(std::vector<T>&& from, std::vector<T>* to) {
  for (T& item : from) {
    if (std::find(to->begin(), to->end(), item) == to->end()) to->push_back(std::move(item));
  }
}

}  // namespace

std::string_view ExportName(std::string_view symbol) {
  constexpr std::string_view kLibraryPrefix = "__tvm_ffi__library_";
  for (const std::string_view beside : {kMetadataPrefix, kDocPrefix, kLibraryPrefix}) {
    if (symbol.starts_with(beside)) return {};
  }
  return symbol.starts_with(kExportPrefix) ? symbol.substr(kExportPrefix.size())
                                           : std::string_view();
}

Artifact Combine(std::vector<Artifact> parts) {
  const auto compiled = std::find_if(parts.begin(), parts.end(), [](const Artifact& part) {
    return part.language != Language::kObject && part.language != Language::kArchive;
  });
  const Artifact& target = compiled == parts.end() ? parts.front() : *compiled;
  std::string cpu = target.cpu;
  std::string features = target.features;
  Artifact whole = std::move(parts.front());
  whole.cpu = std::move(cpu);
  whole.features = std::move(features);
  for (size_t i = 1; i < parts.size(); ++i) {
    Artifact& part = parts[i];
    for (std::string& name : part.exports) {
      if (std::find(whole.exports.begin(), whole.exports.end(), name) != whole.exports.end()) {
        throw kiln::Error("LinkError", "'" + part.name + "' exports '" + name +
                                           "', which another source of the module exports already");
      }
      whole.exports.push_back(std::move(name));
    }
    std::move(part.objects.begin(), part.objects.end(), std::back_inserter(whole.objects));
    AddMissing(std::move(part.libraries), &whole.libraries);
    AddMissing(std::move(part.headers), &whole.headers);
    std::move(part.warnings.begin(), part.warnings.end(), std::back_inserter(whole.warnings));
  }
  return whole;
}

std::string DigestOf(std::string_view bytes) {
  Digest digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr,
                     0);
  std::string text(2 * digest.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  text.pop_back();
  return text;
}

std::string Serialize(const Artifact& artifact) {
  const std::string table = TableOf(artifact);
  const size_t objects_size = SizeOf(artifact.objects);
  std::string file(kHeaderSize, '\0');
  file.reserve(kHeaderSize + table.size() + objects_size);
  file.replace(0, kMagic.size(), kMagic);
  PutInteger<uint32_t>(&file, kVersionAt, kArtifactFormatVersion);
  PutInteger<uint64_t>(&file, kTableSizeAt, table.size());
  PutInteger<uint64_t>(&file, kObjectsSizeAt, objects_size);
  file += table;
  for (const std::string& object : artifact.objects) file += object;
  const Digest digest = FileDigest(file);
  std::memcpy(file.data() + kDigestAt, digest.data(), digest.size());
  return file;
}

Artifact ParseArtifact(std::string_view bytes, std::string_view origin) {
  const auto refuse = [&](const std::string& reason) {
    return kiln::Error("ValueError", std::string(origin) + ": " + reason);
  };
  const size_t magic_seen = std::min(bytes.size(), kMagic.size());
  if (bytes.empty()) throw refuse("not a Kiln artifact: no bytes at all");
  if (bytes.substr(0, magic_seen) != kMagic.substr(0, magic_seen)) {
    throw refuse("not a Kiln artifact: it does not start with KILNART");
  }
  if (bytes.size() < kHeaderSize) {
    throw refuse("artifact cut short: " + std::to_string(bytes.size()) +
                 " bytes, and the header alone has " + std::to_string(kHeaderSize));
  }
  const uint32_t version = GetInteger<uint32_t>(bytes, kVersionAt);
  if (version != kArtifactFormatVersion) {
    throw refuse("artifact of format version " + std::to_string(version) +
                 "; this build of Kiln reads version " + std::to_string(kArtifactFormatVersion) +
                 ": compile the source again");
  }
  const uint64_t table_size = GetInteger<uint64_t>(bytes, kTableSizeAt);
  const uint64_t objects_size = GetInteger<uint64_t>(bytes, kObjectsSizeAt);
  const uint64_t body = bytes.size() - kHeaderSize;
  if (table_size > body || objects_size > body - table_size) {
    throw refuse("artifact cut short: a body of " + std::to_string(body) +
                 " bytes, and the header promises " + std::to_string(table_size) + " + " +
                 std::to_string(objects_size));
  }
  const Digest digest = FileDigest(bytes);
  if (table_size + objects_size != body ||
      std::memcmp(digest.data(), bytes.data() + kDigestAt, digest.size()) != 0) {
    throw refuse("artifact damaged: its BLAKE2b digest does not match its content");
  }
  try {
    return ArtifactFromTable(bytes.substr(kHeaderSize, table_size),
                             bytes.substr(kHeaderSize + table_size));
  } catch (const std::exception& e) {
    throw refuse(std::string("artifact with a malformed table: ") + e.what());
  }
}

}  // namespace kiln::jit

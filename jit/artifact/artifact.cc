#include "jit/artifact/artifact.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

using Json = nlohmann::ordered_json;
using Digest = std::array<unsigned char, 32>;

constexpr std::string_view kMagic = "KILNART\x1A";
constexpr size_t kVersionAt = 8;
constexpr size_t kTableSizeAt = 16;
constexpr size_t kObjectSizeAt = 24;
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
Digest DigestOf(std::string_view file) {
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

Json ToJson(const Diagnostic& d) {
  return {{"severity", static_cast<int>(d.severity)},
          {"file", d.file},
          {"line", d.line},
          {"column", d.column},
          {"message", d.message},
          {"source_line", d.source_line},
          {"caret", d.caret}};
}

Diagnostic DiagnosticFromJson(const Json& json) {
  const int severity = json.at("severity").get<int>();
  if (severity < static_cast<int>(Severity::kNote) ||
      severity > static_cast<int>(Severity::kFatal)) {
    throw std::out_of_range("severity " + std::to_string(severity));
  }
  Diagnostic diagnostic;
  diagnostic.severity = static_cast<Severity>(severity);
  diagnostic.file = json.at("file").get<std::string>();
  diagnostic.line = json.at("line").get<uint32_t>();
  diagnostic.column = json.at("column").get<uint32_t>();
  diagnostic.message = json.at("message").get<std::string>();
  diagnostic.source_line = json.at("source_line").get<std::string>();
  diagnostic.caret = json.at("caret").get<uint32_t>();
  return diagnostic;
}

std::string TableOf(const Artifact& artifact) {
  Json warnings = Json::array();
  for (const Diagnostic& warning : artifact.warnings) warnings.push_back(ToJson(warning));
  const Json table = {
      {"name", artifact.name},          {"language", LanguageName(artifact.language)},
      {"triple", artifact.triple},      {"cpu", artifact.cpu},
      {"features", artifact.features},  {"exports", artifact.exports},
      {"warnings", std::move(warnings)}};
  return table.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

// Fills every field but the object. Throws std::exception where a field is missing or of another
// type.
Artifact ArtifactFromTable(std::string_view text) {
  const Json table = Json::parse(text);
  Artifact artifact;
  artifact.name = table.at("name").get<std::string>();
  const std::string language = table.at("language").get<std::string>();
  const std::optional<Language> known = LanguageFromName(language);
  if (!known) throw std::out_of_range("language '" + language + "'");
  artifact.language = *known;
  artifact.triple = table.at("triple").get<std::string>();
  artifact.cpu = table.at("cpu").get<std::string>();
  artifact.features = table.at("features").get<std::string>();
  artifact.exports = table.at("exports").get<std::vector<std::string>>();
  for (const Json& warning : table.at("warnings")) {
    artifact.warnings.push_back(DiagnosticFromJson(warning));
  }
  return artifact;
}

}  // namespace

std::string Serialize(const Artifact& artifact) {
  const std::string table = TableOf(artifact);
  std::string file(kHeaderSize, '\0');
  file.reserve(kHeaderSize + table.size() + artifact.object.size());
  file.replace(0, kMagic.size(), kMagic);
  PutInteger<uint32_t>(&file, kVersionAt, kArtifactFormatVersion);
  PutInteger<uint64_t>(&file, kTableSizeAt, table.size());
  PutInteger<uint64_t>(&file, kObjectSizeAt, artifact.object.size());
  file += table;
  file += artifact.object;
  const Digest digest = DigestOf(file);
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
  const uint64_t object_size = GetInteger<uint64_t>(bytes, kObjectSizeAt);
  const uint64_t body = bytes.size() - kHeaderSize;
  if (table_size > body || object_size > body - table_size) {
    throw refuse("artifact cut short: a body of " + std::to_string(body) +
                 " bytes, and the header promises " + std::to_string(table_size) + " + " +
                 std::to_string(object_size));
  }
  const Digest digest = DigestOf(bytes);
  if (table_size + object_size != body ||
      std::memcmp(digest.data(), bytes.data() + kDigestAt, digest.size()) != 0) {
    throw refuse("artifact damaged: its BLAKE2b digest does not match its content");
  }
  try {
    Artifact artifact = ArtifactFromTable(bytes.substr(kHeaderSize, table_size));
    artifact.object = bytes.substr(kHeaderSize + table_size);
    return artifact;
  } catch (const std::exception& e) {
    throw refuse(std::string("artifact with a malformed table: ") + e.what());
  }
}

}  // namespace kiln::jit

#include "jit/worker/compile_request.h"

#include <chrono>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "jit/worker/byte_stream.h"
#include "jit/worker/error_format.h"

namespace kiln::jit {
namespace {

enum Outcome : uint64_t { kArtifact = 1, kError = 2 };

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

// Every value that an option takes to become what it is in `options`, in the form of SetOption.
std::vector<OptionValue> ValuesOf(const OptionSpec& spec, const CompileOptions& options) {
  std::vector<OptionValue> values;
  std::visit(Overloaded{
                 [&](bool CompileOptions::* field) { values.emplace_back(options.*field); },
                 [&](int CompileOptions::* field) {
                   values.emplace_back(static_cast<int64_t>(options.*field));
                 },
                 [&](std::string CompileOptions::* field) { values.emplace_back(options.*field); },
                 [&](std::vector<std::string> CompileOptions::* field) {
                   values.assign((options.*field).begin(), (options.*field).end());
                 },
                 [&](auto field) {
                   for (const auto& [key, value] : options.*field) {
                     values.emplace_back(OptionEntry{key, value});
                   }
                 },
             },
             spec.field);
  return values;
}

void PutValue(const OptionValue& value, ByteWriter* writer) {
  writer->Put(value.index());
  std::visit(Overloaded{
                 [&](bool b) { writer->Put(uint64_t{b}); },
                 [&](int64_t i) { writer->Put(static_cast<uint64_t>(i)); },
                 [&](const std::string& text) { writer->Put(text); },
                 [&](const OptionEntry& entry) {
                   writer->Put(entry.key);
                   writer->Put(entry.value.index());
                   std::visit([&](const auto& held) { writer->Put(held); }, entry.value);
                 },
             },
             value);
}

OptionValue GetValue(ByteReader* reader) {
  switch (reader->Integer()) {
    case 0:
      return reader->Integer() != 0;
    case 1:
      return static_cast<int64_t>(reader->Integer());
    case 2:
      return std::string(reader->Text());
    case 3: {
      OptionEntry entry;
      entry.key = reader->Text();
      if (reader->Integer() == 0) {
        entry.value = std::string(reader->Text());
      } else {
        entry.value = reader->Integer();
      }
      return entry;
    }
    default:
      reader->Refuse("it has an option of no known type");
  }
}

bool HasDefault(const OptionSpec& spec, const CompileOptions& options) {
  static const CompileOptions kDefaults;
  return std::visit([&](auto field) { return options.*field == kDefaults.*field; }, spec.field);
}

// A literal's stand-in: names of phases live for ever.
std::string_view PhaseName(std::string_view name) {
  static std::mutex mutex;
  static auto* const names = new std::set<std::string, std::less<>>();
  const std::lock_guard lock(mutex);
  const auto known = names->find(name);
  return known != names->end() ? *known : *names->emplace(name).first;
}

void PutReport(const CompileReport& report, ByteWriter* writer) {
  writer->Put(report.times.phases().size());
  for (const PhaseTimes::Phase& phase : report.times.phases()) {
    writer->Put(phase.name);
    writer->Put(static_cast<uint64_t>(phase.time.count()));
  }
  writer->Put(uint64_t{report.stages.has_value()});
  if (!report.stages) return;
  for (const std::string& text : {report.stages->ir, report.stages->optimized_ir,
                                  report.stages->assembly, report.stages->ptx}) {
    writer->Put(text);
  }
}

void GetReport(ByteReader* reader, CompileReport* report) {
  for (uint64_t left = reader->Count(); left > 0; --left) {
    const std::string_view name = PhaseName(reader->Text());
    report->times.Add(name, std::chrono::nanoseconds(reader->Integer()));
  }
  if (reader->Integer() == 0) return;
  StageTexts& stages = report->stages.emplace();
  for (std::string* text : {&stages.ir, &stages.optimized_ir, &stages.assembly, &stages.ptx}) {
    *text = reader->Text();
  }
}

}  // namespace

std::string SerializeRequest(const CompileRequest& request) {
  ByteWriter writer;
  writer.Put(request.sources.size());
  for (const Source& source : request.sources) {
    writer.Put(LanguageName(source.language));
    writer.Put(source.name);
    writer.Put(source.text);
  }
  for (const OptionSpec& spec : OptionTable()) {
    if (HasDefault(spec, request.options)) continue;
    for (const OptionValue& value : ValuesOf(spec, request.options)) {
      writer.Put(spec.name);
      PutValue(value, &writer);
    }
  }
  writer.Put("");
  // Of no user, and so in no table.
  writer.Put(uint64_t{request.options.quick_tier});
  writer.Put(uint64_t{request.options.share_variables});
  writer.Put(request.folder);
  writer.Put(uint64_t{request.with_stages});
  writer.Put(static_cast<uint64_t>(request.max_memory_mb));
  return writer.Take();
}

CompileRequest ParseRequest(std::string_view bytes) {
  ByteReader reader(bytes, "the request to a worker");
  CompileRequest request;
  for (uint64_t left = reader.Count(); left > 0; --left) {
    Source source;
    const std::optional<Language> language = LanguageFromName(std::string(reader.Text()));
    if (!language) reader.Refuse("it has a source of no known language");
    source.language = *language;
    source.name = reader.Text();
    source.text = reader.Text();
    request.sources.push_back(std::move(source));
  }
  while (true) {
    const std::string_view name = reader.Text();
    if (name.empty()) break;
    SetOption(&request.options, name, GetValue(&reader));
  }
  request.options.quick_tier = reader.Integer() != 0;
  request.options.share_variables = reader.Integer() != 0;
  request.folder = reader.Text();
  request.with_stages = reader.Integer() != 0;
  request.max_memory_mb = static_cast<int>(reader.Integer());
  reader.End();
  return request;
}

std::string SerializeAnswer(const Artifact& artifact, const CompileReport& report) {
  ByteWriter writer;
  writer.Put(uint64_t{kArtifact});
  writer.Put(Serialize(artifact));
  PutReport(report, &writer);
  return writer.Take();
}

std::string SerializeAnswer(const kiln::Error& error) {
  ByteWriter writer;
  writer.Put(uint64_t{kError});
  PutError(error, &writer);
  return writer.Take();
}

Artifact ParseAnswer(std::string_view bytes, CompileReport* report) {
  ByteReader reader(bytes, "the answer of a worker");
  const uint64_t outcome = reader.Integer();
  if (outcome == kError) {
    kiln::Error error = GetError(&reader);
    reader.End();
    throw kiln::Error(std::move(error));
  }
  if (outcome != kArtifact) reader.Refuse("it is neither an artifact nor an error");
  Artifact artifact = ParseArtifact(reader.Text(), "the answer of a worker");
  GetReport(&reader, report);
  reader.End();
  return artifact;
}

}  // namespace kiln::jit

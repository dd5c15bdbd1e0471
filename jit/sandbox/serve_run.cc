#include "jit/sandbox/serve_run.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <string>
#include <utility>

#include "jit/link/code_lines.h"
#include "jit/sandbox/crash_report.h"
#include "jit/sandbox/enter_sandbox.h"
#include "jit/sandbox/memory_functions.h"
#include "jit/sandbox/run_request.h"
#include "jit/sandbox/value_format.h"
#include "jit/worker/error_format.h"
#include "jit/worker/memory_limit.h"
#include "jit/worker/message.h"

namespace kiln::jit {
namespace {

volatile RunPhase phase = RunPhase::kCompile;

std::string AnswerOf(const kiln::Error& error) {
  ByteWriter writer;
  writer.Put(static_cast<uint64_t>(RunAnswer::kError));
  writer.Put(static_cast<uint64_t>(phase));
  PutError(error, &writer);
  return writer.Take();
}

bool IsCuda(const Source& source) { return source.language == Language::kCuda; }

[[noreturn]] void RefuseCuda(const std::string& name) {
  throw kiln::Error("ValueError", "'" + name +
                                      "' is CUDA, and a process without rights can't reach a GPU: "
                                      "try code for the CPU, or call it in a process of your own");
}

Artifact CompileOrParse(const RunRequest& request, const CompileFunction& compile) {
  if (!request.source) return ParseArtifact(request.artifact, "the module to run");
  const std::vector<Source>& sources = request.source->sources;
  const auto cuda = std::find_if(sources.begin(), sources.end(), &IsCuda);
  if (cuda != sources.end()) RefuseCuda(cuda->name);
  EnterFolder(request.source->folder);
  CompileReport report;
  return compile(sources, request.source->options, &report);
}

// What is printed is seen, whatever comes after.
void PrintAtOnce() {
  std::setvbuf(stdout, nullptr, _IONBF, 0);
  std::setvbuf(stderr, nullptr, _IONBF, 0);
}

// Has libraries read the files that they read once.
void ReadFilesOfLibraries(const Artifact& artifact) {
  // Where this names the time zone, the C library does not look whether its file has changed.
  setenv("TZ", ":/etc/localtime", /*replace=*/0);
  tzset();
  for (const std::string& library : artifact.libraries) {
    void* const handle = dlopen(library.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (handle == nullptr) continue;
    void* const openmp = dlsym(handle, "omp_get_max_threads");
    if (openmp != nullptr) reinterpret_cast<int (*)()>(openmp)();
  }
}

std::string Run(const std::string& message, const CompileFunction& compile,
                const LinkFunction& link, CodeLines* lines) {
  const RunRequest request = ParseRun(message);
  // It holds until the process leaves, as do the code and what that may point to.
  new MemoryLimit(request.max_memory_mb);
  const Artifact artifact = CompileOrParse(request, compile);
  if (artifact.language == Language::kCuda) RefuseCuda(artifact.name);

  phase = RunPhase::kLink;
  const auto inputs = [&](std::vector<std::shared_ptr<LoadedImage>> images) {
    LinkInputs made{MemoryFunctions(), std::move(images)};
    made.run_constructors = false;
    return made;
  };
  auto& all = *new std::vector<LinkedCode>();
  std::vector<std::shared_ptr<LoadedImage>> images;
  for (const std::string& bytes : request.linked) {
    all.push_back(link(ParseArtifact(bytes, "a module to link with"), inputs(images)));
    images.push_back(all.back().image);
  }
  all.push_back(link(artifact, inputs(images)));
  *lines = CodeLines(artifact, *all.back().image);
  const auto& tensors = *new MappedTensors(request.pieces);
  const Function function = all.back().module.GetFunction(request.function);
  ByteReader reader(request.arguments, "the arguments of a run");
  auto& arguments = *new std::vector<Any>(reader.Count());
  for (Any& argument : arguments) argument = GetValue(&reader, tensors);
  const std::vector<AnyView> views(arguments.begin(), arguments.end());

  ReadFilesOfLibraries(artifact);
  PrintAtOnce();
  EnterSandbox(request.processor_seconds);
  phase = RunPhase::kConstructors;
  for (const LinkedCode& code : all) code.image->RunConstructors();
  phase = RunPhase::kCall;
  const Any result = function.CallPacked(views.data(), static_cast<int32_t>(views.size()));
  ByteWriter writer;
  writer.Put(static_cast<uint64_t>(RunAnswer::kResult));
  PutResult(result, "the result of '" + request.function + "'", &writer);
  std::string answer = writer.Take();
  std::fflush(nullptr);
  SendMessage(kWorkerSocket, answer);
  // Destructors of untrusted code are not run.
  _exit(0);
}

}  // namespace

void ServeRun(const CompileFunction& compile, const LinkFunction& link) {
  CodeLines lines;
  std::string message;
  LeaveWhereMemoryEnds();
  WatchParent();
  if (!SendMessage(kWorkerSocket, EngineIdentity())) return;
  if (!ReceiveMessage(kWorkerSocket, &message) || !SendMessage(kWorkerSocket, "")) return;
  ReportCrashes(static_cast<uint64_t>(RunAnswer::kCrash), &phase, &lines);
  std::string answer;
  try {
    answer = Run(message, compile, link, &lines);
  } catch (const kiln::Error& error) {
    answer = AnswerOf(error);
  } catch (const std::bad_alloc&) {
    answer = AnswerOf(kiln::Error("MemoryError", "out of memory"));
  } catch (const std::exception& error) {
    answer = AnswerOf(kiln::Error("InternalError", error.what()));
  }
  SendMessage(kWorkerSocket, answer);
  _exit(0);
}

}  // namespace kiln::jit

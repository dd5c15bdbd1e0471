#include "jit/compile/cuda/nvrtc.h"

#include <dlfcn.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

template <class Function>
bool BindIfThere(void* library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(library, name));
  return *function != nullptr;
}

template <class Function>
void Bind(const NvrtcSearch& library, const char* name, Function* function) {
  if (BindIfThere(library.handle, name, function)) return;
  throw kiln::Error("RuntimeError", library.path + " has no function " + name +
                                        ": it is no NVRTC of CUDA 12 or 13");
}

NvrtcFunctions FunctionsOf(const NvrtcSearch& library) {
  NvrtcFunctions f;
  Bind(library, "nvrtcGetErrorString", &f.get_error_string);
  Bind(library, "nvrtcGetNumSupportedArchs", &f.get_num_supported_archs);
  Bind(library, "nvrtcGetSupportedArchs", &f.get_supported_archs);
  Bind(library, "nvrtcCreateProgram", &f.create_program);
  Bind(library, "nvrtcDestroyProgram", &f.destroy_program);
  Bind(library, "nvrtcAddNameExpression", &f.add_name_expression);
  Bind(library, "nvrtcCompileProgram", &f.compile_program);
  Bind(library, "nvrtcGetProgramLogSize", &f.get_program_log_size);
  Bind(library, "nvrtcGetProgramLog", &f.get_program_log);
  Bind(library, "nvrtcGetCUBINSize", &f.get_cubin_size);
  Bind(library, "nvrtcGetCUBIN", &f.get_cubin);
  Bind(library, "nvrtcGetPTXSize", &f.get_ptx_size);
  Bind(library, "nvrtcGetPTX", &f.get_ptx);
  Bind(library, "nvrtcGetLTOIRSize", &f.get_ltoir_size);
  Bind(library, "nvrtcGetLTOIR", &f.get_ltoir);
  Bind(library, "nvrtcGetLoweredName", &f.get_lowered_name);
  const bool has_pch =
      BindIfThere(library.handle, "nvrtcGetPCHCreateStatus", &f.get_pch_create_status) &&
      BindIfThere(library.handle, "nvrtcGetPCHHeapSizeRequired", &f.get_pch_heap_size_required) &&
      BindIfThere(library.handle, "nvrtcSetPCHHeapSize", &f.set_pch_heap_size);
  if (!has_pch) f.get_pch_create_status = nullptr;
  return f;
}

}  // namespace

Nvrtc::Nvrtc(NvrtcSearch found) : found_(std::move(found)), functions_(FunctionsOf(found_)) {
  int count = 0;
  if (functions_.get_num_supported_archs(&count) == 0 && count > 0) {
    architectures_.resize(static_cast<size_t>(count));
    functions_.get_supported_archs(architectures_.data());
    std::sort(architectures_.begin(), architectures_.end());
  }
}

std::string Nvrtc::Version() const {
  return std::to_string(found_.major) + "." + std::to_string(found_.minor);
}

bool Nvrtc::IsAtLeast(int major, int minor) const {
  return std::tie(found_.major, found_.minor) >= std::tie(major, minor);
}

const Nvrtc& OpenNvrtc(const std::string& site_packages) {
  static std::mutex* const kMutex = new std::mutex;
  static auto* const kOpen = new std::map<void*, std::unique_ptr<const Nvrtc>>;
  NvrtcSearch found = FindNvrtc(site_packages);
  if (found.handle == nullptr) throw kiln::Error("RuntimeError", MissingNvrtc(found));
  const std::lock_guard<std::mutex> lock(*kMutex);
  std::unique_ptr<const Nvrtc>& nvrtc = (*kOpen)[found.handle];
  if (nvrtc == nullptr) nvrtc = std::make_unique<const Nvrtc>(std::move(found));
  return *nvrtc;
}

NvrtcProgram::NvrtcProgram(const Nvrtc& nvrtc, const std::string& name, const std::string& text,
                           const Headers& headers)
    : nvrtc_(nvrtc) {
  std::vector<const char*> names;
  std::vector<const char*> texts;
  for (const auto& [header_name, header_text] : headers) {
    names.push_back(header_name);
    texts.push_back(header_text);
  }
  Check("nvrtcCreateProgram", nvrtc.functions().create_program(
                                  &program_, text.c_str(), name.c_str(),
                                  static_cast<int>(names.size()), texts.data(), names.data()));
}

NvrtcProgram::~NvrtcProgram() { nvrtc_.functions().destroy_program(&program_); }

void NvrtcProgram::AddNameExpression(const std::string& expression) {
  Check("nvrtcAddNameExpression",
        nvrtc_.functions().add_name_expression(program_, expression.c_str()));
}

int NvrtcProgram::Compile(const std::vector<std::string>& options) {
  std::vector<const char*> words;
  words.reserve(options.size());
  for (const std::string& option : options) words.push_back(option.c_str());
  const int result =
      nvrtc_.functions().compile_program(program_, static_cast<int>(words.size()), words.data());
  if (result != kSuccess && result != kInvalidOption && result != kCompileError) {
    Fail("nvrtcCompileProgram", result);
  }
  return result;
}

std::string NvrtcProgram::Log() const {
  return Take(nvrtc_.functions().get_program_log_size, nvrtc_.functions().get_program_log);
}

std::string NvrtcProgram::Cubin() const {
  // Not text: it has no final zero.
  size_t size = 0;
  if (nvrtc_.functions().get_cubin_size(program_, &size) != kSuccess) return {};
  std::string bytes(size, '\0');
  if (size != 0) Check("nvrtcGetCUBIN", nvrtc_.functions().get_cubin(program_, bytes.data()));
  return bytes;
}

std::string NvrtcProgram::Ptx() const {
  return Take(nvrtc_.functions().get_ptx_size, nvrtc_.functions().get_ptx);
}

std::string NvrtcProgram::LtoIr() const {
  size_t size = 0;
  if (nvrtc_.functions().get_ltoir_size(program_, &size) != kSuccess) return {};
  std::string bytes(size, '\0');
  if (size != 0) Check("nvrtcGetLTOIR", nvrtc_.functions().get_ltoir(program_, bytes.data()));
  return bytes;
}

std::optional<std::string> NvrtcProgram::LoweredName(const std::string& expression) const {
  const char* name = nullptr;
  if (nvrtc_.functions().get_lowered_name(program_, expression.c_str(), &name) != kSuccess) {
    return std::nullopt;
  }
  return name;
}

int NvrtcProgram::PchStatus() const { return nvrtc_.functions().get_pch_create_status(program_); }

size_t NvrtcProgram::PchHeapRequired() const {
  size_t size = 0;
  nvrtc_.functions().get_pch_heap_size_required(program_, &size);
  return size;
}

void NvrtcProgram::Fail(const char* what, int result) const {
  std::string message = std::string(what) + " of NVRTC " + nvrtc_.Version() + " (" + nvrtc_.path() +
                        ") failed: " + nvrtc_.functions().get_error_string(result);
  const std::string log = program_ == nullptr ? "" : Log();
  if (!log.empty()) message += "\n" + log;
  throw kiln::Error("RuntimeError", message);
}

void NvrtcProgram::Check(const char* what, int result) const {
  if (result != kSuccess) Fail(what, result);
}

std::string NvrtcProgram::Take(int (*size)(void*, size_t*), int (*get)(void*, char*)) const {
  size_t bytes = 0;
  if (size(program_, &bytes) != kSuccess || bytes == 0) return {};
  std::string text(bytes, '\0');
  if (get(program_, text.data()) != kSuccess) return {};
  // The assembler's part of a log ends with a zero of its own.
  while (text.ends_with('\0')) text.pop_back();
  return text;
}

}  // namespace kiln::jit

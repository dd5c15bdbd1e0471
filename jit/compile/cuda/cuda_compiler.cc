#include <algorithm>
#include <future>
#include <iterator>
#include <optional>
#include <utility>

#include "jit/artifact/fat_binary.h"
#include "jit/compile/clang/cuda_host_part.h"
#include "jit/compile/compiler.h"
#include "jit/compile/crash_error.h"
#include "jit/compile/cuda/cuda_include_dirs.h"
#include "jit/compile/cuda/device_compiler.h"
#include "jit/compile/cuda/device_headers.h"
#include "jit/compile/llvm/fatal_errors.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr Language kLanguages[] = {Language::kCuda};

// The standard as NVRTC takes it, which knows no GNU extensions.
std::string DeviceStandard(const std::string& standard) {
  return standard.starts_with("gnu") ? "c" + standard.substr(3) : standard;
}

// PTX for the oldest architecture, which runs on every GPU that this NVRTC knows.
std::vector<std::string> ForEveryGpu(const Nvrtc& nvrtc) {
  if (nvrtc.architectures().empty()) {
    throw kiln::Error("RuntimeError", "NVRTC knows no architecture");
  }
  return {"compute_" + std::to_string(nvrtc.architectures().front())};
}

// All but the text and the names that are in it.
DeviceSource SourceFor(const Source& source, const CompileOptions& options) {
  DeviceSource device;
  device.name = source.name;
  device.headers = options.headers;
  device.include_dirs = options.include_dirs;
  device.defines = options.defines;
  device.standard = DeviceStandard(options.standard);
  return device;
}

DeviceOptions OptionsFor(const CompileOptions& options, const Nvrtc& nvrtc) {
  DeviceOptions device;
  device.architectures = options.cuda_archs.empty() ? ForEveryGpu(nvrtc) : options.cuda_archs;
  device.opt_level = options.opt_level;
  device.fast_math = options.fast_math;
  device.max_registers = options.max_registers;
  device.line_info = options.lineinfo;
  device.debug = options.device_debug;
  device.flags = options.nvrtc_flags;
  device.site_packages = options.site_packages;
  return device;
}

// Adds what the host part tells of the device part. Headers that code for the device alone includes
// stay as they are.
void AddHostPart(const CudaHostPart& host, DeviceSource* device) {
  device->text = host.texts().source;
  for (const auto& [name, text] : host.texts().headers) device->headers[name] = text;
  device->name_expressions = host.expressions();
}

// The PTX behind the first image.
std::string PtxOf(const DeviceSource& source, DeviceOptions options, const DeviceImage& first) {
  options.architectures = {"compute_" + std::to_string(first.architecture) + first.suffix};
  return CompileDevice(source, options).images.front().code;
}

class CudaCompiler final : public Compiler {
 public:
  std::span<const Language> languages() const override { return kLanguages; }

  Artifact Compile(const Source& source, const CompileOptions& options,
                   CompileReport* report) const override {
    const Nvrtc& nvrtc = OpenNvrtc(options.site_packages);
    const std::vector<std::string> cuda_folders =
        FindCudaIncludeDirs(nvrtc, options.site_packages).folders;
    DeviceSource device = SourceFor(source, options);
    const DeviceOptions device_options = OptionsFor(options, nvrtc);
    const auto has_header = [&](std::string_view name) {
      return HasDeviceHeader(name, device, cuda_folders);
    };
    CudaHostPart host(source, options, has_header, report);
    AddHostPart(host, &device);
    PhaseTimes device_times;
    auto device_code = std::async(std::launch::async, [&] {
      const PhaseTimer timer(&device_times, "device");
      return CompileDevice(device, device_options);
    });
    // The other thread uses what stands here: a crash must wait for it.
    Artifact artifact;
    const std::optional<Crash> crash = RunGuarded([&] { artifact = host.CompileHost(); });
    DeviceCode code = device_code.get();
    if (crash) throw CrashErrorOf(source.name, kLlvmName, *crash);
    report->times.Add("device", device_times.Total());  // beside the phases of the host
    if (report->stages) {
      report->stages->ptx = PtxOf(device, device_options, code.images.front());
    }
    std::vector<std::string> names;
    for (const std::string& expression : device.name_expressions) {
      names.push_back(code.lowered_names.at(expression));
    }
    host.AddDeviceCode(names, WriteFatBinary(code.images), &artifact);
    std::move(code.diagnostics.begin(), code.diagnostics.end(),
              std::back_inserter(artifact.warnings));
    return artifact;
  }
};

}  // namespace

std::unique_ptr<Compiler> MakeCudaCompiler() { return std::make_unique<CudaCompiler>(); }

}  // namespace kiln::jit

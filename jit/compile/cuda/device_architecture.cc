#include "jit/compile/cuda/device_architecture.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr std::pair<std::string_view, DeviceImage::Form> kPrefixes[] = {
    {"sm_", DeviceImage::Form::kCubin},
    {"compute_", DeviceImage::Form::kPtx},
    {"lto_", DeviceImage::Form::kLtoIr},
};

// The first architectures that have code of their own ("a"), and of their family ("f").
constexpr int kFirstOwn = 90;
constexpr int kFirstFamily = 100;

bool HasSuffix(int architecture, std::string_view suffix) {
  return suffix.empty() || (suffix == "a" && architecture >= kFirstOwn) ||
         (suffix == "f" && architecture >= kFirstFamily);
}

}  // namespace

void RefuseArchitecture(const Nvrtc& nvrtc, const std::string& architecture) {
  std::string message = "cuda_archs: NVRTC " + nvrtc.Version() + " (" + nvrtc.path() +
                        ") does not compile for '" + architecture + "'; it does for";
  for (const int known : nvrtc.architectures()) {
    message += (known == nvrtc.architectures().front() ? " sm_" : ", sm_") + std::to_string(known);
  }
  message +=
      ", each also as compute_ (PTX) and lto_ (LTO-IR), and with a suffix where the GPU has code "
      "of its own: sm_90a, sm_100f";
  throw kiln::Error("ValueError", message);
}

DeviceImage ImageFor(const Nvrtc& nvrtc, const std::string& architecture) {
  for (const auto& [prefix, form] : kPrefixes) {
    if (!architecture.starts_with(prefix)) continue;
    DeviceImage image;
    image.form = form;
    const char* const begin = architecture.data() + prefix.size();
    const char* const end = architecture.data() + architecture.size();
    const auto [rest, error] = std::from_chars(begin, end, image.architecture);
    if (error != std::errc()) break;
    image.suffix.assign(rest, end);
    const std::vector<int>& known = nvrtc.architectures();
    if (std::find(known.begin(), known.end(), image.architecture) == known.end() ||
        !HasSuffix(image.architecture, image.suffix)) {
      break;
    }
    return image;
  }
  RefuseArchitecture(nvrtc, architecture);
}

std::vector<std::string> ArchitectureOptions(const DeviceImage& image) {
  const std::string prefix = image.form == DeviceImage::Form::kCubin ? "sm_" : "compute_";
  std::vector<std::string> options = {"-arch=" + prefix + std::to_string(image.architecture) +
                                      image.suffix};
  if (image.form == DeviceImage::Form::kLtoIr) options.emplace_back("-dlto");
  return options;
}

}  // namespace kiln::jit

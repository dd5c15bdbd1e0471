#include "jit/device/cuda/cuda_code.h"

#include <utility>
#include <vector>

#include "jit/artifact/fat_binary.h"
#include "jit/device/cuda/choose_image.h"
#include "jit/device/cuda/cuda_kernel.h"
#include "kiln/error.h"

namespace kiln::jit::cuda {
namespace {

// What the driver's own compiler says of PTX that it can't compile.
class JitLog {
 public:
  Status Load(const DriverApi& api, const DeviceImage& image, Library* library) {
    int options[] = {kJitErrorLog, kJitErrorLogSize};
    // NOLINTNEXTLINE(performance-no-int-to-ptr): so the driver wants it
    void* values[] = {text_, reinterpret_cast<void*>(sizeof(text_) - 1)};
    const unsigned count = image.form == DeviceImage::Form::kPtx ? 2 : 0;
    return Status(
        api.library_load(library, image.code.c_str(), options, values, count, nullptr, nullptr, 0));
  }
  std::string text() const { return text_; }

 private:
  char text_[4096] = "";
};

std::string Sentence(Status status, const std::string& doing, const std::string& architecture,
                     const Target& target) {
  return DriverName(status) + " while " + doing + " for " + architecture + " on " +
         target.description;
}

}  // namespace

std::unique_ptr<DeviceCode> CudaCode::Load(const Target& target, std::string_view fat_binary,
                                           const std::string& name, LoadFailure* failure) {
  std::vector<DeviceImage> images;
  try {
    images = ReadFatBinary(fat_binary, name);
  } catch (const Error& error) {
    *failure = {kInvalidImage, std::string(error.message())};
    return nullptr;
  }
  const DeviceImage* const image = ChooseImage(images, target.architecture);
  if (image == nullptr) {
    *failure = {kNoImageForDevice, DriverName(kNoImageForDevice) + " while loading " + name +
                                       " on " + target.description + ": there is code for " +
                                       ListArchitectures(images) + "; compile it for sm_" +
                                       std::to_string(target.architecture) +
                                       " too, or to PTX of an older architecture"};
    return nullptr;
  }
  JitLog log;
  Library library = nullptr;
  const std::string architecture = ArchitectureName(*image);
  if (const Status status = log.Load(*target.api, *image, &library); status != kSuccess) {
    *failure = {status, Sentence(status, "loading " + name, architecture, target)};
    if (!log.text().empty()) failure->message += ":\n" + log.text();
    return nullptr;
  }
  return std::make_unique<CudaCode>(target, library, architecture);
}

// At the end of the process the driver may be gone; then the library is too.
CudaCode::~CudaCode() { target_.api->library_unload(library_); }

std::unique_ptr<DeviceKernel> CudaCode::FindKernel(const std::string& name,
                                                   const std::string& shown, LoadFailure* failure) {
  const DriverApi& api = *target_.api;
  Kernel kernel = nullptr;
  auto status = Status(api.library_kernel(&kernel, library_, name.c_str()));
  std::string doing = "looking up kernel " + shown + " in the code";
  if (status == kSuccess) {
    auto found = std::make_unique<CudaKernel>(api, target_.handle, kernel);
    status = found->ReadLimits();
    if (status == kSuccess) return found;
    doing = "reading the attributes of " + shown;
  }
  const Status shown_status = status == kNotFound ? kInvalidDeviceFunction : status;
  *failure = {shown_status, Sentence(status, doing, architecture_, target_)};
  return nullptr;
}

Status CudaCode::FindVariable(const std::string& name, void** address, size_t* size) {
  const auto status = Status(target_.api->library_global(address, size, library_, name.c_str()));
  return status == kNotFound ? kInvalidSymbol : status;
}

}  // namespace kiln::jit::cuda

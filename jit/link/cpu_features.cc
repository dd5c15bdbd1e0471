#include "jit/link/cpu_features.h"

#include <algorithm>

#include <llvm/ADT/StringMap.h>
#include <llvm/TargetParser/Host.h>

namespace kiln::jit {
namespace {

// Families of features whose instructions a code generator picks by itself. Others (sgx, pku, ...)
// take an intrinsic to be used, and a virtual machine often hides them.
constexpr std::string_view kFamilies[] = {"sse",   "ssse3",  "avx",   "fma",  "f16c", "bmi",
                                          "lzcnt", "popcnt", "movbe", "gfni", "vaes", "vpclmulqdq",
                                          "cx16",  "xop",    "tbm",   "cmov", "adx"};

bool IsPickedUnasked(std::string_view feature) {
  return std::any_of(std::begin(kFamilies), std::end(kFamilies),
                     [&](std::string_view family) { return feature.starts_with(family); });
}

bool HostHas(std::string_view feature) {
  static const llvm::StringMap<bool> kHost = llvm::sys::getHostCPUFeatures();
  return kHost.lookup(feature);
}

}  // namespace

std::vector<std::string> MissingCpuFeatures(std::string_view all) {
  // Nearly all code of a process is compiled for one set of features.
  thread_local std::string present;
  if (all == present) return {};
  std::vector<std::string> missing;
  std::string_view features = all;
  while (!features.empty()) {
    const std::string_view item = features.substr(0, features.find(','));
    features.remove_prefix(std::min(item.size() + 1, features.size()));
    if (!item.starts_with('+')) continue;
    const std::string_view name = item.substr(1);
    if (IsPickedUnasked(name) && !HostHas(name)) missing.emplace_back(name);
  }
  if (missing.empty()) present = all;
  return missing;
}

}  // namespace kiln::jit

#include "jit/compile/llvm/host_target.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>

#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/X86TargetParser.h>

#include "jit/artifact/nearest_name.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

// Which features are on, and which off.
using FeatureMap = llvm::StringMap<bool>;

FeatureMap HostFeatures() {
  FeatureMap features;
  for (const auto& feature : llvm::sys::getHostCPUFeatures()) {
    // LLVM 19 takes avx10.* for an unfinished feature and warns wherever it is named.
    if (!feature.first().starts_with("avx10")) features[feature.first()] = feature.second;
  }
  return features;
}

FeatureMap FeaturesOfCpu(const std::string& cpu) {
  llvm::SmallVector<llvm::StringRef, 64> names;
  llvm::X86::getFeaturesForCPU(cpu, names);
  FeatureMap features;
  for (const llvm::StringRef name : names) features[name] = true;
  return features;
}

// "+avx2,-avx512f,...", sorted by name: the same features always give the same text.
std::string TextOf(const FeatureMap& features) {
  std::map<std::string_view, bool> sorted;
  for (const auto& feature : features) sorted[feature.first()] = feature.second;
  std::string text;
  for (const auto& [name, on] : sorted) {
    text += (text.empty() ? "" : ",") + std::string(on ? "+" : "-") + std::string(name);
  }
  return text;
}

void CheckCpu(const std::string& cpu) {
  if (llvm::X86::parseArchX86(cpu, /*Only64Bit=*/true) != llvm::X86::CK_None) return;
  llvm::SmallVector<llvm::StringRef, 128> valid;
  llvm::X86::fillValidCPUArchList(valid, /*Only64Bit=*/true);
  std::vector<std::string_view> names = {"native", "generic"};
  names.insert(names.end(), valid.begin(), valid.end());
  throw kiln::Error(
      "ValueError",
      "cpu must be 'native', 'generic' or an x86-64 CPU that LLVM knows, such as 'x86-64-v3' or "
      "'skylake', got '" +
          cpu + "'" + DidYouMean(cpu, names));
}

// The names of all features, as LLVM spells them, sorted.
std::vector<std::string_view> KnownFeatures() {
  InitializeBackend();
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(kHostTriple, error);
  const std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(kHostTriple, "x86-64", ""));
  std::vector<std::string_view> names;
  for (const llvm::SubtargetFeatureKV& feature : subtarget->getAllProcessorFeatures()) {
    names.push_back(feature.Key);
  }
  return names;
}

void CheckFeature(const std::string& feature) {
  static const std::vector<std::string_view> kKnown = KnownFeatures();
  const std::string_view name = std::string_view(feature).substr(feature.empty() ? 0 : 1);
  if (!feature.starts_with('+') && !feature.starts_with('-')) {
    throw kiln::Error("ValueError", "features must be a list like '+avx2,-fma', got '" + feature +
                                        "' without + or - in it");
  }
  if (std::binary_search(kKnown.begin(), kKnown.end(), name)) return;
  throw kiln::Error("ValueError", "unknown CPU feature '" + std::string(name) + "' in features" +
                                      DidYouMean(name, kKnown));
}

}  // namespace

void InitializeBackend() {
  static const bool kDone = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    return true;
  }();
  static_cast<void>(kDone);
}

const TargetSpec& HostTarget() {
  // Never destroyed: a compile may still run on another thread while the process exits.
  static const auto* const kHost =
      new TargetSpec{kHostTriple, llvm::sys::getHostCPUName().str(), TextOf(HostFeatures())};
  return *kHost;
}

std::vector<std::string> SplitFeatures(const std::string& features) {
  std::vector<std::string> list;
  for (size_t begin = 0; begin < features.size();) {
    const size_t end = std::min(features.find(',', begin), features.size());
    list.push_back(features.substr(begin, end - begin));
    begin = end + 1;
  }
  return list;
}

TargetSpec ResolveTarget(const CompileOptions& options) {
  const bool native = options.cpu == "native";
  if (native && options.features.empty()) return HostTarget();
  // LLVM's own "generic" is not a CPU that Clang takes.
  const std::string cpu = options.cpu == "generic" ? "x86-64" : options.cpu;
  if (!native) CheckCpu(cpu);
  FeatureMap features = native ? HostFeatures() : FeaturesOfCpu(cpu);
  for (const std::string& feature : SplitFeatures(options.features)) {
    CheckFeature(feature);
    const bool on = feature.starts_with('+');
    features[feature.substr(1)] = on;
    llvm::X86::updateImpliedFeatures(feature.substr(1), on, features);
  }
  return {kHostTriple, native ? HostTarget().cpu : cpu, TextOf(features)};
}

}  // namespace kiln::jit

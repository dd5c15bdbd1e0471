// Where the tensors of a container are.

#include <cstdint>
#include <unordered_set>
#include <vector>

#include <kiln/dlpack.h>
#include <kiln/registry.h>
#include <kiln/seq.h>
#include <kiln/table.h>
#include <kiln/tensor.h>

#include "runtime/containers.h"
#include "runtime/device_type.h"

namespace kiln::runtime {
namespace {

template <typename Obj>
const Obj& As(const TVMFFIAny& value) noexcept {
  return *static_cast<const Obj*>(static_cast<const Object*>(static_cast<void*>(value.v_obj)));
}

bool IsSequence(int32_t kind) noexcept { return kind == kTVMFFIArray || kind == kTVMFFIList; }
bool IsTable(int32_t kind) noexcept { return kind == kTVMFFIMap || kind == kTVMFFIDict; }

// Adds what a container holds, in order; of a table only the values.
void AddElements(const TVMFFIAny& container, std::vector<TVMFFIAny>* elements) {
  const auto add = [&](const Any& element) {
    const int32_t kind = element.type_index();
    if (kind == kTVMFFITensor || IsSequence(kind) || IsTable(kind)) {
      elements->push_back(element.raw());
    }
  };
  if (IsSequence(container.type_index)) {
    const auto& cell = As<SeqObj>(container);
    const auto* first = static_cast<const Any*>(cell.data);
    for (int64_t i = 0; i < cell.TVMFFISeqCell::size; ++i) add(first[i]);
    return;
  }
  const auto& table = As<TableObj>(container);
  for (uint64_t i = table.first(); i != TableObj::kEnd; i = table.next(i))
    add(table.entry(i).value);
}

// The device of the first tensor, depth first, that is not in the memory of the CPU; else the CPU.
// Containers may be nested to any depth, and hold themselves.
DLDevice FirstDeviceBesideCpu(const Any& value) {
  std::vector<TVMFFIAny> pending{value.raw()};
  std::vector<TVMFFIAny> elements;
  std::unordered_set<const void*> seen;
  while (!pending.empty()) {
    const TVMFFIAny next = pending.back();
    pending.pop_back();
    if (next.type_index == kTVMFFITensor) {
      const DLDevice& device = TVMFFITensorGetDLTensorPtr(next.v_obj)->device;
      if (DeviceTypeOf(device) != kDLCPU) return device;
    } else if (IsSequence(next.type_index) || IsTable(next.type_index)) {
      if (!seen.insert(next.v_obj).second) continue;
      elements.clear();
      AddElements(next, &elements);
      pending.insert(pending.end(), elements.rbegin(), elements.rend());
    }
  }
  return {kDLCPU, 0};
}

}  // namespace

void RegisterDeviceFunctions() {
  GlobalFunction::RegisterTyped("ffi.ContainerFindFirstNonCPUDevice", &FirstDeviceBesideCpu);
}

}  // namespace kiln::runtime

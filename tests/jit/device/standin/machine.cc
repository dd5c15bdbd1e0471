#include "tests/jit/device/standin/machine.h"

#include <cstdlib>
#include <sstream>

#include "tests/jit/device/standin/standin.h"

namespace standin {

Machine& Machine::Get() {
  static auto* const machine = new Machine();
  return *machine;
}

Context*& CurrentContext() {
  static thread_local Context* context = nullptr;
  return context;
}

int Machine::Initialize() {
  const std::lock_guard guard(lock);
  if (!initialized_) {
    const char* const given = std::getenv("KILN_STANDIN_DEVICES");
    std::istringstream list(given == nullptr ? "80,90" : given);
    for (std::string architecture; std::getline(list, architecture, ',');) {
      const int ordinal = static_cast<int>(devices.size());
      devices.push_back({std::atoi(architecture.c_str()), {ordinal}, 0});
    }
    if (const char* const version = std::getenv("KILN_STANDIN_VERSION")) {
      version_ = std::atoi(version);
    }
    initialized_ = true;
  }
  return devices.empty() ? kNoDevice : kOk;
}

int Machine::Enter(const char* function, const std::string& what) {
  const std::lock_guard guard(lock);
  if (recording_) calls.push_back(function + (what.empty() ? "" : " " + what));
  const auto found = to_fail.find(function);
  if (found == to_fail.end()) return kOk;
  const int status = found->second;
  to_fail.erase(found);
  quiet_.store(!recording_ && to_fail.empty(), std::memory_order_release);
  return status;
}

void Machine::Reset() {
  const std::lock_guard guard(lock);
  calls.clear();
  to_fail.clear();
  parameters.clear();
  recording_ = true;
  quiet_ = false;
  launches = 0;
  run = nullptr;
}

void Machine::Record(bool on) {
  const std::lock_guard guard(lock);
  recording_ = on;
  quiet_ = !on && to_fail.empty();
}

void Machine::Fail(const std::string& function, int status) {
  const std::lock_guard guard(lock);
  to_fail[function] = status;
  quiet_ = false;
}

std::string Machine::Log() {
  const std::lock_guard guard(lock);
  std::string text;
  for (const std::string& call : calls) text += call + "\n";
  return text;
}

}  // namespace standin

using standin::Machine;

extern "C" {

void kiln_standin_reset() { Machine::Get().Reset(); }

const char* kiln_standin_log() {
  static thread_local std::string text;
  text = Machine::Get().Log();
  return text.c_str();
}

void kiln_standin_record(int on) { Machine::Get().Record(on != 0); }

void kiln_standin_fail(const char* function, int status) { Machine::Get().Fail(function, status); }

size_t kiln_standin_count(const char* what) {
  Machine& machine = Machine::Get();
  const std::lock_guard guard(machine.lock);
  const std::string name = what;
  if (name == "libraries") return machine.libraries.size();
  if (name == "allocations") return machine.allocations.size();
  if (name == "streams") return machine.streams.size();
  if (name == "events") return machine.events.size();
  if (name == "launches") return machine.launches;
  size_t retained = 0;
  for (const standin::Device& device : machine.devices) {
    retained += static_cast<size_t>(device.retained);
  }
  return retained;
}

size_t kiln_standin_parameters(const void** bytes) {
  Machine& machine = Machine::Get();
  const std::lock_guard guard(machine.lock);
  *bytes = machine.parameters.data();
  return machine.parameters.size();
}

void kiln_standin_run(KilnStandinKernel kernel) { Machine::Get().run = kernel; }

void* kiln_standin_new_context(int device) {
  Machine& machine = Machine::Get();
  const std::lock_guard guard(machine.lock);
  auto context = std::make_unique<standin::Context>(standin::Context{device});
  return machine.contexts.insert(std::move(context)).first->get();
}
}

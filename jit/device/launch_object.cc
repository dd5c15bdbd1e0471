#include "jit/device/launch_object.h"

#include <limits>
#include <string>
#include <utility>

#include "jit/artifact/nearest_name.h"
#include "kiln/map.h"
#include "kiln/reflection.h"
#include "kiln/registry.h"

namespace kiln::jit {
namespace {

constexpr std::string_view kOptions[] = {"grid", "block",  "cluster",
                                         "smem", "stream", "cooperative"};

[[noreturn]] void ThrowType(const std::string& name, const char* expected, AnyView value) {
  throw Error("TypeError",
              "launch: " + name + " must be " + expected + ", got " + Describe(value.raw()));
}

Shape ToExtents(const std::string& name, AnyView value) {
  Shape extents;
  if (const auto one = value.try_cast<int64_t>()) {
    extents = Shape{*one};
  } else if (const auto several = value.try_cast<Shape>(); several && several->defined()) {
    extents = *several;
  } else {
    ThrowType(name, "an int or an array of one to three ints", value);
  }
  if (extents.empty() || extents.size() > 3) {
    throw Error("ValueError", "launch: " + name + " must have one to three extents, got " +
                                  std::to_string(extents.size()));
  }
  for (const int64_t extent : extents) {
    if (extent < 1 || extent > std::numeric_limits<int32_t>::max()) {
      throw Error("ValueError", "launch: " + name +
                                    " must be at least 1 and at most 2147483647 in " +
                                    "each dimension, got " + std::to_string(extent));
    }
  }
  return extents;
}

int64_t ToBytes(const std::string& name, AnyView value) {
  const auto bytes = value.try_cast<int64_t>();
  if (!bytes) ThrowType(name, "an int", value);
  if (*bytes < 0 || *bytes > std::numeric_limits<int32_t>::max()) {
    throw Error("ValueError",
                "launch: " + name + " must be 0..2147483647 bytes, got " + std::to_string(*bytes));
  }
  return *bytes;
}

void* ToStream(const std::string& name, AnyView value) {
  if (const auto pointer = value.try_cast<void*>()) return *pointer;
  if (const auto address = value.try_cast<uint64_t>()) {
    return reinterpret_cast<void*>(*address);  // NOLINT(performance-no-int-to-ptr): it is one
  }
  ThrowType(name, "the address of a stream, as int or opaque pointer, or None", value);
}

void Set(LaunchObj* launch, const std::string& name, AnyView value) {
  if (name == "grid") {
    launch->grid = ToExtents(name, value);
  } else if (name == "block") {
    launch->block = ToExtents(name, value);
  } else if (name == "cluster") {
    launch->cluster = ToExtents(name, value);
  } else if (name == "smem") {
    launch->smem = ToBytes(name, value);
  } else if (name == "stream") {
    launch->stream = ToStream(name, value);
  } else if (name == "cooperative") {
    const auto flag = value.try_cast<bool>();
    if (!flag) ThrowType(name, "a bool", value);
    launch->cooperative = *flag;
  } else {
    throw Error("KeyError", "launch has no option '" + name + "'" + DidYouMean(name, kOptions) +
                                " It has grid, block, cluster, smem, stream, cooperative");
  }
}

Launch MakeLaunch(PackedArgs args) {
  ObjectPtr<LaunchObj> launch = MakeObject<LaunchObj>();
  const bool is_map = args.size() == 1 &&
                      (args[0].type_index() == kTVMFFIMap || args[0].type_index() == kTVMFFIDict);
  if (is_map) {
    for (const auto& [name, value] : args[0].cast<Map<std::string, Any>>()) {
      Set(launch.get(), name, value);
    }
  } else if (args.size() % 2 == 0) {
    for (int32_t i = 0; i < args.size(); i += 2) {
      const auto name = args[i].try_cast<std::string>();
      if (!name) ThrowType("the name of an option", "a str", args[i]);
      Set(launch.get(), *name, args[i + 1]);
    }
  } else {
    throw Error("TypeError",
                "kiln.jit.launch takes a map of options, or pairs of option and value, got " +
                    std::to_string(args.size()) + " arguments");
  }
  return Launch(std::move(launch));
}

// Each extent was checked when the object was made.
void Put(const Shape& extents, std::optional<Dim3>* dim) {
  if (extents.empty()) return;
  const auto extent = [&extents](size_t at) {
    return at < extents.size() ? static_cast<unsigned>(extents.data()[at]) : 1U;
  };
  *dim = Dim3{extent(0), extent(1), extent(2)};
}

}  // namespace

void Apply(const LaunchObj& launch, LaunchPlan* plan) {
  Put(launch.grid, &plan->grid);
  Put(launch.block, &plan->block);
  Put(launch.cluster, &plan->cluster);
  if (launch.smem >= 0) plan->shared_bytes = static_cast<size_t>(launch.smem);
  plan->cooperative = plan->cooperative || launch.cooperative;
}

void RegisterLaunch() {
  reflection::ObjectDef<LaunchObj>("How to launch a kernel.")
      .def_ro("grid", &LaunchObj::grid, "blocks; empty where the launch does not say")
      .def_ro("block", &LaunchObj::block, "threads of a block; empty likewise")
      .def_ro("cluster", &LaunchObj::cluster, "blocks of a cluster; empty likewise")
      .def_ro("smem", &LaunchObj::smem, "bytes of dynamic shared memory; -1 likewise")
      .def_ro("stream", &LaunchObj::stream, "None: the environment's current stream")
      .def_ro("cooperative", &LaunchObj::cooperative);
  GlobalFunction::Register(
      "kiln.jit.launch",
      Function::FromPacked([](PackedArgs args, Any* result) { *result = MakeLaunch(args); }));
}

}  // namespace kiln::jit

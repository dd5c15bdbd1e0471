// Names, types and handles that some threads add and replace while others use them.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/registry.h>

#include "tests/runtime/racing.h"
#include "tests/runtime/reflection.h"

namespace kiln {
namespace {

constexpr int kRounds = 4000;

TEST(RacingRegistry, NamesAreListedLookedUpAndCalledWhileTheyComeAndGo) {
  GlobalFunction::RegisterTyped("test.racing.stays", [] { return 7; });
  std::atomic<int> alive{0};
  Race([&](int thread) {
    for (int i = 0; i < kRounds; ++i) {
      const std::string name = "test.racing." + std::to_string(i % 16);
      switch (thread % 4) {
        case 0: {
          ++alive;
          const std::shared_ptr<int> state(new int(i), [&](int* p) {
            --alive;
            delete p;
          });
          GlobalFunction::RegisterTyped(name, [state] { return *state; }, /*override=*/true);
          break;
        }
        case 1:
          GlobalFunction::Remove(name);
          break;
        case 2:
          if (const auto function = GlobalFunction::Find(name)) {
            EXPECT_EQ((*function)().cast<int>() % 16, i % 16);
          }
          EXPECT_EQ(GlobalFunction::Get("test.racing.stays")().cast<int>(), 7);
          break;
        default:
          if (i % 20 == 0) {
            EXPECT_EQ(std::ranges::count(GlobalFunction::Names(), "test.racing.stays"), 1);
          }
      }
    }
  });
  for (int i = 0; i < 16; ++i) GlobalFunction::Remove("test.racing." + std::to_string(i));
  GlobalFunction::Remove("test.racing.stays");
  EXPECT_EQ(alive, 0);
}

TEST(RacingRegistry, DescriptionsAreReadWhileTheirFunctionIsReplaced) {
  const Function function = Function::FromTyped([] { return 1; });
  const Function describe = GlobalFunction::Get("ffi.GetGlobalFuncMetadata");
  TVMFFIMethodInfo info{};
  info.name = details::ByteArrayOf("test.racing.described");
  info.method = AnyView(function).raw();
  const std::array<std::string, 2> metadata{std::string(100, 'a'), std::string(200, 'b')};
  Race([&](int thread) {
    TVMFFIMethodInfo own = info;
    own.metadata = details::ByteArrayOf(metadata[static_cast<size_t>(thread % 2)]);
    for (int i = 0; i < kRounds; ++i) {
      if (thread < 4) {
        CheckCall(TVMFFIFunctionSetGlobalFromMethodInfo(&own, /*allow_override=*/1));
      } else if (GlobalFunction::Find("test.racing.described")) {
        EXPECT_NE(
            std::ranges::find(metadata, describe("test.racing.described").cast<std::string>()),
            metadata.end());
      }
    }
  });
  GlobalFunction::Remove("test.racing.described");
}

// What holds of every type, seen from its index alone.
void CheckAncestors(int32_t index) {
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(index);
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->type_index, index);
  for (int32_t depth = 0; depth < info->type_depth; ++depth) {
    const TVMFFITypeInfo* ancestor = info->type_ancestors[depth];
    EXPECT_EQ(ancestor->type_depth, depth);
    EXPECT_EQ(TVMFFIGetTypeInfo(ancestor->type_index), ancestor);
    for (int32_t above = 0; above < depth; ++above) {
      EXPECT_EQ(ancestor->type_ancestors[above], info->type_ancestors[above]);
    }
  }
  int32_t by_key = -1;
  CheckCall(TVMFFITypeKeyToIndex(&info->type_key, &by_key));
  EXPECT_EQ(by_key, index);
}

TEST(RacingTypes, AncestorsAreReadWhileDescendantsAreAdded) {
  std::atomic<int32_t> latest{kTVMFFIObject};
  const Function keys = GlobalFunction::Get("ffi.GetRegisteredTypeKeys");
  Race([&](int thread) {
    int32_t parent = kTVMFFIObject;
    for (int i = 0; i < kRounds; ++i) {
      CheckAncestors(latest);
      if (thread >= 4) {
        if (i % 50 == 0) {
          EXPECT_FALSE(keys().is_none());
        }
        continue;
      }
      // Chains of ten, each made by two threads.
      const int32_t depth = i % 10 + 1;
      if (depth == 1) parent = kTVMFFIObject;
      const std::string key =
          "test.racing.T" + std::to_string(thread / 2) + "." + std::to_string(i);
      const TVMFFIByteArray bytes{key.data(), key.size()};
      const int32_t type = TVMFFITypeGetOrAllocIndex(&bytes, -1, depth, i % 3, 1, parent);
      ASSERT_GE(type, 0);
      EXPECT_EQ(TVMFFIGetTypeInfo(type)->type_depth, depth);
      parent = type;
      latest = type;
    }
  });
}

TEST(RacingTypes, ColumnsAreReadByThoseWhoWriteThem) {
  constexpr int kColumns = 8;
  std::vector<int32_t> types;
  for (int i = 0; i < 100; ++i) types.push_back(MakeType("test.racing.Row" + std::to_string(i)));
  std::atomic<int> accepted{0};
  Race([&](int thread) {
    for (size_t i = 0; i < types.size(); ++i) {
      for (int column = 0; column < kColumns; ++column) {
        const std::string name =
            "test.racing.column" + std::to_string((column + thread) % kColumns);
        if (AddAttribute(types[i], name, types[i]) == 0) {
          ++accepted;
        } else {
          EXPECT_EQ(TakeRaisedKind(), "RuntimeError");
        }
        // Added by this thread or another, it is there from now on.
        const TVMFFITypeAttrColumn* found = ColumnOf(name);
        ASSERT_NE(found, nullptr);
        const int32_t size = __atomic_load_n(&found->size, __ATOMIC_ACQUIRE);
        ASSERT_GT(size, types[i] - found->begin_index);
        const auto* words =
            reinterpret_cast<const uint64_t*>(&found->data[types[i] - found->begin_index]);
        EXPECT_EQ(static_cast<int32_t>(__atomic_load_n(words, __ATOMIC_ACQUIRE)), kTVMFFIInt);
        EXPECT_EQ(__atomic_load_n(words + 1, __ATOMIC_ACQUIRE), static_cast<uint64_t>(types[i]));
      }
    }
  });
  EXPECT_EQ(accepted, kColumns * 100);
}

// Three handles; initialising each but the last needs the next one.
std::array<void*, 3> handles;
std::array<std::atomic<int>, 3> initialised;

template <size_t index>
int Initialise(void** result) {
  if constexpr (index + 1 < handles.size()) {
    if (TVMFFIHandleInitOnce(&handles[index + 1], &Initialise<index + 1>) != 0) return -1;
    EXPECT_NE(__atomic_load_n(&handles[index + 1], __ATOMIC_ACQUIRE), nullptr);
  }
  ++initialised[index];
  *result = &initialised[index];
  return 0;
}

TEST(RacingHandles, InitialisersThatUseOtherHandlesRunOnce) {
  constexpr int kTimes = 200;
  for (int i = 0; i < kTimes; ++i) {
    handles = {};
    Race([](int thread) {
      switch (thread % 3) {
        case 0:
          EXPECT_EQ(TVMFFIHandleInitOnce(&handles[0], &Initialise<0>), 0);
          break;
        case 1:
          EXPECT_EQ(TVMFFIHandleInitOnce(&handles[1], &Initialise<1>), 0);
          break;
        default:
          EXPECT_EQ(TVMFFIHandleInitOnce(&handles[2], &Initialise<2>), 0);
      }
    });
    for (void* handle : handles) EXPECT_NE(handle, nullptr);
  }
  for (const std::atomic<int>& count : initialised) EXPECT_EQ(count, kTimes);
}

}  // namespace
}  // namespace kiln

// Readers of types and attributes beside those who register them. Run under the thread sanitizer,
// too.

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/runtime/reflection.h"

namespace kiln {
namespace {

constexpr int kThreads = 4;
constexpr int kMembers = 200;

// Runs `read` in one thread, again and again, while four others run `write(thread)`.
void RunBeside(const std::function<void()>& read, const std::function<void(int)>& write) {
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) read();
    read();
  });
  std::vector<std::thread> writers;
  for (int i = 0; i < kThreads; ++i) writers.emplace_back(write, i);
  for (std::thread& writer : writers) writer.join();
  stop = true;
  reader.join();
}

// As C code reads them, but for the sanitizer's sake atomically.
template <typename T>
T Load(const T& value) {
  return __atomic_load_n(&value, __ATOMIC_ACQUIRE);
}

void ReadMembers(const TVMFFITypeInfo& info) {
  const TVMFFIFieldInfo* fields = Load(info.fields);
  for (int32_t i = Load(info.num_fields); i-- > 0;) {
    ASSERT_EQ(details::ViewOf(fields[i].name).substr(0, 2), "f.");
    ASSERT_EQ(details::ViewOf(fields[i].doc), details::ViewOf(fields[i].name));
  }
  const TVMFFIMethodInfo* methods = Load(info.methods);
  for (int32_t i = Load(info.num_methods); i-- > 0;) {
    ASSERT_EQ(AnyView::FromRaw(methods[i].method).cast<Function>()().cast<int>(), 1);
  }
  if (const TVMFFITypeMetadata* metadata = Load(info.metadata)) {
    ASSERT_EQ(details::ViewOf(metadata->doc), "A type.");
  }
}

std::string NameOf(int thread, int i) {
  return "f." + std::to_string(thread) + "." + std::to_string(i);
}

TEST(TypeReflectionConcurrent, MembersOfOneTypeAreReadWhileTheyAreRegistered) {
  const int32_t type = MakeType("test.concurrent.Shared");
  const TVMFFITypeInfo& info = *TVMFFIGetTypeInfo(type);
  const Function one = Function::FromTyped([] { return 1; });
  std::atomic<int> metadata_accepted{0};
  RunBeside([&] { ReadMembers(info); },
            [&](int thread) {
              TVMFFITypeMetadata metadata{};
              metadata.doc = details::ByteArrayOf("A type.");
              if (TVMFFITypeRegisterMetadata(type, &metadata) == 0) ++metadata_accepted;
              for (int i = 0; i < kMembers; ++i) {
                EXPECT_EQ(AddField(type, NameOf(thread, i), NameOf(thread, i)), 0);
                EXPECT_EQ(AddMethod(type, "f", one), 0);
              }
              AddField(type, "f.contended", "f.contended");
            });
  EXPECT_EQ(info.num_fields, kThreads * kMembers + 1);
  EXPECT_EQ(info.num_methods, kThreads * kMembers);
  EXPECT_EQ(metadata_accepted, 1);
}

TEST(TypeReflectionConcurrent, TypesOfManyThreadsAreReadFromTheirIndex) {
  std::atomic<int32_t> latest{MakeType("test.concurrent.First")};
  RunBeside([&] { ReadMembers(*TVMFFIGetTypeInfo(latest)); },
            [&](int thread) {
              for (int i = 0; i < kMembers; ++i) {
                const int32_t type = MakeType("test.concurrent." + NameOf(thread, i));
                latest = type;
                for (int field = 0; field < 3; ++field) {
                  EXPECT_EQ(AddField(type, NameOf(thread, field), NameOf(thread, field)), 0);
                }
              }
            });
}

TEST(TypeReflectionConcurrent, ColumnIsReadWhileItGrows) {
  const std::string name = "test.concurrent.column";
  std::atomic<int> accepted{0};
  RunBeside(
      [&] {
        const TVMFFITypeAttrColumn* column = ColumnOf(name);
        if (column == nullptr) return;
        const TVMFFIAny* data = Load(column->data);
        for (int32_t i = Load(column->size); i-- > 0;) {
          // The kind lies in the first half with what follows it.
          const auto& words = reinterpret_cast<const uint64_t(&)[2]>(data[i]);
          if (static_cast<int32_t>(Load(words[0])) == kTVMFFINone) continue;
          ASSERT_EQ(Load(words[1]), static_cast<uint64_t>(i));
        }
      },
      [&](int thread) {
        for (int i = 0; i < kMembers; ++i) {
          const int32_t own = MakeType("test.concurrent.Own" + NameOf(thread, i));
          EXPECT_EQ(AddAttribute(own, name, own), 0);
          const int32_t shared = MakeType("test.concurrent.All" + std::to_string(i));
          if (AddAttribute(shared, name, shared) == 0) ++accepted;
          EXPECT_EQ(AddAttribute(own, "test.concurrent.column." + std::to_string(i % 20), own), 0);
        }
      });
  EXPECT_EQ(accepted, kMembers);
}

}  // namespace
}  // namespace kiln

// Every global function of the library, called with anything: it returns, or raises an error.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/fuzz/raised.h"
#include "tests/fuzz/random.h"
#include "tests/fuzz/values.h"

namespace kiln::fuzz {
namespace {

constexpr int kMaxArguments = 6;

// Memory that a machine may or may not give is no test: a list reserves little, or impossibly much.
void LimitReservation(std::vector<TVMFFIAny>* args) {
  for (TVMFFIAny& arg : *args) {
    const bool number = arg.type_index == kTVMFFIInt || arg.type_index == kTVMFFIBool;
    if (number && arg.v_int64 > 1000 && arg.v_int64 < (int64_t{1} << 60)) arg.v_int64 = 1000;
  }
}

void CallWithAnything(const std::string& name, const Function& function, Random* random,
                      Values* values) {
  std::vector<TVMFFIAny> args;
  const auto count = static_cast<int32_t>(random->Below(kMaxArguments + 1));
  args.reserve(kMaxArguments);
  for (int32_t i = 0; i < count; ++i) args.push_back(values->Next());
  if (name == "ffi.ListReserve") LimitReservation(&args);
  Any result;
  const int code = TVMFFIFunctionCall(function.handle(), args.data(), count, result.out());
  if (code != 0) {
    EXPECT_EQ(code, -1) << name;
    EXPECT_NE(TakeRaisedKind(), "") << name;
    EXPECT_TRUE(result.is_none()) << name << " fails, and has a result";
  } else {
    EXPECT_EQ(TakeRaisedKind(), "") << name << " returns, and has raised an error";
  }
  // A function that a function made is called in turn.
  if (result.type_index() == kTVMFFIFunction && !random->OneIn(4)) {
    const auto made = result.cast<Function>();
    values->Keep(std::move(result));
    CallWithAnything("result of " + name, made, random, values);
    return;
  }
  values->Keep(std::move(result));
}

std::vector<std::pair<std::string, Function>> GlobalFunctions() {
  std::vector<std::string> names = GlobalFunction::Names();
  std::ranges::sort(names);
  std::vector<std::pair<std::string, Function>> functions;
  for (const std::string& name : names) functions.emplace_back(name, GlobalFunction::Get(name));
  return functions;
}

TEST(CallFuzz, EveryFunctionTakesAnyArguments) {
  Random random(1);
  const auto functions = GlobalFunctions();
  ASSERT_GT(functions.size(), 50u);
  for (int round = 0; round < 20 * kEffort; ++round) {
    Values values(&random);
    for (int call = 0; call < 2000; ++call) {
      const auto& [name, function] = random.Of(functions);
      CallWithAnything(name, function, &random, &values);
      values.Forget();
    }
  }
}

// With the first argument of the right kind a call gets further.
TEST(CallFuzz, ContainersTakeAnyArguments) {
  Random random(2);
  auto functions = GlobalFunctions();
  std::erase_if(functions, [](const auto& named) {
    const std::string_view name = named.first;
    return !name.starts_with("ffi.List") && !name.starts_with("ffi.Dict") &&
           !name.starts_with("ffi.Map") && !name.starts_with("ffi.Array");
  });
  for (int round = 0; round < 20 * kEffort; ++round) {
    Values values(&random);
    List<Any> list;
    Dict<Any, Any> dict;
    values.Keep(Any(list));
    values.Keep(Any(dict));
    for (int call = 0; call < 2000; ++call) {
      const auto& [name, function] = random.Of(functions);
      const bool is_dict = name.starts_with("ffi.Dict");
      const Any container = is_dict ? Any(dict) : Any(list);
      std::vector<TVMFFIAny> args{container.raw()};
      for (size_t i = random.Below(4); i-- > 0;) {
        args.push_back(values.Next());
        // Indices within the list, most of the time.
        if (!is_dict && random.OneIn(2)) {
          args.back() = AnyView(static_cast<int64_t>(random.Below(list.size() + 1))).raw();
        }
      }
      if (name == "ffi.ListReserve") LimitReservation(&args);
      Any result;
      const int code = TVMFFIFunctionCall(function.handle(), args.data(),
                                          static_cast<int32_t>(args.size()), result.out());
      EXPECT_EQ(TakeRaisedKind().empty(), code == 0) << name;
      values.Keep(std::move(result));
      values.Forget();
      // A list that is put into itself doubles.
      if (list.size() > 1000) list.clear();
    }
  }
}

// A dict may change while a cursor walks over it: the cursor then gives an entry, or is at its end.
TEST(CallFuzz, CursorsSurviveChangesOfTheirDict) {
  Random random(3);
  const Function make_cursor = GlobalFunction::Get("ffi.DictForwardIterFunctor");
  for (int round = 0; round < 100 * kEffort; ++round) {
    Dict<Any, Any> dict;
    std::vector<Function> cursors;
    for (int step = 0; step < 300; ++step) {
      const auto key = static_cast<int64_t>(random.Below(round % 40 + 1));
      if (random.OneIn(3)) {
        dict.Set(Any(key), Any("a value that lies in memory of its own"));
      } else if (random.OneIn(3)) {
        dict.erase(Any(key));
      } else if (random.OneIn(50)) {
        dict.clear();
      } else if (random.OneIn(10) || cursors.empty()) {
        cursors.push_back(make_cursor(dict).cast<Function>());
      }
      if (cursors.empty()) continue;
      const AnyView command(static_cast<int64_t>(random.Below(3)));
      Any entry;
      TVMFFIAny args[] = {command.raw()};
      if (TVMFFIFunctionCall(random.Of(cursors).handle(), args, 1, entry.out()) != 0) {
        EXPECT_EQ(TakeRaisedKind(), "IndexError");
      }
    }
  }
}

}  // namespace
}  // namespace kiln::fuzz

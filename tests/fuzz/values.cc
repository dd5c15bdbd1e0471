#include "tests/fuzz/values.h"

#include <limits>
#include <memory>
#include <string_view>
#include <utility>

namespace kiln::fuzz {
namespace {

constexpr std::string_view kTexts[] = {"",           "a",
                                       "1234567",    "12345678",
                                       "ffi.Module", "a text that is longer than what fits inline",
                                       "no/such.so", {"\0\xff\x01", 3}};

// An address that may be called as a function of C, as its deleter, and compared.
int DoNothing(void*, const TVMFFIAny*, int32_t, TVMFFIAny*) { return 0; }

class PlainObj : public Object {};

class FuzzModuleObj : public ModuleObj {
 public:
  const char* kind() const override { return "fuzz"; }
  Optional<Function> GetFunction(const String& name) override {
    if (name.size() > 7) return std::nullopt;
    return Function::FromTyped([](const Any& value) { return value; });
  }
  Optional<String> GetFunctionDoc(const String& name) override { return name; }
};

}  // namespace

Values::~Values() {
  Forget();
  for (const Any& value : mutable_) {
    if (value.type_index() == kTVMFFIList) {
      value.cast<List<Any>>().clear();
    } else {
      value.cast<Dict<Any, Any>>().clear();
    }
  }
}

void Values::Keep(Any value) {
  if (value.type_index() == kTVMFFIList || value.type_index() == kTVMFFIDict) {
    mutable_.push_back(value);
  }
  if (kept_.size() < kKept) {
    kept_.push_back(std::move(value));
  } else {
    kept_[random_.Below(kKept)] = std::move(value);
  }
}

void Values::Forget() {
  for (const auto& handle : moved_) TVMFFIObjectDecRef(*handle);
  borrowed_.clear();
  moved_.clear();
  byte_arrays_.clear();
}

TVMFFIAny Values::Next() {
  if (!kept_.empty() && random_.OneIn(3)) {
    borrowed_.push_back(random_.Of(kept_));
  } else if (random_.OneIn(4)) {
    return MakeView();
  } else {
    borrowed_.push_back(MakeValue(2));
  }
  const TVMFFIAny value = borrowed_.back().raw();
  if (value.type_index == kTVMFFIList || value.type_index == kTVMFFIDict) Keep(borrowed_.back());
  return value;
}

// What exists only as an argument.
TVMFFIAny Values::MakeView() {
  TVMFFIAny view{};
  switch (random_.Below(5)) {
    case 0:
      view.type_index = kTVMFFIRawStr;
      view.v_c_str = random_.OneIn(10) ? nullptr : random_.Of(kTexts).data();
      return view;
    case 1: {
      const std::string_view bytes = random_.Of(kTexts);
      byte_arrays_.push_back(std::make_unique<TVMFFIByteArray>(details::ByteArrayOf(bytes)));
      view.type_index = kTVMFFIByteArrayPtr;
      view.v_ptr = random_.OneIn(10) ? nullptr : byte_arrays_.back().get();
      return view;
    }
    case 2: {
      Any object = MakeObject(1);
      if (object.type_index() < kTVMFFIStaticObjectBegin) return view;
      moved_.push_back(std::make_unique<TVMFFIObjectHandle>(nullptr));
      view.type_index = kTVMFFIObjectRValueRef;
      view.v_ptr = static_cast<void*>(moved_.back().get());
      if (random_.OneIn(4)) return view;
      *moved_.back() = object.raw().v_obj;
      borrowed_.push_back(std::move(object));
      // A callee that takes it leaves null; the count is then the callee's.
      details::RetainStrong(static_cast<TVMFFIObject*>(*moved_.back()));
      return view;
    }
    case 3:
      view.type_index = random_.OneIn(2) ? kTVMFFISmallStr : kTVMFFISmallBytes;
      view.small_str_len = static_cast<uint32_t>(random_.OneIn(2) ? random_.Bits() : 8);
      return view;
    default:
      // Kinds without meaning, below those of objects.
      view.type_index = static_cast<int32_t>(14 + random_.Below(50));
      if (random_.OneIn(4)) view.type_index = -static_cast<int32_t>(random_.Below(1000));
      view.v_uint64 = random_.Bits();
      return view;
  }
}

Any Values::MakeValue(int depth) {
  return depth > 0 && random_.OneIn(2) ? MakeObject(depth) : MakePlain();
}

Any Values::MakePlain() {
  using Limits = std::numeric_limits<double>;
  static constexpr double kNumbers[] = {
      0.0, -0.0, 1.5, -1e300, Limits::infinity(), Limits::quiet_NaN(), Limits::denorm_min()};
  switch (random_.Below(11)) {
    case 0:
      return Any();
    case 1:
      return Any(random_.OneIn(2));
    case 2:
      return Any(random_.Of(kNumbers));
    case 3:
      return Any(random_.Of(kTexts));
    case 4:
      return Any(Bytes(random_.Of(kTexts)));
    case 5:
      return Any(DLDevice{static_cast<DLDeviceType>(random_.Below(20)), -1});
    case 6:
      return Any(DLDataType{static_cast<uint8_t>(random_.Bits()), 8, 1});
    case 7:
      return Any(random_.OneIn(2) ? nullptr : reinterpret_cast<void*>(&DoNothing));
    default:
      return Any(random_.Integer());
  }
}

Any Values::MakeBigInt() {
  const int64_t words[] = {random_.Integer(), random_.Integer(), random_.Integer()};
  const TVMFFIByteArray bytes{reinterpret_cast<const char*>(words), sizeof(words)};
  Any any;
  CheckCall(TVMFFIBigIntFromByteArray(&bytes, any.out()));
  return any;
}

Any Values::MakeObject(int depth) {
  const size_t size = random_.OneIn(8) ? 40 : random_.Below(6);
  switch (random_.Below(13)) {
    case 0: {
      List<Any> elements;
      for (size_t i = 0; i < size; ++i) elements.push_back(MakeValue(depth - 1));
      return Any(Array<Any>::From(elements));
    }
    case 1: {
      List<Any> list;
      for (size_t i = 0; i < size; ++i) list.push_back(MakeValue(depth - 1));
      mutable_.emplace_back(list);
      return Any(list);
    }
    case 2:
    case 3: {
      Dict<Any, Any> dict;
      for (size_t i = 0; i < size; ++i) dict.Set(MakeValue(depth - 1), MakeValue(depth - 1));
      mutable_.emplace_back(dict);
      if (random_.OneIn(2)) return Any(dict);
      Map<Any, Any> map;
      for (size_t i = 0; i < size; ++i) map.Set(MakeValue(depth - 1), MakeValue(depth - 1));
      return Any(map);
    }
    case 4:
      return Any(Shape({random_.Integer(), random_.Integer()}));
    case 5:
      return Any(Tensor::Empty({static_cast<int64_t>(size), 2}, DataTypeOf<float>()));
    case 6:
      return Any(Error("ValueError", "an error as a value"));
    case 7:
      return Any(Module(kiln::MakeObject<FuzzModuleObj>()));
    case 8:
      return Any(Function::FromTyped([](int64_t x) { return x; }));
    case 9:
      return Any(Function::FromPacked([](PackedArgs args, Any* result) {
        if (args.size() == 0) throw Error("IndexError", "called with nothing");
        *result = Any(args[0]);
      }));
    case 10:
      return MakeBigInt();
    case 11: {
      TVMFFIObjectHandle handle = nullptr;
      CheckCall(TVMFFIObjectCreateOpaque(&random_, kTVMFFIOpaquePyObject, nullptr, &handle));
      return Any(ObjectRef(ObjectPtr<Object>::AdoptHandle(handle)));
    }
    default:
      return Any(ObjectRef(kiln::MakeObject<PlainObj>()));
  }
}

}  // namespace kiln::fuzz

#include "jit/cli/json_value.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <kiln/kiln.h>

#include "jit/cli/element_type.h"
#include "jit/cli/print.h"

namespace kiln::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 64;

Json FloatJson(double value) {
  if (std::isfinite(value)) return value;
  return FloatText(value);
}

// The element by its shortest text, so that a float32 of 0.1 is 0.1 and not 0.10000000149.
Json ElementJson(DLDataType dtype, const char* element) {
  const std::string text = ElementText(dtype, element);
  const char* const end = text.data() + text.size();
  if (text == "true" || text == "false") return text == "true";
  if (dtype.code == kDLInt) {
    int64_t integer = 0;
    std::from_chars(text.data(), end, integer);
    return integer;
  }
  if (dtype.code == kDLUInt) {
    uint64_t integer = 0;
    std::from_chars(text.data(), end, integer);
    return integer;
  }
  double number = 0;
  std::from_chars(text.data(), end, number);
  return FloatJson(number);
}

// Appends the elements from `dimension` on, row by row.
void AddElements(const DLTensor& tensor, const std::vector<int64_t>& strides, int32_t dimension,
                 const char* first, Json* elements) {
  if (dimension == tensor.ndim) {
    elements->push_back(ElementJson(tensor.dtype, first));
    return;
  }
  const auto step = strides[dimension] * static_cast<int64_t>(ElementSize(tensor.dtype));
  for (int64_t i = 0; i < tensor.shape[dimension]; ++i) {
    AddElements(tensor, strides, dimension + 1, first + i * step, elements);
  }
}

Json TensorJson(const DLTensor& tensor) {
  const TensorView view(&tensor);
  Json data = nullptr;
  if (CanShowElements(tensor)) {
    data = Json::array();
    std::vector<int64_t> strides(view.shape().size());
    if (tensor.strides == nullptr) {
      details::FillRowMajorStrides(view.shape(), strides.data());
    } else {
      strides.assign(tensor.strides, tensor.strides + tensor.ndim);
    }
    if (view.numel() != 0) {
      const char* const first = static_cast<const char*>(tensor.data) + tensor.byte_offset;
      AddElements(tensor, strides, 0, first, &data);
    }
  }
  return {{"dtype", DataTypeName(tensor.dtype).view()},
          {"shape", std::vector<int64_t>(view.shape().begin(), view.shape().end())},
          {"data", std::move(data)}};
}

std::string Hexadecimal(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

Json ValueAt(AnyView value, int depth);

Json SequenceJson(const Array<Any>& array, int depth) {
  Json list = Json::array();
  for (const Any& element : array) list.push_back(ValueAt(element, depth + 1));
  return list;
}

Json MapJson(AnyView value, int depth) {
  Json object = Json::object();
  for (const auto& [key, entry] : value.cast<Map<Any, Any>>()) {
    const auto name = key.template try_cast<std::string>();
    if (!name) return {{"text", ValueText(value)}};
    object[*name] = ValueAt(entry, depth + 1);
  }
  return object;
}

Json ValueAt(AnyView value, int depth) {
  if (depth > kMaxDepth) return {{"text", "..."}};
  if (const auto tensor = value.try_cast<TensorView>()) return TensorJson(tensor->dl());
  if (const auto text = value.try_cast<std::string_view>()) return std::string(*text);
  switch (value.type_index()) {
    case kTVMFFINone:
      return nullptr;
    case kTVMFFIBool:
      return value.cast<bool>();
    case kTVMFFIInt:
      return value.cast<int64_t>();
    case kTVMFFIFloat:
      return FloatJson(value.cast<double>());
    case kTVMFFIByteArrayPtr:
    case kTVMFFISmallBytes:
    case kTVMFFIBytes:
      return {{"bytes", Hexadecimal(value.cast<Bytes>().view())}};
    case kTVMFFIArray:
    case kTVMFFIList:
      return SequenceJson(value.cast<Array<Any>>(), depth);
    case kTVMFFIMap:
    case kTVMFFIDict:
      return MapJson(value, depth);
    default:
      return {{"text", ValueText(value)}};
  }
}

}  // namespace

nlohmann::ordered_json JsonValue(AnyView value) { return ValueAt(value, 0); }

}  // namespace kiln::cli

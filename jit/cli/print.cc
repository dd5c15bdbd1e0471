#include "jit/cli/print.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include <kiln/array.h>
#include <kiln/module.h>

#include "jit/cli/element_type.h"

namespace kiln::cli {
namespace {

constexpr int64_t kMaxWhole = 1000;  // elements of a tensor or an array that is shown whole
constexpr int64_t kEdge = 3;         // of each end of a dimension, where it is not
constexpr int32_t kMaxDimensions = 64;
constexpr size_t kLineWidth = 80;

bool IsReadable(DLDevice device) {
  return device.device_type == kDLCPU || device.device_type == kDLCUDAHost ||
         device.device_type == kDLROCMHost || device.device_type == kDLCUDAManaged;
}

std::string DeviceText(DLDevice device) {
  std::string name;
  switch (device.device_type) {
    case kDLCPU:
      name = "cpu";
      break;
    case kDLCUDA:
      name = "cuda";
      break;
    case kDLCUDAHost:
      name = "cuda_host";
      break;
    case kDLCUDAManaged:
      name = "cuda_managed";
      break;
    case kDLVulkan:
      name = "vulkan";
      break;
    case kDLMetal:
      name = "metal";
      break;
    case kDLROCM:
      name = "rocm";
      break;
    case kDLROCMHost:
      name = "rocm_host";
      break;
    default:
      name = "device type " + std::to_string(static_cast<int>(device.device_type));
  }
  return name + ":" + std::to_string(device.device_id);
}

template <typename Range>
std::string Joined(const Range& extents) {
  std::string text;
  for (const int64_t extent : extents) {
    if (!text.empty()) text += ", ";
    text += std::to_string(extent);
  }
  return text;
}

// In double quotes, with what does not print escaped.
std::string QuotedString(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\x%02x", byte);
      quoted += escape;
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

// Writes the elements of one tensor: first all texts are made, to know the width of the columns.
class ElementTable {
 public:
  explicit ElementTable(const DLTensor& tensor)
      : tensor_(tensor),
        first_(static_cast<const char*>(tensor.data) + tensor.byte_offset),
        strides_(tensor.strides, tensor.strides + (tensor.strides ? tensor.ndim : 0)),
        abbreviated_(TensorView(&tensor).numel() > kMaxWhole) {
    if (strides_.empty()) {
      strides_.resize(tensor.ndim);
      details::FillRowMajorStrides(TensorView(&tensor).shape(), strides_.data());
    }
    Collect(0, 0);
    for (const std::string& text : texts_) width_ = std::max(width_, text.size());
  }

  std::string Text() {
    Write(0);
    return std::move(out_);
  }

 private:
  bool IsCut(int32_t dimension) const {
    return abbreviated_ && tensor_.shape[dimension] > 2 * kEdge;
  }
  // The index after `index` that is shown.
  int64_t Next(int32_t dimension, int64_t index) const {
    const bool at_gap = IsCut(dimension) && index == kEdge - 1;
    return at_gap ? tensor_.shape[dimension] - kEdge : index + 1;
  }

  void Collect(int32_t dimension, int64_t offset) {
    if (dimension == tensor_.ndim) {
      const auto size = static_cast<int64_t>(ElementSize(tensor_.dtype));
      texts_.push_back(ElementText(tensor_.dtype, first_ + offset * size));
      return;
    }
    for (int64_t i = 0; i < tensor_.shape[dimension]; i = Next(dimension, i)) {
      Collect(dimension + 1, offset + i * strides_[dimension]);
    }
  }

  void Write(int32_t dimension) {
    if (dimension == tensor_.ndim) {
      const std::string& text = texts_[next_text_++];
      out_.append(width_ - text.size(), ' ').append(text);
      return;
    }
    const bool is_row = dimension + 1 == tensor_.ndim;
    out_ += '[';
    for (int64_t i = 0; i < tensor_.shape[dimension];) {
      if (i > 0) Separate(dimension, is_row ? width_ : 0);
      Write(dimension + 1);
      const int64_t next = Next(dimension, i);
      if (next != i + 1) {
        Separate(dimension, is_row ? 3 : 0);
        out_ += "...";
      }
      i = next;
    }
    out_ += ']';
  }

  // Between two entries of a dimension: a blank in a row that has room for `width` more, else a new
  // line. Blank lines set matrices and higher blocks apart.
  void Separate(int32_t dimension, size_t width) {
    out_ += ',';
    const int32_t inner = tensor_.ndim - dimension - 1;
    if (inner == 0 && out_.size() - line_start_ + width + 2 <= kLineWidth) {
      out_ += ' ';
      return;
    }
    out_.append(static_cast<size_t>(std::max(inner, 1)), '\n');
    line_start_ = out_.size();
    out_.append(static_cast<size_t>(dimension) + 1, ' ');
  }

  const DLTensor& tensor_;
  const char* first_;
  std::vector<int64_t> strides_;
  bool abbreviated_;
  std::vector<std::string> texts_;
  size_t next_text_ = 0;
  size_t width_ = 0;
  std::string out_;
  size_t line_start_ = 0;
};

bool HoldsBlocks(const Array<Any>& array) {
  for (size_t i = 0; i < array.size(); ++i) {
    const Any element = array[i];
    if (element.type_index() == kTVMFFIArray || element.try_cast<TensorView>()) return true;
  }
  return false;
}

std::string ArrayText(const Array<Any>& array) {
  std::string text = "[";
  for (size_t i = 0; i < array.size(); ++i) {
    if (i > 0) text += ", ";
    if (i == static_cast<size_t>(kMaxWhole)) {
      text += "... (" + std::to_string(array.size()) + " elements)";
      break;
    }
    text += ValueText(array[i]);
  }
  return text + "]";
}

std::string FloatValueText(double value) {
  std::string text = FloatText(value);
  // A float shows that it is none of the ints.
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string LabelledText(std::string_view label, AnyView value) {
  const std::string head = std::string(label) + ": ";
  if (const std::optional<TensorView> tensor = value.try_cast<TensorView>()) {
    return head + TensorTypeText(tensor->dl()) + "\n" + ElementsText(tensor->dl()) + "\n";
  }
  if (value.type_index() == kTVMFFIArray) {
    const auto array = value.cast<Array<Any>>();
    if (HoldsBlocks(array)) {
      std::string text = head + "array of " + std::to_string(array.size()) + "\n";
      for (size_t i = 0; i < array.size() && i < static_cast<size_t>(kMaxWhole); ++i) {
        text += LabelledText(std::string(label) + "[" + std::to_string(i) + "]", array[i]);
      }
      return text;
    }
  }
  return head + ValueText(value) + "\n";
}

std::string ValueText(AnyView value) {
  if (const auto tensor = value.try_cast<TensorView>()) return TensorTypeText(tensor->dl());
  if (const auto text = value.try_cast<std::string_view>()) return QuotedString(*text);
  switch (value.type_index()) {
    case kTVMFFINone:
      return "none";
    case kTVMFFIBool:
      return value.cast<bool>() ? "true" : "false";
    case kTVMFFIInt:
      return std::to_string(value.cast<int64_t>());
    case kTVMFFIFloat:
      return FloatValueText(value.cast<double>());
    case kTVMFFIDataType:
      return DataTypeName(value.cast<DLDataType>()).str();
    case kTVMFFIDevice:
      return DeviceText(value.cast<DLDevice>());
    case kTVMFFIByteArrayPtr:
    case kTVMFFISmallBytes:
    case kTVMFFIBytes:
      return "bytes " + QuotedString(value.cast<Bytes>().view());
    case kTVMFFIArray:
      return ArrayText(value.cast<Array<Any>>());
    case kTVMFFIFunction:
      return "function";
    case kTVMFFIModule:
      return std::string("module of kind '") + value.cast<Module>()->kind() + "'";
    case kTVMFFIShape: {
      const TVMFFIShapeCell* shape = TVMFFIShapeGetCellPtr(value.raw().v_obj);
      return "shape (" + Joined(std::span(shape->data, shape->size)) + ")";
    }
    case kTVMFFIError: {
      const Error error(ObjectPtr<ErrorObj>::ShareHandle(value.raw().v_obj));
      return std::string("error ") + error.what();
    }
    default:
      return "a value of type " + KindName(value.type_index());
  }
}

std::string TensorTypeText(const DLTensor& tensor) {
  std::string text =
      DataTypeName(tensor.dtype).str() + "[" + Joined(TensorView(&tensor).shape()) + "]";
  if (tensor.device.device_type != kDLCPU) text += " on " + DeviceText(tensor.device);
  if (!details::IsContiguous(tensor)) {
    text +=
        ", strides [" + Joined(std::span(tensor.strides, static_cast<size_t>(tensor.ndim))) + "]";
  }
  return text;
}

bool CanShowElements(const DLTensor& tensor) {
  return IsReadable(tensor.device) && HasTextForm(tensor.dtype) && tensor.ndim <= kMaxDimensions &&
         (tensor.data != nullptr || TensorView(&tensor).numel() == 0);
}

std::string ElementsText(const DLTensor& tensor) {
  if (!IsReadable(tensor.device)) {
    return "<the elements are in the memory of " + DeviceText(tensor.device) + ">";
  }
  if (!HasTextForm(tensor.dtype)) {
    return "<elements of " + DataTypeName(tensor.dtype).str() + " have no text form here>";
  }
  if (tensor.ndim > kMaxDimensions) {
    return "<more than " + std::to_string(kMaxDimensions) + " dimensions>";
  }
  if (TensorView(&tensor).numel() == 0) return "[]";
  if (tensor.data == nullptr) return "<the data pointer is null>";
  return ElementTable(tensor).Text();
}

std::string DurationText(double nanoseconds) {
  constexpr const char* kUnits[] = {"ns", "us", "ms", "s"};
  size_t unit = 0;
  for (; nanoseconds >= 999.5 && unit + 1 < std::size(kUnits); ++unit) nanoseconds /= 1000;
  const int decimals = unit == 0 || nanoseconds >= 99.95 ? 0 : nanoseconds >= 9.995 ? 1 : 2;
  char text[48];
  std::snprintf(text, sizeof(text), "%.*f %s", decimals, nanoseconds, kUnits[unit]);
  return text;
}

}  // namespace kiln::cli

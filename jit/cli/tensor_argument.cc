#include "jit/cli/tensor_argument.h"

#include <unistd.h>

#include <charconv>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <kiln/tensor.h>

#include "jit/cli/element_type.h"

namespace kiln::cli {
namespace {

constexpr size_t kMaxDimensions = 32;
constexpr std::string_view kSyntax =
    "an argument is an int (3), a float (2.5), true, false, none, a string (str:text) or a tensor "
    "(f32[8]=arange)";

[[noreturn]] void Refuse(const std::string& message) { throw Error("ValueError", message); }

std::string Quoted(std::string_view text) {
  constexpr size_t kShown = 60;
  std::string quoted("'");
  quoted += text.substr(0, kShown);
  quoted += text.size() > kShown ? "...'" : "'";
  return quoted;
}

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> SplitAtCommas(std::string_view text) {
  std::vector<std::string_view> parts;
  if (Trimmed(text).empty()) return parts;
  for (;;) {
    const size_t comma = text.find(',');
    parts.push_back(Trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

int64_t ParseExtent(std::string_view text) {
  int64_t extent = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
  if (error == std::errc::result_out_of_range) {
    Refuse("extent " + std::string(text) + " is beyond 2^63");
  }
  if (error != std::errc() || stop != text.data() + text.size()) {
    Refuse("extent " + Quoted(text) + " is not an integer; a shape is written like [4,4]");
  }
  if (extent < 0) Refuse("extent " + std::string(text) + " is negative; extents are 0 or more");
  return extent;
}

std::vector<int64_t> ParseShape(std::string_view text) {
  std::vector<int64_t> shape;
  for (const std::string_view extent : SplitAtCommas(text)) shape.push_back(ParseExtent(extent));
  if (shape.size() > kMaxDimensions) {
    Refuse(std::to_string(shape.size()) + " dimensions are more than the " +
           std::to_string(kMaxDimensions) + " that are taken here");
  }
  return shape;
}

std::string SizeText(double bytes) {
  constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1024;
  char text[32];
  std::snprintf(text, sizeof(text), unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
  return text;
}

// Bytes that this machine can still give out, as the kernel estimates it.
int64_t FreeMemory() {
  std::ifstream meminfo("/proc/meminfo");
  for (std::string line; std::getline(meminfo, line);) {
    if (line.starts_with("MemAvailable:"))
      return std::strtoll(line.c_str() + 13, nullptr, 10) * 1024;
  }
  return int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
}

// Refuses before anything is allocated: a tensor that the kernel promises but can't hold would end
// the process while it is filled.
void CheckSize(const std::vector<int64_t>& shape, DLDataType dtype) {
  int64_t bytes = static_cast<int64_t>(ElementSize(dtype));
  bool empty = false;
  for (const int64_t extent : shape) {
    if (extent == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(bytes, extent, &bytes)) {
      Refuse("the tensor's size is beyond 2^63 bytes; make it smaller");
    }
  }
  if (empty) return;
  const int64_t free = FreeMemory();
  if (bytes > free) {
    Refuse("the tensor needs " + SizeText(static_cast<double>(bytes)) + " and " +
           SizeText(static_cast<double>(free)) + " of memory are free; make it smaller");
  }
}

class Filler {
 public:
  Filler(const Tensor& tensor, int position)
      : dtype_(tensor.dtype()),
        data_(static_cast<char*>(tensor.data())),
        count_(tensor.numel()),
        step_(ElementSize(dtype_)),
        position_(position) {}

  void Fill(std::string_view values) const {
    if (values == "zeros") return Repeat("0");
    if (values == "ones") return Repeat("1");
    if (values == "arange") return Count();
    if (values == "rand") return Random();
    const std::vector<std::string_view> list = SplitAtCommas(values);
    if (list.size() == 1) return Repeat(list[0]);
    if (list.size() != static_cast<size_t>(count_)) {
      Refuse(std::to_string(list.size()) + " values for a tensor of " + std::to_string(count_) +
             " elements; give one for each, a single one to fill it, or arange, ones, zeros, rand");
    }
    for (int64_t i = 0; i < count_; ++i) StoreText(dtype_, list[i], At(i));
  }

 private:
  char* At(int64_t index) const { return data_ + static_cast<size_t>(index) * step_; }

  void Repeat(std::string_view text) const {
    char element[sizeof(uint64_t)];
    StoreText(dtype_, text, element);
    for (int64_t i = 0; i < count_; ++i) std::memcpy(At(i), element, step_);
  }
  void Count() const {
    for (int64_t i = 0; i < count_; ++i) StoreInteger(dtype_, i, At(i));
  }
  void Random() const {
    std::mt19937_64 generator(static_cast<uint64_t>(position_));
    for (int64_t i = 0; i < count_; ++i) StoreRandom(dtype_, generator(), At(i));
  }

  DLDataType dtype_;
  char* data_;
  int64_t count_;
  size_t step_;
  int position_;
};

Tensor ParseTensor(std::string_view text, int position) {
  const size_t open = text.find('[');
  const size_t close = text.find(']', open);
  const std::string_view name = text.substr(0, open);
  const std::optional<DLDataType> dtype = FindElementType(name);
  if (!dtype) {
    Refuse("unknown element type " + Quoted(name) + "; it is one of " + ElementTypeNames());
  }
  if (close == std::string_view::npos) Refuse("the shape has no ']'; write it like f32[4,4]=ones");
  const std::vector<int64_t> shape = ParseShape(text.substr(open + 1, close - open - 1));
  const std::string_view rest = text.substr(close + 1);
  if (!rest.starts_with('=')) {
    Refuse((rest.empty() ? std::string("no values") : Quoted(rest) + " after the shape") +
           "; values follow as =1,2,3 or =arange, =ones, =zeros, =rand");
  }
  CheckSize(shape, *dtype);
  Tensor tensor = Tensor::Empty(shape, *dtype);
  Filler(tensor, position).Fill(Trimmed(rest.substr(1)));
  return tensor;
}

// Nullopt if the text is no integer at all.
std::optional<int64_t> ParseInt(std::string_view text) {
  int64_t value = 0;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (digits.empty() || digits.find_first_not_of(hex ? "xX0123456789abcdefABCDEF" : "0123456789") !=
                            std::string_view::npos) {
    return std::nullopt;
  }
  StoreText(DataTypeOf<int64_t>(), text, &value);
  return value;
}

std::optional<double> ParseFloat(std::string_view text) {
  // Words that begin like a number are none: of letters, only inf and nan may come first.
  const std::string_view body = text.starts_with('-') ? text.substr(1) : text;
  const bool digit = !body.empty() && (body[0] == '.' || (body[0] >= '0' && body[0] <= '9'));
  if (!digit && body != "inf" && body != "nan") return std::nullopt;
  double value = 0;
  StoreText(DataTypeOf<double>(), text, &value);
  return value;
}

Any Parse(std::string_view text, int position) {
  if (text.empty()) Refuse("empty; write str: for an empty string, none for no value");
  if (text == "none") return {};
  if (text == "true") return true;
  if (text == "false") return false;
  if (text.starts_with("str:")) return Any(String(text.substr(4)));
  if (text.find('[') != std::string_view::npos) return Any(ParseTensor(text, position));
  if (const std::optional<int64_t> value = ParseInt(text)) return *value;
  if (const std::optional<double> value = ParseFloat(text)) return *value;
  Refuse(std::string(kSyntax) + "; a text is written str:" + std::string(text.substr(0, 60)));
}

}  // namespace

Any ParseArgument(std::string_view text, int position) {
  try {
    return Parse(text, position);
  } catch (const Error& error) {
    throw Error(error.kind(), "argument " + std::to_string(position) + " " + Quoted(text) + ": " +
                                  std::string(error.message()));
  } catch (const std::bad_alloc&) {
    throw Error("ValueError", "argument " + std::to_string(position) + " " + Quoted(text) +
                                  ": there is not enough memory for it; make it smaller");
  }
}

bool IsNumber(std::string_view text) {
  try {
    return ParseInt(text).has_value() || ParseFloat(text).has_value();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace kiln::cli

#include "samples/repair_loop/json.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <kiln/error.h>

namespace repair {
namespace {

std::string Utf8(uint32_t code) {
  const auto byte = [](uint32_t bits) { return static_cast<char>(bits); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
  return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Json Run() {
    Json value = ParseValue();
    if (at_ != text_.size()) Fail();
    return value;
  }

 private:
  [[noreturn]] void Fail() const {
    throw kiln::Error("ValueError", "no JSON at byte " + std::to_string(at_));
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void Skip() {
    while (Peek() == ' ' || Peek() == '\n') ++at_;
  }

  bool Accept(char c) {
    if (Peek() != c) return false;
    ++at_;
    Skip();
    return true;
  }

  void Expect(char c) {
    if (!Accept(c)) Fail();
  }

  Json ParseValue() {
    Json value;
    if (Accept('[')) {
      if (Accept(']')) return value;
      do {
        value.items.push_back(ParseValue());
      } while (Accept(','));
      Expect(']');
    } else if (Accept('{')) {
      if (Accept('}')) return value;
      do {
        std::string name = ParseString();
        Expect(':');
        value.fields.emplace_back(std::move(name), ParseValue());
      } while (Accept(','));
      Expect('}');
    } else if (Peek() == '"') {
      value.text = ParseString();
    } else {
      value.number = ParseNumber();
    }
    return value;
  }

  double ParseNumber() {
    for (const auto& [word, number] : {std::pair("true", 1.0), {"false", 0.0}, {"null", 0.0}}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += std::string_view(word).size();
      Skip();
      return number;
    }
    double number = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error != std::errc()) Fail();
    at_ = static_cast<size_t>(end - text_.data());
    Skip();
    return number;
  }

  std::string ParseString() {
    if (Peek() != '"') Fail();
    ++at_;
    std::string text;
    while (Peek() != '"') {
      if (at_ >= text_.size()) Fail();
      text += Peek() == '\\' ? ParseEscape() : std::string(1, text_[at_++]);
    }
    ++at_;
    Skip();
    return text;
  }

  std::string ParseEscape() {
    ++at_;
    const char c = Peek();
    ++at_;
    switch (c) {
      case 'n':
        return "\n";
      case 't':
        return "\t";
      case 'r':
        return "\r";
      case 'b':
        return "\b";
      case 'f':
        return "\f";
      case 'u': {
        uint32_t code = 0;
        const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (error != std::errc() || end != digits.data() + 4) Fail();
        at_ += 4;
        return Utf8(code);
      }
      default:
        return {c};
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

const Json& Json::at(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  throw kiln::Error("KeyError", "the JSON has no field '" + std::string(name) + "'");
}

Json ParseJson(std::string_view text) { return Parser(text).Run(); }

}  // namespace repair

#include "tests/fuzz/jit/mutate_text.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "tests/fuzz/random.h"

namespace kiln::fuzz {
namespace {

using Pieces = std::vector<std::string>;

constexpr std::string_view kNumbers[] = {"0",
                                         "1",
                                         "2",
                                         "-1",
                                         "3",
                                         "7",
                                         "8",
                                         "15",
                                         "16",
                                         "31",
                                         "32",
                                         "33",
                                         "63",
                                         "64",
                                         "65",
                                         "127",
                                         "128",
                                         "255",
                                         "256",
                                         "511",
                                         "512",
                                         "1024",
                                         "65535",
                                         "65536",
                                         "2147483647",
                                         "2147483648",
                                         "4294967295",
                                         "4294967296",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         "18446744073709551615",
                                         "0.5",
                                         "1e308",
                                         "1e-320",
                                         "undef",
                                         "poison",
                                         "zeroinitializer",
                                         "null",
                                         "true",
                                         "false"};

bool IsWordByte(char byte) {
  const auto c = static_cast<unsigned char>(byte);
  return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '%' || c == '@' || c == '!';
}

// Words, runs of blanks, and single other bytes.
Pieces WordsOf(std::string_view text) {
  Pieces words;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    if (IsWordByte(text[i])) {
      while (end < text.size() && IsWordByte(text[end])) ++end;
    } else if (text[i] == ' ') {
      while (end < text.size() && text[end] == ' ') ++end;
    }
    words.emplace_back(text.substr(i, end - i));
    i = end;
  }
  return words;
}

// Lines, with their ends.
Pieces LinesOf(std::string_view text) {
  Pieces lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::string Joined(const Pieces& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

// A place that holds a word, a number, whatever is not blank.
size_t SomePlace(const Pieces& pieces, Random* random) {
  for (int i = 0; i < 8; ++i) {
    const size_t place = random->Below(pieces.size());
    if (std::isspace(static_cast<unsigned char>(pieces[place][0])) == 0) return place;
  }
  return random->Below(pieces.size());
}

bool IsNumber(const std::string& word) {
  return std::isdigit(static_cast<unsigned char>(word[0])) != 0;
}

void ChangeNumber(Pieces* words, Random* random) {
  for (int i = 0; i < 32; ++i) {
    std::string& word = (*words)[random->Below(words->size())];
    if (!IsNumber(word)) continue;
    word = random->Of(kNumbers);
    return;
  }
}

// i32 becomes i33, <4 x float> becomes <7 x float>, and so on: the digits in a word.
void ChangeWidth(Pieces* words, Random* random) {
  static constexpr std::string_view kWidths[] = {"1",  "2",   "3",   "7",   "8",   "9",
                                                 "16", "17",  "24",  "32",  "33",  "64",
                                                 "65", "128", "129", "200", "256", "512"};
  for (int i = 0; i < 32; ++i) {
    std::string& word = (*words)[random->Below(words->size())];
    if (word.size() < 2 || word[0] != 'i' || !IsNumber(word.substr(1))) continue;
    word = "i" + std::string(random->Of(kWidths));
    return;
  }
}

// A word that stands elsewhere takes this place.
void CopyWord(Pieces* words, Random* random) {
  const std::string word = (*words)[SomePlace(*words, random)];
  (*words)[SomePlace(*words, random)] = word;
}

// What a word is by its looks: a value, a global, a number, a name, or the sign that it is.
int LooksOf(const std::string& word) {
  const auto first = static_cast<unsigned char>(word[0]);
  if (std::isdigit(first) != 0) return '0';
  return std::isalpha(first) != 0 || first == '_' ? 'a' : first;
}

// A word that looks alike takes this place.
void CopyAlike(Pieces* words, Random* random) {
  std::string& word = (*words)[SomePlace(*words, random)];
  for (int i = 0; i < 64; ++i) {
    const std::string& other = (*words)[random->Below(words->size())];
    if (other == word || LooksOf(other) != LooksOf(word)) continue;
    word = std::string(other);
    return;
  }
}

// A word becomes another one that may stand where it does: here, or wherever it stands.
void ChangeWord(Pieces* words, Random* random) {
  static const std::vector<std::vector<std::string_view>> kGroups = {
      {"add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "shl", "lshr", "ashr", "and", "or",
       "xor"},
      {"fadd", "fsub", "fmul", "fdiv", "frem"},
      {"eq", "ne", "ugt", "uge", "ult", "ule", "sgt", "sge", "slt", "sle"},
      {"oeq", "ogt", "oge", "olt", "ole", "one", "ord", "ueq", "ugt", "une", "uno"},
      {"i1", "i2", "i7", "i8", "i16", "i24", "i32", "i33", "i64", "i65", "i128", "i129", "i256"},
      {"float", "double", "half", "bfloat", "fp128", "x86_fp80", "i32", "i64", "ptr"},
      {"trunc", "zext", "sext", "fptrunc", "fpext", "fptoui", "fptosi", "uitofp", "sitofp",
       "ptrtoint", "inttoptr", "bitcast", "freeze"},
      {"xchg", "add", "sub", "and", "nand", "or", "xor", "max", "min", "umax", "umin", "fadd"},
      {"monotonic", "acquire", "release", "acq_rel", "seq_cst", "unordered"},
      {"internal", "private", "linkonce_odr", "weak", "weak_odr", "external", "common", "appending",
       "available_externally", "extern_weak", "hidden", "protected"},
      {"2", "3", "4", "5", "8", "16", "17", "32", "64"},
      {"int", "long", "short", "char", "float", "double", "_Bool", "unsigned", "signed", "void",
       "__int128", "_Float16", "size_t", "int64_t", "_BitInt"},
      {"+", "-", "*", "/", "%", "&", "|", "^", "<", ">", "?", ":", ",", "="},
      {"if", "while", "for", "switch", "do", "else", "return", "goto", "break", "continue"},
      {"const", "volatile", "restrict", "static", "extern", "inline", "register", "_Atomic",
       "_Thread_local"},
      {"true", "false", "on", "off"},
      {"none", "native", "generic", "skylake", "fast", "level", "auto", "all"}};
  for (int i = 0; i < 64; ++i) {
    const std::string word = (*words)[random->Below(words->size())];
    const auto& group = random->Of(kGroups);
    if (std::find(group.begin(), group.end(), word) == group.end()) continue;
    const std::string other(random->Of(group));
    if (random->OneIn(2)) {
      std::replace(words->begin(), words->end(), word, other);
    } else {
      *std::find(words->begin() + static_cast<ptrdiff_t>(random->Below(words->size())),
                 words->end() - 1, word) = other;
    }
    return;
  }
}

void SwapPieces(Pieces* pieces, Random* random) {
  std::swap((*pieces)[SomePlace(*pieces, random)], (*pieces)[SomePlace(*pieces, random)]);
}

// Some pieces in a row, here or there once more.
void RepeatRun(Pieces* pieces, Random* random) {
  const size_t from = random->Below(pieces->size());
  const size_t count = 1 + random->Below(std::min<size_t>(12, pieces->size() - from));
  const Pieces run(pieces->begin() + static_cast<ptrdiff_t>(from),
                   pieces->begin() + static_cast<ptrdiff_t>(from + count));
  const size_t to = random->OneIn(2) ? from : random->Below(pieces->size());
  const size_t times = random->OneIn(16) ? 1 + random->Below(200) : 1;
  for (size_t i = 0; i < times; ++i) {
    pieces->insert(pieces->begin() + static_cast<ptrdiff_t>(to), run.begin(), run.end());
  }
}

void DropRun(Pieces* pieces, Random* random) {
  const size_t from = random->Below(pieces->size());
  const size_t count = 1 + random->Below(std::min<size_t>(4, pieces->size() - from));
  pieces->erase(pieces->begin() + static_cast<ptrdiff_t>(from),
                pieces->begin() + static_cast<ptrdiff_t>(from + count));
}

}  // namespace

std::string MutatedText(std::string_view text, size_t max_size, uint64_t seed) {
  Random random(seed);
  std::string changed(text);
  const size_t times = random.OneIn(4) ? 1 + random.Below(4) : 1;
  for (size_t i = 0; i < times && !changed.empty(); ++i) {
    Pieces pieces = random.OneIn(4) ? LinesOf(changed) : WordsOf(changed);
    switch (random.Below(12)) {
      case 0:
        CopyWord(&pieces, &random);
        break;
      case 1:
      case 6:
        CopyAlike(&pieces, &random);
        break;
      case 7:
      case 8:
      case 9:
        ChangeWord(&pieces, &random);
        break;
      case 2:
        SwapPieces(&pieces, &random);
        break;
      case 3:
        RepeatRun(&pieces, &random);
        break;
      case 4:
        DropRun(&pieces, &random);
        break;
      case 5:
        ChangeWidth(&pieces, &random);
        break;
      default:
        ChangeNumber(&pieces, &random);
    }
    changed = Joined(pieces);
  }
  changed.resize(std::min(changed.size(), max_size));
  return changed;
}

std::string CrossedText(std::string_view one, std::string_view other, size_t max_size,
                        uint64_t seed) {
  Random random(seed);
  Pieces lines = LinesOf(one);
  const Pieces taken = LinesOf(other);
  if (!taken.empty()) {
    const size_t from = random.Below(taken.size());
    const size_t count = 1 + random.Below(taken.size() - from);
    const size_t to = random.Below(lines.size() + 1);
    lines.insert(lines.begin() + static_cast<ptrdiff_t>(to),
                 taken.begin() + static_cast<ptrdiff_t>(from),
                 taken.begin() + static_cast<ptrdiff_t>(from + count));
  }
  std::string crossed = Joined(lines);
  crossed.resize(std::min(crossed.size(), max_size));
  return crossed;
}

}  // namespace kiln::fuzz

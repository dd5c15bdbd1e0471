// Uses what kernels use most of the C++ library's templates, as far as the headers before have
// brought them: libstdc++'s include guards tell. Where headers are precompiled, this stands behind
// them, so that the templates are instantiated with them and not in each source.
#ifndef KILN_JIT_COMPILE_CLANG_HEADERS_CXX_COMMON_TEMPLATES_H_
#define KILN_JIT_COMPILE_CLANG_HEADERS_CXX_COMMON_TEMPLATES_H_
#pragma GCC system_header

#if defined(__cplusplus) && __cplusplus >= 201103L && defined(__cpp_exceptions)
namespace __kiln_common_templates {
#ifdef _GLIBCXX_VECTOR
template <class T>
inline bool __use_vector(T* values, const T* begin, const T* end) {
  std::vector<T> a(begin, end), b(values, values + 1), c(a), d(3), e(3, *begin), f{*begin, *end};
  b.push_back(*begin);
  b.emplace_back(*begin);
  b.reserve(8);
  b.resize(4);
  b.clear();
  b.insert(b.end(), begin, end);
  b = a;
  b = static_cast<std::vector<T>&&>(c);
  for (T& element : b) element = a[0];
  for (const T& element : a) b[0] = element;
  return a == b || a != b || b.empty() || b.size() == 3 || b.at(0) == b.back() ||
         b.front() == *b.data();
}
inline bool __use_vectors() {
  return __use_vector<float>(nullptr, nullptr, nullptr) ||
         __use_vector<double>(nullptr, nullptr, nullptr) ||
         __use_vector<int>(nullptr, nullptr, nullptr) ||
         __use_vector<long>(nullptr, nullptr, nullptr);
}
#endif
#if defined(_GLIBCXX_STRING)
inline bool __use_strings(const std::string& a, const char* b) {
  std::string c = a + b + 'c' + a;
  c = b + a;
  c = b + std::to_string(1) + b;
  c = std::to_string(1) + a;
  c += a;
  c += b;
  c += 'c';
  c.append(a).append(b).push_back('c');
  for (char x : a) c.push_back(x);
  c = a.substr(1, 2) + std::to_string(1L) + std::to_string(1.0) + std::to_string(1UL);
  return a == b || a == c || a != c || a != b || a < c || c.empty() || c.find(a) == 1 ||
         c[0] == 'c' || c.size() == 7 || c.c_str() == b;
}
#endif
#if defined(_GLIBCXX_STRING) && defined(_GLIBCXX_VECTOR)
inline bool __use_vector_of_strings(const std::string& text) {
  std::vector<std::string> all{text};
  all.push_back(text);
  all.emplace_back(text);
  for (const std::string& each : all) all[0] = each;
  return all.empty() || all.size() == 2;
}
#endif
#if defined(_GLIBCXX_STDEXCEPT)
inline void __use_errors(const std::string& text, int i) {
  if (i == 0) throw std::runtime_error(text);
  if (i == 1) throw std::runtime_error("");
  if (i == 2) throw std::invalid_argument(text);
  if (i == 3) throw std::invalid_argument("");
  try {
    if (i == 4) throw std::out_of_range(text);
    throw std::logic_error("");
  } catch (const std::exception& error) {
    throw std::runtime_error(error.what());
  }
}
#endif
}  // namespace __kiln_common_templates
#endif

#endif  // KILN_JIT_COMPILE_CLANG_HEADERS_CXX_COMMON_TEMPLATES_H_

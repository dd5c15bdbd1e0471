// Schemas: what types a function, a field or a container is made of, as the JSON that bindings read
// to write stubs and signatures.
//
//   TypeSchema<int64_t>()           {"type":"int"}
//   TypeSchema<Array<String>>()     {"type":"ffi.Array","args":[{"type":"ffi.String"}]}
//   FunctionSchema<int(float)>()    {"type":"ffi.Function","named_args":
//                                       {"return":[{"type":"int"}],"params":[{"type":"float"}]}}
//
// The format is the ABI's. It stands as a string under the key "type_schema" of the metadata of
// functions and fields.
#ifndef KILN_SCHEMA_H_
#define KILN_SCHEMA_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "kiln/traits.h"

namespace kiln {
namespace details {

// `text` as a string of JSON, in quotes. Bytes that are not ASCII stay as they are.
inline std::string QuoteJson(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted.append("\\u00").append({kHex[c >> 4], kHex[c & 15]});
    } else {
      quoted.push_back(c);
    }
  }
  return quoted.append("\"");
}

inline std::string JoinSchemas(std::initializer_list<std::string> schemas) {
  std::string joined;
  for (const std::string& schema : schemas) {
    if (!joined.empty()) joined.push_back(',');
    joined.append(schema);
  }
  return joined;
}

// The schema of a type with that name and those arguments.
inline std::string SchemaOf(std::string_view type) {
  return Concat({"{\"type\":", QuoteJson(type), "}"});
}
inline std::string SchemaOf(std::string_view type, std::initializer_list<std::string> args) {
  return Concat({"{\"type\":", QuoteJson(type), ",\"args\":[", JoinSchemas(args), "]}"});
}

inline std::string SchemaOfFunction(const std::string& result,
                                    std::initializer_list<std::string> parameters) {
  return Concat({"{\"type\":\"ffi.Function\",\"named_args\":{\"return\":[", result,
                 "],\"params\":[", JoinSchemas(parameters), "]}}"});
}

}  // namespace details

// The schema of a type with TypeTraits; that of void is None's.
template <typename T>
std::string TypeSchema() {
  using Traits = TypeTraits<std::remove_cvref_t<T>>;
  if constexpr (std::is_void_v<T>) {
    return details::SchemaOf("None");
  } else if constexpr (requires { Traits::Schema(); }) {
    return Traits::Schema();
  } else if constexpr (requires { Traits::kSchemaType; }) {
    return details::SchemaOf(Traits::kSchemaType);
  } else {
    return details::SchemaOf(Traits::Name());
  }
}

namespace details {

template <typename Signature>
struct SchemaOfSignature;
template <typename R, typename... Args>
struct SchemaOfSignature<R(Args...)> {
  static std::string Text() { return SchemaOfFunction(TypeSchema<R>(), {TypeSchema<Args>()...}); }
};

}  // namespace details

// The schema of a function type, such as int(float).
template <typename Signature>
std::string FunctionSchema() {
  return details::SchemaOfSignature<Signature>::Text();
}

}  // namespace kiln

#endif  // KILN_SCHEMA_H_

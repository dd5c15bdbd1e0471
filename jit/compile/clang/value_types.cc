#include "jit/compile/clang/value_types.h"

#include <clang/AST/Decl.h>

namespace kiln::jit {
namespace {

using Kind = ValueType::Kind;

// The name of the struct that a type is, or an empty string.
std::string RecordName(clang::QualType type) {
  const clang::RecordDecl* record = type->getAsRecordDecl();
  if (record == nullptr) return {};
  const clang::TypedefNameDecl* alias = record->getTypedefNameForAnonDecl();
  return alias == nullptr ? record->getNameAsString() : alias->getNameAsString();
}

std::optional<ValueType> ScalarType(clang::QualType type, const clang::ASTContext& context) {
  if (const auto* enumeration = type->getAs<clang::EnumType>()) {
    type = enumeration->getDecl()->getIntegerType();
    if (type.isNull()) return std::nullopt;
    type = type.getCanonicalType();
  }
  const auto* builtin = type->getAs<clang::BuiltinType>();
  if (builtin == nullptr) return std::nullopt;
  ValueType value;
  value.bits = static_cast<uint32_t>(context.getTypeSize(type));
  switch (builtin->getKind()) {
    case clang::BuiltinType::Bool:
      value.kind = Kind::kBool;
      return value;
    case clang::BuiltinType::BFloat16:
      value.brain = true;
      [[fallthrough]];
    case clang::BuiltinType::Float16:
    case clang::BuiltinType::Float:
    case clang::BuiltinType::Double:
      value.kind = Kind::kFloat;
      return value;
    default:
      if (!builtin->isInteger() || value.bits > 64) return std::nullopt;
      value.kind = Kind::kInt;
      value.is_signed = builtin->isSignedInteger();
      return value;
  }
}

std::optional<ValueType> PointerType(clang::QualType pointee, const clang::ASTContext& context) {
  ValueType value;
  value.is_const = pointee.isConstQualified();
  pointee = pointee.getUnqualifiedType();
  if (pointee->isVoidType()) {
    value.kind = Kind::kAnything;
    return value;
  }
  if (RecordName(pointee) == "DLTensor") {
    value.kind = Kind::kDLTensor;
    return value;
  }
  if (value.is_const && pointee->isSpecificBuiltinType(clang::BuiltinType::Char_S)) {
    value.kind = Kind::kCString;
    return value;
  }
  const std::string record = RecordName(pointee);
  if (record == "__half" || record == "__nv_bfloat16") {  // of CUDA's headers
    value.kind = Kind::kElements;
    value.element = {Kind::kFloat, 16, /*is_signed=*/false, /*brain=*/record != "__half"};
    return value;
  }
  const std::optional<ValueType> element = ScalarType(pointee, context);
  if (!element) return std::nullopt;
  value.kind = Kind::kElements;
  value.element = {element->kind, element->bits, element->is_signed, element->brain};
  return value;
}

}  // namespace

std::optional<ValueType> ParameterType(clang::QualType type, const clang::ASTContext& context) {
  type = type.getCanonicalType();
  if (const auto* pointer = type->getAs<clang::PointerType>()) {
    return PointerType(pointer->getPointeeType().getCanonicalType(), context);
  }
  if (RecordName(type) == "TVMFFIAny" && !type->isReferenceType()) {
    ValueType value;
    value.kind = Kind::kAny;
    return value;
  }
  return ScalarType(type.getUnqualifiedType(), context);
}

std::optional<ValueType> ResultType(clang::QualType type, const clang::ASTContext& context) {
  type = type.getCanonicalType();
  if (type->isVoidType()) return ValueType{};
  if (type->isPointerType() && !type->getPointeeType()->isVoidType()) return std::nullopt;
  return ParameterType(type, context);
}

std::string UnsupportedText(clang::QualType type, const clang::ASTContext& context) {
  const std::string name = "of type '" + type.getAsString(context.getPrintingPolicy()) + "'";
  if (type->isReferenceType()) return name + ", a reference: take a pointer or a value";
  if (type->isRecordType()) {
    return name + ", a struct by value: take its members, or a pointer to a tensor's elements";
  }
  if (type->isPointerType()) {
    return name + ", which is no pointer to numbers: take 'void*' to be given any address";
  }
  return name + ", which no argument can be: take an integer, a float, 'const char*' or a pointer";
}

}  // namespace kiln::jit

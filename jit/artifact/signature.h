#ifndef KILN_JIT_ARTIFACT_SIGNATURE_H_
#define KILN_JIT_ARTIFACT_SIGNATURE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::jit {

// The type of a parameter or result of a plain function, as far as a caller by the packed
// convention can give or take it.
struct ValueType {
  enum class Kind {
    kVoid,  // of a result: None
    kBool,
    kInt,       // of `bits` bits, signed or not
    kFloat,     // of `bits` bits: 16, 32 or 64; 16 is _Float16, or __bf16 where `brain` is set
    kCString,   // const char*, terminated by zero
    kElements,  // a pointer to the elements of a tensor, each of the type `element`
    kAnything,  // void*: the elements of a tensor of any type, an opaque pointer, or null
    kDLTensor,  // DLTensor*
    kAny,       // TVMFFIAny, by value
  };
  // The type of an element: one of kBool, kInt, kFloat.
  struct Element {
    Kind kind = Kind::kInt;
    uint32_t bits = 0;
    bool is_signed = false;
    bool brain = false;

    bool operator==(const Element&) const = default;
  };

  Kind kind = Kind::kVoid;
  uint32_t bits = 0;
  bool is_signed = false;
  bool brain = false;
  bool is_const = false;  // of a pointer: what it points to is only read
  Element element = {};   // of kElements

  bool operator==(const ValueType&) const = default;
};

struct Parameter {
  std::string name;  // empty where the source gives none
  ValueType type;
};

// A plain function that is to be exported.
struct Signature {
  std::string name;    // by which users ask for it: "scale<float>"
  std::string symbol;  // of the function in its module: "_Z5scaleIfEvPT_S0_"
  std::string doc;     // the comment before it, without its marks; empty where there is none
  std::vector<Parameter> parameters;
  ValueType result;
  std::string file;   // in which it is written, as messages call it; empty where that is not known
  uint32_t line = 0;  // of its name, from 1 on
  // A CUDA kernel: `symbol` is its launch stub. Its tensors are in the memory of one GPU.
  bool is_kernel = false;
  // A function of the host part of CUDA: its tensors may be in the memory of a GPU, too.
  bool takes_gpu_tensors = false;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_SIGNATURE_H_

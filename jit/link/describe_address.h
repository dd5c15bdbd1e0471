#ifndef KILN_JIT_LINK_DESCRIBE_ADDRESS_H_
#define KILN_JIT_LINK_DESCRIBE_ADDRESS_H_

#include <optional>
#include <string>

namespace kiln::jit {

// What lies at an address in the code of an image that is alive: "add_one+0x1c in kernel.c", the
// symbol as the linker names it, the bytes from there, and the name of the image. "+0x1c in
// kernel.c", with the bytes from the start of the image's code, where no function is known there.
// Nothing where no image has code at the address. Any thread may ask.
std::optional<std::string> DescribeAddress(const void* address);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_DESCRIBE_ADDRESS_H_

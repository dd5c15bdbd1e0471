// The engine's report about itself and the machine, for people to read.
#ifndef KILN_JIT_CLI_DOCTOR_TEXT_H_
#define KILN_JIT_CLI_DOCTOR_TEXT_H_

#include <string>
#include <string_view>

namespace kiln::cli {

// `report` is the JSON of `kiln.jit.doctor`. What it lacks is left out. Throws InternalError if it
// is no JSON object.
std::string DoctorText(std::string_view report);

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_DOCTOR_TEXT_H_

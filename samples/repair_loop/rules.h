// What the agent knows: how to answer a message of the compiler by a change of the source. In a
// real agent a language model stands here, and reads the same messages.
#ifndef KILN_SAMPLES_REPAIR_LOOP_RULES_H_
#define KILN_SAMPLES_REPAIR_LOOP_RULES_H_

#include <optional>
#include <string>

#include "samples/repair_loop/diagnostics.h"

namespace repair {

struct Repair {
  std::string what;    // for people: "added #include <math.h>"
  std::string source;  // all of it, changed
};

// The change that `diagnostic` asks for, or nothing where no rule knows one.
std::optional<Repair> RepairFor(const std::string& source, const Diagnostic& diagnostic);

}  // namespace repair

#endif  // KILN_SAMPLES_REPAIR_LOOP_RULES_H_

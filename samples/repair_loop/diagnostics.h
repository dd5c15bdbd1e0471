// What Kiln tells about a source, as values: see `kiln/jit.h` for the JSON that they are read from.
#ifndef KILN_SAMPLES_REPAIR_LOOP_DIAGNOSTICS_H_
#define KILN_SAMPLES_REPAIR_LOOP_DIAGNOSTICS_H_

#include <string>
#include <string_view>
#include <vector>

namespace repair {

// Lines and columns count from 1, columns in bytes.
struct FixIt {
  int line = 0;
  int column = 0;
  int end_line = 0;
  int end_column = 0;  // exclusive
  std::string text;
};

struct Diagnostic {
  std::string severity;
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  std::string source_line;
  std::vector<FixIt> fixits;
  std::vector<Diagnostic> notes;
};

// From the JSON that kiln::jit::DiagnosticsOf gives for an error, and InspectSource("diagnostics")
// for a module.
std::vector<Diagnostic> ReadDiagnostics(std::string_view json);

}  // namespace repair

#endif  // KILN_SAMPLES_REPAIR_LOOP_DIAGNOSTICS_H_

#ifndef KILN_TESTS_FUZZ_JIT_TRIAL_H_
#define KILN_TESTS_FUZZ_JIT_TRIAL_H_

#include <string>
#include <string_view>

#include "tests/fuzz/jit/input.h"

namespace kiln::fuzz {

// How an input ended.
enum class Outcome { kImage, kError, kCrash };
struct Trial {
  Outcome outcome = Outcome::kImage;
  std::string error;  // its kind and message, where it is one
};

// Compiles `bytes` and links them in memory, all the way that a session goes but for running what
// comes out: what is linked is never executed. Ends the process, with the reason on stderr, where
// the engine breaks a promise:
//
//  - an error is a kiln::Error of a known kind, with a message and diagnostics that can be read;
//  - a crash of LLVM is one of these;
//  - an artifact is the same after it was written and read;
//  - exceptions can be thrown while the image is there, and its memory comes back when it is gone;
//  - afterwards, always after a crash and now and then otherwise, a good source is compiled to the
//    bytes that it was compiled to at first, and gives the right answer; files, threads, memory and
//    signal handlers are what they were.
//
// One thread at a time.
Trial TryInput(InputKind kind, std::string_view bytes);

// What all inputs so far came to, in a line.
std::string TrialsInWords();

// The promises that hold afterwards, checked at once.
void CheckAftermath();

}  // namespace kiln::fuzz

#endif  // KILN_TESTS_FUZZ_JIT_TRIAL_H_

#ifndef KILN_JIT_WORKER_MESSAGE_H_
#define KILN_JIT_WORKER_MESSAGE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::jit {

// A message on the socket between a process and its worker: its length, an integer of eight bytes,
// little-endian, and then as many bytes. A worker first sends the identity of its engine
// (EngineIdentity); then each message of the process is answered by two of the worker: an empty one
// once it has the message, and one that is the answer, which is never empty.
inline constexpr uint64_t kLongestMessage = uint64_t{1} << 32;

// The length of `message` as it stands before it.
std::string MessageHeader(std::string_view message);

// The worker's side: both block. False where the other side is gone or, of Send, where the message
// is too long; of Receive, too, where there is no memory for it.
bool SendMessage(int socket, std::string_view message);
bool ReceiveMessage(int socket, std::string* message);

// The version of Kiln and the build id of the library that this code is in: "0.1.0 3f86a7...".
// Equal in two processes where they have loaded the same build of the engine.
const std::string& EngineIdentity();

// The file of that library, with all links resolved.
const std::string& EnginePath();

// The descriptors that a worker starts with beside its standard ones.
inline constexpr int kWorkerSocket = 3;
inline constexpr int kWorkerMemory = 4;  // of a run: the memory of its tensors

// The exit status of a worker that got no more memory.
inline constexpr int kExitOutOfMemory = 97;

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_MESSAGE_H_

#include "jit/sandbox/run_request.h"

#include "jit/worker/byte_stream.h"

namespace kiln::jit {

std::string SerializeRun(const RunRequest& request) {
  ByteWriter writer;
  writer.Put(uint64_t{request.source.has_value()});
  writer.Put(request.source ? SerializeRequest(*request.source) : request.artifact);
  writer.Put(request.linked.size());
  for (const std::string& artifact : request.linked) writer.Put(artifact);
  writer.Put(request.function);
  writer.Put(request.pieces.size());
  for (const SharedTensors::Piece& piece : request.pieces) {
    for (const uint64_t number : {piece.at, piece.size, piece.data, uint64_t{piece.read_only}}) {
      writer.Put(number);
    }
  }
  writer.Put(request.arguments);
  writer.Put(static_cast<uint64_t>(request.max_memory_mb));
  writer.Put(static_cast<uint64_t>(request.processor_seconds));
  return writer.Take();
}

RunRequest ParseRun(std::string_view bytes) {
  ByteReader reader(bytes, "the request for a run");
  RunRequest request;
  if (reader.Integer() != 0) {
    request.source = ParseRequest(reader.Text());
  } else {
    request.artifact = reader.Text();
  }
  for (uint64_t left = reader.Count(); left > 0; --left) {
    request.linked.emplace_back(reader.Text());
  }
  request.function = reader.Text();
  for (uint64_t left = reader.Count(); left > 0; --left) {
    SharedTensors::Piece piece;
    piece.at = reader.Integer();
    piece.size = reader.Integer();
    piece.data = reader.Integer();
    piece.read_only = reader.Integer() != 0;
    request.pieces.push_back(piece);
  }
  request.arguments = reader.Text();
  request.max_memory_mb = static_cast<int>(reader.Integer());
  request.processor_seconds = static_cast<int>(reader.Integer());
  reader.End();
  return request;
}

}  // namespace kiln::jit

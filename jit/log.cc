#include "jit/log.h"

#include <cstdlib>
#include <memory>
#include <string>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace kiln::jit {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return spdlog::level::trace;
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::shared_ptr<spdlog::logger> MakeLogger() {
  auto logger =
      std::make_shared<spdlog::logger>("kiln", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("[%H:%M:%S.%e] [%n] [%l] %v");
  logger->set_level(spdlog::level::warn);
  const char* wish = std::getenv("KILN_LOG");
  if (wish == nullptr || *wish == '\0') return logger;
  const std::string_view name = wish;
  // from_str answers `off` for a name that it does not know.
  const spdlog::level::level_enum level = spdlog::level::from_str(std::string(name));
  if (level == spdlog::level::off && name != "off") {
    logger->warn("KILN_LOG must be off, error, warn, info, debug or trace, got '{}'", name);
  } else {
    logger->set_level(level);
  }
  return logger;
}

// Never destroyed: a thread may log while the process ends.
spdlog::logger* Logger() {
  static auto* const logger = new std::shared_ptr<spdlog::logger>(MakeLogger());
  return logger->get();
}

}  // namespace

bool LogEnabled(LogLevel level) noexcept {
  try {
    return Logger()->should_log(ToSpdlog(level));
  } catch (...) {
    return false;
  }
}

void Log(LogLevel level, std::string_view line) noexcept {
  try {
    Logger()->log(ToSpdlog(level), "{}", line);
  } catch (...) {
    // A line that can't be written is lost: there is nowhere left to say so.
  }
}

}  // namespace kiln::jit

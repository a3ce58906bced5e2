#include "base/logging.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>

namespace salus {

Result<void> set_up_logging(std::string_view level) {
  static constexpr std::pair<std::string_view, spdlog::level::level_enum> levels[] = {
      {"trace", spdlog::level::trace},  {"debug", spdlog::level::debug}, {"info", spdlog::level::info},
      {"warning", spdlog::level::warn}, {"error", spdlog::level::err},   {"off", spdlog::level::off}};
  for (const auto& [name, value] : levels) {
    if (name != level) continue;
    auto logger = std::make_shared<spdlog::logger>("salus", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v", spdlog::pattern_time_type::utc);
    logger->set_level(value);
    logger->flush_on(spdlog::level::warn);
    spdlog::set_default_logger(std::move(logger));
    return {};
  }
  return fail(ErrorCode::invalid, "'{}' is no log level; use trace, debug, info, warning, error or off.", level);
}

LogLimit::Verdict LogLimit::ask(std::chrono::steady_clock::time_point now) {
  const std::int64_t second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::int64_t seen = second_.load(std::memory_order_relaxed);
  // Whoever moves the second starts the count anew; a line that races with it may count for either second.
  if (second != seen && second_.compare_exchange_strong(seen, second)) written_.store(0);
  if (written_.fetch_add(1) >= burst_) {
    withheld_.fetch_add(1);
    return {};
  }
  return {true, withheld_.exchange(0)};
}

}  // namespace salus

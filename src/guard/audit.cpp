#include "guard/audit.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/logging.hpp"
#include "base/text.hpp"
#include "log/kinds.hpp"

namespace salus::guard {
namespace {

LogLimit lost_lines{1};

// What came from outside, short and valid; bytes that are no text are shown as '?'.
std::string clean(std::string_view text, std::size_t bytes_max) {
  std::string result{text.substr(0, bytes_max)};
  if (!is_utf8(result))
    std::ranges::replace_if(result, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  std::ranges::replace_if(result, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return result;
}

}  // namespace

bool LogAudit::may_record_refusal() {
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  const double elapsed_s = started_ ? std::chrono::duration<double>(now - refilled_).count() : 0;
  allowance_ = started_ ? std::min<double>(limits_.refusals_burst, allowance_ + elapsed_s * limits_.refusals_per_second)
                        : limits_.refusals_burst;
  started_ = true;
  refilled_ = now;
  if (allowance_ < 1) {
    ++withheld_;
    return false;
  }
  allowance_ -= 1;
  return true;
}

void LogAudit::record(AuditEvent event) {
  if (event.outcome == "refused" && !may_record_refusal()) return;
  summarise();
  append(event);
}

void LogAudit::summarise() {
  std::uint64_t withheld = 0;
  {
    const std::lock_guard lock(mutex_);
    // Said at most once per filled bucket, or the summaries would be the flood.
    if (withheld_ == 0 || allowance_ < 1) return;
    withheld = std::exchange(withheld_, 0);
  }
  append({.actor = "",
          .action = "refusals_withheld",
          .target = "",
          .outcome = "refused",
          .peer = "",
          .detail = fmt::format("{} refusals before this entry were only counted", withheld)});
}

void LogAudit::append(const AuditEvent& event) {
  const std::size_t most = limits_.text_bytes_max;
  json::object body{{"actor", clean(event.actor, most)},   {"action", clean(event.action, most)},
                    {"target", clean(event.target, most)}, {"outcome", clean(event.outcome, most)},
                    {"peer", clean(event.peer, most)},     {"detail", clean(event.detail, most)}};
  if (!event.station.empty()) body["station"] = clean(event.station, most);
  log_.append(
      log::Draft{.kind = log::kind::audit_event, .body = json_text(body)}, [this](const Result<log::Position>& done) {
        if (done) return;
        ++lost_;
        log_limited(lost_lines, spdlog::level::err, "An audit entry could not be recorded: {}", done.error().message);
      });
}

}  // namespace salus::guard

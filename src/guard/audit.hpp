// Who did what, to what, from where, and whether it was allowed. Never a patient's name, a value or a secret.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/time.hpp"
#include "log/log.hpp"

namespace salus::guard {

struct AuditEvent {
  std::string actor;    // user or device; empty when nobody signed in
  std::string action;   // "sign_in", "user_put", "token_revoked" …
  std::string target;   // what it was done to
  std::string outcome;  // "ok" or "refused"
  std::string peer;
  std::string detail;
  std::string station{};  // where the actor acted by PIN; empty: elsewhere
};

// Threads: any. Outlives every gate.
class Audit {
 public:
  virtual ~Audit() = default;
  // Never blocks and never fails towards the caller: what cannot be recorded is counted and said on the server's own
  // log.
  virtual void record(AuditEvent event) = 0;
};

struct AuditLimits {
  // Refusals come from strangers, who must not be able to fill the disk: beyond these, one entry counts the rest.
  std::uint32_t refusals_per_second = 10;
  std::uint32_t refusals_burst = 100;
  std::size_t text_bytes_max = 256;  // of each member that came from outside
};

// Appends `audit_event` entries to the `audit` partition. `log` and `clock` outlive it.
class LogAudit final : public Audit {
 public:
  LogAudit(log::Log& log, const Clock& clock, AuditLimits limits = {}) : log_(log), clock_(clock), limits_(limits) {}

  void record(AuditEvent event) override;
  // Writes down how many refusals were only counted, if any. Called now and then, and before the log closes.
  void summarise();
  std::uint64_t lost() const { return lost_; }

 private:
  bool may_record_refusal();
  void append(const AuditEvent& event);

  log::Log& log_;
  const Clock& clock_;
  const AuditLimits limits_;
  std::mutex mutex_;  // of the next four
  double allowance_ = 0;
  bool started_ = false;
  Time refilled_{};
  std::uint64_t withheld_ = 0;
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace salus::guard

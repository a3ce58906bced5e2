// What MQTT sessions bring becomes runs of the telemetry log: one run per read, as it came.
#pragma once

#include "app/live_feed.hpp"
#include "log/log.hpp"
#include "mqtt/intake.hpp"

namespace salus::app {

// Lifetime: outlives the MQTT server. Threads: any.
class LogIntake final : public mqtt::Intake {
 public:
  LogIntake(log::Log& telemetry, LiveFeed& feed, const Clock& clock, std::uint64_t epoch)
      : telemetry_(telemetry), feed_(feed), clock_(clock), session_base_(epoch << 40) {}

  void take(const mqtt::Session& who, std::span<const mqtt::Incoming> messages, mqtt::Done done) override;
  void came(const mqtt::Session& who) override;
  void went(const mqtt::Session& who, mqtt::Reason reason) override;

 private:
  log::Log& telemetry_;
  LiveFeed& feed_;
  const Clock& clock_;
  const std::uint64_t session_base_;  // sessions of two lives of this program are never one
};

}  // namespace salus::app

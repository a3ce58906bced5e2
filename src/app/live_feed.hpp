// Turns what the views find into events of the live feed, and keeps the ward as the screens show it: who lies where,
// which alarms are active. Everything here may be provisional and says so; nothing here is stored.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "app/core.hpp"
#include "app/live_hub.hpp"
#include "monitor/telemetry.hpp"

namespace salus::app {

json::object alarm_json(const monitor::Alarm& alarm);
// Stations that an alarm was escalated to.
std::vector<std::string> stations_told(const json::object& alarm);
json::object pause_json(const monitor::Pause& pause);

// Lifetime: built before the core, which it observes, and attached to it; destroyed after it. Threads: any; the
// observer's functions on the telemetry host's thread, records() on the records host's.
class LiveFeed final : public monitor::Observer {
 public:
  static constexpr std::size_t unrecorded_max = 10'000;

  explicit LiveFeed(LiveHub& hub) : hub_(hub) {}

  // Takes over what the core's views hold and follows them. Before any gate opens.
  void attach(Core& core);

  void on_numerics(std::string_view device, std::int64_t time_ns, std::span<const monitor::Numeric> values) override;
  void on_wave(std::string_view device, device::Code code, std::int64_t time_ns, const series::Period& period,
               const device::WaveChannel& channel) override;
  void on_raised(const monitor::Condition& condition) override;
  void on_ended(const monitor::Condition& condition, Time at) override;
  void on_news2(std::string_view device, std::int64_t time_ns, const monitor::News2& score) override;
  void on_device(std::string_view device) override;

  // A device's session came or went.
  void connected(const std::string& device, std::uint64_t session);
  void disconnected(const std::string& device, std::uint64_t session);
  bool is_connected(const std::string& device) const;

  // Sends the numbers gathered since the last call. Called some twenty times a second.
  void flush();

  // The whole present state, or what a station sees: {"type":"ward","sectors":[…],"alarms":[…]}. On the telemetry
  // host's thread.
  json::object ward(const std::string& only = {}, const std::string& station = {}) const;

  // Whether the outbox may hold something new; asking resets it.
  bool take_wished() { return wished_.exchange(false); }
  void wish_again() { wished_ = true; }
  std::uint64_t messages() const { return messages_; }

  // Changes of conditions that are not durable, oldest first: what a failed disk leaves behind.
  std::vector<std::string> unrecorded() const;

 private:
  struct Sector {
    std::string bed, ward, patient, label;
    bool simulated = false;
    device::AgeClass age_class{};
    std::optional<bool> paced;
    json::array pauses;
    json::array limits_off;  // rows that are off for whoever lies there
  };
  struct Unrecorded {
    log::Offset until{~std::uint64_t{0}};  // durable once the log ends here or later; known when its group is applied
    std::string line;
  };
  struct Pending {
    std::int64_t time_ns = 0;
    std::map<device::Code, device::Value> values;
  };

  void records(const log::Group& group);
  void registry_changed(const std::string& device);
  void all_sectors_changed();
  void alarm_changed(const monitor::Alarm& alarm);
  void reminded();
  void delivered(std::string_view entry);
  void bindings_changed(const json::object& entry);
  void publish_sector(const std::string& device);
  json::object sector_json(const std::string& device, const Sector& sector) const;
  // Who sees what a device sends now: those of its bed and ward. Nothing when it stands nowhere on the ward.
  std::optional<Audience> audience_of(std::string_view device) const;
  // Who sees an alarm: the ward where it was raised, and that where its device stands now.
  Audience audience_of_alarm(const json::object& alarm) const;
  void keep_unrecorded(const monitor::Condition& condition, std::string_view what, Time at);
  void drop_recorded(const log::Group& applied);

  LiveHub& hub_;
  Core* core_ = nullptr;
  std::atomic<bool> wished_{true};
  std::atomic<std::uint64_t> messages_{0};
  std::uint64_t reminders_ = 0;  // of records: seen so far
  std::uint64_t limits_ = 0;
  std::uint64_t pauses_ = 0;

  mutable std::mutex mutex_;
  std::map<std::string, Sector, std::less<>> sectors_;
  std::map<std::string, json::object> alarms_;  // active ones
  std::map<std::string, std::uint64_t> sessions_;
  std::map<std::string, Pending, std::less<>> pending_;
  std::deque<Unrecorded> unrecorded_;
};

}  // namespace salus::app

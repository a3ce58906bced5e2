// The simulator's scenarios against the alarms that they must and must not raise: a quiet hour of sixteen healthy beds
// raises none, and each scenario raises its own in time. Everything runs on simulated time, as fast as it can.
//
//   ward [--hour SECONDS]      one line a case; exit code 1 when one failed
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <vector>

#include "log/kinds.hpp"
#include "monitor/telemetry.hpp"
#include "sim/patient.hpp"

using namespace salus;

namespace {

constexpr Time kStart = Time{} + seconds{1'767'225'600};

struct Event {
  double at_s = 0;
  std::string what;  // "+spo2.low.high", "-spo2.low.high"
};

// One bed: a simulated patient, its monitor's messages as a run each, and the view that judges them.
class Bed final : monitor::Observer {
 public:
  Bed(const sim::PatientProfile& profile, const sim::Scenario& scenario, std::uint64_t seed)
      : patient_(profile, scenario, {.seed = seed}), telemetry_(this) {
    const view::Place place{{log::Epoch{1}, log::Offset{1}}, kStart};
    monitor::TelemetryContext{telemetry_}.apply(
        {.kind = log::kind::device_put, .first = log::Offset{1}, .body = R"({"id":"m1"})"}, place);
  }

  const std::vector<Event>& run(double seconds_in_all) {
    while (now_s() < seconds_in_all) {
      for (auto& message : patient_.next(now_)) kept_.push_back(std::move(message));
      now_ += sim::Patient::frame_length;
      for (; patient_.has_network() && !kept_.empty(); kept_.pop_front())
        send(kept_.front().first, kept_.front().second);
      telemetry_.advance(place());
    }
    return events_;
  }

 private:
  double now_s() const { return std::chrono::duration<double>(now_ - kStart).count(); }
  view::Place place() const { return {{log::Epoch{1}, log::Offset{offset_}}, now_}; }

  void send(const std::string& topic, const std::string& payload) {
    const auto format = topic == "waveforms" ? device::Format::waveform : device::Format::json;
    writer_.begin("m1", device::Session{1}, now_);
    writer_.add({.format = format, .payload = payload});
    const log::Draft draft = writer_.take();
    telemetry_.advance(place());
    telemetry_.apply({.kind = draft.kind, .count = draft.count, .first = log::Offset{offset_}, .body = draft.body},
                     place());
    offset_ += draft.count;
  }

  void note(char sign, const monitor::Condition& condition) {
    const std::string_view code = condition.code == device::no_code ? "device" : device::info(condition.code).alias();
    events_.push_back({now_s(), fmt::format("{}{}.{}.{}", sign, code, name(condition.rule), name(condition.priority))});
  }
  void on_raised(const monitor::Condition& condition) override { note('+', condition); }
  void on_ended(const monitor::Condition& condition, Time) override { note('-', condition); }

  sim::Patient patient_;
  monitor::Telemetry telemetry_;
  device::MessageRunWriter writer_;
  std::deque<std::pair<std::string, std::string>> kept_;
  std::vector<Event> events_;
  Time now_ = kStart;
  std::uint64_t offset_ = 2;
};

// What must happen between two instants of a scenario, in seconds.
struct Expected {
  const char* scenario;
  const char* what;
  double from_s, to_s;
};
constexpr Expected kExpected[] = {
    {"desaturation", "+spo2.low.medium", 15, 55},
    {"desaturation", "+spo2.low.high", 20, 60},
    {"desaturation", "-spo2.low.high", 80, 120},
    {"tachycardia", "-hr.high.high", 120, 170},
    {"tachycardia", "+hr.high.high", 45, 75},
    {"bradycardia", "+hr.low.medium", 60, 100},
    {"bradycardia", "+hr.low.high", 65, 110},
    {"asystole", "+hr_ecg.asystole.high", 30, 40},
    {"capture", "+hr_ecg.asystole.high", 30, 40},
    {"sepsis", "+news2.news2.medium", 120, 1'200},
    {"sepsis", "+news2.news2.high", 300, 1'500},
    {"sepsis", "+hr.high.high", 900, 1'600},
    {"haemorrhage", "+hr.high.medium", 200, 800},
    {"haemorrhage", "+nibp_sys.low.medium", 300, 900},
    {"fibrillation", "+hr.high.medium", 30, 300},
    {"probe-off", "+spo2.no_data.medium", 20, 100},
    {"lead-off", "+hr.no_data.medium", 20, 100},
    {"lead-off", "+hr_ecg.ecg_lead_off.low", 20, 40},
    {"arrest", "+hr.high.high", 20, 60},
    {"arrest", "+pulse.no_data.medium", 30, 90},
    {"network", "+device.device_gone.medium", 30, 90},
    {"network", "-device.device_gone.medium", 90, 100},
};

std::string all_of(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) text += fmt::format(" {:.1f}:{}", event.at_s, event.what);
  return text.empty() ? " nothing" : text;
}

int failures = 0;

void report(const std::string& name, bool well, const std::string& why) {
  failures += well ? 0 : 1;
  fmt::print("{} {}{}{}\n", well ? "ok" : "FAILED", name, well ? "" : ": ", well ? "" : why);
}

void check_scenario(const sim::Scenario& scenario) {
  double last_s = 0;
  for (const Expected& row : kExpected)
    if (scenario.name == row.scenario) last_s = std::max(last_s, row.to_s);
  if (last_s == 0) return;
  const auto events = Bed{sim::healthy_patient(3), scenario, 3}.run(last_s + 1);
  for (const Expected& row : kExpected) {
    if (scenario.name != row.scenario) continue;
    const bool found = std::ranges::any_of(events, [&](const Event& event) {
      return event.what == row.what && event.at_s >= row.from_s && event.at_s <= row.to_s;
    });
    report(fmt::format("{} {} between {:.0f} and {:.0f} s", row.scenario, row.what, row.from_s, row.to_s), found,
           "there was" + all_of(events));
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Scenarios and their alarms"};
  double hour_s = 3'600;
  app.add_option("--hour", hour_s, "How long the healthy ward is watched, in seconds");
  CLI11_PARSE(app, argc, argv);
  for (const sim::Scenario& scenario : sim::scenarios()) check_scenario(scenario);
  const auto healthy = sim::find_scenario("healthy");
  for (std::size_t bed = 0; bed < 16; ++bed) {
    const auto events = Bed{sim::healthy_patient(bed), *healthy, bed + 1}.run(hour_s);
    report(fmt::format("healthy bed {}: nothing for {:.0f} s", bed + 1, hour_s), events.empty(),
           "there was" + all_of(events));
  }
  return failures == 0 ? 0 : 1;
}

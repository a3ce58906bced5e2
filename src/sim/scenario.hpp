// What happens to a simulated patient and to its monitor, as a small text file:
//
//   # Desaturation for a minute, every five minutes.
//   title Desaturation
//   start hr 91 spo2 94 rr 20 bp 118/70
//   at 20s over 15s spo2 80 hr 108
//   at 1m20s over 20s spo2 94 hr 91
//   repeat 5m
//
// One statement a line; `#` begins a comment. `start` and `at TIME [over TIME]` carry settings:
//
//   hr N          heart rate, /min, 0 to 300          rhythm sinus | af | vt | vf | asystole | paced
//   rr N          respiration, /min, 0 to 80          capture on | off     of the pacemaker
//   spo2 N        %, 0 to 100                         lead on | off        ECG electrodes
//   bp S/D        mm[Hg], 0 to 300                    probe on | off       pulse oximeter
//   temp N        Cel, 20 to 45                       network on | off     store and forward when off
//   awake A|C|V|P|U                                   clock TIME           the monitor's clock is so far wrong: 90s,
//   -5m oxygen on | off                                   drift N              its clock gains N ppm, -50,000 to 50,000
//
// A TIME is 90s, 2m, 1m30s, 1h or 250ms. `over` turns numbers gradually; the rest changes at once. `repeat TIME` begins
// the file anew, numbers going on from where they are. Times of `at` ascend.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"

namespace salus::sim {

enum class Rhythm : std::uint8_t { sinus, af, vt, vf, asystole, paced };
enum class Consciousness : char { alert = 'A', confused = 'C', voice = 'V', pain = 'P', unresponsive = 'U' };

// Absent members stay as they are.
struct Change {
  milliseconds at{0};
  milliseconds over{0};
  std::optional<double> heart_rate, respiration, spo2, systolic, diastolic, temperature;
  std::optional<Consciousness> awake;
  std::optional<Rhythm> rhythm;
  std::optional<bool> oxygen, capture, lead, probe, network;
  std::optional<milliseconds> clock;
  std::optional<double> drift_ppm;
};

struct ScenarioLimits {
  static constexpr std::size_t bytes_max = 64 * 1024;
  static constexpr std::size_t changes_max = 1'000;
  static constexpr milliseconds time_max{7 * 24 * 3'600'000};
};

struct Scenario {
  std::string name;
  std::string title;
  Change start;
  std::vector<Change> changes;         // by time
  std::optional<milliseconds> repeat;  // at least as long as everything before it takes
};

// Errors: invalid, with the line and what would be right; too_large.
Result<Scenario> parse_scenario(std::string name, std::string_view text);

// Those that come with the program, by name.
const std::vector<Scenario>& scenarios();
// One of them, or a file. Errors: not_found (with the names there are), invalid.
Result<Scenario> find_scenario(const std::string& name_or_file);

}  // namespace salus::sim

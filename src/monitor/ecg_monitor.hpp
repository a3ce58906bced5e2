// The ECG of one device, whatever its leads and rates: beats, a heart rate each second, and whether there is a rhythm,
// none, or an ECG that says nothing. Driven by the samples' own times, so that a replay finds what the ward saw.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "monitor/heart_rate.hpp"
#include "monitor/qrs_detector.hpp"
#include "series/sample.hpp"

namespace salus::monitor {

enum class EcgStatus : std::uint8_t {
  learning,  // too short to say anything
  beating,
  noisy,  // for about eight seconds what lies between beats has been nearly as high as they are; beats are still sought
  asystole,  // attached, and no beat for four seconds; until two beats follow each other within four
  lead_off,  // no lead is attached: the device marks its samples as missing, or they stand at the converter's end
};

struct EcgSecond {
  std::int64_t time_ns = 0;  // of the samples
  EcgStatus status = EcgStatus::learning;
  std::optional<std::int32_t> rate_tenths;  // 0 in asystole
};

// One channel of a frame.
struct EcgSamples {
  struct Gap {
    std::int64_t first = 0;
    std::int64_t count = 0;
  };
  std::size_t lead = 0;  // below QrsDetector::leads_max; the same electrode pair each time
  series::Period period;
  std::int64_t count = 0;                    // with gaps
  std::span<const std::int32_t> microvolts;  // without gaps
  std::vector<Gap> gaps;                     // ascending, apart
};

class EcgMonitor {
 public:
  // A beat every four seconds is not enough to live on; the rest is what it takes to be sure of the last one.
  static constexpr std::int64_t asystole_ticks = 4 * ecg_ticks_per_s;

  // Rates of 99 to 2,000 Hz are analysed.
  static bool is_analysed(const series::Period& period);

  EcgMonitor();
  ~EcgMonitor();

  // All channels of one frame, whose first samples are of `start_ns`. Appends what each full second showed, in order.
  // Frames of the past are passed over, unless nothing else has come for 15 s of partition time `now_ns` (the device's
  // clock was set back). Requires: is_analysed() of each period.
  void take(std::int64_t start_ns, std::span<const EcgSamples> channels, std::int64_t now_ns,
            std::vector<EcgSecond>& seconds);
  // No more will come; `beats` hears of all beats from now on, for scoring: sample times.
  void finish();
  void listen(std::vector<std::int64_t>* beats) { listener_ = beats; }

  void save(Writer& writer) const;
  bool load(Reader& reader);  // requires a fresh monitor

 private:
  void drain(std::vector<EcgSecond>& seconds);
  void beat(std::int64_t tick);
  EcgSecond second(std::int64_t tick, bool attached);

  std::array<std::unique_ptr<EcgLead>, QrsDetector::leads_max> leads_;  // made when first heard
  QrsDetector detector_;
  HeartRate rate_{ecg_ticks_per_s};
  std::int64_t next_tick_ = 0;         // everything before has been through the detector
  std::int64_t heard_ns_ = 0;          // partition time of the last frame that was not of the past
  std::int64_t quiet_since_tick_ = 0;  // the last beat, or since when an electrode has been attached
  std::int64_t noisy_seconds_ = 0;
  EcgStatus status_ = EcgStatus::learning;
  std::vector<std::int64_t> found_;  // reused
  std::vector<std::int64_t>* listener_ = nullptr;
};

}  // namespace salus::monitor

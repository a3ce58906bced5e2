// One ECG lead from the integers of its device to an envelope that is high where a QRS complex is: pacer spikes taken
// out, brought to 250 ticks a second whatever the device's rate, filtered to the band of the QRS (about 8 to 20 Hz),
// differentiated, rectified and averaged over 120 ms (the steps of Pan and Tompkins 1985, Hamilton and Tompkins 1986,
// as sums over windows). Integers only: the same samples give the same envelope on every machine.
//
// Arithmetic: five running sums a tick, and some ten operations a sample: see docs/ecg.md for nanoseconds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace salus::monitor {

inline constexpr std::int64_t ecg_tick_ns = 4'000'000;  // 250 Hz, counted from 1970
inline constexpr std::int64_t ecg_ticks_per_s = 250;

// The envelope lags behind the heart by so much: half of the length of all windows.
inline constexpr std::int64_t ecg_delay_ns = 136'000'000;

// What the last second of a lead looked like.
enum class LeadState : std::uint8_t {
  off,   // no samples, or stuck at the end of the converter's range: says nothing about the heart
  flat,  // attached, and no electrical activity at all
  good,
};

class EcgLead {
 public:
  static constexpr std::size_t ring_ticks = 1024;  // 4 s
  static constexpr std::int32_t rail_uv = 4'500;   // a constant beyond this is no heart: IEC 60601-2-27 asks for ±5 mV

  // A sample of `microvolts` that holds from `begin_ns` to `end_ns`. Begins that leave less than 40 ms open, and
  // overlaps, are joined without a seam (clocks of devices drift); more is a gap, which advance() tells of. The past is
  // passed over. Requires: begin_ns < end_ns.
  void take(std::int64_t begin_ns, std::int64_t end_ns, std::int32_t microvolts);
  // There are no samples until `now_ns`, as the device says or the next samples show.
  void miss(std::int64_t now_ns);

  bool started() const { return position_ns_ != 0; }
  // One beyond the last tick that is known.
  std::int64_t end_tick() const { return position_ns_ / ecg_tick_ns; }
  // Requires: end_tick() - ring_ticks <= tick < end_tick().
  std::int32_t envelope(std::int64_t tick) const { return ring_[static_cast<std::size_t>(tick) % ring_ticks]; }
  bool is_missing() const { return missing_; }  // there was no sample for the newest tick
  // As of the newest tick.
  LeadState state() const;

  // The envelope is kept from `from_tick` on. load() says whether the state can be read; requires a fresh lead.
  void save(Writer& writer, std::int64_t from_tick) const;
  bool load(Reader& reader);

 private:
  struct Sample {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    std::int32_t microvolts = 0;
  };

  void remove_spike(Sample* waiting);
  void start_at(std::int64_t position_ns);
  void flush();
  void feed(const Sample& sample);
  void step(std::int64_t end_ns, std::int32_t value);
  void put_tick(std::int32_t value);

  // Samples wait here until those that follow have shown that they are no pacer spike: `waiting_count_` of them from
  // `waiting_at_` on, which moves on until the end of the room is reached.
  static constexpr std::size_t waiting_max = 6;
  std::array<Sample, 8 * waiting_max> waiting_{};
  std::size_t waiting_at_ = 0;
  std::size_t waiting_count_ = 0;
  std::int32_t before_ = 0;  // the sample before the first that waits

  std::int64_t position_ns_ = 0;  // everything before has become ticks, but for the sum below
  std::int64_t tick_end_ns_ = 0;  // of the tick that is open
  std::int64_t sum_ = 0;          // µV × ns of it
  std::int32_t last_ = 0;         // µV of the last sample, with its bias
  std::int32_t held_ = 0;         // µV of the last tick
  std::int32_t bias_ = 0;         // taken off every sample, so that a signal that returns continues where it left
  bool missing_ = false;
  std::int64_t missing_ns_ = 0;  // for how long there have been no samples
  std::int64_t still_ns_ = 0;    // for how long they have been the same, up to 2 s

  std::array<std::int32_t, 5> raw_{};     // nulls at 50 and 100 Hz
  std::array<std::int32_t, 4> smooth_{};  // at 62.5 Hz
  std::array<std::int32_t, 28> low_{};    // what is slower than the QRS
  std::array<std::int32_t, 4> band_{};
  std::array<std::int32_t, 30> slope_{};
  std::int32_t raw_sum_ = 0, smooth_sum_ = 0, low_sum_ = 0, slope_sum_ = 0;
  std::uint32_t raw_at_ = 0, smooth_at_ = 0, low_at_ = 0, band_at_ = 0, slope_at_ = 0;
  std::array<std::int32_t, ring_ticks> ring_{};
};

}  // namespace salus::monitor

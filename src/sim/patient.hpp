// A simulated patient: one body from which ECG, pleth, arterial pressure, respiration and numbers follow, so that what
// the screen shows belongs together, and the monitor that reports it. What happens to both is a scenario's. For
// demonstrations and tests; its data is always labelled as simulated.
//
// Pulse waves are two bumps behind each beat (systolic and dicrotic), 0.18 s later at the aorta and 0.26 s at the
// finger; breathing modulates baseline, rate and pressure. Without pulses the pressure decays to the mean filling
// pressure (about 15 mm[Hg]) and the saturation falls. Arithmetic: a bed of five waves costs about 60 µs of processor
// time per second simulated.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "device/waveform_frame.hpp"
#include "sim/heart.hpp"
#include "sim/scenario.hpp"

namespace salus::sim {

struct PatientProfile {
  double heart_rate = 72;     // /min
  double spo2 = 97;           // %
  double respiration = 14;    // /min
  double systolic = 122;      // mm[Hg]
  double diastolic = 76;      // mm[Hg]
  double temperature = 36.8;  // Cel
  bool arterial_line = false;
  std::string scenario = "healthy";
  milliseconds delay{0};  // before the scenario begins
};

// The sixteen patients of `salus demo`; the first alarm comes within the first minute.
std::vector<PatientProfile> demo_ward();
// As many healthy patients as wanted, each a little different; the same for the same number.
PatientProfile healthy_patient(std::size_t number);

struct PatientOptions {
  int ecg_hertz = 250;  // 250 or 500
  int leads = 2;        // II, V1, I: 1 to 3
  std::uint64_t seed = 1;
};

class Patient {
 public:
  static constexpr int pulse_hertz = 125;
  static constexpr milliseconds frame_length{200};

  // The profile's numbers are overridden by the scenario's `start`.
  Patient(const PatientProfile& profile, Scenario scenario, PatientOptions options);

  // The messages (topic below the device, payload) of the next fifth of a second. `at` is its beginning on a right
  // clock; the monitor's own may be wrong.
  std::vector<std::pair<std::string, std::string>> next(Time at);

  // Whether the monitor is connected now. While it is not, it keeps what next() gave.
  bool has_network() const { return now_.network; }

 private:
  struct Target {
    double from = 0, to = 0;
    double from_s = 0, to_s = 0;
    double at(double s) const;
    void turn(double value, double s, double over_s);
  };
  struct Switches {
    Rhythm rhythm = Rhythm::sinus;
    Consciousness awake = Consciousness::alert;
    bool oxygen = false, capture = true, lead = true, probe = true, network = true;
    milliseconds clock{0};
    double drift_ppm = 0;
  };

  void take(const Change& change, double s);
  void follow_scenario();
  void step();
  double pulse_wave(double delay_s) const;
  double arterial() const;
  void frame_into(std::string& payload, std::int64_t time_ns);
  std::string numbers(Time at);
  Time monitor_time(Time at) const;
  double noise(double deviation) { return std::normal_distribution<double>{0, deviation}(random_); }

  PatientProfile profile_;
  Scenario scenario_;
  PatientOptions options_;
  std::mt19937_64 random_;
  Heart heart_;
  Switches now_;
  Target heart_rate_, respiration_, spo2_, systolic_, diastolic_, temperature_;
  std::size_t next_change_ = 0;
  double begun_s_ = 0;  // of this round of the scenario
  double drifted_s_ = 0;
  std::uint64_t sequence_ = 1;
  std::int64_t ticks_ = 0;  // of ecg_hertz
  double breath_phase_ = 0;
  double rate_ = 0;        // /min, as it follows its target
  double saturation_ = 0;  // %, as the sensor averages it
  double pressure_ = 0;    // mm[Hg], the level that pulses stand on
  double last_pulse_s_ = 0;
  double cuff_systolic_ = 0, cuff_diastolic_ = 0;
  bool said_ = false;                    // consciousness and oxygen have been reported as they are
  double high_ = 0, low_ = 0, sum_ = 0;  // of the arterial pressure since the last numbers
  int measured_ = 0;
  device::WaveFrame frame_;
};

}  // namespace salus::sim

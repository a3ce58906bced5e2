// A simulated patient: one heart from which ECG, pleth and numbers follow, so that what the screen shows belongs
// together. For demonstrations; its data is always labelled as simulated.
//
// The ECG is a sum of Gaussian bumps at fixed phases of the beat (after McSharry et al., IEEE TBME 50:289, 2003); the
// pleth is the same beat 180 ms later; respiration modulates the baseline and, slightly, the rate.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "sim/publisher.hpp"

namespace salus::sim {

// What happens to a patient, repeated every `every` seconds.
enum class Course : std::uint8_t { stable, desaturation, tachycardia, bradycardia, fever };

struct PatientProfile {
  double heart_rate = 72;     // /min
  double spo2 = 97;           // %
  double respiration = 14;    // /min
  double systolic = 122;      // mm[Hg]
  double diastolic = 76;      // mm[Hg]
  double temperature = 36.8;  // Cel
  Course course = Course::stable;
  double begins_s = 20;  // first
  double lasts_s = 40;
  double every_s = 300;
};

// Eight patients of a ward; the first alarm comes within the first minute.
std::vector<PatientProfile> demo_ward();

class Patient {
 public:
  static constexpr int ecg_hertz = 250;
  static constexpr int pleth_hertz = 125;
  static constexpr milliseconds frame_length{200};

  Patient(PatientProfile profile, std::uint64_t seed) : profile_(profile), random_(seed) {}

  // The messages (topic below the device, payload) of the next fifth of a second; `at` is its beginning.
  std::vector<std::pair<std::string, std::string>> next(Time at);

 private:
  void step();
  double ecg() const;
  double pleth() const;
  double strength() const;  // of the course now, 0 to 1
  std::string numbers(Time at);
  double noise(double deviation) { return std::normal_distribution<double>{0, deviation}(random_); }

  PatientProfile profile_;
  std::mt19937_64 random_;
  std::uint64_t sequence_ = 1;
  std::int64_t ticks_ = 0;  // of ecg_hertz
  double beat_phase_ = 0;   // 0 to 1
  double breath_phase_ = 0;
  double rate_ = 0;        // /min, now
  double saturation_ = 0;  // %, as the sensor averages it
  double nibp_systolic_ = 0, nibp_diastolic_ = 0;
};

// Sends a patient's messages as they come, until `publisher` is stopped.
asio::awaitable<void> live(Patient patient, Publisher& publisher, const Clock& clock);

}  // namespace salus::sim

// An ECG made of bumps, for tests: P wave, QRS complex, T wave at chosen times, at any rate.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace salus::monitor {

struct MadeEcg {
  double hertz = 250;
  double seconds = 30;
  std::vector<double> beats_s;  // R waves
  double r_mv = 1.0;            // negative: the other way up
  double t_mv = 0.3;
  double qrs_scale = 1.0;        // 2: broad
  double wander_mv = 0;          // baseline, 0.3 Hz
  double noise_mv = 0;           // standard deviation, white
  std::vector<double> spikes_s;  // pacer pulses
  double spike_mv = 5;
  double spike_ms = 2;

  std::vector<std::int32_t> microvolts() const {
    std::mt19937 random{1};
    std::vector<std::int32_t> samples(static_cast<std::size_t>(hertz * seconds));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double t = static_cast<double>(i) / hertz;
      double mv = wander_mv * std::sin(2 * 3.14159265 * 0.3 * t);
      const auto bump = [&](double at, double height, double width) {
        const double x = (t - at) / width;
        if (x > -5 && x < 5) mv += height * std::exp(-x * x / 2);
      };
      for (const double beat : beats_s) {
        bump(beat - 0.16, 0.12, 0.02);
        bump(beat - 0.025 * qrs_scale, -0.1 * r_mv, 0.008 * qrs_scale);
        bump(beat, r_mv, 0.010 * qrs_scale);
        bump(beat + 0.028 * qrs_scale, -0.2 * r_mv, 0.009 * qrs_scale);
        bump(beat + 0.28, t_mv, 0.045);
      }
      // The converter sees the mean over its sample.
      for (const double spike : spikes_s) {
        const double from = std::max(t, spike), to = std::min(t + 1 / hertz, spike + spike_ms / 1000);
        if (to > from) mv += spike_mv * (to - from) * hertz;
      }
      // Sums of uniform numbers: the same on every library.
      if (noise_mv > 0) {
        double sum = -6;
        for (int k = 0; k < 12; ++k) sum += static_cast<double>(random()) / 4294967296.0;
        mv += noise_mv * sum;
      }
      samples[i] = static_cast<std::int32_t>(std::lround(mv * 1000));
    }
    return samples;
  }
};

inline std::vector<double> every(double interval_s, double from_s, double to_s) {
  std::vector<double> times;
  for (double t = from_s; t < to_s; t += interval_s) times.push_back(t);
  return times;
}

}  // namespace salus::monitor

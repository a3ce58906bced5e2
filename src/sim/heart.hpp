// A simulated heart: when it beats, what its ECG looks like at an instant, and how strongly each beat pumps.
//
// The ECG is a sum of Gaussian bumps around each R peak (after McSharry et al., IEEE TBME 50:289, 2003), their
// distances following the square root of the RR interval (Bazett). Fibrillation is a sum of wandering sines of 4 to 7
// Hz, as measured in ventricular fibrillation; in atrial fibrillation intervals are irregular and there is no P wave.
#pragma once

#include <cstdint>
#include <deque>
#include <random>

#include "sim/scenario.hpp"

namespace salus::sim {

enum class Lead : std::uint8_t { i, ii, v1 };

class Heart {
 public:
  struct Beat {
    double at_s = 0;      // R peak, on the heart's clock
    double rr_s = 0;      // since the beat before
    double strength = 1;  // of its pulse: 1 is a normal stroke volume
    bool wide = false;    // ventricular or paced
    bool p_wave = true;
  };

  explicit Heart(std::uint64_t seed) : random_(seed) {}

  // Moves to `now_s`, which ascends. `rate` /min, `breath` the phase of breathing, 0 to 1.
  void advance(double now_s, Rhythm rhythm, double rate, bool capture, double breath);

  double millivolts(Lead lead) const;    // now
  bool spike() const { return spike_; }  // a pacemaker's spike fell between the last two instants

  const std::deque<Beat>& beats() const { return beats_; }  // the last few, and the one that comes
  double now_s() const { return now_s_; }
  // Mean of the last eight intervals, /min; nothing while no beat has come for 3 s (6 s after the first).
  std::optional<double> rate() const;

 private:
  void plan(Rhythm rhythm, double rate, double breath);
  double uniform(double low, double high) { return std::uniform_real_distribution<double>{low, high}(random_); }

  std::mt19937_64 random_;
  std::deque<Beat> beats_;
  double now_s_ = 0;
  double next_spike_s_ = 0;
  bool spike_ = false;
  Rhythm rhythm_ = Rhythm::sinus;
  double rate_ = 72;
  double fibrillation_ = 0;  // amplitude of ventricular fibrillation, mV, fading in and, slowly, out
  double phases_[3] = {0, 2, 4};
};

}  // namespace salus::sim

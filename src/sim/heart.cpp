#include "sim/heart.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace salus::sim {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr double kAhead_s = 0.4;   // a beat is known before its P wave begins
constexpr double kBehind_s = 1.2;  // until its T wave and its pulse are over
constexpr std::size_t kKept = 12;

// Height in mV per lead, place in seconds after the R peak of a beat at 60/min, width in seconds.
struct Bump {
  double height[3];
  double at_s, width_s;
  bool scales;  // moves and widens with the square root of the interval
};
constexpr Bump kNarrow[] = {{{-0.03, -0.10, -0.02}, -0.030, 0.010, false},
                            {{0.70, 1.10, 0.25}, 0.0, 0.011, false},
                            {{-0.10, -0.22, -0.95}, 0.030, 0.012, false},
                            {{0.16, 0.28, 0.14}, 0.27, 0.055, true}};
constexpr Bump kAtrial = {{0.08, 0.13, 0.06}, -0.17, 0.025, true};
constexpr Bump kWide[] = {{{0.50, 1.25, -0.50}, 0.0, 0.032, false},
                          {{-0.20, -0.55, 0.80}, 0.075, 0.034, false},
                          {{-0.18, -0.34, 0.22}, 0.30, 0.065, true}};

double bump(double from_r_s, const Bump& shape, double stretch, Lead lead) {
  const double at = shape.scales ? shape.at_s * stretch : shape.at_s;
  const double width = shape.scales ? shape.width_s * stretch : shape.width_s;
  const double x = (from_r_s - at) / width;
  return std::abs(x) > 4 ? 0 : shape.height[static_cast<std::size_t>(lead)] * std::exp(-x * x / 2);
}

}  // namespace

void Heart::advance(double now_s, Rhythm rhythm, double rate, bool capture, double breath) {
  const double step = now_s - now_s_;
  now_s_ = now_s;
  spike_ = false;
  if (rhythm == Rhythm::paced) {
    if (next_spike_s_ < now_s - 2) next_spike_s_ = now_s + 0.5;
    if (now_s >= next_spike_s_) {
      spike_ = true;
      if (capture) {
        const double rr = beats_.empty() ? 1 : next_spike_s_ + 0.04 - beats_.back().at_s;
        beats_.push_back({.at_s = next_spike_s_ + 0.04, .rr_s = rr, .wide = true, .p_wave = false});
      }
      next_spike_s_ += 60 / std::max(rate, 20.0);
    }
  }
  if (rhythm != rhythm_) {  // what was planned under the old rhythm does not come
    while (!beats_.empty() && beats_.back().at_s > now_s) beats_.pop_back();
    rhythm_ = rhythm;
  }
  rate_ = rate;
  const bool beating = rhythm == Rhythm::sinus || rhythm == Rhythm::af || rhythm == Rhythm::vt;
  if (beating && rate >= 1) plan(rhythm, rate, breath);
  while (beats_.size() > kKept) beats_.pop_front();
  const double wanted = rhythm == Rhythm::vf ? 0.42 : 0;
  fibrillation_ += (wanted - fibrillation_) * std::min(1.0, step / 0.4);
  const double hertz[] = {4.3, 5.6, 6.9};
  for (std::size_t i = 0; i < 3; ++i)
    phases_[i] = std::fmod(
        phases_[i] + step * kTurn * (hertz[i] + std::sin(now_s * (0.31 + 0.17 * static_cast<double>(i)))), kTurn);
}

void Heart::plan(Rhythm rhythm, double rate, double breath) {
  while (beats_.empty() || beats_.back().at_s < now_s_ + kAhead_s) {
    const double mean = 60 / rate;
    double rr = mean;
    if (rhythm == Rhythm::sinus) rr *= 1 - 0.03 * std::sin(kTurn * breath) + uniform(-0.015, 0.015);
    if (rhythm == Rhythm::af) rr *= uniform(0.62, 1.0) + uniform(0.0, 0.38);  // irregularly irregular, mean 1
    if (rhythm == Rhythm::vt) rr *= 1 + uniform(-0.01, 0.01);
    rr = std::max(rr, 0.2);
    const double last = beats_.empty() ? now_s_ : beats_.back().at_s;
    const double at = last + rr < now_s_ ? now_s_ + 0.3 : last + rr;
    // A short filling time makes a weak pulse (atrial fibrillation), ventricular tachycardia hardly any.
    const double filling = rhythm == Rhythm::af ? std::clamp(rr / mean, 0.45, 1.15) : 1;
    beats_.push_back({.at_s = at,
                      .rr_s = at - last,
                      .strength = rhythm == Rhythm::vt ? 0.3 : filling,
                      .wide = rhythm == Rhythm::vt,
                      .p_wave = rhythm == Rhythm::sinus});
  }
}

double Heart::millivolts(Lead lead) const {
  static constexpr double fibrillation_of[] = {0.5, 1.0, 0.7};
  double sum = 0;
  for (const Beat& beat : beats_) {
    const double from_r = now_s_ - beat.at_s;
    if (from_r < -kAhead_s || from_r > kBehind_s) continue;
    const double stretch = std::sqrt(std::clamp(beat.rr_s, 0.25, 1.6));
    if (beat.p_wave) sum += bump(from_r, kAtrial, stretch, lead);
    if (beat.wide) {
      for (const Bump& shape : kWide) sum += bump(from_r, shape, stretch, lead);
    } else {
      for (const Bump& shape : kNarrow) sum += bump(from_r, shape, stretch, lead);
    }
  }
  const double wandering = std::sin(phases_[0]) + 0.7 * std::sin(phases_[1]) + 0.5 * std::sin(phases_[2]);
  sum += fibrillation_ * wandering * fibrillation_of[static_cast<std::size_t>(lead)];
  if (rhythm_ == Rhythm::af) sum += 0.05 * std::sin(phases_[1]) + 0.03 * std::sin(phases_[2]);
  return sum;
}

std::optional<double> Heart::rate() const {
  double total = 0, last = -1e9;
  int count = 0;
  for (const Beat& beat : beats_) {
    if (beat.at_s > now_s_) break;
    last = beat.at_s;
  }
  for (auto beat = beats_.rbegin(); beat != beats_.rend() && count < 8; ++beat) {
    if (beat->at_s > now_s_ || beat->rr_s > 3) continue;
    total += beat->rr_s;
    ++count;
  }
  if (count == 0 || now_s_ - last > 3) return std::nullopt;
  return 60 * count / total;
}

}  // namespace salus::sim

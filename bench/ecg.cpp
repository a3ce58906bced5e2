// What the analysis of ECG costs: one device with three leads at 500 Hz, in frames of a second, beside the budget of
// 1,000 such beds on one core (667 ns a sample and lead; at most 100 is aimed at).
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "monitor/ecg_monitor.hpp"

using namespace salus;

int main() {
  constexpr int hertz = 500, leads = 3, seconds = 600;
  std::vector<std::int32_t> wave(hertz * seconds);
  for (std::size_t i = 0; i < wave.size(); ++i) {
    const double t = std::fmod(static_cast<double>(i) / hertz, 0.8) - 0.4;  // 75 a minute
    wave[i] = static_cast<std::int32_t>(1000 * std::exp(-t * t / 0.0002) + 30 * std::sin(static_cast<double>(i) * 0.7));
  }
  double best = 1e9;
  std::size_t found = 0;
  for (int round = 0; round < 5; ++round) {
    monitor::EcgMonitor monitor;
    std::vector<std::int64_t> beats;
    std::vector<monitor::EcgSecond> said;
    monitor.listen(&beats);
    std::vector<monitor::EcgSamples> channels(leads);
    const auto begin = std::chrono::steady_clock::now();
    for (int s = 0; s < seconds; ++s) {
      for (std::size_t lead = 0; lead < leads; ++lead)
        channels[lead] = {.lead = lead,
                          .period = {2'000'000, 1},
                          .count = hertz,
                          .microvolts = std::span(wave).subspan(static_cast<std::size_t>(s) * hertz, hertz),
                          .gaps = {}};
      monitor.take(1'000'000'000LL * (1'000 + s), channels, 1'000'000'000LL * (1'000 + s), said);
    }
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
    best = std::min(best, spent.count() / (double(hertz) * leads * seconds));
    found = beats.size();
  }
  fmt::print("{} beats in {} s; {:.1f} ns a sample and lead: 1,000 beds of {} leads at {} Hz take {:.1f} % of a core\n",
             found, seconds, best, leads, hertz, best * hertz * leads * 1'000 / 1e9 * 100);
}

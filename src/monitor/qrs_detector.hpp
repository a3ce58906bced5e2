// Beats from the envelopes of all leads of one device. Each lead is scaled by its own recent beats and weighted by how
// far these stand above what lies between them, so that the clear lead leads and a noisy one is hardly heard. Leads are
// joined by the square of the weighted mean of their roots: what one good lead sees and another does not (an artefact)
// counts little, what both see (also a small or broad ectopic beat) counts whole. A lead without electrical activity
// while another has some (saturated, fallen off) is left out. On the joined height: a threshold that rises with the
// highest of what lies between beats, a refractory time, T waves told by their slope, and a search back where a beat is
// overdue (the last three after Hamilton 2002, "Open source ECG analysis").
//
// Integers only. Work per tick is bounded: a few operations for each lead, and medians of eight at each peak.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "monitor/ecg_lead.hpp"

namespace salus::monitor {

// The last eight of something, by size.
class Recent8 {
 public:
  void push(std::int32_t value);
  bool empty() const { return count_ == 0; }
  std::int32_t median() const;            // 0 of none
  std::int32_t nth(std::size_t n) const;  // the n-th highest, from 0, or the lowest of fewer; 0 of none
  void save(Writer& writer) const;
  void load(Reader& reader);

 private:
  void sort();

  std::array<std::int32_t, 8> values_{}, sorted_{};
  std::uint8_t count_ = 0;
  std::uint8_t next_ = 0;
};

class QrsDetector {
 public:
  static constexpr std::size_t leads_max = 5;
  // A beat is known so many ticks after its envelope's peak; one that is found by searching back, later.
  static constexpr std::int64_t decision_ticks = 90;
  using Leads = std::span<const EcgLead* const>;  // at most leads_max; null where there is none

  // The next tick of all leads, which all must have, and the 64 before. Appends to `beats` the ticks of beats that are
  // now certain: ascending, the envelope's peaks, so ecg_delay_ns after the heart's.
  void take(std::int64_t tick, Leads leads, std::vector<std::int64_t>& beats);
  // No more ticks will come: what waits is decided.
  void finish(Leads leads, std::vector<std::int64_t>& beats);

  // The lowest since this was asked last, of 1024 (a usual beat). Between true beats there is rest.
  std::int32_t take_quietest();

  void save(Writer& writer) const;
  void load(Reader& reader);

 private:
  struct Lead {
    Recent8 beats, others;      // heights of the envelope
    std::int32_t learning = 0;  // ticks of the learning time so far
    std::int32_t learned = 0;   // highest of its present second
    std::int32_t active = 0;    // highest of late, fading
    std::int64_t scale = 0;     // of 2^30
    std::int32_t weight = 0;    // of 1024
  };
  struct Peak {
    std::int64_t tick = 0;
    std::int32_t height = 0;  // 1024: as a usual beat
    std::array<std::int32_t, leads_max> leads{};
  };

  void choose(Leads leads, std::int64_t tick);
  void weigh();
  std::int32_t joined(Leads leads, std::int64_t tick) const;
  void peak(Peak found, Leads leads, std::vector<std::int64_t>& beats);
  void decide(std::vector<std::int64_t>& beats);
  void search_back(std::int64_t now, std::vector<std::int64_t>& beats);
  void accept(const Peak& beat, std::vector<std::int64_t>& beats);
  std::int32_t threshold() const;

  static void save_peak(Writer& writer, const Peak& peak);
  static Peak load_peak(Reader& reader);

  std::array<Lead, leads_max> leads_;
  std::uint32_t used_ = 0;  // bit per lead that counts
  Recent8 beats_, others_, intervals_;
  std::int32_t before_ = 0;  // height of the last tick
  std::int32_t quietest_ = 1024;
  bool falling_ = true;
  Peak rising_;                  // the highest since the last valley
  std::optional<Peak> pending_;  // the highest of a refractory time
  std::optional<Peak> missed_;   // the highest since the last beat that was taken for none
  std::optional<Peak> last_;     // beat
};

}  // namespace salus::monitor

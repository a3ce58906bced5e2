// A signal in FHIR's words. What is said of a cell, and why, is told in
// docs/decisions/2026-11-22-a-minute-as-an-observation.md.
#pragma once

#include <string>

#include "base/time.hpp"
#include "fhir/signals/signal_source.hpp"

namespace salus::fhir {

inline constexpr std::string_view mdc_system = "urn:iso:std:iso:11073:10101";
inline constexpr std::string_view salus_code_system = "urn:salus:code";
inline constexpr std::string_view signal_tag_system = "urn:salus:tag";

// Who an Observation is about and what measured it, as elements of their own: JSON objects of type Reference; empty:
// none.
struct SignalReferences {
  std::string subject, device;
};

// The Observation of a cell. It is preliminary while the cell lasts.
std::string observation_of(const SignalCell& cell, const SignalCode& code, const SignalReferences& references,
                           Time now);
// The offset of the entry that says whose the samples are, and how many there are: as samples are added and never
// changed, it changes when what it stands for does, and never else.
std::string version_of(const SignalCell& cell);

// "36.6" for 3660 at scale 2. Exact.
std::string decimal(std::int64_t stored, unsigned scale);
// {"coding":[…],"text":…}
std::string concept_of(const SignalCode& code);
// {"value":…,"unit":…,"system":…,"code":…} of an integer at `scale`.
std::string quantity_of(std::int64_t stored, unsigned scale, std::string_view unit);
// Of observation-statistics: {"coding":[…]}.
std::string statistic_concept(std::string_view code);

// Samples on an even grid, from the first on: whole where they lie apart by one period, else nothing where none lies.
struct SampledGrid {
  std::int64_t start_ns = 0;
  std::int64_t numerator_ns = 0;  // of the period, as a fraction of nanoseconds
  std::int64_t denominator = 1;
  std::vector<std::optional<std::int32_t>> values;
};
// Errors: invalid (they lie so unevenly that two would share a place), too_large (over `most` places).
Result<SampledGrid> grid_of(std::span<const SignalSample> samples, std::size_t most);
// Least and greatest of each `1 / rate` second, pairs; places without a sample are nothing. The rate in thousandths of
// a hertz. Errors: too_large.
Result<SampledGrid> envelope_of(std::span<const SignalSample> samples, std::int64_t from_ns, std::int64_t millihertz,
                                std::size_t most);
// A SampledData. `dimensions` 2: the grid's values are pairs, and its period is theirs.
std::string sampled_data_of(const SampledGrid& grid, const SignalCode& code, int dimensions);

// The Observation of a window: without an id, for it is cut for one answer.
std::string window_observation(const SignalStretch& stretch, const SignalCode& code, const SignalReferences& references,
                               const SampledGrid& grid, int dimensions);

// How far a wave of one cell may go, and a window.
inline constexpr std::size_t grid_places_max = 200'000;

}  // namespace salus::fhir

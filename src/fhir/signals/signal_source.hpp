// What devices measured, as the gate sees it: series of samples under a code, and whose they were at each time. Who
// keeps the series implements it; here they become Observations, one of a series and cell of time (a minute, by a
// setting).
//
// Nothing is copied into the record: every answer is read from the series as they are, by the bindings in force.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <compare>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace salus::fhir {

namespace asio = boost::asio;

enum class SignalKind : std::uint8_t {
  number,
  level,  // one of a few named steps
  flag,   // yes or no
  wave,   // sampled many times a second
};

// What can be measured. The texts live as long as the program.
struct SignalCode {
  std::uint32_t mdc = 0;  // ISO/IEEE 11073-10101; of private partition 1024 where there is no standard term
  SignalKind kind{};
  std::string_view alias;                         // Salus' own name
  std::string_view loinc, refid;                  // empty where there is none; `refid` of the MDC term
  std::string_view english;                       // for people
  std::string_view category;                      // of observation-category
  std::string_view unit;                          // UCUM; empty for levels and flags
  unsigned scale = 0;                             // a value is the stored integer / 10^scale
  std::span<const std::string_view> levels = {};  // names of a level's steps, from 0
};

struct SignalSample {
  std::int64_t time_ns = 0;
  std::int32_t value = 0;  // stored integer
};

// A device's series as long as it measured one patient, or nobody.
struct SignalStretch {
  static constexpr std::int64_t always_from = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t always_to = std::numeric_limits<std::int64_t>::max();

  std::string device, device_name;
  bool simulated = false;
  std::uint32_t mdc = 0;
  std::string patient, label;  // the id by which the ward knows them, and what it calls them; empty: nobody
  std::int64_t from_ns = always_from, to_ns = always_to;  // [from, to)
  std::uint64_t change = 0;                               // offset of the entry that said so; 0: none did
};

// What a series has within one cell of time and one stretch: an Observation.
struct SignalCell {
  std::shared_ptr<const SignalStretch> stretch;
  std::int64_t start_ns = 0;  // of the cell, a multiple of cell_ns
  std::int64_t cell_ns = 0;
  std::vector<SignalSample> samples;  // at least one, ascending

  // The part of the cell that the stretch covers, [from, to).
  std::int64_t from_ns() const { return std::max(start_ns, stretch->from_ns); }
  std::int64_t to_ns() const { return std::min(start_ns + cell_ns, stretch->to_ns); }
  // When it was: the sample's instant where there is one sample, else the cell's.
  std::int64_t effective_ns() const { return samples.size() == 1 ? samples.front().time_ns : from_ns(); }
};

// Where an Observation of a signal stands among others: by time, then code, then device.
struct SignalPlace {
  std::int64_t effective_ns = 0;
  std::uint32_t mdc = 0;
  std::string device;
  auto operator<=>(const SignalPlace&) const = default;
};
inline SignalPlace place_of(const SignalCell& cell) {
  return {cell.effective_ns(), cell.stretch->mdc, cell.stretch->device};
}

// Names one Observation.
struct SignalName {
  std::string device;  // or, when `is_digest`, sixteen digits of SHA-256 of its id
  bool is_digest = false;
  std::uint32_t mdc = 0;
  std::int64_t start_ns = 0, cell_ns = 0;
  std::int64_t part_ns = 0;  // behind the start, where a stretch begins within the cell
};

struct SignalAsk {
  std::vector<std::string> patients = {};  // ids by which wards know them
  std::vector<std::string> devices = {};   // with patients: both must hold
  bool anyone = false;                     // no patient and no device is named: of all
  std::vector<std::uint32_t> codes = {};   // MDC
  std::int64_t from_ns = SignalStretch::always_from, to_ns = SignalStretch::always_to;  // widened to whole cells
  std::int64_t cell_ns = 0;
  bool descending = false;
  std::optional<SignalPlace> after = {};  // behind it, in this order
};

// How many samples, and of which values.
struct SignalStatistics {
  std::uint64_t count = 0;
  std::int32_t min = 0, max = 0, first = 0, last = 0;
  std::int64_t first_ns = 0, last_ns = 0, sum = 0;
  std::vector<std::pair<std::int32_t, std::uint64_t>> values;  // ascending, with how often; only if asked for
};

// Series as they stood when they were opened. Threads: one at a time.
class SignalReader {
 public:
  virtual ~SignalReader() = default;
  // In the order that was asked for; nothing at the end. Errors: damaged, too_large.
  virtual Result<std::optional<SignalCell>> next() = 0;
  // Stretches that have samples within the interval asked for, by start.
  virtual std::vector<std::shared_ptr<const SignalStretch>> stretches() const = 0;
  // All samples of the interval asked for, at most `most`. Requires: one of stretches(). Errors: damaged, too_large.
  virtual Result<std::vector<SignalSample>> samples(const SignalStretch& stretch, std::size_t most) const = 0;
  // Of all samples of the interval, cut to nothing wider. Errors: damaged, too_large (with_values: over `most`
  // samples).
  virtual Result<SignalStatistics> statistics(const SignalStretch& stretch, bool with_values,
                                              std::size_t most) const = 0;
};

// Lifetime: outlives the gate. Threads: any.
class SignalSource {
 public:
  static constexpr std::size_t series_max = 512;  // of one question
  static constexpr std::size_t cell_samples_max = 1'000'000;

  virtual ~SignalSource() = default;
  virtual std::span<const SignalCode> codes() const = 0;
  // Whether the ward may know a patient or a device by this name: false only where it does not. Cheap.
  virtual bool may_know_patient(std::string_view name) const = 0;
  virtual bool may_know_device(std::string_view name) const = 0;
  // Errors: too_large (over series_max), not_durable.
  virtual asio::awaitable<Result<std::unique_ptr<SignalReader>>> open(SignalAsk ask) = 0;
  // Nothing where there is no sample. Errors: as of open and next.
  virtual asio::awaitable<Result<std::optional<SignalCell>>> cell(SignalName name) = 0;

  const SignalCode* find(std::uint32_t mdc) const {
    for (const SignalCode& code : codes())
      if (code.mdc == mdc) return &code;
    return nullptr;
  }
};

}  // namespace salus::fhir

// European Data Format: recordings of waves in one file (EDF, Kemp and others 1992; EDF+, Kemp and Olivan 2003,
// https://www.edfplus.info/specs/edfplus.html). Samples are 16-bit integers in records of equal length; EDF+ adds when
// each record begins, and annotations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "sim/recording.hpp"

namespace salus::sim {

struct EdfLimits {
  static constexpr std::size_t signals_max = 64;
  static constexpr std::size_t bytes_max = 512 << 20;
  static constexpr std::size_t record_bytes_max = 61'440;  // what the standard asks for
};

// What a signal is called in EDF, and back: "ECG II" is ecg_ii. Aliases stand for themselves; empty when unknown.
std::string edf_label_of(std::string_view code);
std::string code_of_edf_label(std::string_view label);

// Waves that are known by their label, with gaps as EDF+D and our own gap annotations tell them. A gain without exact
// decimal value is rounded to billionths of a unit a step. Errors: invalid, saying what of which signal; too_large.
Result<Recording> parse_edf(std::string_view bytes, std::string name);
Result<Recording> read_edf(const std::filesystem::path& file);

// Physical value = (sample × step + base) / 10^scale.
struct EdfSignal {
  std::string code;
  std::string unit;  // UCUM
  series::Period period;
  std::int64_t step = 1;
  std::int64_t base = 0;
  unsigned scale = 0;
  std::int32_t highest = 1;  // no sample is beyond ±highest; at most 32,767
};
struct EdfAnnotation {
  std::int64_t at_ns = 0;  // after the recording's beginning
  std::int64_t length_ns = 0;
  std::string text;
};

// Writes EDF+: continuous where no record is left out.
class EdfWriter {
 public:
  // The length of a record, so that each signal has a whole number of samples in it; 0: there is none up to 10 s.
  static std::int64_t record_seconds(const std::vector<EdfSignal>& signals);

  // Errors: invalid (a signal that EDF can not hold: its range does not fit eight characters), unavailable.
  static Result<EdfWriter> create(const std::filesystem::path& file, Time start, std::string_view patient,
                                  std::string_view recording, std::vector<EdfSignal> signals);
  // Record `number` from the beginning, ascending: each signal's samples, and what is said of it. Missing samples hold
  // the last one, and are said. Annotations that do not fit wait for the next record.
  Result<void> put(std::int64_t number, const std::vector<std::vector<std::int32_t>>& samples,
                   std::vector<EdfAnnotation> annotations);
  // Errors of both: unavailable.
  Result<void> finish();
  std::int64_t records() const { return records_; }

 private:
  EdfWriter() = default;
  std::string header() const;
  std::filesystem::path path_;
  std::ofstream out_;
  Time start_{};
  std::string patient_, recording_;
  std::vector<EdfSignal> signals_;
  std::vector<EdfAnnotation> waiting_;
  std::int64_t seconds_ = 1;
  std::int64_t records_ = 0;
  std::int64_t next_ = 0;
  bool continuous_ = true;
};

}  // namespace salus::sim

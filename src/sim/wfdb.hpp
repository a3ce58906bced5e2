// WFDB records: a text header NAME.hea and a signal file, of formats 212 and 16 when read and 16 when written
// (https://physionet.org/physiotools/wag/header-5.htm, signal-5.htm).
#pragma once

#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "sim/recording.hpp"

namespace salus::sim {

struct WfdbSignal {
  std::string file;
  int format = 0;
  std::int64_t gain_milli = 0;  // 1000 × units of the converter per physical unit
  std::int32_t baseline = 0;
  std::string unit;
  std::int32_t initial = 0;
  std::int32_t checksum = 0;
  std::string description;
};

struct WfdbHeader {
  std::string name;
  series::Period period;
  std::size_t samples = 0;  // of each signal; 0: as many as the file has
  std::vector<WfdbSignal> signals;
};

struct WfdbLimits {
  static constexpr std::size_t header_bytes_max = 64 << 10;
  static constexpr std::size_t signals_max = 32;
  static constexpr std::size_t samples_max = 100'000'000;  // of all signals: 400 MB in memory
};

// Errors of all: invalid, saying which line or signal and why; not_found; too_large.
Result<WfdbHeader> parse_wfdb_header(std::string_view text);
// Samples of every signal of one file, interleaved as they lie. Format 212 packs two into three bytes.
Result<std::vector<std::int32_t>> decode_wfdb_samples(std::string_view bytes, int format);
// `record` is the path without extension. Checks initial values and checksums against the header.
Result<Recording> read_wfdb(const std::filesystem::path& record);

// Stands for a sample that is missing; what is least in its format.
constexpr std::int32_t wfdb_missing(int format) {
  return format == 212 ? -2'048 : -32'768;
}

// Writes a record of format 16, a frame of all its signals at a time.
class WfdbWriter {
 public:
  // `record` is the path without extension. Each signal needs gain, baseline, unit and description; the rest is set
  // here. Errors: invalid (none or too many signals), unavailable.
  static Result<WfdbWriter> create(const std::filesystem::path& record, Time start, series::Period period,
                                   std::vector<WfdbSignal> signals);
  // Requires: one sample a signal, within ±32,767 or missing.
  void put(std::span<const std::int32_t> frame);
  // Writes the header. Errors: unavailable.
  Result<void> finish();
  std::size_t frames() const { return header_.samples; }

 private:
  WfdbWriter() = default;
  std::filesystem::path record_;
  std::ofstream out_;
  Time start_{};
  WfdbHeader header_;
};

// The alias that a signal's description stands for: "MLII" is ecg_ii. `ecg` when it looks like a lead without one.
std::string wave_code_of(std::string_view description);

}  // namespace salus::sim

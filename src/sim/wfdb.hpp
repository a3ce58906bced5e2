// Reads WFDB records: a text header NAME.hea and signal files of formats 212 and 16
// (https://physionet.org/physiotools/wag/header-5.htm, signal-5.htm).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
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

// The alias that a signal's description stands for: "MLII" is ecg_ii. `ecg` when it looks like a lead without one.
std::string wave_code_of(std::string_view description);

}  // namespace salus::sim

// Reads the CSV form of the BIDMC PPG and Respiration data set: NAME_Numerics.csv (1 Hz), and NAME_Signals.csv or
// NAME_Signals.csv.gz (waves) where they are there.
#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "sim/recording.hpp"

namespace salus::sim {

struct CsvLimits {
  static constexpr std::size_t bytes_max = 64 << 20;  // of one file, unpacked
  static constexpr std::size_t columns_max = 32;
};

// The first column is "Time [s]"; NaN and empty cells are not measured. Values keep their digits.
// Errors: invalid, with the line; too_large.
Result<std::vector<RecordedNumbers>> parse_numerics_csv(std::string_view text);
// Columns become waves at 1 / (time of the second row) with the decimals that they have, at most eight.
Result<std::vector<RecordedWave>> parse_signals_csv(std::string_view text);

// `stem` is the path up to and with the record's name: ".../bidmc_01".
Result<Recording> read_bidmc(const std::filesystem::path& stem);

}  // namespace salus::sim

// What EcgMonitor finds in an annotated record, against its annotations.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "monitor/beat_match.hpp"
#include "monitor/ecg_monitor.hpp"

namespace salus::app {

// Times are sample times after the record's beginning, ascending.
struct EcgRecord {
  std::string name;
  std::vector<std::int64_t> marked_ns;      // by experts
  std::vector<std::int64_t> found_ns;       // by EcgMonitor
  std::vector<monitor::EcgSecond> seconds;  // what it said
  std::vector<monitor::Span> flutter;       // ventricular flutter or fibrillation, as marked
  bool paced = false;                       // more than half of the marked beats are
  std::int64_t samples = 0;                 // of all leads
};

// Learning time that EC57 does not count.
inline constexpr std::int64_t ec57_from_ns = 300'000'000'000;

// Reads a WFDB record (path without extension) with its .atr file and plays all of its ECG leads, in frames of a
// second. Errors: as read_wfdb() and read_wfdb_annotations(); invalid, when it has no ECG of 99 to 2,000 Hz.
Result<EcgRecord> analyse_ecg_record(const std::filesystem::path& record);

// Names of records with annotations, ascending. Errors: not_found.
Result<std::vector<std::string>> annotated_records(const std::filesystem::path& folder);

monitor::BeatScore score_record(const EcgRecord& record, std::int64_t tolerance_ns);

// The rate that EcgMonitor would give for the marked beats at an instant, tenths of a beat a minute.
struct RateComparison {
  std::uint64_t seconds = 0;     // compared: both known, and no flutter within the ten seconds before
  std::uint64_t within_two = 0;  // of them, at most 2 /min apart
  double worst_minute = 0;       // the greatest difference of the means over a minute
};
RateComparison compare_rates(const EcgRecord& record);

}  // namespace salus::app

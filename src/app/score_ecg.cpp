#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "app/ecg_score.hpp"
#include "app/offline.hpp"
#include "app/progress.hpp"

namespace salus::app {
namespace {

void print_row(std::string_view name, const monitor::BeatScore& score, std::string_view rates) {
  fmt::print("{:<8} {:>7} {:>6} {:>6} {:>7.2f} {:>7.2f}  {}\n", name, score.found, score.missed, score.extra,
             score.sensitivity(), score.positive_predictivity(), rates);
}

}  // namespace

int score_ecg_command(const ScoreOptions& options) {
  const std::filesystem::path folder{options.folder};
  std::vector<std::string> names = options.records;
  if (names.empty()) {
    auto found = annotated_records(folder);
    if (!found) return fmt::print(stderr, "{}\n", found.error().message), 2;
    names = std::move(*found);
  }
  fmt::print("{:<8} {:>7} {:>6} {:>6} {:>7} {:>7}  {}\n", "record", "TP", "FN", "FP", "Se", "+P",
             "heart rate within 2 /min, worst minute");
  monitor::BeatScore gross;
  double sensitivity = 0, predictivity = 0;
  std::size_t scored = 0;
  std::int64_t samples = 0;
  std::chrono::steady_clock::duration spent{};
  {
    ProgressLine progress{"Scoring"};
    std::uint64_t done = 0, total = 0;
    const auto size_of = [&](const std::string& name) {
      std::error_code ec;
      const auto size = std::filesystem::file_size(folder / (name + ".dat"), ec);
      return ec ? 0 : size;
    };
    for (const std::string& name : names) total += size_of(name);
    for (const std::string& name : names) {
      progress.update(done, total);
      done += size_of(name);
      const auto begin = std::chrono::steady_clock::now();
      const auto record = analyse_ecg_record(folder / name);
      if (!record) return fmt::print(stderr, "{}\n", record.error().message), 2;
      spent += std::chrono::steady_clock::now() - begin;
      samples += record->samples;
      if (record->paced && options.records.empty()) {
        fmt::print("{:<8} paced: EC57 leaves it out\n", name);
        continue;
      }
      const monitor::BeatScore score = score_record(*record, options.tolerance_ms * 1'000'000);
      const RateComparison rates = compare_rates(*record);
      print_row(name, score,
                rates.seconds == 0
                    ? "-"
                    : fmt::format("{:.1f} % of seconds, {:.1f} /min",
                                  100.0 * static_cast<double>(rates.within_two) / static_cast<double>(rates.seconds),
                                  rates.worst_minute));
      gross += score;
      sensitivity += score.sensitivity();
      predictivity += score.positive_predictivity();
      ++scored;
    }
  }
  if (scored == 0) return fmt::print(stderr, "No record was scored.\n"), 2;
  fmt::print("{} records, {} beats, {} ms either way; the first five minutes and ventricular flutter are not counted\n",
             scored, gross.found + gross.missed, options.tolerance_ms);
  fmt::print("reading and analysis took {:.0f} ns a sample\n",
             static_cast<double>(std::chrono::nanoseconds(spent).count()) /
                 static_cast<double>(std::max<std::int64_t>(1, samples)));
  fmt::print("average Se {:.2f} +P {:.2f}\n", sensitivity / static_cast<double>(scored),
             predictivity / static_cast<double>(scored));
  fmt::print("gross Se {:.2f} +P {:.2f}\n", gross.sensitivity(), gross.positive_predictivity());
  return 0;
}

}  // namespace salus::app

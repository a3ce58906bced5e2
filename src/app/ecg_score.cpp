#include "app/ecg_score.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "device/code.hpp"
#include "monitor/heart_rate.hpp"
#include "sim/wfdb.hpp"
#include "sim/wfdb_annotations.hpp"

namespace salus::app {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t epoch_ns = 1'000 * second_ns;  // where a record begins for the monitor: any time after 1970

// As Telemetry has it: the recording's integers in microvolts.
std::vector<std::int32_t> microvolts_of(const sim::RecordedWave& wave) {
  std::int64_t power = 1;
  for (std::uint8_t i = 0; i < wave.exponent; ++i) power *= 10;
  std::vector<std::int32_t> result;
  result.reserve(wave.samples.size());
  for (const std::int32_t sample : wave.samples)
    result.push_back(static_cast<std::int32_t>((std::int64_t{sample} - wave.offset) * wave.multiplier * 1000 / power));
  return result;
}

void play(const sim::Recording& recording, EcgRecord& result) {
  std::vector<const sim::RecordedWave*> waves;
  std::vector<std::vector<std::int32_t>> microvolts;
  for (const sim::RecordedWave& wave : recording.waves)
    if (wave.code.starts_with("ecg") && monitor::EcgMonitor::is_analysed(wave.period) &&
        waves.size() < monitor::QrsDetector::leads_max) {
      waves.push_back(&wave);
      microvolts.push_back(microvolts_of(wave));
      result.samples += static_cast<std::int64_t>(wave.samples.size());
    }
  monitor::EcgMonitor ecg;
  ecg.listen(&result.found_ns);
  std::vector<monitor::EcgSamples> channels(waves.size());
  for (std::int64_t at_ns = 0; at_ns < recording.duration_ns(); at_ns += second_ns) {
    std::int64_t start_ns = 0;
    for (std::size_t i = 0; i < waves.size(); ++i) {
      const series::Period& period = waves[i]->period;
      const auto index = [&](std::int64_t ns) {
        return std::min(ns * period.denominator / period.numerator_ns, static_cast<std::int64_t>(microvolts[i].size()));
      };
      const std::int64_t first = index(at_ns), last = index(at_ns + second_ns);
      if (i == 0) start_ns = epoch_ns + first * period.numerator_ns / period.denominator;
      channels[i] = {
          .lead = i,
          .period = period,
          .count = last - first,
          .microvolts =
              std::span(microvolts[i]).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first)),
          .gaps = {}};
    }
    ecg.take(start_ns, channels, start_ns, result.seconds);
  }
  ecg.finish();
  for (std::int64_t& time : result.found_ns) time -= epoch_ns;
  for (monitor::EcgSecond& second : result.seconds) second.time_ns -= epoch_ns;
}

}  // namespace

Result<EcgRecord> analyse_ecg_record(const std::filesystem::path& record) {
  const auto recording = sim::read_wfdb(record);
  if (!recording) return fail(recording.error());
  const auto annotations = sim::read_wfdb_annotations(record);
  if (!annotations) return fail(annotations.error());
  EcgRecord result;
  result.name = recording->name;
  play(*recording, result);
  if (result.samples == 0) return fail(ErrorCode::invalid, "'{}' has no ECG of 99 to 2,000 Hz.", record.string());
  const series::Period& period = recording->waves.front().period;
  std::size_t paced = 0;
  for (const sim::WfdbAnnotation& annotation : *annotations) {
    const std::int64_t time_ns =
        static_cast<std::int64_t>(static_cast<__int128>(annotation.sample) * period.numerator_ns / period.denominator);
    if (sim::is_beat(annotation)) result.marked_ns.push_back(time_ns);
    if (annotation.type == sim::wfdb_paced_beat) ++paced;
    if (annotation.type == sim::wfdb_flutter_begins)
      result.flutter.push_back({time_ns, std::numeric_limits<std::int64_t>::max()});
    if (annotation.type == sim::wfdb_flutter_ends && !result.flutter.empty()) result.flutter.back().last = time_ns;
  }
  result.paced = paced * 2 > result.marked_ns.size();
  return result;
}

Result<std::vector<std::string>> annotated_records(const std::filesystem::path& folder) {
  std::error_code ec;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ec))
    if (entry.path().extension() == ".atr") names.push_back(entry.path().stem().string());
  if (ec) return fail(ErrorCode::not_found, "Cannot look into '{}': {}.", folder.string(), ec.message());
  if (names.empty())
    return fail(ErrorCode::not_found, "There is no annotated record (NAME.atr) in '{}'.", folder.string());
  std::ranges::sort(names);
  return names;
}

monitor::BeatScore score_record(const EcgRecord& record, std::int64_t tolerance_ns) {
  return monitor::match_beats(record.marked_ns, record.found_ns,
                              {.tolerance = tolerance_ns, .from = ec57_from_ns, .skipped = record.flutter});
}

RateComparison compare_rates(const EcgRecord& record) {
  constexpr std::int64_t window_ns = 10 * second_ns;
  RateComparison result;
  monitor::HeartRate marked{second_ns};
  std::size_t next = 0;
  std::int64_t minute = -1, of_minute = 0;
  double difference = 0;
  const auto close_minute = [&] {
    if (of_minute >= 30)
      result.worst_minute = std::max(result.worst_minute, std::abs(difference) / 10.0 / static_cast<double>(of_minute));
    difference = 0;
    of_minute = 0;
  };
  for (const monitor::EcgSecond& second : record.seconds) {
    // What the monitor says of a second it knows from beats that ended this much before.
    const std::int64_t known_ns =
        second.time_ns - monitor::ecg_delay_ns - monitor::QrsDetector::decision_ticks * monitor::ecg_tick_ns;
    for (; next < record.marked_ns.size() && record.marked_ns[next] <= known_ns; ++next)
      marked.beat(record.marked_ns[next]);
    if (second.time_ns / (60 * second_ns) != std::exchange(minute, second.time_ns / (60 * second_ns))) close_minute();
    const auto rate = marked.tenths(known_ns);
    const bool flutter = std::ranges::any_of(record.flutter, [&](const monitor::Span& span) {
      return known_ns >= span.first && (span.last > INT64_MAX - 2 * window_ns || known_ns <= span.last + window_ns);
    });
    if (second.time_ns < ec57_from_ns || flutter || !rate || !second.rate_tenths) continue;
    const std::int32_t apart = *second.rate_tenths - *rate;
    ++result.seconds;
    if (std::abs(apart) <= 20) ++result.within_two;
    difference += apart;
    ++of_minute;
  }
  close_minute();
  return result;
}

}  // namespace salus::app

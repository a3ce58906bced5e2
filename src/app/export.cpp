#include "app/export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "app/api_client.hpp"
#include "app/progress.hpp"
#include "app/stored_wave.hpp"
#include "base/time.hpp"
#include "device/code.hpp"
#include "sim/edf.hpp"
#include "sim/wfdb.hpp"

namespace salus::app {
namespace {

constexpr std::int64_t digital_max = 32'767;

struct Wave {
  std::string code;
  WaveSurvey survey;
  // digital = (stored - base) / step
  std::int64_t step = 1;
  std::int64_t base = 0;
  bool rounded = false;

  std::int32_t digital(series::Value stored) const {
    const std::int64_t away = stored - base, half = step / 2;
    return static_cast<std::int32_t>((away >= 0 ? away + half : away - half) / step);
  }
};

std::int64_t power_of_ten(unsigned exponent) {
  std::int64_t power = 1;
  for (unsigned i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// The coarsest step that loses nothing and whose inverse is a whole number of steps a unit; coarser, and rounded, where
// 16 bits do not hold the range otherwise.
void scale(Wave& wave) {
  const WaveSurvey& survey = wave.survey;
  const std::int64_t unit = power_of_ten(survey.scale);
  wave.step = std::max<std::int64_t>(1, std::gcd(survey.factor, unit));
  const auto fits = [&] {
    return std::max(std::abs(survey.lowest - wave.base), std::abs(survey.highest - wave.base)) / wave.step + 1 <=
           digital_max;
  };
  if (!fits()) wave.base = (survey.lowest + survey.highest) / 2 / wave.step * wave.step;
  while (!fits()) {
    wave.rounded = true;
    wave.step *= unit % (wave.step * 2) == 0 ? 2 : 5;
  }
}

Result<std::vector<Wave>> waves_of(const ExportOptions& options, const ApiServer& server, series::Interval& interval) {
  const auto series = call_api(server, "GET", "/api/series?device=" + options.device, nullptr);
  if (!series) return fail(series.error());
  std::vector<Wave> waves;
  for (const json::value& one : series->at("items").as_array()) {
    const std::string code{one.at("code").as_string()};
    const device::Code known = device::find_code(code);
    if (known == device::no_code || device::info(known).kind != device::CodeKind::wave) continue;
    if (!options.codes.empty() && std::ranges::find(options.codes, code) == options.codes.end()) continue;
    waves.push_back({.code = code, .survey = {}});
  }
  for (const std::string& code : options.codes)
    if (std::ranges::find(waves, code, &Wave::code) == waves.end())
      return fail(ErrorCode::not_found, "Device '{}' has no wave '{}'.", options.device, code);
  if (waves.empty()) return fail(ErrorCode::not_found, "Device '{}' has sent no waves.", options.device);
  std::int64_t first_ns = INT64_MAX, last_ns = 0;
  std::vector<Wave> there;
  for (Wave& wave : waves) {
    auto found = survey(StoredWave{server, options.device, wave.code, interval});
    if (!found && found.error().code == ErrorCode::invalid) continue;  // nothing within the interval
    if (!found) return fail(found.error());
    wave.survey = *found;
    scale(wave);
    first_ns = std::min(first_ns, wave.survey.first_ns);
    last_ns = std::max(last_ns, wave.survey.last_ns);
    there.push_back(std::move(wave));
  }
  if (there.empty())
    return fail(ErrorCode::not_found, "Device '{}' has no samples of waves between these instants.", options.device);
  interval = {first_ns, last_ns + 1};
  return there;
}

std::size_t samples_in(const series::Period& period, std::int64_t ns) {
  return static_cast<std::size_t>(__int128{ns} * period.denominator / period.numerator_ns);
}

class Export {
 public:
  Export(const ExportOptions& options, const ApiServer& server, series::Interval interval, std::vector<Wave> waves)
      : options_(options), server_(server), interval_(interval), waves_(std::move(waves)) {}

  Result<void> edf() {
    std::vector<sim::EdfSignal> signals;
    for (const Wave& wave : waves_) {
      sim::EdfSignal signal{.code = wave.code,
                            .unit = std::string(device::info(device::find_code(wave.code)).unit),
                            .period = wave.survey.period,
                            .step = wave.step,
                            .base = wave.base,
                            .scale = wave.survey.scale};
      signal.highest = std::max({1, std::abs(wave.digital(static_cast<series::Value>(wave.survey.lowest))),
                                 std::abs(wave.digital(static_cast<series::Value>(wave.survey.highest)))});
      signals.push_back(std::move(signal));
    }
    const std::int64_t seconds = sim::EdfWriter::record_seconds(signals);
    const std::string file = options_.file + ".edf";
    auto writer = sim::EdfWriter::create(file, time_from_ns(interval_.from_ns), "X", options_.device, signals);
    if (!writer) return fail(writer.error());
    std::vector<WaveGrid> grids = all_grids(waves_);
    const std::int64_t record_ns = seconds * 1'000'000'000;
    const std::int64_t records = (interval_.to_ns - interval_.from_ns + record_ns - 1) / record_ns;
    std::vector<std::int32_t> last(waves_.size(), 0);
    for (std::int64_t record = 0; record < records; ++record) {
      std::vector<std::vector<std::int32_t>> samples(waves_.size());
      std::vector<sim::EdfAnnotation> gaps;
      bool any = false;
      for (std::size_t i = 0; i < waves_.size(); ++i) {
        auto stored = grids[i].take(samples_in(waves_[i].survey.period, record_ns));
        if (!stored) return fail(stored.error());
        any |= fill(waves_[i], record * record_ns, *stored, last[i], samples[i], gaps);
      }
      if (any)
        if (auto done = writer->put(record, samples, std::move(gaps)); !done) return done;
      progress_.update(static_cast<std::uint64_t>(record + 1), static_cast<std::uint64_t>(records));
    }
    if (auto done = writer->finish(); !done) return done;
    say(file, waves_);
    return {};
  }

  // One record for each rate: WFDB's frames have one.
  Result<void> wfdb() {
    std::vector<std::vector<Wave>> rates;
    for (const Wave& wave : waves_) {
      auto same =
          std::ranges::find_if(rates, [&](const auto& one) { return one[0].survey.period == wave.survey.period; });
      if (same == rates.end()) same = rates.insert(rates.end(), std::vector<Wave>{});
      same->push_back(wave);
    }
    for (std::size_t rate = 0; rate < rates.size(); ++rate)
      if (auto done =
              wfdb_record(rates[rate], rate == 0 ? options_.file : fmt::format("{}_{}", options_.file, rate + 1));
          !done)
        return done;
    return {};
  }

 private:
  std::vector<WaveGrid> all_grids(const std::vector<Wave>& waves) const {
    std::vector<WaveGrid> grids;
    for (const Wave& wave : waves)
      grids.emplace_back(StoredWave{server_, options_.device, wave.code, interval_}, wave.survey.period,
                         interval_.from_ns);
    return grids;
  }

  // False when nothing is there. Missing samples repeat the last one and are said.
  static bool fill(const Wave& wave, std::int64_t begin_ns, const std::vector<std::optional<series::Value>>& stored,
                   std::int32_t& last, std::vector<std::int32_t>& out, std::vector<sim::EdfAnnotation>& gaps) {
    const series::Period& period = wave.survey.period;
    const auto at_ns = [&](std::size_t i) {
      return begin_ns + static_cast<std::int64_t>(__int128{static_cast<std::int64_t>(i)} * period.numerator_ns /
                                                  period.denominator);
    };
    bool any = false;
    for (std::size_t i = 0; i < stored.size();) {
      if (stored[i]) {
        any = true;
        out.push_back(last = wave.digital(*stored[i]));
        ++i;
        continue;
      }
      const std::size_t from = i;
      for (; i < stored.size() && !stored[i]; ++i) out.push_back(last);
      gaps.push_back({.at_ns = at_ns(from), .length_ns = at_ns(i) - at_ns(from), .text = "Gap " + wave.code});
    }
    return any;
  }

  Result<void> wfdb_record(const std::vector<Wave>& waves, const std::string& file) {
    std::vector<sim::WfdbSignal> signals;
    for (const Wave& wave : waves) {
      const std::string label = sim::edf_label_of(wave.code);
      signals.push_back({.file = {},
                         .gain_milli = power_of_ten(wave.survey.scale) * 1000 / wave.step,
                         .baseline = static_cast<std::int32_t>(-wave.base / wave.step),
                         .unit = std::string(device::info(device::find_code(wave.code)).unit),
                         .description = label.starts_with("ECG ") ? label.substr(4) : label});
    }
    const series::Period period = waves[0].survey.period;
    auto writer = sim::WfdbWriter::create(file, time_from_ns(interval_.from_ns), period, std::move(signals));
    if (!writer) return fail(writer.error());
    std::vector<WaveGrid> grids = all_grids(waves);
    const std::size_t frames = samples_in(period, interval_.to_ns - interval_.from_ns) + 1;
    constexpr std::size_t step = 10'000;
    std::vector<std::int32_t> frame(waves.size());
    for (std::size_t from = 0; from < frames; from += step) {
      const std::size_t count = std::min(step, frames - from);
      std::vector<std::vector<std::optional<series::Value>>> samples;
      for (WaveGrid& grid : grids) {
        auto stored = grid.take(count);
        if (!stored) return fail(stored.error());
        samples.push_back(std::move(*stored));
      }
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < waves.size(); ++k)
          frame[k] = samples[k][i] ? waves[k].digital(*samples[k][i]) : sim::wfdb_missing(16);
        writer->put(frame);
      }
      progress_.update(from + count, frames);
    }
    if (auto done = writer->finish(); !done) return done;
    say(file + ".hea", waves);
    return {};
  }

  static void say(const std::string& file, const std::vector<Wave>& waves) {
    fmt::print("{}:\n", file);
    for (const Wave& wave : waves)
      fmt::print("  {}: {} samples at {:g} Hz{}\n", wave.code, wave.survey.samples,
                 1e9 * wave.survey.period.denominator / static_cast<double>(wave.survey.period.numerator_ns),
                 wave.rounded ? ", rounded to what 16 bits hold" : "");
  }

  const ExportOptions& options_;
  const ApiServer& server_;
  series::Interval interval_;
  std::vector<Wave> waves_;
  ProgressLine progress_{"Exporting", ProgressLine::Unit::frames};
};

Result<void> run(const ExportOptions& options) {
  const ApiServer server{options.api, options.token, options.ca};
  series::Interval interval{0, ns_of(SystemClock{}.now()) + 600'000'000'000};
  for (const auto& [text, ns] : {std::pair{&options.from, &interval.from_ns}, {&options.to, &interval.to_ns}}) {
    if (text->empty()) continue;
    const auto time = parse_iso(*text);
    if (!time) return fail(time.error());
    *ns = ns_of(*time);
  }
  auto waves = waves_of(options, server, interval);
  if (!waves) return fail(waves.error());
  Export out{options, server, interval, std::move(*waves)};
  return options.format == "edf" ? out.edf() : out.wfdb();
}

}  // namespace

int export_command(const ExportOptions& options) {
  const auto done = run(options);
  if (done) return 0;
  fmt::print(stderr, "{}\n", done.error().message);
  return 2;
}

}  // namespace salus::app

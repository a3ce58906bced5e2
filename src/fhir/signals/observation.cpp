#include "fhir/signals/observation.hpp"

#include <algorithm>
#include <numeric>

#include "fhir/document/json.hpp"
#include "fhir/rest/bundle_text.hpp"
#include "fhir/signals/signal_id.hpp"

namespace salus::fhir {
namespace {

constexpr std::string_view kUcum = "http://unitsofmeasure.org";
constexpr std::string_view kStatistics = "http://terminology.hl7.org/CodeSystem/observation-statistics";
constexpr std::uint32_t kPrivate = 1024U << 16;

std::string coding(std::string_view system, std::string_view code, std::string_view display = {}) {
  std::string out = fmt::format("{{{},{}", member("system", system), member("code", code));
  if (!display.empty()) out += ',' + member("display", display);
  return out + '}';
}

// That it is read from samples, and that nobody was ill: a simulated device is test data.
std::string labels_of(const SignalStretch& stretch) {
  std::string labels;
  if (stretch.simulated)
    labels = fmt::format(R"("security":[{}],)",
                         coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST", "test health data"));
  return labels + fmt::format(R"("tag":[{}])", coding(signal_tag_system, "signal", "Read from a device's samples"));
}

std::string effective_of(const SignalCell& cell) {
  if (cell.samples.size() == 1) return member("effectiveDateTime", to_iso(time_from_ns(cell.effective_ns())));
  // A Period's end is within it.
  return fmt::format(R"("effectivePeriod":{{{},{}}})", member("start", to_iso(time_from_ns(cell.from_ns()))),
                     member("end", to_iso(time_from_ns(cell.to_ns() - 1'000'000))));
}

// The middle one of an odd number; of an even one the lower of the two, so that it is one that was measured.
std::int32_t median_of(std::span<const SignalSample> samples) {
  std::vector<std::int32_t> values;
  for (const SignalSample& sample : samples) values.push_back(sample.value);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::string component(std::string_view statistic, std::string_view value) {
  return fmt::format(R"({{"code":{},{}}})", statistic_concept(statistic), value);
}

// Elements stand in R4's order: a device comes between method and component.
std::string number_value(const SignalCell& cell, const SignalCode& code, const std::string& device) {
  const auto quantity = [&](std::int64_t stored, unsigned scale) {
    return "\"valueQuantity\":" + quantity_of(stored, scale, code.unit);
  };
  if (cell.samples.size() == 1) return quantity(cell.samples.front().value, code.scale) + device;
  const auto [least, greatest] = std::ranges::minmax(cell.samples, {}, &SignalSample::value);
  std::int64_t sum = 0;
  for (const SignalSample& sample : cell.samples) sum += sample.value;
  // Two digits more than the samples have, rounded half away from zero.
  const auto count = static_cast<std::int64_t>(cell.samples.size());
  const std::int64_t hundredfold = sum * 100, half = (hundredfold < 0 ? -count : count) / 2;
  return fmt::format(R"({},"method":{}{},"component":[{},{},{},{}])", quantity(median_of(cell.samples), code.scale),
                     statistic_concept("median"), device, component("minimum", quantity(least.value, code.scale)),
                     component("maximum", quantity(greatest.value, code.scale)),
                     component("average", quantity((hundredfold + half) / count, code.scale + 2)),
                     component("count", fmt::format("\"valueInteger\":{}", count)));
}

std::string level_value(const SignalCell& cell, const SignalCode& code) {
  const std::int32_t level = cell.samples.back().value;
  const bool named = level >= 0 && static_cast<std::size_t>(level) < code.levels.size();
  return fmt::format(
      R"("valueCodeableConcept":{{{}}})",
      member("text", named ? std::string(code.levels[static_cast<std::size_t>(level)]) : std::to_string(level)));
}

std::string wave_value(const SignalCell& cell, const SignalCode& code) {
  const auto grid = grid_of(cell.samples, grid_places_max);
  if (grid && cell.samples.size() > 1) return "\"valueSampledData\":" + sampled_data_of(*grid, code, 1);
  // Samples without a rate have no SampledData; nothing is made up for them.
  return R"("dataAbsentReason":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"error"}],)"
         R"("text":"The samples are not evenly spaced."})";
}

std::string value_of(const SignalCell& cell, const SignalCode& code, const std::string& device) {
  switch (code.kind) {
    case SignalKind::number:
      return number_value(cell, code, device);
    case SignalKind::level:
      return level_value(cell, code) + device;
    case SignalKind::flag:
      return fmt::format("\"valueBoolean\":{}{}", cell.samples.back().value != 0, device);
    case SignalKind::wave:
      return wave_value(cell, code) + device;
  }
  return {};
}

}  // namespace

std::string decimal(std::int64_t stored, unsigned scale) {
  std::string text =
      std::to_string(stored < 0 ? 0 - static_cast<std::uint64_t>(stored) : static_cast<std::uint64_t>(stored));
  if (scale > 0) {
    if (text.size() <= scale) text.insert(0, scale + 1 - text.size(), '0');
    text.insert(text.size() - scale, 1, '.');
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return stored < 0 ? '-' + text : text;
}

std::string concept_of(const SignalCode& code) {
  std::string codings;
  const auto add = [&](const std::string& one) { codings += (codings.empty() ? "" : ",") + one; };
  if (!code.loinc.empty()) add(coding("http://loinc.org", code.loinc));
  if (code.mdc < kPrivate) add(coding(mdc_system, std::to_string(code.mdc), code.refid));
  add(coding(salus_code_system, code.alias));
  return fmt::format(R"({{"coding":[{}],{}}})", codings, member("text", code.english));
}

std::string quantity_of(std::int64_t stored, unsigned scale, std::string_view unit) {
  return fmt::format(R"({{"value":{},{},{},{}}})", decimal(stored, scale), member("unit", unit),
                     member("system", kUcum), member("code", unit));
}

std::string statistic_concept(std::string_view code) {
  return fmt::format(R"({{"coding":[{}]}})", coding(kStatistics, code));
}

std::string version_of(const SignalCell& cell) {
  return fmt::format("{}.{}", cell.stretch->change, cell.samples.size());
}

std::string observation_of(const SignalCell& cell, const SignalCode& code, const SignalReferences& references,
                           Time now) {
  std::string out = fmt::format(
      R"({{"resourceType":"Observation",{},"meta":{{{},{}}},"status":"{}","category":[{{"coding":[{}]}}],"code":{})",
      member("id", signal_id(cell)), member("versionId", version_of(cell)), labels_of(*cell.stretch),
      ns_of(now) < cell.to_ns() ? "preliminary" : "final",
      coding("http://terminology.hl7.org/CodeSystem/observation-category", code.category), concept_of(code));
  if (!references.subject.empty()) out += ",\"subject\":" + references.subject;
  const std::string device = references.device.empty() ? "" : ",\"device\":" + references.device;
  return out + ',' + effective_of(cell) + ',' + value_of(cell, code, device) + '}';
}

std::string window_observation(const SignalStretch& stretch, const SignalCode& code, const SignalReferences& references,
                               const SampledGrid& grid, int dimensions) {
  const auto places = static_cast<std::int64_t>(grid.values.size()) / dimensions;
  const auto span_ns = static_cast<std::int64_t>(__int128{places} * grid.numerator_ns / grid.denominator);
  std::string out = fmt::format(
      R"({{"resourceType":"Observation","meta":{{{}}},"status":"final","category":[{{"coding":[{}]}}],"code":{})",
      labels_of(stretch), coding("http://terminology.hl7.org/CodeSystem/observation-category", code.category),
      concept_of(code));
  if (!references.subject.empty()) out += ",\"subject\":" + references.subject;
  out += fmt::format(
      R"(,"effectivePeriod":{{{},{}}},"valueSampledData":{})", member("start", to_iso(time_from_ns(grid.start_ns))),
      member("end", to_iso(time_from_ns(grid.start_ns + span_ns))), sampled_data_of(grid, code, dimensions));
  if (!references.device.empty()) out += ",\"device\":" + references.device;
  return out + '}';
}

Result<SampledGrid> grid_of(std::span<const SignalSample> samples, std::size_t most) {
  SampledGrid grid;
  if (samples.empty()) return grid;
  grid.start_ns = samples.front().time_ns;
  if (samples.size() == 1) {
    grid.numerator_ns = 1'000'000'000;
    grid.values = {samples.front().value};
    return grid;
  }
  std::vector<std::int64_t> distances;
  for (std::size_t i = 1; i < samples.size(); ++i) distances.push_back(samples[i].time_ns - samples[i - 1].time_ns);
  std::vector<std::int64_t> sorted = distances;
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2));
  const std::int64_t usual = sorted[sorted.size() / 2];
  // The mean of those about as long as the usual one: rounding of the stamps does not show in it.
  std::int64_t sum = 0, count = 0;
  for (const std::int64_t distance : distances)
    if (distance >= usual - usual / 4 && distance <= usual + usual / 4) sum += distance, ++count;
  if (count == 0 || sum <= 0) return fail(ErrorCode::invalid, "The samples have no rate.");
  // To the nearest thousandth of a hertz, as devices state theirs.
  const auto millihertz = static_cast<std::int64_t>((__int128{1'000'000'000'000} * count + sum / 2) / sum);
  if (millihertz <= 0) return fail(ErrorCode::invalid, "The samples are too far apart for a rate.");
  const std::int64_t common = std::gcd(std::int64_t{1'000'000'000'000}, millihertz);
  grid.numerator_ns = 1'000'000'000'000 / common;
  grid.denominator = millihertz / common;
  std::int64_t last = -1, expected_ns = grid.start_ns;
  for (const SignalSample& sample : samples) {
    // Within half a period of what is expected a sample follows the one before, so that drifting clocks leave no seams.
    const bool follows = std::abs(sample.time_ns - expected_ns) <= usual / 2;
    const auto nearest = static_cast<std::int64_t>(
        (__int128{sample.time_ns - grid.start_ns} * grid.denominator + grid.numerator_ns / 2) / grid.numerator_ns);
    const std::int64_t place = follows ? last + 1 : nearest;
    if (place <= last) return fail(ErrorCode::invalid, "The samples are not evenly spaced; ask for them by a rate.");
    if (place >= static_cast<std::int64_t>(most))
      return fail(ErrorCode::too_large,
                  "The interval holds more than {} samples; ask for a shorter one, or for a lower rate.", most);
    grid.values.resize(static_cast<std::size_t>(place));
    grid.values.emplace_back(sample.value);
    last = place;
    expected_ns = sample.time_ns + usual;
  }
  return grid;
}

Result<SampledGrid> envelope_of(std::span<const SignalSample> samples, std::int64_t from_ns, std::int64_t millihertz,
                                std::size_t most) {
  SampledGrid grid;
  grid.start_ns = from_ns;
  const std::int64_t common = std::gcd(std::int64_t{1'000'000'000'000}, millihertz);
  grid.numerator_ns = 1'000'000'000'000 / common;
  grid.denominator = millihertz / common;
  for (const SignalSample& sample : samples) {
    const auto place =
        static_cast<std::size_t>(__int128{sample.time_ns - from_ns} * grid.denominator / grid.numerator_ns);
    if (2 * place + 1 >= most)
      return fail(ErrorCode::too_large, "More than {} values; ask for a shorter interval or a lower rate.", most);
    if (grid.values.size() < 2 * place + 2) grid.values.resize(2 * place + 2);
    auto& low = grid.values[2 * place];
    auto& high = grid.values[2 * place + 1];
    low = std::min(low.value_or(sample.value), sample.value);
    high = std::max(high.value_or(sample.value), sample.value);
  }
  return grid;
}

std::string sampled_data_of(const SampledGrid& grid, const SignalCode& code, int dimensions) {
  // The greatest common factor of all values makes the text short and keeps it exact.
  std::int64_t factor = 0;
  for (const auto& value : grid.values)
    if (value) factor = std::gcd(factor, std::int64_t{*value});
  if (factor == 0) factor = 1;
  std::string data;
  for (const auto& value : grid.values) {
    if (!data.empty()) data += ' ';
    data += value ? std::to_string(*value / factor) : "E";
  }
  // Milliseconds, to a femtosecond: the period is exact wherever a decimal can say it.
  const auto femtoseconds =
      static_cast<std::int64_t>((__int128{grid.numerator_ns} * 1'000'000 + grid.denominator / 2) / grid.denominator);
  return fmt::format(R"({{"origin":{},"period":{},"factor":{},"dimensions":{},{}}})", quantity_of(0, 0, code.unit),
                     decimal(femtoseconds, 12), decimal(factor, code.scale), dimensions, member("data", data));
}

}  // namespace salus::fhir

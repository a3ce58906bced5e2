// Observation/$signal: what a device measured of a patient under a code between two instants, as SampledData: every
// sample, or least and greatest at a lower rate. One Observation without an id for each stretch with one device and
// person.
#include <algorithm>
#include <charconv>

#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/signals/signal_search.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr std::size_t kSamplesMax = 2'000'000;  // read for one answer

struct Asked {
  http::Fields search;
  std::int64_t from_ns = 0, to_ns = 0;
  std::int64_t millihertz = 0;  // 0: as it was sampled
};

// "125", "0.5": at most three digits behind the point.
std::optional<std::int64_t> millihertz_of(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view behind = text.substr(std::min(point + 1, text.size()));
  std::string digits{text.substr(0, point)};
  if (behind.size() > 3 || digits.empty() || digits.size() > 7) return std::nullopt;
  digits.append(behind).append(3 - behind.size(), '0');
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (ec != std::errc{} || end != digits.data() + digits.size() || value <= 0) return std::nullopt;
  return value;
}

Result<Asked> asked_of(const Call& call) {
  Asked asked;
  std::optional<Time> start, end;
  bool of_someone = false, by_code = false;
  for (const auto& [name, value] : call.request.queries) {
    if (name == "start" || name == "end") {
      const auto time = parse_iso(value);
      if (!time) return fail(ErrorCode::invalid, "Parameter '{}': an instant such as 2026-03-01T08:00:00Z.", name);
      (name == "start" ? start : end) = *time;
    } else if (name == "rate") {
      const auto rate = millihertz_of(value);
      if (!rate) return fail(ErrorCode::invalid, "Parameter 'rate': values a second, such as 25 or 0.5.");
      asked.millihertz = *rate;
    } else if (name == "patient" || name == "subject" || name == "device" || name == "device:identifier" ||
               name == "patient:identifier" || name == "subject:identifier" || name == "code") {
      asked.search.emplace_back(name, value);
      (name == "code" ? by_code : of_someone) = true;
    } else if (!is_presentation_parameter(name)) {
      return fail(ErrorCode::invalid, "$signal takes patient, subject, device, code, start, end and rate, not '{}'.",
                  name);
    }
  }
  if (!start || !end || *start >= *end) return fail(ErrorCode::invalid, "$signal needs 'start' and a later 'end'.");
  if (!by_code || !of_someone) return fail(ErrorCode::invalid, "$signal needs a code, and a patient or a device.");
  asked.from_ns = ns_of(*start);
  asked.to_ns = ns_of(*end);
  return asked;
}

struct Window {
  SampledGrid grid;
  int dimensions = 1;
};

Result<Window> window_of(std::span<const SignalSample> samples, std::int64_t from_ns, const Asked& asked,
                         std::size_t left) {
  if (asked.millihertz == 0) {
    auto grid = grid_of(samples, left);
    if (!grid) return fail(grid.error());
    return Window{std::move(*grid), 1};
  }
  // At the stored rate or above it nothing is gained.
  if (const auto grid = grid_of(samples, left);
      grid && __int128{grid->numerator_ns} * asked.millihertz >= __int128{1'000'000'000'000} * grid->denominator)
    return Window{*grid, 1};
  auto grid = envelope_of(samples, from_ns, asked.millihertz, left);
  if (!grid) return fail(grid.error());
  return Window{std::move(*grid), 2};
}

}  // namespace

asio::awaitable<Response> signal_window(Call call) {
  call.type_name = "Observation";
  call.type = call.definitions().type(call.type_name);
  if (call.context.signals == nullptr) co_return outcome(404, "not-supported", "This server has no signals.");
  const auto asked = asked_of(call);
  if (!asked) co_return outcome(asked.error());
  const auto query = search::parse_query(call.type, asked->search, {.now = call.context.clock.now()});
  if (!query) co_return outcome(query.error());
  const StoreCut cut = call.context.store.cut();
  const SearchableCut searchable{cut.record, true};
  const search::Source source = searchable.source();
  SignalSearch signals{call, *query, cut.record, source};
  const auto opened = co_await signals.open({.from_ns = asked->from_ns, .until_ns = asked->to_ns});
  if (!opened) co_return outcome(opened.error());
  BundleText text{"collection"};
  std::size_t samples_left = kSamplesMax, places_left = grid_places_max;
  for (const auto& stretch : signals.stretches()) {
    const SignalCode* code = call.context.signals->find(stretch->mdc);
    if (code == nullptr || (code->kind != SignalKind::wave && code->kind != SignalKind::number)) continue;
    const auto samples = signals.reader()->samples(*stretch, samples_left);
    if (!samples) co_return outcome(samples.error());
    if (samples->empty()) continue;
    samples_left -= samples->size();
    // Whether it is what was asked for is asked as of any other.
    const SignalCell cell{.stretch = stretch,
                          .start_ns = asked->from_ns,
                          .cell_ns = asked->to_ns - asked->from_ns,
                          .samples = {samples->front()}};
    const auto met = signals.meets(cell);
    if (!met) co_return outcome(met.error());
    if (!*met) continue;
    const std::int64_t from_ns = std::max(asked->from_ns, stretch->from_ns);
    const auto window = window_of(*samples, from_ns, *asked, places_left);
    if (!window) co_return outcome(window.error());
    places_left -= window->grid.values.size();
    const auto references = signals.names().references(*stretch);
    if (!references) co_return outcome(references.error());
    text.entry("\"resource\":" + window_observation(*stretch, *code, *references, window->grid, window->dimensions));
  }
  co_return resource_response(200, text.finish(), call.form, call.definitions());
}

}  // namespace salus::fhir

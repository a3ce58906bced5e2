// Observation/$stats: statistics of what was measured of a patient under a code
// (https://hl7.org/fhir/R4/observation-operation-stats.html). Every sample of a signal counts as one value, and so does
// every stored Observation with a Quantity in the same unit.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/signals/signal_search.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr std::size_t kSamplesMax = 5'000'000;  // read for a median or a deviation
constexpr std::uint32_t kStoredMax = 10'000;
constexpr std::size_t kCodesMax = 20;

constexpr std::string_view kStatistics[] = {"average", "maximum", "minimum",  "count", "total-count",
                                            "median",  "std-dev", "variance", "sum"};

struct Asked {
  std::string subject, system, period_start, period_end;
  std::vector<std::string> codes;  // as a search takes them: "8867-4", "http://loinc.org|8867-4"
  std::vector<std::string> statistics;
  std::optional<double> hours;
  bool include = false;
  std::size_t limit = 100;  // of sources
  http::Fields more;        // further parameters of a search: date, device, _signals
};

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  return ec == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

Result<void> take(Asked& asked, std::string_view name, const std::string& value) {
  if (name == "subject" || name == "patient") {
    asked.subject = value;
  } else if (name == "system") {
    asked.system = value;
  } else if (name == "code" || name == "coding") {
    asked.codes.push_back(value);
  } else if (name == "statistic") {
    // As the operation names them, or their URIs.
    const std::string code = value.substr(std::min(value.find_last_of("/#|") + 1, value.size()));
    if (std::ranges::find(kStatistics, code) == std::end(kStatistics))
      return fail(ErrorCode::invalid, "Parameter 'statistic': this server knows {}.", fmt::join(kStatistics, ", "));
    asked.statistics.push_back(code);
  } else if (name == "duration") {
    asked.hours = number_in(value);
    if (!asked.hours || !(*asked.hours > 0) || *asked.hours > 1e6)
      return fail(ErrorCode::invalid, "Parameter 'duration': hours up to now.");
  } else if (name == "include") {
    asked.include = value == "true";
  } else if (name == "limit") {
    const auto limit = number_in(value);
    if (!limit || *limit < 1 || *limit > 1'000)
      return fail(ErrorCode::invalid, "Parameter 'limit': from 1 to 1000 sources.");
    asked.limit = static_cast<std::size_t>(*limit);
  } else if (name == "date" || name == "device" || name == "device:identifier" || name == signals_parameter) {
    asked.more.emplace_back(name, value);
  } else if (!is_presentation_parameter(name)) {
    return fail(
        ErrorCode::invalid,
        "$stats takes subject, code, system, coding, duration, period, statistic, include and limit, and of a search "
        "date, device and _signals; not '{}'.",
        name);
  }
  return {};
}

Result<Asked> asked_of(const Call& call) {
  Asked asked;
  for (const auto& [name, value] : call.request.queries)
    if (auto done = take(asked, name, value); !done) return fail(done.error());
  if (call.request.method == http::Method::post) {
    const auto body = read_body(call.request, call.definitions());
    if (!body) return fail(body.error().error());
    if (body->type() != call.definitions().known().parameters)
      return fail(ErrorCode::invalid, "$stats takes a Parameters resource.");
    for (const Node& parameter : body->children(body->root())) {
      if (body->name(parameter) != "parameter") continue;
      const Node *name = body->child(parameter, "name"),
                 *value = body->child(parameter, call.definitions().known().value);
      if (name == nullptr || value == nullptr)
        return fail(ErrorCode::invalid, "Each parameter of $stats has a name and a value.");
      const auto text = [&](const char* child) {
        const Node* found = body->child(*value, child);
        return found == nullptr ? std::string{} : std::string(body->text(*found));
      };
      if (body->text(*name) == "period") {
        asked.period_start = text("start");
        asked.period_end = text("end");
      } else if (body->text(*name) == "coding") {
        asked.codes.push_back(text("system") + '|' + text("code"));
      } else if (auto done = take(asked, body->text(*name), std::string(body->text(*value))); !done) {
        return fail(done.error());
      }
    }
  }
  if (asked.subject.empty() || asked.codes.empty() || asked.statistics.empty())
    return fail(ErrorCode::invalid, "$stats needs a subject, at least one code and at least one statistic.");
  if (asked.codes.size() > kCodesMax) return fail(ErrorCode::invalid, "$stats takes up to {} codes.", kCodesMax);
  for (std::string& code : asked.codes)
    if (!asked.system.empty() && code.find('|') == std::string::npos) code = asked.system + '|' + code;
  if (!asked.period_start.empty()) asked.more.emplace_back("date", "ge" + asked.period_start);
  if (!asked.period_end.empty()) asked.more.emplace_back("date", "le" + asked.period_end);
  if (asked.hours)
    asked.more.emplace_back("date", "ge" + to_iso(call.context.clock.now() -
                                                  milliseconds{static_cast<std::int64_t>(*asked.hours * 3'600'000)}));
  return asked;
}

// Values of one code in one unit.
struct Population {
  std::string unit, concept_json;
  std::uint64_t count = 0, without_value = 0;
  double sum = 0, min = 0, max = 0;
  std::map<double, std::uint64_t> values;  // where every value has to be known
  std::vector<std::string> sources;
  std::vector<std::string> said;

  void add(double value, std::uint64_t times) {
    min = count == 0 ? value : std::min(min, value);
    max = count == 0 ? value : std::max(max, value);
    count += times;
    sum += value * static_cast<double>(times);
    values[value] += times;
  }
};

double variance_of(const Population& all) {
  if (all.count < 2) return 0;
  const double mean = all.sum / static_cast<double>(all.count);
  double squares = 0;
  for (const auto& [value, times] : all.values) squares += (value - mean) * (value - mean) * static_cast<double>(times);
  return squares / static_cast<double>(all.count - 1);
}

double median_of(const Population& all) {
  const std::uint64_t low = (all.count - 1) / 2, high = all.count / 2;
  std::uint64_t before = 0;
  double sum = 0;
  for (const auto& [value, times] : all.values) {
    if (before <= low && low < before + times) sum += value;
    if (before <= high && high < before + times) sum += value;
    before += times;
  }
  return sum / 2;
}

// Six digits behind the point, none that say nothing.
std::string written(double value) {
  std::string text = fmt::format("{:.6f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string component_of(const Population& all, const std::string& statistic) {
  const bool counts = statistic == "count" || statistic == "total-count";
  std::string component = fmt::format(R"({{"code":{},)", statistic_concept(statistic));
  if (all.count == 0 && !counts)
    return component +
           R"("dataAbsentReason":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"not-applicable"}]}})";
  const double value = statistic == "average"       ? all.sum / static_cast<double>(all.count)
                       : statistic == "maximum"     ? all.max
                       : statistic == "minimum"     ? all.min
                       : statistic == "count"       ? static_cast<double>(all.count)
                       : statistic == "total-count" ? static_cast<double>(all.count + all.without_value)
                       : statistic == "median"      ? median_of(all)
                       : statistic == "variance"    ? variance_of(all)
                       : statistic == "std-dev"     ? std::sqrt(variance_of(all))
                                                    : all.sum;
  component += fmt::format(R"("valueQuantity":{{"value":{})", written(value));
  if (counts)
    component += R"(,"unit":"1","system":"http://unitsofmeasure.org","code":"1")";
  else if (!all.unit.empty() && statistic != "variance")
    component += fmt::format(R"(,{},"system":"http://unitsofmeasure.org",{})", member("unit", all.unit),
                             member("code", all.unit));
  return component + "}}";
}

// What is stored, up to kStoredMax, newest first.
Result<void> add_stored(const Call& call, const RecordCut& record, const search::Source& source,
                        const search::Query& query, const Asked& asked, Population& all) {
  const Definitions& d = call.definitions();
  std::size_t looked = 0;
  for (std::string after;;) {
    const auto found = search::run(query, source, {.after = after});
    if (!found) return fail(found.error());
    for (const search::Match& match : found->matches) {
      const auto version = record.newest(match.number);
      if (!version) continue;
      auto text = call.context.store.text(*version);
      if (!text) return fail(text.error());
      const auto document = read_json(*text, d);
      if (!document) return fail(document.error().error());
      const Node* quantity = document->child(document->root(), d.known().value);
      const Node* value = quantity == nullptr ? nullptr : document->child(*quantity, "value");
      const Node* unit = quantity == nullptr ? nullptr : document->child(*quantity, "code");
      const auto number = value == nullptr ? std::nullopt : number_in(document->text(*value));
      if (all.unit.empty() && all.count == 0 && unit != nullptr) all.unit = document->text(*unit);
      if (!number || (unit == nullptr ? std::string_view{} : document->text(*unit)) != all.unit) {
        ++all.without_value;
        continue;
      }
      if (all.concept_json.empty())
        if (const Node* code = document->child(document->root(), "code"))
          write_json(*document, *code, {}, all.concept_json);
      all.add(*number, 1);
      if (asked.include && all.sources.size() < asked.limit) all.sources.push_back(std::move(*text));
    }
    looked += found->matches.size();
    if (found->next.empty()) return {};
    if (looked >= kStoredMax)
      return fail(ErrorCode::too_large, "More than {} stored Observations would be read; take a shorter period.",
                  kStoredMax);
    after = found->next;
  }
}

asio::awaitable<Result<void>> add_signals(const Call& call, SignalSearch& signals, const Asked& asked,
                                          Population& all) {
  // Without these statistics what is known of whole chunks is enough.
  const bool with_values = std::ranges::any_of(asked.statistics, [](const std::string& one) {
    return one == "median" || one == "std-dev" || one == "variance";
  });
  std::size_t left = kSamplesMax;
  for (const auto& stretch : signals.stretches()) {
    const SignalCode* code = call.context.signals->find(stretch->mdc);
    if (code == nullptr || code->kind != SignalKind::number) continue;
    const auto found = signals.reader()->statistics(*stretch, with_values, left);
    if (!found) co_return fail(found.error());
    if (found->count == 0) continue;
    // Whether these are the patient's and the device's that were asked for, the date aside: it is the reader's.
    const SignalCell cell{.stretch = stretch,
                          .start_ns = found->first_ns,
                          .cell_ns = 1'000'000,
                          .samples = {{found->first_ns, found->first}}};
    const auto met = signals.meets(cell);
    if (!met) co_return fail(met.error());
    if (!*met) continue;
    if (all.unit.empty() && all.count == 0) all.unit = code->unit;
    if (all.unit != code->unit) {
      all.without_value += found->count;
      continue;
    }
    if (all.concept_json.empty()) all.concept_json = concept_of(*code);
    const double power = std::pow(10.0, code->scale);
    if (with_values) {
      left -= std::min<std::size_t>(left, found->count);
      for (const auto& [value, times] : found->values) all.add(value / power, times);
      continue;
    }
    all.min = all.count == 0 ? found->min / power : std::min(all.min, found->min / power);
    all.max = all.count == 0 ? found->max / power : std::max(all.max, found->max / power);
    all.count += found->count;
    all.sum += static_cast<double>(found->sum) / power;
  }
  co_return Result<void>{};
}

}  // namespace

asio::awaitable<Response> observation_statistics(Call call) {
  call.type_name = "Observation";
  call.type = call.definitions().type(call.type_name);
  const auto asked = asked_of(call);
  if (!asked) co_return outcome(asked.error());
  const StoreCut cut = call.context.store.cut();
  const SearchableCut searchable{cut.record, true};
  const search::Source source = searchable.source();
  std::string parameters, sources;
  for (const std::string& code : asked->codes) {
    http::Fields wanted{{"subject", asked->subject}, {"code", code}, {"_sort", "-date"}, {"_count", "1000"}};
    bool with_signals = call.context.signals != nullptr;
    for (const auto& [name, value] : asked->more)
      if (name == signals_parameter)
        with_signals = with_signals && value != "false";
      else
        wanted.emplace_back(name, value);
    const auto query = search::parse_query(call.type, wanted, {.now = call.context.clock.now()});
    if (!query) co_return outcome(query.error());
    Population all;
    if (with_signals) {
      SignalSearch signals{call, *query, cut.record, source};
      if (const auto opened = co_await signals.open({}); !opened) co_return outcome(opened.error());
      if (const auto done = co_await add_signals(call, signals, *asked, all); !done) co_return outcome(done.error());
    }
    if (const auto done = add_stored(call, cut.record, source, *query, *asked, all); !done)
      co_return outcome(done.error());
    if (all.concept_json.empty()) {
      const std::size_t bar = code.find('|');
      all.concept_json =
          fmt::format(R"({{"coding":[{{{}{}}}]}})",
                      bar == std::string::npos || bar == 0 ? "" : member("system", code.substr(0, bar)) + ',',
                      member("code", code.substr(bar == std::string::npos ? 0 : bar + 1)));
    }
    std::string components;
    for (const std::string& statistic : asked->statistics)
      components += (components.empty() ? "" : ",") + component_of(all, statistic);
    const std::string subject =
        asked->subject.find('/') == std::string::npos ? "Patient/" + asked->subject : asked->subject;
    parameters += fmt::format(
        R"({}{{"name":"statistics","resource":{{"resourceType":"Observation","status":"final","code":{},"subject":{{{}}},"component":[{}]}}}})",
        parameters.empty() ? "" : ",", all.concept_json, member("reference", subject), components);
    for (const std::string& one : all.sources) sources += fmt::format(R"(,{{"name":"source","resource":{}}})", one);
  }
  call.form.returns.reset();
  co_return resource_response(200,
                              fmt::format(R"({{"resourceType":"Parameters","parameter":[{}{}]}})", parameters, sources),
                              call.form, call.definitions());
}

}  // namespace salus::fhir

// Searches of a type, of the whole record and of a compartment, by GET and by POST, in pages that keep their cut.
#include <charconv>

#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/record_terms.hpp"
#include "fhir/rest/seal.hpp"
#include "fhir/rest/search_page.hpp"
#include "fhir/search/contained.hpp"
#include "fhir/signals/signal_search.hpp"
#include "http/target.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr std::string_view kCursorParameter = "_cursor";  // the same, as Medplum's client says it
constexpr std::string_view kOffsetParameter = "_offset";  // matches to leave out
constexpr std::uint32_t kOffsetMax = 10'000;              // beyond it, follow the links

using Parameter = std::pair<std::string_view, std::string>;

// For reading a page's link, which asks what was searched and not yet for which codes.
class NoCodes final : public search::Codes {
 public:
  Result<std::vector<search::Code>> of_value_set(std::string_view) override { return std::vector<search::Code>{}; }
  Result<std::vector<search::Code>> related(std::string_view, std::string_view, bool) override {
    return std::vector<search::Code>{};
  }
};

// The same search by anyone else, or another search, opens no page of this one.
std::string scope_of(const Call& call, const search::Query& query) {
  std::string scope = fmt::format("search {} {}", call.by(), call.type_name);
  for (const auto& [name, value] : query.used) scope += fmt::format(" {}={}", name, http::percent_encode(value));
  return scope;
}

// "https://host/fhir/Patient", whatever way the search came.
std::string path_of(const Call& call) {
  if (const std::string* owner = call.compartment_owner())
    return fmt::format("{}/{}/{}/{}", call.base, *owner, call.request.param("id"),
                       call.type == TypeId::none ? "$everything" : call.type_name);
  return call.type == TypeId::none ? call.base : fmt::format("{}/{}", call.base, call.type_name);
}

// `more`: which page of it.
std::string url_of(const Call& call, const search::Query& query, const std::optional<Parameter>& more) {
  std::string url = path_of(call);
  char separator = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    url += fmt::format("{}{}={}", separator, http::percent_encode(name), http::percent_encode(value));
    separator = '&';
  };
  const auto is_said = [&](const std::string& name) {
    return std::ranges::any_of(query.used, [&](const auto& used) { return used.first == name; });
  };
  for (const auto& [name, value] : query.used) add(name, value);
  for (const auto& [name, value] : call.request.queries)
    if (is_presentation_parameter(name) && !is_said(name)) add(name, value);
  if (more) add(more->first, more->second);
  return url;
}

// A search's parameters without those that say which page of it is asked for.
struct Asked {
  http::Fields parameters;
  std::optional<Parameter> page;  // as it came
  std::string sealed;             // of a page that this server promised; empty: the first, or by offset
  std::uint32_t offset = 0;
  std::optional<std::string> with_signals;
  bool explain = false;
};

Result<Asked> asked_of(const http::Fields& parameters) {
  Asked asked;
  for (const auto& [name, value] : parameters) {
    if (name == page_parameter || name == kCursorParameter) {
      asked.sealed = value;
      if (!value.empty()) asked.page.emplace(page_parameter, value);
    } else if (name == kOffsetParameter) {
      const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), asked.offset);
      if (ec != std::errc{} || end != value.data() + value.size() || asked.offset > kOffsetMax)
        return fail(ErrorCode::invalid, "_offset is a number from 0 to {}; for more, follow the links to next pages.",
                    kOffsetMax);
      asked.page.emplace(kOffsetParameter, value);
    } else if (name == signals_parameter) {
      asked.with_signals = value;
    } else {
      asked.parameters.emplace_back(name, value);
    }
    asked.explain |= name == "explain" && value == "true";
  }
  return asked;
}

// Where the page begins that leaves out `offset` matches; nothing when there are no more than that.
asio::awaitable<Result<std::optional<PagePlace>>> place_behind(const Call& call, std::uint32_t offset,
                                                               search::Query query, PagePlace place,
                                                               bool signals_are_asked_for) {
  query.total = search::Total::none;
  query.includes.clear();
  while (offset > 0) {  // a page of many signals may end early
    query.count = offset;
    auto skipped = co_await page_of(call, query, place, signals_are_asked_for);
    if (!skipped) co_return fail(skipped.error());
    if (!skipped->next) co_return std::nullopt;
    offset -= static_cast<std::uint32_t>(skipped->entries.size());
    place = std::move(*skipped->next);
  }
  co_return place;
}

// What was done, for people who want to know why a search takes long.
std::string explanation(const search::SearchResult& result, const Definitions& definitions) {
  std::string text = fmt::format("{} rows of the index were looked at.", result.steps);
  for (const search::PlanStep& step : result.plan)
    text += fmt::format(" {}: {} {}, estimated {}{}; {} candidates, {} matched; tried on each: {}.",
                        definitions.name(step.type), step.walked, step.how, step.estimate, step.more ? " or more" : "",
                        step.candidates, step.matched,
                        step.tried.empty() ? "nothing" : fmt::format("{}", fmt::join(step.tried, ", ")));
  return text;
}

std::string outcome_entry(std::string_view code, std::span<const std::string> texts) {
  std::vector<OutcomeIssue> issues;
  for (const std::string& text : texts)
    issues.push_back({.severity = code == "informational" ? "information" : "warning", .code = code, .text = text});
  return fmt::format(R"("resource":{},"search":{{"mode":"outcome"}})", outcome_text(issues));
}

// `contained`: of the match only what it contains under this id.
Result<std::string> match_entry(const Call& call, const RecordCut& record, const search::Match& match,
                                std::string_view mode, const std::optional<std::string>& contained = {}) {
  const auto version = record.newest(match.number);
  if (!version) return fail(ErrorCode::damaged, "A resource that the index knows is not in the record.");
  std::string url = fmt::format("{}/{}/{}", call.base, call.definitions().name(match.type), version->id);
  Result<std::string> text = call.context.store.text(*version);
  if (text && (contained || !call.form.is_whole())) {
    auto document = read_json(*text, call.definitions());
    if (!document) return fail(document.error().error());
    if (contained) {
      auto inner = search::contained_document(*document, *contained);
      if (!inner) return fail(ErrorCode::damaged, "A contained resource that the index knows is not there.");
      *document = std::move(*inner);
      url += '#' + *contained;
    }
    text = call.form.is_whole() ? write_json(*document) : subset(*document, call.form);
  }
  if (!text) return fail(text.error());
  return fmt::format(R"({},"resource":{},"search":{{"mode":"{}"}})", member("fullUrl", url), *text, mode);
}

// A signal's, or that of something stored.
Result<std::string> page_entry(const Call& call, const RecordCut& record, PageEntry& entry) {
  if (entry.id.empty()) return match_entry(call, record, entry.match, "match", entry.contained);
  if (!call.form.is_whole()) {
    const auto document = read_json(entry.json, call.definitions());
    if (!document) return fail(document.error().error());
    entry.json = subset(*document, call.form);
  }
  return fmt::format(R"({},"resource":{},"search":{{"mode":"match"}})",
                     member("fullUrl", fmt::format("{}/Observation/{}", call.base, entry.id)), entry.json);
}

// Whether there are signals that a search of a patient's Observations does not show for want of a code.
asio::awaitable<bool> leaves_signals_out(const Call& call, const search::Query& query, const PagePlace& place) {
  const bool of_patient = std::ranges::any_of(query.used, [](const auto& used) {
    return used.first.starts_with("patient") || used.first.starts_with("subject");
  });
  if (call.context.signals == nullptr || call.type_name != "Observation" || call.request.query("_asOf"))
    co_return false;
  if (!of_patient && call.compartment_owner() == nullptr) co_return false;
  const StoreCut cut = call.context.store.cut();
  const RecordCut record = cut.record.until(place.end);
  const SearchableCut searchable{record, place.end == cut.record.end()};
  const search::Source source = searchable.source();
  SignalSearch signals{call, query, record, source};
  const auto opened = co_await signals.open({});
  co_return opened && !signals.stretches().empty();
}

// `first` comes before what is found, on the first page.
asio::awaitable<Response> answer(Call call, const http::Fields& parameters, std::optional<search::Match> first = {}) {
  const auto asked = asked_of(parameters);
  if (!asked) co_return outcome(asked.error());
  search::QueryContext context{
      .handling = call.form.handling == Handling::lenient ? search::Handling::lenient : search::Handling::strict,
      .now = call.context.clock.now(),
      .reads_bodies = true};
  if (const std::string* owner = call.compartment_owner()) {
    context.compartment = call.definitions().type(*owner);
    context.compartment_id = call.request.param("id");
  }
  const auto parse = [&](search::Codes& codes) {
    context.codes = &codes;
    auto parsed = search::parse_query(call.type, asked->parameters, context);
    if (parsed && asked->with_signals) parsed->used.emplace_back(signals_parameter, *asked->with_signals);
    return parsed;
  };
  const auto asked_cut = cut_of(call);
  if (!asked_cut) co_return outcome(asked_cut.error());
  PagePlace place{.end = asked_cut->record.end()};
  if (!asked->sealed.empty()) {
    NoCodes codes;
    const auto scope = parse(codes);
    if (!scope) co_return outcome(scope.error());
    const auto bytes = unseal(call.context.seal_key, scope_of(call, *scope), asked->sealed);
    if (!bytes) co_return outcome(bytes.error());
    auto opened = decode_page(*bytes);
    if (!opened) co_return outcome(opened.error());
    place = std::move(*opened);
  }
  TermsAt at{call.context, {asked_cut->held, asked_cut->record.until(place.end)}};
  auto query = parse(at.terms);
  if (!query) co_return outcome(query.error());
  const auto signals = signals_wanted(call, *query, asked->with_signals);
  if (!signals) co_return outcome(signals.error());
  const bool with_contained = query->contained != search::Contained::no;
  if (with_contained && signals->explicitly)
    co_return outcome(400, "not-supported", "Signals contain nothing: leave out _signals or _contained.");
  if (signals->wanted && !with_contained && asked->sealed.empty())
    place.signals = PageSignals{.begun = call.context.clock.now()};
  bool is_behind_all = false;
  if (asked->offset > 0 && asked->sealed.empty() && !query->only_count) {
    auto behind = co_await place_behind(call, asked->offset, *query, place, signals->explicitly);
    if (!behind) co_return outcome(behind.error());
    is_behind_all = !*behind;
    if (*behind) place = std::move(**behind);
  }
  auto page = co_await page_of(call, *query, place, signals->explicitly);
  if (!page) co_return outcome(page.error());
  if (is_behind_all) page->entries.clear(), page->included.clear(), page->next.reset();
  if (!signals->wanted && !asked->with_signals && !asked->page && co_await leaves_signals_out(call, *query, place))
    page->said.emplace_back("Signals of devices are left out of searches without a code; _signals=true includes them.");
  const RecordCut record = asked_cut->record.until(place.end);

  BundleText text{"searchset"};
  if (page->total) text.total(*page->total);
  text.link("self", url_of(call, *query, asked->page));
  if (page->next)
    text.link("next", url_of(call, *query,
                             Parameter{page_parameter,
                                       seal(call.context.seal_key, scope_of(call, *query), encode(*page->next))}));
  std::vector<PageEntry> entries = page->entries;
  if (first && !asked->page) entries.insert(entries.begin(), PageEntry{*first, {}, {}, {}});
  for (PageEntry& one : entries) {
    const auto entry = page_entry(call, record, one);
    if (!entry) co_return outcome(entry.error());
    text.entry(*entry);
  }
  for (const search::Match& match : page->included) {
    const auto entry = match_entry(call, record, match, "include");
    if (!entry) co_return outcome(entry.error());
    text.entry(*entry);
  }
  if (!query->ignored.empty()) text.entry(outcome_entry("not-supported", query->ignored));
  if (!page->said.empty()) text.entry(outcome_entry("informational", page->said));
  if (asked->explain) {
    const std::string plan = explanation(page->stored, call.definitions());
    text.entry(outcome_entry("informational", {&plan, 1}));
  }
  call.form.elements.clear();
  call.form.summary = Summary::none;
  co_return resource_response(200, text.finish(), call.form, call.definitions());
}

}  // namespace

asio::awaitable<Response> search_by_get(Call call) {
  const http::Fields parameters = call.request.queries;
  co_return co_await answer(std::move(call), parameters);
}

asio::awaitable<Response> everything(Call call) {
  const std::string owner = *call.compartment_owner(), id = call.request.param("id");
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  const auto version = cut->record.newest(call.definitions().type(owner), id);
  if (!version || version->is_removed())
    co_return outcome(404, "not-found", fmt::format("There is no {}/{}.", owner, id));
  http::Fields parameters;
  bool is_wanted = true;  // the patient themselves, whom the compartment's parameters do not find
  for (const auto& [name, value] : call.request.queries) {
    if (name == "_type") is_wanted = fmt::format(",{},", value).find(fmt::format(",{},", owner)) != std::string::npos;
    if (name == "_since")
      parameters.emplace_back("_lastUpdated", "ge" + value);
    else if (name == "_type" || name == "_count" || name == "_lastUpdated" || name == page_parameter ||
             name == signals_parameter || is_presentation_parameter(name))
      parameters.emplace_back(name, value);
    else
      co_return outcome(400, "not-supported",
                        fmt::format("$everything takes _since, _type, _count and _signals, not '{}'.", name));
  }
  const auto since = call.request.query("_since");
  if (since) {
    const auto time = parse_iso(*since);
    if (!time) co_return outcome(400, "value", "_since is an instant such as 2026-03-01T08:00:00Z.");
    is_wanted = is_wanted && version->updated >= *time;
  }
  std::optional<search::Match> own;
  if (is_wanted) own = search::Match{version->number, version->type};
  co_return co_await answer(std::move(call), parameters, own);
}

asio::awaitable<Response> search_by_post(Call call) {
  http::Fields parameters = call.request.queries;
  const std::string_view type = call.request.header("content-type");
  if (!call.request.body.empty() && !type.starts_with("application/x-www-form-urlencoded"))
    co_return outcome(415, "not-supported", "A search is posted as application/x-www-form-urlencoded.");
  auto form = http::parse_form(call.request.body);
  if (!form) co_return outcome(form.error());
  parameters.insert(parameters.end(), form->begin(), form->end());
  co_return co_await answer(std::move(call), parameters);
}

}  // namespace salus::fhir

// Histories of a resource, a type and the whole record: newest first, in pages that keep their cut.
#include <algorithm>

#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/seal.hpp"
#include "fhir/rest/signals.hpp"
#include "fhir/search/encoding.hpp"
#include "http/target.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr std::int64_t kCountDefault = 50;
constexpr std::int64_t kCountMax = 1000;
constexpr std::size_t kLookedAtMax = 200'000;  // versions, for one page of _at

struct Page {
  log::Offset end{};                  // the cut
  std::optional<HistoryPlace> after;  // where the page before ended
};

struct Asked {
  std::size_t count = kCountDefault;
  std::optional<Time> since;
  std::optional<search::Interval> at;
  std::optional<Page> page;
};

std::string scope_of(const Call& call) {
  return fmt::format("history {} {}", fmt::join(call.request.segments, "/"), call.by());
}

std::string encode(const Page& page) {
  std::string bytes;
  Writer out{bytes};
  out.put(page.end);
  out.put(page.after->version);
  out.put(page.after->number);
  return bytes;
}

Result<Page> decode(ByteView bytes) {
  Reader in{bytes};
  Page page;
  page.end = in.get<log::Offset>();
  page.after = HistoryPlace{in.get<log::Offset>(), in.get<ResourceNumber>()};
  if (in.failed() || !in.at_end()) return fail(ErrorCode::invalid, "This link to a page is cut short.");
  return page;
}

Result<Asked> asked_of(const Call& call) {
  Asked asked;
  for (const auto& [name, value] : call.request.queries)
    if (!is_presentation_parameter(name) && name != "_count" && name != "_since" && name != "_at" && name != "_page")
      return fail(ErrorCode::invalid,
                  "A history knows _count, _since, _at, _format, _pretty, _summary and _elements, not '{}'.", name);
  const auto count = call.request.query_int("_count", 1, 1'000'000);
  if (!count) return fail(count.error());
  asked.count = static_cast<std::size_t>(std::min(count->value_or(kCountDefault), kCountMax));
  if (const auto since = call.request.query("_since")) {
    const auto time = parse_iso(*since);
    if (!time) return fail(ErrorCode::invalid, "_since is an instant such as 2026-03-01T08:00:00Z.");
    asked.since = *time;
  }
  if (const auto at = call.request.query("_at")) {
    asked.at = search::interval_of(*at);
    if (!asked.at) return fail(ErrorCode::invalid, "_at is a date or an instant, such as 2026-03 or 2026-03-01.");
  }
  if (const auto sealed = call.request.query("_page")) {
    const auto bytes = unseal(call.context.seal_key, scope_of(call), *sealed);
    if (!bytes) return fail(bytes.error());
    auto page = decode(*bytes);
    if (!page) return fail(page.error());
    asked.page = *page;
  }
  return asked;
}

Result<std::string> entry_of(const Call& call, const Version& version) {
  const std::string url = fmt::format("{}/{}", call.definitions().name(version.type), version.id);
  std::string members = member("fullUrl", fmt::format("{}/{}", call.base, url));
  if (!version.is_removed()) {
    auto text = call.context.store.text(version);
    if (!text) return fail(text.error());
    if (!call.form.is_whole()) {
      auto document = call.context.store.document(version);
      if (!document) return fail(document.error());
      text = subset(*document, call.form);
    }
    members += ",\"resource\":" + *text;
  }
  constexpr std::string_view methods[] = {"", "POST", "PUT", "DELETE"};
  constexpr std::string_view statuses[] = {"", "201 Created", "200 OK", "204 No Content"};
  const auto operation = static_cast<std::size_t>(version.operation);
  members += fmt::format(
      R"(,"request":{{"method":"{}",{}}},"response":{{"status":"{}","lastModified":"{}",{}}})", methods[operation],
      member("url", version.operation == Operation::create ? std::string(call.definitions().name(version.type)) : url),
      statuses[operation], instant_of(version.updated), member("etag", tag_of(version.version)));
  return members;
}

std::string next_url(const Call& call, const Asked& asked, const Page& next) {
  std::string url = call.base;
  const bool alias = call.request.segments.size() > 1 && call.request.segments[1] == "R4";
  for (std::size_t i = alias ? 2 : 1; i < call.request.segments.size(); ++i) url += '/' + call.request.segments[i];
  url += fmt::format("?_count={}", asked.count);
  for (const auto& [name, value] : call.request.queries)
    if (name != "_count" && name != "_page") url += fmt::format("&{}={}", name, http::percent_encode(value));
  return url + "&_page=" + seal(call.context.seal_key, scope_of(call), encode(next));
}

using Fetch = std::vector<Version> (*)(const Call&, const RecordCut&, std::optional<HistoryPlace>, std::size_t);

// Whether a version was what the record said at some moment of _at: made within it, or the newest when it began.
class CurrentAt {
 public:
  CurrentAt(const RecordCut& record, search::Interval at)
      : at_(at), before_(record.table(), std::min(record.end(), record.end_at(time_of(at.start)))) {}
  bool operator()(const Version& version) const {
    const std::int64_t made = search::interval_of(version.updated).start;
    if (made >= at_.start) return made < at_.end;
    const auto then = before_.newest(version.number);
    return then && then->version == version.version && !then->is_removed();
  }

 private:
  static Time time_of(std::int64_t microseconds) {
    constexpr std::int64_t most = INT64_MAX / 1000;
    return time_from_ns(std::clamp(microseconds, -most, most) * 1000);
  }
  search::Interval at_;
  RecordCut before_;
};

// A page's versions, and one more where another page follows. Errors: too_large.
Result<std::vector<Version>> versions_of(const Call& call, const RecordCut& record, const Asked& asked, Fetch fetch) {
  std::vector<Version> kept;
  std::optional<HistoryPlace> after = asked.page ? asked.page->after : std::nullopt;
  std::optional<CurrentAt> is_current;
  if (asked.at) is_current.emplace(record, *asked.at);
  const std::size_t batch = asked.at ? std::size_t{kCountMax} : asked.count + 1;
  for (std::size_t looked_at = 0; looked_at < kLookedAtMax; looked_at += batch) {
    const std::vector<Version> found = fetch(call, record, after, batch);
    for (const Version& version : found) {
      if (asked.since && version.updated < *asked.since) return kept;  // they come newest first
      if (!is_current || (*is_current)(version)) kept.push_back(version);
      if (kept.size() > asked.count) return kept;
    }
    if (found.size() < batch) return kept;
    after = HistoryPlace{found.back().version, found.back().number};
  }
  return fail(ErrorCode::too_large, "More than {} versions lie between; ask for a type, a resource or a later _at.",
              kLookedAtMax);
}

asio::awaitable<Response> history(Call call, Fetch fetch) {
  const auto asked = asked_of(call);
  if (!asked) co_return outcome(asked.error());
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  const RecordCut record = cut->record.until(asked->page ? asked->page->end : cut->record.end());
  auto found = versions_of(call, record, *asked, fetch);
  if (!found) co_return outcome(found.error());
  std::vector<Version>& versions = *found;
  const bool has_more = versions.size() > asked->count;
  if (has_more) versions.resize(asked->count);
  BundleText text{"history"};
  text.link("self", fmt::format("{}{}", call.base, call.request.target.substr(call.request.target.find("/fhir") + 5)));
  if (has_more)
    text.link("next",
              next_url(call, *asked, {record.end(), HistoryPlace{versions.back().version, versions.back().number}}));
  for (const Version& version : versions) {
    const auto entry = entry_of(call, version);
    if (!entry) co_return outcome(entry.error());
    text.entry(*entry);
  }
  call.form.elements.clear();
  co_return resource_response(200, text.finish(), call.form, call.definitions());
}

template <class Walk>
std::vector<Version> first_of(std::size_t limit, Walk walk) {
  std::vector<Version> found;
  walk([&](const Version& version) {
    found.push_back(version);
    return found.size() < limit;
  });
  return found;
}

}  // namespace

asio::awaitable<Response> instance_history(Call call) {
  const std::string& id = call.request.param("id");
  if (is_signal(call, id)) co_return co_await signal_history(std::move(call));
  if (!call.context.store.cut().record.number_of(call.type, id))
    co_return outcome(404, "not-found", fmt::format("There is no {}/{}.", call.type_name, id));
  co_return co_await history(std::move(call), [](const Call& c, const RecordCut& record,
                                                 std::optional<HistoryPlace> before, std::size_t limit) {
    const auto number = record.number_of(c.type, c.request.param("id"));
    return first_of(limit, [&](const RecordCut::Visit& visit) { record.history(*number, before, visit); });
  });
}

asio::awaitable<Response> type_history(Call call) {
  co_return co_await history(std::move(call), [](const Call& c, const RecordCut& record,
                                                 std::optional<HistoryPlace> before, std::size_t limit) {
    return first_of(limit, [&](const RecordCut::Visit& visit) { record.history(c.type, before, visit); });
  });
}

asio::awaitable<Response> system_history(Call call) {
  co_return co_await history(std::move(call),
                             [](const Call& c, const RecordCut& record, std::optional<HistoryPlace> before,
                                std::size_t limit) { return record.history(c.definitions(), before, limit); });
}

}  // namespace salus::fhir

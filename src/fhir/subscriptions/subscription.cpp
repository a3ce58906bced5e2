#include "fhir/subscriptions/subscription.hpp"

#include <algorithm>
#include <charconv>

#include "http/target.hpp"

namespace salus::fhir {
namespace {

constexpr std::string_view kBackport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
constexpr std::size_t kFiltersMax = 16;
constexpr std::size_t kHeadersMax = 16;
constexpr std::size_t kHeaderBytesMax = 4096;
constexpr std::int64_t kHeartbeatMax = 86'400;

std::string_view text_at(const Document& document, const Node* node, std::string_view name) {
  const Node* child = node == nullptr ? nullptr : document.child(*node, name);
  return child == nullptr ? std::string_view{} : document.text(*child);
}

// Values of the extensions of `node` that the backport guide calls `name`.
std::vector<std::string_view> extensions(const Document& document, const Node* node, std::string_view name) {
  std::vector<std::string_view> values;
  if (node == nullptr) return values;
  for (const Node& child : document.children(*node)) {
    if (document.name(child) != "extension") continue;
    const std::string_view url = text_at(document, &child, "url");
    if (url.starts_with(kBackport) && url.substr(kBackport.size()) == name)
      values.push_back(text_at(document, &child, "value"));
  }
  return values;
}

// Adds a search, joined with another of its type: then both must hold.
Result<void> add_query(std::string_view criteria, const Definitions& definitions, Time now, Subscription& out) {
  const std::size_t question = std::min(criteria.find('?'), criteria.size());
  const std::string_view name = criteria.substr(0, question);
  const TypeId type = definitions.type(name);
  if (!definitions.is_resource(type) || definitions.is_abstract(type))
    return fail(
        ErrorCode::invalid,
        "The criteria '{}' begin with no type of resource; a search such as 'Observation?code=8867-4' is asked for.",
        name.substr(0, 64));
  const auto fields = http::parse_form(criteria.substr(std::min(question + 1, criteria.size())));
  if (!fields) return fail(fields.error());
  auto query = search::parse_query(type, *fields, {.now = now});
  if (!query) return within("criteria", query.error());
  auto same = std::ranges::find(out.queries, type, &search::TypeQuery::type);
  if (same == out.queries.end()) {
    out.queries.push_back(std::move(query->types.front()));
  } else {
    std::ranges::move(query->types.front().clauses, std::back_inserter(same->clauses));
  }
  return {};
}

bool is_canonical(std::string_view criteria) {
  return criteria.starts_with("http://") || criteria.starts_with("https://") || criteria.starts_with("urn:");
}

Result<void> read_criteria(const Document& document, Time now, Subscription& out) {
  const Node* criteria = document.child(document.root(), "criteria");
  const std::string_view said = criteria == nullptr ? std::string_view{} : document.text(*criteria);
  if (!is_canonical(said)) return add_query(said, document.definitions(), now, out);
  if (said != change_topic)
    return fail(ErrorCode::invalid, "The topic '{}' is not known here; there is '{}'.", said.substr(0, 128),
                change_topic);
  out.topic = said;
  const auto filters = extensions(document, criteria, "backport-filter-criteria");
  if (filters.empty() || filters.size() > kFiltersMax)
    return fail(ErrorCode::invalid, "A subscription to the topic needs 1 to {} extensions backport-filter-criteria.",
                kFiltersMax);
  for (const std::string_view filter : filters)
    if (auto done = add_query(filter, document.definitions(), now, out); !done) return done;
  return {};
}

Result<void> read_headers(const Document& document, const Node& channel, Subscription& out) {
  for (const Node& child : document.children(channel)) {
    if (document.name(child) != "header") continue;
    const std::string_view header = document.text(child);
    const std::size_t colon = header.find(':');
    const bool is_whole =
        std::ranges::none_of(header, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
    const std::string_view name = header.substr(0, std::min(colon, header.size()));
    const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (colon == std::string_view::npos || !is_name || !is_whole || header.size() > kHeaderBytesMax ||
        out.headers.size() == kHeadersMax)
      return fail(ErrorCode::invalid, "channel.header is at most {} lines such as 'Authorization: Bearer secret'.",
                  kHeadersMax);
    std::string lower{name};
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    for (const std::string_view own : {"host", "content-length", "content-type", "connection", "transfer-encoding",
                                       "te", "upgrade", "expect", "user-agent", "trailer"})
      if (lower == own || lower.starts_with("salus-"))
        return fail(ErrorCode::invalid, "channel.header: '{}' is this server's own.", name);
    out.headers.emplace_back(header);
  }
  return {};
}

Result<void> read_content(const Document& document, const Node& channel, Subscription& out) {
  const Node* payload = document.child(channel, "payload");
  out.payload = payload == nullptr ? std::string_view{} : document.text(*payload);
  out.content = out.payload.empty() ? Content::empty : Content::full;
  // Medplum's client names no payload and expects the resource: on a socket R4's own kind sends all of it.
  if (out.channel == Channel::websocket) out.content = Content::full;
  if (!out.payload.empty() && out.payload != "application/fhir+json" && out.payload != "application/json")
    return fail(ErrorCode::invalid, "channel.payload is application/fhir+json; others are not spoken.");
  const auto asked = extensions(document, payload, "backport-payload-content");
  out.as_bundle = out.is_topical() || !asked.empty();
  if (asked.empty()) return {};
  if (asked.front() == "empty")
    out.content = Content::empty;
  else if (asked.front() == "id-only")
    out.content = Content::id_only;
  else if (asked.front() == "full-resource")
    out.content = Content::full;
  else
    return fail(ErrorCode::invalid, "backport-payload-content is one of empty, id-only, full-resource.");
  return {};
}

Result<void> read_channel(const Document& document, Subscription& out) {
  const Node* channel = document.child(document.root(), "channel");
  if (channel == nullptr) return fail(ErrorCode::invalid, "A Subscription needs a channel.");
  const std::string_view type = text_at(document, channel, "type");
  if (type != "websocket" && type != "rest-hook")
    return fail(ErrorCode::invalid, "The channel '{}' is not served here; there are websocket and rest-hook.", type);
  out.channel = type == "websocket" ? Channel::websocket : Channel::rest_hook;
  out.endpoint = text_at(document, channel, "endpoint");
  if (out.channel == Channel::rest_hook && out.endpoint.empty())
    return fail(ErrorCode::invalid, "A rest-hook needs channel.endpoint.");
  if (auto done = read_headers(document, *channel, out); !done) return done;
  if (const auto beat = extensions(document, channel, "backport-heartbeat-period"); !beat.empty()) {
    std::int64_t period = 0;
    const auto [end, ec] = std::from_chars(beat.front().data(), beat.front().data() + beat.front().size(), period);
    if (ec != std::errc{} || period < 0 || period > kHeartbeatMax)
      return fail(ErrorCode::invalid, "backport-heartbeat-period is 0 to {} seconds.", kHeartbeatMax);
    out.heartbeat = seconds{period};
  }
  return read_content(document, *channel, out);
}

}  // namespace

Result<Subscription> read_subscription(const Document& document, Time now) {
  Subscription out;
  out.status = text_at(document, &document.root(), "status");
  if (auto done = read_criteria(document, now, out); !done) return fail(done.error());
  if (auto done = read_channel(document, out); !done) return fail(done.error());
  if (const std::string_view end = text_at(document, &document.root(), "end"); !end.empty()) {
    const auto time = parse_iso(end);
    if (!time) return fail(ErrorCode::invalid, "Subscription.end is an instant such as 2026-03-01T08:00:00Z.");
    out.end = *time;
  }
  return out;
}

}  // namespace salus::fhir

// Operations of Subscriptions: a token for the socket, the status, and events again by their numbers.
#include <algorithm>

#include "fhir/document/json.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/subscriptions/delivery.hpp"
#include "fhir/subscriptions/hub.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr std::size_t kEventsMax = 1'000;  // of an answer
constexpr std::size_t kEventsDefault = 100;

struct Found {
  std::shared_ptr<const view::Cut> cut;
  Known known;
  Subscription asked;
};

tl::expected<Found, Response> find(const Call& call) {
  const SubscriptionStore* store = call.context.subscriptions;
  if (store == nullptr) return tl::make_unexpected(outcome(404, "not-supported", "There are no subscriptions here."));
  auto cut = store->cut();
  auto known = store->find(call.request.param("id"), *cut);
  if (!known) return tl::make_unexpected(outcome(known.error()));
  // One that is in error has a status to be asked for all the same.
  Subscription asked = known->asked.value_or(Subscription{});
  return Found{std::move(cut), std::move(*known), std::move(asked)};
}

Response answer(const Call& call, const Notice& notice) {
  auto bundle = notice_bundle(notice, {call.context.store, call.base, call.context.clock.now()});
  if (!bundle) return outcome(bundle.error());
  return resource_response(200, std::move(*bundle), call.form, call.definitions());
}

}  // namespace

asio::awaitable<Response> subscription_token(Call call) {
  auto found = find(call);
  if (!found) co_return std::move(found.error());
  if (const std::string why = found->known.why_not(); !why.empty()) co_return outcome(409, "conflict", why);
  const std::string& id = found->known.standing.id;
  const auto token = call.context.hub->issue(*call.request.caller, id, call.base);
  if (!token) co_return outcome(token.error());
  record(call, "subscription_token", "Subscription/" + id, true);
  std::string url;
  write_json_string(
      fmt::format("{}://{}/ws/subscriptions-r4", call.request.tls ? "wss" : "ws", call.request.header("host")), url);
  co_return resource_response(
      200,
      fmt::format(R"({{"resourceType":"Parameters","parameter":[{{"name":"token","valueString":"{}"}},)"
                  R"({{"name":"expiration","valueDateTime":"{}"}},{{"name":"subscription","valueString":"{}"}},)"
                  R"({{"name":"websocket-url","valueUrl":{}}}]}})",
                  token->text, instant_of(token->expires), id, url),
      call.form, call.definitions());
}

asio::awaitable<Response> subscription_secret(Call call) {
  const auto found = find(call);
  if (!found) co_return found.error();
  const std::string& id = found->known.standing.id;
  record(call, "subscription_secret", "Subscription/" + id, true);
  Response response = resource_response(
      200,
      fmt::format(R"({{"resourceType":"Parameters","parameter":[{{"name":"secret","valueString":"{}"}}]}})",
                  signing_secret(call.context.seal_key, id)),
      call.form, call.definitions());
  response.set("Cache-Control", "no-store");
  co_return response;
}

asio::awaitable<Response> subscription_status(Call call) {
  const auto found = find(call);
  if (!found) co_return found.error();
  const Known& known = found->known;
  co_return answer(call, {.kind = NoticeKind::query_status,
                          .standing = known.standing,
                          .asked = found->asked,
                          .status = known.status,
                          .last = known.standing.last});
}

asio::awaitable<Response> subscription_events(Call call) {
  const auto found = find(call);
  if (!found) co_return found.error();
  const Standing& standing = found->known.standing;
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const auto since = call.request.query_int("eventsSinceNumber", 1, most);
  const auto until = call.request.query_int("eventsUntilNumber", 1, most);
  const auto count = call.request.query_int("_count", 1, most);
  for (const auto* number : {&since, &until, &count})
    if (!*number) co_return outcome(number->error());
  Content content = found->asked.content;
  if (const auto asked = call.request.query("content")) {
    if (asked == "empty")
      content = Content::empty;
    else if (asked == "id-only")
      content = Content::id_only;
    else if (asked == "full-resource")
      content = Content::full;
    else
      co_return outcome(400, "value", "`content` is one of empty, id-only, full-resource.");
  }
  const EventNumber first = static_cast<EventNumber>(since->value_or(static_cast<std::int64_t>(standing.first)));
  if (first < standing.first)
    co_return outcome(404, "not-found",
                      fmt::format("Events before {} are no longer kept; the history of the record has what they told.",
                                  standing.first));
  const std::size_t limit =
      std::min<std::size_t>(kEventsMax, static_cast<std::size_t>(count->value_or(kEventsDefault)));
  std::vector<Event> events = SubscriptionCut{*found->cut->table}.events(standing.number, first, limit);
  if (*until)
    std::erase_if(events, [&](const Event& event) { return event.number > static_cast<EventNumber>(**until); });
  record(call, "subscription_events", "Subscription/" + standing.id, true);
  co_return answer(call, {.kind = NoticeKind::query_event,
                          .standing = standing,
                          .asked = found->asked,
                          .status = found->known.status,
                          .events = events,
                          .last = standing.last,
                          .content = content});
}

}  // namespace salus::fhir

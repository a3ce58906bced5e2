// The socket of subscriptions. A client says in JSON {"type":"bind-with-token","payload":{"token":…}} (and, to resume,
// "eventsSinceNumber" beside the token), "unbind-from-token" and "ping", as Medplum's does; or in text, as R4 says it,
// "bind ID" with a bearer token in the header of the upgrade, or "bind-with-token TOKEN" of the backport guide.
#include <charconv>

#include "base/json.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/subscriptions/hub.hpp"

namespace salus::fhir {
namespace {

using Socket = std::shared_ptr<http::WebSocket>;

constexpr std::size_t kMessageBytesMax = 8 << 10;
constexpr std::uint32_t kMessagesPerMinuteMax = 1'000;
constexpr milliseconds kFirstMessage{60'000};

struct Talk {
  SubscriptionHub& hub;
  Socket socket;
  std::optional<guard::Caller> caller;  // by the header of the upgrade
  std::string base;
};

void refuse_in_json(const Socket& socket, const Error& error) {
  const OutcomeIssue issue{.code = "processing", .text = error.message};
  socket->send_text(outcome_text({&issue, 1}));
}

void bind_by_token(Talk& talk, std::string_view token, EventNumber next, bool json) {
  const auto refused = [socket = talk.socket, json](const Error& error) {
    if (json) return refuse_in_json(socket, error);
    socket->send_text("error " + error.message);
  };
  auto meant = talk.hub.redeem(token);
  if (!meant) return refused(meant.error());
  talk.hub.bind(talk.socket, std::move(*meant), SubscriptionHub::Voice::bundles, next, refused);
}

void hear_json(Talk& talk, const std::string& text) {
  const auto parsed = parse_json(text, {.bytes_max = kMessageBytesMax, .depth_max = 4});
  if (!parsed || !parsed->is_object())
    return refuse_in_json(talk.socket, {ErrorCode::invalid, "A message is a JSON object with 'type'."});
  const json::object& message = parsed->get_object();
  const std::string type = string_or(message, "type");
  if (type == "ping") {
    talk.socket->send_text(R"({"type":"pong"})");
    return;
  }
  const json::value* payload = message.if_contains("payload");
  const json::object* object = payload == nullptr ? nullptr : payload->if_object();
  const std::string token = object == nullptr ? std::string{} : string_or(*object, "token");
  if (type == "bind-with-token") {
    const std::int64_t next = object == nullptr ? 0 : int_or(*object, "eventsSinceNumber");
    return bind_by_token(talk, token, next > 0 ? static_cast<EventNumber>(next) : SubscriptionHub::from_now, true);
  }
  if (type == "unbind-from-token") {
    if (const auto meant = talk.hub.redeem(token)) talk.hub.unbind(talk.socket, meant->id);
    return;
  }
  refuse_in_json(talk.socket, {ErrorCode::invalid, "'type' is bind-with-token, unbind-from-token or ping."});
}

void hear_text(Talk& talk, std::string_view text) {
  const std::size_t space = std::min(text.find(' '), text.size());
  std::string_view verb = text.substr(0, space);
  std::string_view what = text.substr(std::min(space + 1, text.size()));
  while (what.ends_with('\n') || what.ends_with(' ')) what.remove_suffix(1);
  if (verb.ends_with(':')) verb.remove_suffix(1);
  if (verb == "bind-with-token") return bind_by_token(talk, what, SubscriptionHub::from_now, false);
  const std::string id{what.substr(0, 64)};
  if (verb == "ping") {
    talk.socket->send_text("pong " + id);
    return;
  }
  if (verb == "unbind" && !id.empty()) return talk.hub.unbind(talk.socket, id);
  if (verb != "bind") {
    talk.socket->send_text("error a message is 'bind ID', 'bind-with-token TOKEN', 'unbind ID' or 'ping ID'");
    return;
  }
  if (!talk.caller) {
    talk.socket->send_text("error 'bind' needs a bearer token in the header of the upgrade; use 'bind-with-token'");
    return;
  }
  talk.hub.bind(talk.socket, {*talk.caller, id, talk.base, {}}, SubscriptionHub::Voice::pings,
                SubscriptionHub::from_now,
                [socket = talk.socket](const Error& error) { socket->send_text("error " + error.message); });
}

asio::awaitable<void> serve(SubscriptionHub& hub, guard::Authority& authority, const http::Request& request,
                            Socket socket) {
  Talk talk{hub, socket, {}, fmt::format("{}://{}/fhir", request.tls ? "https" : "http", request.header("host"))};
  if (const std::string_view header = request.header("authorization"); header.starts_with("Bearer "))
    if (auto caller = authority.bearer(header.substr(7))) talk.caller = std::move(*caller);
  auto minute = std::chrono::steady_clock::now();
  std::uint32_t messages = 0;
  for (bool is_first = true;; is_first = false) {
    const auto message = co_await socket->read(is_first ? kFirstMessage : milliseconds{0});
    if (!message) break;
    if (const auto now = std::chrono::steady_clock::now(); now - minute > std::chrono::minutes{1}) {
      minute = now;
      messages = 0;
    }
    if (++messages > kMessagesPerMinuteMax) {
      socket->close(http::CloseCode::policy, "too many messages");
      break;
    }
    if (message->data.starts_with('{'))
      hear_json(talk, message->data);
    else
      hear_text(talk, message->data);
  }
  hub.unbind(socket, {});
}

}  // namespace

void add_subscription_socket(http::Router& router, SubscriptionHub& hub, guard::Authority& authority) {
  router.add(http::WebSocketRoute{
      .pattern = "/ws/subscriptions-r4",
      .access = http::Access::anyone(),
      .summary = "Events of Subscriptions; bound by a token of $get-ws-binding-token, or by the header of the upgrade",
      .handler = [&hub, &authority](const http::Request& request,
                                    Socket socket) { return serve(hub, authority, request, std::move(socket)); },
      .protocols = {},
      .message_bytes_max = kMessageBytesMax});
}

}  // namespace salus::fhir

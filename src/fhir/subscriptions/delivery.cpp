#include "fhir/subscriptions/delivery.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/digest.hpp"
#include "fhir/subscriptions/keeper.hpp"
#include "log/kinds.hpp"

namespace salus::fhir {
namespace {

constexpr milliseconds kTurn{50};
constexpr milliseconds kRetryMax{300'000};
constexpr EventNumber kNotedEvery = 64;  // a crash repeats no more deliveries than these

// One that has a coroutine of its own; touched on the strand alone.
struct Receiver {
  explicit Receiver(const asio::any_io_executor& executor, ResourceNumber of) : timer(executor), number(of) {}
  asio::steady_timer timer;
  ResourceNumber number{};
  EventNumber next = 1;   // to be delivered
  EventNumber noted = 0;  // in the log
  log::Offset version{};  // of the Subscription that is served
  bool waits_for_events = false;
  bool ended = false;
};

using Receivers = std::map<ResourceNumber, std::shared_ptr<Receiver>>;

std::optional<Known> known_of(const DeliveryContext& context, ResourceNumber number) {
  const auto cut = context.store.cut();
  auto standing = SubscriptionCut{*cut->table}.find(number);
  if (!standing) return std::nullopt;
  return context.store.understand(std::move(*standing));
}

bool is_served(const Known& known) {
  return !known.standing.removed && known.why_not().empty() && known.asked->channel == Channel::rest_hook;
}

void sign(const DeliveryContext& context, const Known& known, http::OutsideRequest& request) {
  const std::string secret = signing_secret(context.seal_key, known.standing.id);
  request.headers.emplace_back("Salus-Subscription", known.standing.id);
  request.headers.emplace_back("Salus-Signature", "sha256=" + to_hex(view_of(hmac_sha256(secret, request.body))));
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/fhir+json");
  for (const std::string& header : known.asked->headers) {
    const std::size_t colon = header.find(':');
    const std::size_t value = header.find_first_not_of(' ', colon + 1);
    request.headers.emplace_back(header.substr(0, colon),
                                 value == std::string::npos ? std::string{} : header.substr(value));
  }
}

asio::awaitable<void> pause(Receiver& receiver, milliseconds time) {
  boost::system::error_code ec;
  receiver.timer.expires_after(time);
  co_await receiver.timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
}

// Tells the receiver until it has taken it. False when the subscription changed or was given up meanwhile.
asio::awaitable<bool> tell(const DeliveryContext& context, Receiver& receiver, Known known,
                           http::OutsideRequest request) {
  const Time began = context.clock.now();
  for (milliseconds rest = context.first_retry;; rest = std::min(rest * 2, kRetryMax)) {
    const auto status = co_await http::send_outside(request, context.rules);
    if (status && *status >= 200 && *status < 300) co_return true;
    const std::string why = status ? fmt::format("The receiver answered {}.", *status) : status.error().message;
    const bool never =
        !status && (status.error().code == ErrorCode::forbidden || status.error().code == ErrorCode::invalid);
    if (never || context.clock.now() - began > context.gives_up_after) {
      spdlog::warn("Subscription/{} is stopped at event {}: {}", known.standing.id, receiver.next, why);
      if (auto done = co_await set_status(context.store, known,
                                          {"error", fmt::format("Stopped at event {}: {}", receiver.next, why)});
          !done)
        co_await pause(receiver, rest);
      co_return false;
    }
    co_await pause(receiver, rest);
    const auto now = known_of(context, receiver.number);
    if (!now || now->standing.version != known.standing.version) co_return false;  // read it as it is now
  }
}

asio::awaitable<void> note(const DeliveryContext& context, Receiver& receiver, const std::string& id) {
  const EventNumber until = receiver.next - 1;
  if (until <= receiver.noted) co_return;
  const auto answer = co_await context.store.host().submit(
      {log::kind::subscription_delivered, 1, json_text(json::object{{"subscription", id}, {"until", until}}), 0});
  if (answer) receiver.noted = until;  // else the next one says it
}

// What is first said to a receiver that was requested. False when it must be looked at again.
asio::awaitable<bool> activate(const DeliveryContext& context, Receiver& receiver, const Known& known) {
  if (known.asked->is_topical()) {
    auto hello = notice_bundle({.kind = NoticeKind::handshake,
                                .standing = known.standing,
                                .asked = *known.asked,
                                .status = "requested",
                                .last = known.standing.last},
                               {context.store.record(), context.base, context.clock.now()});
    if (!hello) co_return false;
    http::OutsideRequest request{.url = known.asked->endpoint, .headers = {}, .body = std::move(*hello)};
    sign(context, known, request);
    if (!co_await tell(context, receiver, known, std::move(request))) co_return false;
  }
  const auto done = co_await set_status(context.store, known, {"active", {}});
  if (!done) co_await pause(receiver, context.first_retry);
  co_return false;
}

asio::awaitable<void> serve(const DeliveryContext* context, std::shared_ptr<Receiver> receiver) {
  while (true) {
    const auto cut = context->store.cut();
    const auto known = known_of(*context, receiver->number);
    if (!known) break;
    receiver->version = known->standing.version;
    if (!is_served(*known)) {
      co_await note(*context, *receiver, known->standing.id);
      break;
    }
    if (known->status == "requested") {
      co_await activate(*context, *receiver, *known);
      continue;
    }
    const auto events = SubscriptionCut{*cut->table}.events(receiver->number, receiver->next, 1);
    if (events.empty()) {
      co_await note(*context, *receiver, known->standing.id);
      receiver->waits_for_events = true;
      co_await pause(*receiver, kRetryMax);
      receiver->waits_for_events = false;
      continue;
    }
    if (events.front().number != receiver->next) {
      co_await set_status(
          context->store, *known,
          {"error",
           fmt::format(
               "Events {} to {} were not delivered and are no longer kept; read them from the record's history.",
               receiver->next, events.front().number - 1)});
      receiver->next = events.front().number;
      continue;
    }
    auto request = request_for(*context, *known, events.front());
    if (!request) {
      spdlog::warn("Event {} of Subscription/{} cannot be read: {}", receiver->next, known->standing.id,
                   request.error().message);
      co_await pause(*receiver, kRetryMax);
      continue;
    }
    if (!co_await tell(*context, *receiver, *known, std::move(*request))) continue;
    ++receiver->next;
    if (receiver->next - 1 >= receiver->noted + kNotedEvery) co_await note(*context, *receiver, known->standing.id);
  }
  receiver->ended = true;
}

}  // namespace

std::string signing_secret(std::string_view seal_key, std::string_view subscription) {
  return to_hex(view_of(hmac_sha256(seal_key, fmt::format("signs what is sent for Subscription/{}", subscription))));
}

Result<http::OutsideRequest> request_for(const DeliveryContext& context, const Known& known, const Event& event) {
  http::OutsideRequest request{.url = known.asked->endpoint, .headers = {}, .body = {}};
  if (known.asked->as_bundle) {
    auto bundle = notice_bundle({.kind = NoticeKind::event_notification,
                                 .standing = known.standing,
                                 .asked = *known.asked,
                                 .status = "active",
                                 .events = {&event, 1},
                                 .last = event.number,
                                 .content = known.asked->content},
                                {context.store.record(), context.base, context.clock.now()});
    if (!bundle) return fail(bundle.error());
    request.body = std::move(*bundle);
  } else if (known.asked->content == Content::full) {  // R4: an update of the resource below the endpoint
    const auto version = version_of(event, context.store.record().cut().record.table());
    if (!version) return fail(ErrorCode::damaged, "It is not in the record.");
    auto text = context.store.record().text(*version);
    if (!text) return fail(text.error());
    request.body = std::move(*text);
    request.method = http::Method::put;
    if (request.url.ends_with('/')) request.url.pop_back();
    request.url += fmt::format("/{}/{}", context.store.record().definitions().name(version->type), version->id);
  }
  request.headers.emplace_back("Salus-Event-Number", std::to_string(event.number));
  sign(context, known, request);
  return request;
}

asio::awaitable<void> deliver_subscriptions(const DeliveryContext& context) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::steady_timer timer{executor};
  Receivers receivers;
  log::Position looked{};
  while (true) {
    timer.expires_after(kTurn);
    co_await timer.async_wait(asio::use_awaitable);
    std::erase_if(receivers, [](const auto& one) { return one.second->ended; });
    const auto cut = context.store.cut();
    if (cut->applied == looked) continue;
    looked = cut->applied;
    for (Standing& standing : SubscriptionCut{*cut->table}.all()) {
      const auto found = receivers.find(standing.number);
      if (found != receivers.end()) {
        Receiver& receiver = *found->second;
        if (receiver.waits_for_events || receiver.version != standing.version) receiver.timer.cancel();
        continue;
      }
      const Known known = context.store.understand(std::move(standing));
      if (!is_served(known)) continue;
      auto receiver = std::make_shared<Receiver>(executor, known.standing.number);
      receiver->noted = known.standing.delivered;
      receiver->next = known.standing.delivered + 1;
      receivers.emplace(known.standing.number, receiver);
      asio::co_spawn(executor, serve(&context, receiver), asio::detached);
    }
  }
}

}  // namespace salus::fhir

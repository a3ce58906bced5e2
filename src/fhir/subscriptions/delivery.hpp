// Tells the receivers of rest-hook subscriptions, each event in its turn and at least once: the view is the outbox, a
// delivery that a receiver took (2xx) is noted in the log (`subscription_delivered`), and after a restart it goes on
// behind the last one noted. A receiver that fails is asked again after 1, 2, 4 … 300 s; its later events wait. After a
// day, or when the rules forbid its address, the subscription is set to `error`; set to `requested` it goes on where it
// stopped.
//
// Each request says `Salus-Subscription`, `Salus-Event-Number` (by which a receiver tells what it has) and
// `Salus-Signature: sha256=<hex>`, the HMAC-SHA256 of the body under the subscription's own secret.
#pragma once

#include <map>

#include "fhir/subscriptions/store.hpp"
#include "http/outside.hpp"

namespace salus::fhir {

struct DeliveryContext {
  const SubscriptionStore& store;
  const Clock& clock;
  http::OutsideRules rules;
  std::string base;      // "https://host:8443/fhir": of what is told
  std::string seal_key;  // secrets are derived from it
  milliseconds first_retry{1'000};
  seconds gives_up_after{24 * 3'600};
};

// 64 hex digits, which sign what is sent to its receiver. The same after a restart; of each id its own.
std::string signing_secret(std::string_view seal_key, std::string_view subscription);

// What an event is sent as. Errors: those of reading the record.
Result<http::OutsideRequest> request_for(const DeliveryContext& context, const Known& known, const Event& event);

// Runs until its io_context stops, on one strand, with a coroutine for each receiver. `context` outlives it.
asio::awaitable<void> deliver_subscriptions(const DeliveryContext& context);

}  // namespace salus::fhir

// Keeps the status of Subscriptions true, by changes of the record like anybody's: what is requested becomes active or
// in error, what has ended goes off, and so does a socket's subscription that nobody has been bound to for a day
// (Medplum's client makes a new one each time it connects).
#pragma once

#include "fhir/subscriptions/hub.hpp"

namespace salus::fhir {

inline constexpr seconds abandoned_after{24 * 3'600};

// Runs until its io_context stops; on the hub's executor. All outlive it.
asio::awaitable<void> keep_subscriptions(const SubscriptionStore& store, const SubscriptionHub& hub,
                                         const Clock& clock);

// What the resource's status is to be, and Subscription.error with it; nothing where it is right. `seen` is when
// somebody was bound last, or when this server began to look.
struct StatusWish {
  std::string status, error;
};
std::optional<StatusWish> wish_for(const Known& known, Time now, Time seen);

// Sets it, unless the resource changed meanwhile: then the next look decides. Errors: those of writes.
asio::awaitable<Result<void>> set_status(const SubscriptionStore& store, const Known& known, StatusWish wish);

}  // namespace salus::fhir

// Subscriptions for those who are not their apply thread: cuts to read at, and what they can be told.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fhir/subscriptions/notification.hpp"

namespace salus::fhir {

// A subscription as it stands. `asked` is there when it is understood.
struct Known {
  Standing standing;
  std::string status;
  std::optional<Subscription> asked;

  // Why nobody can listen to it; empty: somebody can.
  std::string why_not() const;
};

// Lifetime: everything given outlives it. Threads: any.
class SubscriptionStore {
 public:
  SubscriptionStore(view::Host& host, const Subscriptions& view, RecordStore& record)
      : host_(host), view_(view), record_(record) {}

  RecordStore& record() const { return record_; }
  view::Host& host() const { return host_; }
  std::shared_ptr<const view::Cut> cut() const { return host_.cut(view_); }

  // Errors: not_found.
  Result<Known> find(std::string_view id, const view::Cut& cut) const;
  Known understand(Standing standing) const;

 private:
  view::Host& host_;
  const Subscriptions& view_;
  RecordStore& record_;
};

}  // namespace salus::fhir

// What a subscriber is told, in FHIR's words: a Bundle of type history whose first entry says which subscription it is
// for and which events it holds. R4's own subscriptions get a SubscriptionStatus, as Medplum's clients ask, topic-based
// ones the Parameters of the backport guide.
#pragma once

#include <span>
#include <string>

#include "fhir/records/record_store.hpp"
#include "fhir/subscriptions/subscriptions.hpp"

namespace salus::fhir {

enum class NoticeKind : std::uint8_t { handshake, heartbeat, event_notification, query_status, query_event };

struct Notice {
  NoticeKind kind = NoticeKind::event_notification;
  const Standing& standing;
  const Subscription& asked;
  std::string_view status;             // of the Subscription now
  std::span<const Event> events = {};  // ascending
  EventNumber last = 0;                // events since the subscription began
  Content content = Content::full;
};

struct NoticeContext {
  const RecordStore& store;
  std::string base;  // "https://host/fhir"
  Time now{};
};

// Errors: those of reading bodies.
Result<std::string> notice_bundle(const Notice& notice, const NoticeContext& context);

// The entry of a Bundle of type searchset that says how a subscription stands. Requires: a notice without events.
std::string status_entry(const Notice& notice, const NoticeContext& context);

// The version of an event. Requires: the cut holds it.
std::optional<Version> version_of(const Event& event, const view::TableReader& record);

}  // namespace salus::fhir

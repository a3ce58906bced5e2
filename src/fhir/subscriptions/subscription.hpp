// A Subscription resource as it is understood: what it listens for, and how it wants to be told.
//
// Two kinds are taken: R4's own, whose criteria is a search ("Observation?code=http://loinc.org|8867-4"); and
// topic-based ones of the Subscriptions R5 Backport guide, whose criteria is the canonical of a topic and whose
// searches stand in filter extensions beside it.
#pragma once

#include <string>
#include <vector>

#include "fhir/document/document.hpp"
#include "fhir/search/query.hpp"

namespace salus::fhir {

// The topic that this server has: resources created or changed, by searches that the subscriber gives.
inline constexpr std::string_view change_topic = "urn:salus:topic:resource-changed";

enum class Channel : std::uint8_t { websocket, rest_hook };
// What is told of a resource: only that there is something, where it is, or all of it.
enum class Content : std::uint8_t { empty, id_only, full };

struct Subscription {
  std::string status;                      // requested, active, error, off
  std::string topic;                       // canonical; empty: R4's own kind
  std::vector<search::TypeQuery> queries;  // a change that meets one is an event; one of each type
  Channel channel = Channel::websocket;
  std::string endpoint;              // rest_hook
  std::vector<std::string> headers;  // rest_hook: "Name: value"
  std::string payload;               // media type; empty: none was asked for
  Content content = Content::empty;
  bool as_bundle = false;  // rest_hook: whether events come as Bundles, as in the backport guide; else as R4 says
  std::optional<Time> end;
  seconds heartbeat{0};  // 0: none

  // A requested one as well, so that nothing falls between asking and being active.
  bool listens() const { return status == "requested" || status == "active"; }
  bool is_topical() const { return !topic.empty(); }
};

// Requires: `document` is a Subscription. `now` is what dates in its searches are measured from; the same gives the
// same. Errors: invalid (a search or channel that cannot be served; the sentence says which).
Result<Subscription> read_subscription(const Document& document, Time now);

}  // namespace salus::fhir

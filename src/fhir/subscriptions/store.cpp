#include "fhir/subscriptions/store.hpp"

#include "fhir/document/json.hpp"

namespace salus::fhir {

std::string Known::why_not() const {
  if (!standing.error.empty()) return standing.error;
  if (!asked) return "The subscription cannot be understood.";
  if (!asked->listens()) return fmt::format("The subscription is '{}'; set it to 'requested' or 'active'.", status);
  return {};
}

Result<Known> SubscriptionStore::find(std::string_view id, const view::Cut& cut) const {
  const TypeId type = record_.definitions().type("Subscription");
  const auto number = record_.cut().record.number_of(type, id);
  auto standing = number ? SubscriptionCut{*cut.table}.find(*number) : std::nullopt;
  if (!standing || standing->removed)
    return fail(ErrorCode::not_found, "There is no Subscription/{}.", id.substr(0, 64));
  return understand(std::move(*standing));
}

Known SubscriptionStore::understand(Standing standing) const {
  Known known{.standing = std::move(standing), .status = {}, .asked = {}};
  const auto document = read_json(known.standing.json, record_.definitions());
  if (!document) return known;
  if (const Node* status = document->child(document->root(), "status")) known.status = document->text(*status);
  if (auto asked = read_subscription(*document, known.standing.updated)) known.asked = std::move(*asked);
  return known;
}

}  // namespace salus::fhir

// Subscription/$status: how several subscriptions stand, by their ids and statuses, or all of them
// (https://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition-backport-subscription-status.html).
#include <algorithm>

#include "fhir/records/body.hpp"
#include "fhir/rest/arguments.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/subscriptions/store.hpp"

namespace salus::fhir {
namespace {

constexpr std::size_t kStatusesMax = 1'000;  // of an answer

// Each may be several, with commas; each once, as they came.
std::vector<std::string> parts_of(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts)
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      std::string part = text.substr(at, end - at);
      if (!part.empty() && std::ranges::find(out, part) == out.end()) out.push_back(std::move(part));
      at = end + 1;
    }
  return out;
}

// The ids of all Subscriptions that there are, to one more than an answer may hold.
std::vector<std::string> all_ids(const Call& call, const RecordCut& record) {
  std::vector<std::string> out;
  record.scan(call.definitions().type("Subscription"), ResourceNumber::none, RecordCut::Direction::ascending,
              [&](ResourceNumber number) {
                if (auto version = record.newest(number)) out.push_back(std::move(version->id));
                return out.size() <= kStatusesMax;
              });
  return out;
}

}  // namespace

asio::awaitable<http::Response> subscription_statuses(Call call) {
  const SubscriptionStore* store = call.context.subscriptions;
  if (store == nullptr) co_return outcome(404, "not-supported", "There are no subscriptions here.");
  const auto arguments = Arguments::of(call, {"id", "status"});
  if (!arguments) co_return arguments.error();
  const std::vector<std::string> statuses = parts_of(arguments->texts("status"));
  for (const std::string& status : statuses)
    if (status != "requested" && status != "active" && status != "error" && status != "off")
      co_return outcome(400, "value", "`status` is one of requested, active, error, off.");
  std::vector<std::string> ids = parts_of(arguments->texts("id"));
  if (ids.empty()) ids = all_ids(call, call.context.store.cut().record);
  if (ids.size() > kStatusesMax)
    co_return outcome(413, "too-costly",
                      fmt::format("These are more than {} subscriptions; name fewer by `id`.", kStatusesMax));
  const auto cut = store->cut();
  const NoticeContext context{call.context.store, call.base, call.context.clock.now()};
  std::string entries;
  std::uint64_t total = 0;
  for (const std::string& id : ids) {
    const auto known = store->find(id, *cut);
    if (!known && known.error().code == ErrorCode::not_found) continue;
    if (!known) co_return outcome(known.error());
    if (!statuses.empty() && std::ranges::find(statuses, known->status) == statuses.end()) continue;
    // One that is in error has a status to be asked for all the same.
    const Subscription asked = known->asked.value_or(Subscription{});
    entries += (entries.empty() ? "" : ",") + status_entry({.kind = NoticeKind::query_status,
                                                            .standing = known->standing,
                                                            .asked = asked,
                                                            .status = known->status,
                                                            .last = known->standing.last},
                                                           context);
    ++total;
  }
  std::string text = fmt::format(R"({{"resourceType":"Bundle","type":"searchset","total":{},"timestamp":"{}")", total,
                                 instant_of(context.now));
  if (!entries.empty()) text += ",\"entry\":[" + entries + "]";
  co_return resource_response(200, text + '}', call.form, call.definitions());
}

}  // namespace salus::fhir

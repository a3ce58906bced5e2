#include "fhir/subscriptions/notification.hpp"

#include "base/digest.hpp"
#include "fhir/document/json.hpp"
#include "fhir/records/body.hpp"

namespace salus::fhir {
namespace {

constexpr std::string_view kKinds[] = {"handshake", "heartbeat", "event-notification", "query-status", "query-event"};
constexpr std::string_view kProfiles = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

std::string quoted(std::string_view text) {
  std::string out;
  write_json_string(text, out);
  return out;
}

std::string focus_of(const Version& version, const NoticeContext& context) {
  return quoted(fmt::format("{}/{}/{}", context.base, context.store.definitions().name(version.type), version.id));
}

std::string status_resource(const Notice& notice, std::span<const Version> versions, const NoticeContext& context) {
  std::string events;
  for (std::size_t i = 0; i < notice.events.size(); ++i) {
    const std::string focus = notice.content == Content::empty ? std::string{} : focus_of(versions[i], context);
    events += fmt::format(R"({}{{"eventNumber":"{}","timestamp":"{}")", i == 0 ? "" : ",", notice.events[i].number,
                          instant_of(versions[i].updated));
    if (!focus.empty()) events += fmt::format(R"(,"focus":{{"reference":{}}})", focus);
    events += '}';
  }
  std::string out = fmt::format(
      R"({{"resourceType":"SubscriptionStatus","id":{},"status":{},"type":"{}","eventsSinceSubscriptionStart":"{}")",
      quoted(notice.standing.id), quoted(notice.status), kKinds[static_cast<std::size_t>(notice.kind)], notice.last);
  if (!events.empty()) out += ",\"notificationEvent\":[" + events + "]";
  out += fmt::format(R"(,"subscription":{{"reference":{}}})", quoted("Subscription/" + notice.standing.id));
  if (!notice.standing.error.empty()) out += fmt::format(R"(,"error":[{{"text":{}}}])", quoted(notice.standing.error));
  return out + '}';
}

std::string status_parameters(const Notice& notice, std::span<const Version> versions, const NoticeContext& context) {
  std::string out = fmt::format(
      R"({{"resourceType":"Parameters","id":{},"meta":{{"profile":["{}backport-subscription-status-r4"]}},"parameter":[)"
      R"({{"name":"subscription","valueReference":{{"reference":{}}}}},{{"name":"topic","valueCanonical":{}}},)"
      R"({{"name":"status","valueCode":{}}},{{"name":"type","valueCode":"{}"}},)"
      R"({{"name":"events-since-subscription-start","valueString":"{}"}})",
      quoted(notice.standing.id), kProfiles,
      quoted(fmt::format("{}/Subscription/{}", context.base, notice.standing.id)), quoted(notice.asked.topic),
      quoted(notice.status), kKinds[static_cast<std::size_t>(notice.kind)], notice.last);
  for (std::size_t i = 0; i < notice.events.size(); ++i) {
    out += fmt::format(
        R"(,{{"name":"notification-event","part":[{{"name":"event-number","valueString":"{}"}},{{"name":"timestamp","valueInstant":"{}"}})",
        notice.events[i].number, instant_of(versions[i].updated));
    if (notice.content != Content::empty)
      out += fmt::format(R"(,{{"name":"focus","valueReference":{{"reference":{}}}}})", focus_of(versions[i], context));
    out += "]}";
  }
  if (!notice.standing.error.empty())
    out += fmt::format(R"(,{{"name":"error","valueCodeableConcept":{{"text":{}}}}})", quoted(notice.standing.error));
  return out + "]}";
}

Result<std::string> resource_entry(const Version& version, const NoticeContext& context) {
  const auto text = context.store.text(version);
  if (!text) return fail(text.error());
  const bool created = version.operation == Operation::create;
  const std::string_view type = context.store.definitions().name(version.type);
  return fmt::format(
      R"(,{{"fullUrl":{},"resource":{},"request":{{"method":"{}","url":{}}},"response":{{"status":"{}"}}}})",
      focus_of(version, context), *text, created ? "POST" : "PUT",
      quoted(created ? std::string(type) : fmt::format("{}/{}", type, version.id)), created ? "201" : "200");
}

}  // namespace

std::optional<Version> version_of(const Event& event, const view::TableReader& record) {
  return RecordCut{record, log::after(event.version)}.newest(event.resource);
}

std::string status_entry(const Notice& notice, const NoticeContext& context) {
  return fmt::format(
      R"({{"fullUrl":{},"resource":{},"search":{{"mode":"match"}}}})",
      quoted(fmt::format("{}/Subscription/{}/$status", context.base, notice.standing.id)),
      notice.asked.is_topical() ? status_parameters(notice, {}, context) : status_resource(notice, {}, context));
}

Result<std::string> notice_bundle(const Notice& notice, const NoticeContext& context) {
  const StoreCut cut = context.store.cut();
  std::vector<Version> versions;
  for (const Event& event : notice.events) {
    auto version = version_of(event, cut.record.table());
    if (!version)
      return fail(ErrorCode::damaged, "Event {} of Subscription/{} is not in the record.", event.number,
                  notice.standing.id);
    versions.push_back(std::move(*version));
  }
  const bool is_query = notice.kind == NoticeKind::query_status;
  const bool is_topical = notice.asked.is_topical();
  std::string out = fmt::format(R"({{"resourceType":"Bundle","id":"{}",)", to_hex(random_bytes(16)));
  if (is_topical && !is_query)
    out += fmt::format(R"("meta":{{"profile":["{}backport-subscription-notification-r4"]}},)", kProfiles);
  out += fmt::format(R"("type":"{}","timestamp":"{}","entry":[{{"fullUrl":)", is_query ? "searchset" : "history",
                     instant_of(versions.empty() ? context.now : versions.back().updated));
  const std::string status =
      is_topical ? status_parameters(notice, versions, context) : status_resource(notice, versions, context);
  const std::string url = fmt::format("Subscription/{}/$status", notice.standing.id);
  out += quoted(fmt::format("{}/{}", context.base, url)) + ",\"resource\":" + status;
  out += is_query
             ? std::string(R"(,"search":{"mode":"match"}})")
             : fmt::format(R"(,"request":{{"method":"GET","url":{}}},"response":{{"status":"200"}}}})", quoted(url));
  if (notice.content == Content::full)
    for (const Version& version : versions) {
      const auto entry = resource_entry(version, context);
      if (!entry) return fail(entry.error());
      out += *entry;
    }
  return out + "]}";
}

}  // namespace salus::fhir

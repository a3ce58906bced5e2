// Alarm limits: the rows of every scope, what holds for one device and where it comes from, and who changed what.
#include <span>

#include "app/api/sight.hpp"
#include "app/limit_json.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;
using monitor::Scope, monitor::ScopeKind;

// A page of history looks at so many changes at most; `next` then goes on from there.
constexpr std::size_t kLookedAtMax = 20'000;

json::array rows(const std::vector<monitor::Limit>& limits) {
  json::array out;
  for (const monitor::Limit& limit : limits) out.push_back(limit_json(limit));
  return out;
}

asio::awaitable<Result<Response>> list(WardContext& context, const Request& request) {
  struct Rows {
    Scope scope;
    std::vector<monitor::Limit> rows;
  };
  const auto scopes = co_await context.core.records().read(
      [limits = &context.core.limits(), core = &context.core, caller = caller_of(request)]() {
        std::vector<Scope> names = limits->scopes();
        names.push_back(Scope::hospital());
        for (const device::AgeClass one : {device::AgeClass::adult, device::AgeClass::child, device::AgeClass::neonate})
          names.push_back(Scope::of(one));
        std::ranges::sort(names);
        names.erase(std::ranges::unique(names).begin(), names.end());
        std::vector<Rows> out;
        for (Scope& scope : names) {
          if (!sees_scope(core->registry(), caller, scope)) continue;
          std::vector<monitor::Limit> found = limits->list(scope);
          out.push_back({std::move(scope), std::move(found)});
        }
        return out;
      });
  if (!scopes) co_return fail(scopes.error());
  json::array hospital, beds;
  json::object wards, age_classes, patients, devices;
  for (const Rows& one : *scopes) switch (one.scope.kind) {
      case ScopeKind::hospital:
        hospital = rows(one.rows);
        break;
      case ScopeKind::ward:
        wards[one.scope.name] = rows(one.rows);
        break;
      case ScopeKind::age_class:
        age_classes[one.scope.name] = rows(one.rows);
        break;
      case ScopeKind::bed:
        beds.push_back({{"ward", one.scope.ward}, {"bed", one.scope.name}, {"rows", rows(one.rows)}});
        break;
      case ScopeKind::patient:
        patients[one.scope.name] = rows(one.rows);
        break;
      case ScopeKind::device:
        devices[one.scope.name] = rows(one.rows);
        break;
    }
  co_return http::json_response(200, json::object{{"default", std::move(hospital)},
                                                  {"wards", std::move(wards)},
                                                  {"age_classes", std::move(age_classes)},
                                                  {"beds", std::move(beds)},
                                                  {"patients", std::move(patients)},
                                                  {"devices", std::move(devices)}});
}

// For the audit: "bed ICU/B01 spo2".
std::string target_of(const json::object& entry) {
  const Result<Scope> scope = monitor::scope_from(entry);
  const std::string code = string_or(entry, "code");
  if (!scope || scope->kind == ScopeKind::hospital) return fmt::format("default/{}", code);
  if (scope->kind == ScopeKind::device) return fmt::format("{}/{}", scope->name, code);
  return fmt::format("{} {}{}{}/{}", monitor::name(scope->kind), scope->ward, scope->ward.empty() ? "" : "/",
                     scope->name, code);
}

asio::awaitable<Result<Response>> change(WardContext& context, const Request& request, log::Kind kind,
                                         std::span<const char* const> members) {
  const Result<json::object> body = request.json();
  if (!body) co_return fail(body.error());
  json::object entry = members_of(*body, members);
  const std::string target = target_of(entry);
  const auto answer = co_await append(context, request, kind, std::move(entry), target);
  if (!answer) co_return fail(answer.error());
  co_return co_await list(context, request);
}

// `members` outlive the coroutine.
constexpr const char* kPutMembers[] = {"device",       "patient",    "bed",     "ward",     "age_class",
                                       "code",         "priority",   "low",     "high",     "delay_ms",
                                       "end_delay_ms", "hysteresis", "enabled", "latching", "reason"};
constexpr const char* kResetMembers[] = {"device", "patient", "bed", "ward", "age_class", "code", "priority", "reason"};

asio::awaitable<Result<Response>> put(WardContext& context, const Request& request) {
  return change(context, request, log::kind::limits_put, kPutMembers);
}

asio::awaitable<Result<Response>> reset(WardContext& context, const Request& request) {
  return change(context, request, log::kind::limits_reset, kResetMembers);
}

asio::awaitable<Result<Response>> effective(WardContext& context, const Request& request) {
  const std::string device{request.query("device").value_or("")};
  struct Found {
    monitor::Subject subject;
    std::vector<monitor::ScopedLimit> rows;
  };
  if (const auto since = co_await seen_since(context, request, device); !since) co_return fail(since.error());
  const auto found = co_await context.core.records().read([core = &context.core, device]() -> std::optional<Found> {
    if (core->registry().find(device) == nullptr) return std::nullopt;
    const monitor::Subject subject = monitor::subject_of(core->registry(), device);
    return Found{subject, core->limits().effective(subject)};
  });
  if (!found) co_return fail(found.error());
  if (!*found) co_return fail(ErrorCode::not_found, "Device '{}' is not registered.", device);
  json::array items;
  for (const monitor::ScopedLimit& row : (*found)->rows) items.push_back(limit_json(row));
  const monitor::Subject& subject = (*found)->subject;
  co_return http::json_response(
      200, json::object{{"device", device},
                        {"bed", subject.bed},
                        {"ward", subject.ward},
                        {"patient", subject.patient.empty() ? json::value(nullptr) : json::value(subject.patient)},
                        {"age_class", device::name(subject.age_class)},
                        {"watched_as", device::name(subject.watched_as())},
                        {"rows", std::move(items)}});
}

json::object describe(const monitor::LimitChange& change) {
  return {{"number", change.number},
          {"time", to_iso(change.time)},
          {"action", monitor::name(change.action)},
          {"scope", scope_json(change.scope)},
          {"code", device::info(change.row.code).alias()},
          {"priority", monitor::name(change.row.priority)},
          {"row", limit_json(change.row)},
          {"before", change.before ? json::value(limit_json(*change.before)) : json::value(nullptr)},
          {"by", change.by},
          {"reason", change.reason}};
}

// Which changes are asked for: of one scope, of one code, or all.
struct Wanted {
  std::optional<Scope> scope;
  device::Code code = device::no_code;
  bool takes(const monitor::LimitChange& change) const {
    return (!scope || change.scope == *scope) && (code == device::no_code || change.row.code == code);
  }
};

Result<Wanted> wanted(const Request& request) {
  Wanted result;
  json::object members;
  for (const char* key : {"device", "patient", "bed", "ward", "age_class"})
    if (const auto value = request.query(key)) members[key] = *value;
  Result<Scope> scope = monitor::scope_from(members);
  if (!scope) return fail(scope.error());
  if (!members.empty() || request.query("scope") == "hospital") result.scope = std::move(*scope);
  const std::string_view code = request.query("code").value_or("");
  if (!code.empty() && (result.code = device::find_code(code)) == device::no_code)
    return fail(ErrorCode::invalid, "'code' names no vital sign.");
  return result;
}

asio::awaitable<Result<Response>> history(WardContext& context, const Request& request) {
  const Result<std::size_t> limit = page_limit(request);
  const auto cursor = request.query_int("cursor", 1, INT64_MAX);
  const Result<Wanted> want = wanted(request);
  if (!limit) co_return fail(limit.error());
  if (!cursor) co_return fail(cursor.error());
  if (!want) co_return fail(want.error());
  const std::uint64_t before = *cursor ? static_cast<std::uint64_t>(**cursor) : ~std::uint64_t{0};
  struct Found {
    std::vector<monitor::LimitChange> changes;
    std::shared_ptr<const view::TableReader> table;
  };
  auto found = co_await context.core.records().read([core = &context.core, before] {
    return Found{core->limits().changes(before), core->records().snapshot(core->limits())};
  });
  if (!found) co_return fail(found.error());
  json::array items;
  std::uint64_t last = before;
  std::size_t looked_at = 0;
  bool more = false;
  const auto take = [&](const monitor::LimitChange& change) {
    if (items.size() == *limit || ++looked_at > kLookedAtMax) {
      more = true;
      return false;
    }
    last = change.number;
    if (want->takes(change)) items.push_back(describe(change));
    return true;
  };
  for (const monitor::LimitChange& change : found->changes)
    if (!take(change)) break;
  // Changes that have left the memory follow those in it.
  if (!more) monitor::Limits::history(*found->table, last, [&](monitor::LimitChange change) { return take(change); });
  co_return http::json_response(200, json::object{{"items", std::move(items)},
                                                  {"next", more ? json::value(std::to_string(last)) : json::value()}});
}

}  // namespace

void add_limits(http::Router& router, WardContext& context) {
  using http::Access, http::Method;
  constexpr const char* scopes =
      "{default: [limit], wards: {name: [limit]}, age_classes: {name: [limit]}, beds: [{ward, bed, rows}], patients: "
      "{id: [limit]}, devices: {id: [limit]}}";
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/limits",
                         .access = Access::may(guard::Action::see_ward).seen_by_stations(),
                         .summary = "Alarm limits, by whom they are for",
                         .handler = with(context, list),
                         .queries = {},
                         .request = nullptr,
                         .response = scopes});
  router.add(http::Route{.method = Method::put,
                         .pattern = "/api/limits",
                         .access = Access::may(guard::Action::set_limits).by_person_at_stations(),
                         .summary =
                             "Set one row of limits: for the hospital, a ward, an age class, a bed, a patient or "
                             "a device",
                         .handler = with(context, put),
                         .queries = {},
                         .request = "{ward?, age_class?, bed?, patient?, device?, code, low, high, priority, delay_ms, "
                                    "end_delay_ms, hysteresis, enabled, latching, reason}",
                         .response = scopes});
  router.add(http::Route{.method = Method::post,
                         .pattern = "/api/limits/reset",
                         .access = Access::may(guard::Action::set_limits).by_person_at_stations(),
                         .summary = "Take one row back, so that what is above it holds again",
                         .handler = with(context, reset),
                         .queries = {},
                         .request = "{ward?, age_class?, bed?, patient?, device?, code, priority, reason}",
                         .response = scopes});
  router.add(http::Route{.method = Method::get,
                         .pattern = "/api/limits/effective",
                         .access = Access::may(guard::Action::see_ward).seen_by_stations(),
                         .summary = "The limits that hold for a device now, each with whose row it is",
                         .handler = with(context, effective),
                         .queries = {{"device", "Its id"}},
                         .request = nullptr,
                         .response = "{device, bed, ward, patient, age_class, watched_as, rows: [limit with scope]}"});
  std::vector<http::QueryParameter> queries = page_queries();
  queries.push_back({"scope", "\"hospital\": only the rows that hold for all; one of those below: only of that one"});
  for (const char* key : {"ward", "age_class", "bed", "patient", "device"}) queries.push_back({key, "Of this one"});
  queries.push_back({"code", "Of one vital sign"});
  router.add(
      http::Route{.method = Method::get,
                  .pattern = "/api/limits/history",
                  .access = Access::may(guard::Action::see_ward),
                  .summary = "Who changed which limits, when and why, newest first",
                  .handler = with(context, history),
                  .queries = std::move(queries),
                  .request = nullptr,
                  .response = "{items: [{time, action, scope, code, priority, row, before, by, reason}], next}"});
}

}  // namespace salus::app

#include "fhir/rest/export_job.hpp"

#include <algorithm>
#include <set>

#include "fhir/search/encoding.hpp"
#include "fhir/search/match.hpp"
#include "http/target.hpp"

namespace salus::fhir {
namespace {

constexpr std::size_t kMembersMax = 50'000;
constexpr std::size_t kScansMax = 1000;        // beyond, a group's members are looked up instead of walked
constexpr std::size_t kTargetBytesMax = 3000;  // it is sealed into each link

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

bool is_of_patients(const Definitions& definitions, TypeId type) {
  const TypeId patient = definitions.type("Patient");
  return type == patient || !definitions.compartment(patient, type).empty();
}

Result<void> take_types(const Definitions& definitions, std::string_view value, ExportPlan& plan) {
  for (const std::string& name : parts_of(value)) {
    const TypeId type = definitions.type(name);
    if (!is_kept(definitions, type)) return fail(ErrorCode::invalid, "'{}' is no type of resource in FHIR R4.", name);
    if (plan.level != ExportLevel::system && !is_of_patients(definitions, type))
      return fail(ErrorCode::invalid, "A {} is never in the compartment of a Patient.", name);
    plan.types.push_back(type);
  }
  return {};
}

Result<void> take_filter(const Definitions& definitions, std::string_view value, ExportPlan& plan) {
  const std::size_t question = std::min(value.find('?'), value.size());
  const TypeId type = definitions.type(value.substr(0, question));
  if (!is_kept(definitions, type) || question == value.size())
    return fail(ErrorCode::invalid, "_typeFilter is a search of a type, such as Observation?status=final.");
  plan.filters[type].emplace_back(value.substr(question + 1));
  return {};
}

// The types of the plan, once and by name; all where none are named.
void settle(const Definitions& definitions, ExportPlan& plan) {
  if (plan.types.empty())
    for (std::uint32_t i = 1; i < definitions.type_count(); ++i)
      if (const TypeId type{i};
          is_kept(definitions, type) && (plan.level == ExportLevel::system || is_of_patients(definitions, type)))
        plan.types.push_back(type);
  std::ranges::sort(plan.types, {}, [&](TypeId type) { return definitions.name(type); });
  plan.types.erase(std::ranges::unique(plan.types).begin(), plan.types.end());
}

// Whether it is in the compartment of any Patient, or of one of `members`.
search::Clause of_patients(const ExportPlan& plan, TypeId type, const std::vector<std::string>& members,
                           const search::Parameters& parameters) {
  const Definitions& definitions = parameters.definitions();
  const TypeId patient = definitions.type("Patient");
  search::Clause clause{.text = "in the compartments of patients"};
  if (type == patient) {
    clause.kind = search::Clause::Kind::ids;
    clause.ids = members;
    return clause;
  }
  std::vector<const search::Parameter*> links;
  for (const std::string_view code : definitions.compartment(patient, type))
    if (const search::Parameter* link = parameters.find(type, code)) links.push_back(link);
  const auto wanted = std::make_shared<std::set<std::string, std::less<>>>();
  for (const std::string& id : members) {
    std::string value;
    search::put_text(value, id);
    search::put_text(value, "Patient");
    wanted->insert(std::move(value));
  }
  const bool of_group = plan.level == ExportLevel::group;
  const bool walks = of_group && wanted->size() * links.size() <= kScansMax;
  clause.rows_alone = !walks;
  for (const search::Parameter* link : links) {
    if (walks) {
      for (const std::string& value : *wanted) clause.scans.push_back(search::exact_scan(link->list(), value));
    } else {
      clause.scans.push_back({.list = link->list(), .accept = [wanted, of_group](ByteView value) {
                                if (of_group) return wanted->contains(value);
                                search::take_text(value);  // the id
                                return search::take_text(value) == "Patient";
                              }});
    }
  }
  return clause;
}

}  // namespace

std::string encode(const ExportJob& job, std::string_view type) {
  std::string bytes;
  Writer out{bytes};
  out.put(job.end);
  out.put_zigzag(job.begun.time_since_epoch().count());
  out.put_string(job.target);
  out.put_string(type);
  return bytes;
}

Result<OpenedJob> decode_job(ByteView bytes) {
  Reader in{bytes};
  OpenedJob opened;
  opened.job.end = in.get<log::Offset>();
  opened.job.begun = time_from_ns(in.get_zigzag());
  opened.job.target = in.get_string();
  opened.type = in.get_string();
  if (in.failed() || !in.at_end()) return fail(ErrorCode::invalid, "This link of an export is cut short.");
  return opened;
}

std::vector<std::string> ExportPlan::elements_of(std::string_view type) const {
  std::vector<std::string> names;
  for (const std::string& element : elements) {
    const std::size_t dot = element.find('.');
    if (dot == std::string::npos)
      names.push_back(element);
    else if (std::string_view(element).substr(0, dot) == type)
      names.push_back(element.substr(dot + 1));
  }
  return names;
}

Result<ExportPlan> plan_export(const Definitions& definitions, const ExportJob& job, bool is_lenient) {
  if (job.target.size() > kTargetBytesMax)
    return fail(ErrorCode::invalid, "The URL of an $export has at most {} bytes.", kTargetBytesMax);
  const auto target = http::parse_target(job.target);
  if (!target) return fail(target.error());
  ExportPlan plan;
  const std::vector<std::string>& path = target->segments;
  if (path.size() >= 2 && path[path.size() - 2] == "Patient") plan.level = ExportLevel::patient;
  if (path.size() >= 3 && path[path.size() - 3] == "Group") {
    plan.level = ExportLevel::group;
    plan.group = path[path.size() - 2];
  }
  for (const auto& [name, value] : target->queries) {
    Result<void> done;
    if (name == "_type") {
      done = take_types(definitions, value, plan);
    } else if (name == "_typeFilter") {
      done = take_filter(definitions, value, plan);
    } else if (name == "_since") {
      if (const auto since = parse_iso(value))
        plan.since = *since;
      else
        done = fail(ErrorCode::invalid, "_since is an instant such as 2026-03-01T08:00:00Z.");
    } else if (name == "_elements") {
      for (std::string& element : parts_of(value)) plan.elements.push_back(std::move(element));
    } else if (name == "_outputFormat") {
      if (value != "application/fhir+ndjson" && value != "application/fhir ndjson" && value != "application/ndjson" &&
          value != "ndjson")
        done = fail(ErrorCode::invalid, "_outputFormat is application/fhir+ndjson; there is no other.");
    } else if (name != "_asOf" && name != "_format" && name != "_pretty" && !is_lenient) {
      done = fail(ErrorCode::invalid,
                  "$export takes _outputFormat, _since, _type, _elements, _typeFilter and _asOf, not '{}'.", name);
    }
    if (!done) return fail(done.error());
  }
  settle(definitions, plan);
  for (const auto& [type, filters] : plan.filters)
    if (std::ranges::find(plan.types, type) == plan.types.end())
      return fail(ErrorCode::invalid, "_typeFilter names {}, which is not exported.", definitions.name(type));
  return plan;
}

Result<search::Query> query_of(const ExportPlan& plan, TypeId type, const std::vector<std::string>& members,
                               const search::QueryContext& context) {
  http::Fields none;
  auto query = search::parse_query(type, none, context);
  if (!query) return fail(query.error());
  search::TypeQuery& all = query->types.front();
  if (const auto filters = plan.filters.find(type); filters != plan.filters.end()) {
    auto inner = std::make_shared<std::vector<search::TypeQuery>>();
    for (const std::string& filter : filters->second) {
      const auto form = http::parse_form(filter);
      if (!form) return fail(form.error());
      auto one = search::parse_query(type, *form, context);
      if (!one) return fail(ErrorCode::invalid, "_typeFilter: {}", one.error().message);
      if (!one->includes.empty() || !one->types.front().sort.empty() || one->only_count)
        return fail(ErrorCode::invalid, "_typeFilter says what is exported, without _include, _sort and _summary.");
      inner->push_back(std::move(one->types.front()));
    }
    if (inner->size() == 1)  // it may be walked
      for (search::Clause& clause : inner->front().clauses) all.clauses.push_back(std::move(clause));
    else
      all.clauses.push_back(
          {.kind = search::Clause::Kind::any, .text = "_typeFilter", .rows_alone = true, .inner = std::move(inner)});
  }
  const bool all_patients =
      plan.level == ExportLevel::patient && type == search::Parameters::r4().definitions().type("Patient");
  if (plan.level != ExportLevel::system && !all_patients)
    all.clauses.push_back(of_patients(plan, type, members, search::Parameters::r4()));
  return query;
}

Result<std::vector<std::string>> members_of(const RecordStore& store, const RecordCut& record, std::string_view group) {
  const auto version = record.newest(store.definitions().type("Group"), group);
  if (!version || version->is_removed()) return fail(ErrorCode::not_found, "There is no Group/{}.", group);
  const auto document = store.document(*version);
  if (!document) return fail(document.error());
  std::vector<std::string> ids;
  for (const Node& member : document->children(document->root())) {
    if (document->name(member) != "member") continue;
    const Node* inactive = document->child(member, "inactive");
    if (inactive != nullptr && document->text(*inactive) == "true") continue;
    const Node* entity = document->child(member, "entity");
    const Node* reference = entity == nullptr ? nullptr : document->child(*entity, "reference");
    std::string_view text = reference == nullptr ? std::string_view{} : document->text(*reference);
    if (!text.starts_with("Patient/")) continue;
    text.remove_prefix(8);
    text = text.substr(0, text.find('/'));
    if (ids.size() == kMembersMax)
      return fail(ErrorCode::too_large, "A Group has at most {} members to be exported.", kMembersMax);
    ids.emplace_back(text);
  }
  return ids;
}

}  // namespace salus::fhir

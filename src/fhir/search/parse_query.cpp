#include <algorithm>
#include <charconv>

#include "fhir/search/clauses.hpp"
#include "fhir/search/encoding.hpp"
#include "fhir/search/filter.hpp"
#include "fhir/search/match.hpp"
#include "fhir/search/query.hpp"

namespace salus::fhir::search {
namespace {

using Pair = std::pair<std::string, std::string>;

// How the answer looks: the caller's.
constexpr std::string_view of_the_caller[] = {"_format", "_pretty", "_elements", "_asOf", "explain",
                                              "_cursor", "_fields", "_offset",   "_page", "_maxresults"};

// Bodies are read of what all other clauses leave.
void dear_ones_last(std::vector<Clause>& clauses) {
  std::vector<Clause> cheap, dear;
  for (Clause& clause : clauses) (clause.kind == Clause::Kind::body ? dear : cheap).push_back(std::move(clause));
  std::ranges::move(dear, std::back_inserter(cheap));
  clauses = std::move(cheap);
}

class QueryParser {
 public:
  QueryParser(TypeId type, const QueryContext& context, const Parameters& known)
      : d_(known.definitions()), context_(context), known_(known), type_(type) {}

  Result<Query> parse(std::span<const Pair> parameters);

 private:
  Result<void> types(std::span<const Pair> parameters);
  Result<void> one(const std::string& name, const std::string& value);
  Result<bool> control(const std::string& name, const std::string& value);
  Result<void> sort(const std::string& value);
  Result<void> include(std::string_view name, std::string_view value);
  Result<Clause> clause(TypeId type, std::string_view name, std::string_view value, std::size_t links = 0);
  Result<Clause> chain(const Parameter& parameter, std::string_view name, std::string_view target,
                       std::string_view rest, std::string_view value, std::size_t links);
  SearchType last_type(TypeId type, std::string_view name) const;
  Result<Clause> has(TypeId type, std::string_view name, std::string_view value, std::size_t links);
  Result<Clause> match(TypeId type, const Parameter& parameter, std::string_view name, std::string_view modifier,
                       std::string_view value) const;
  Result<void> compartment();
  std::string_view type_name(TypeId type) const { return d_.name(type); }

  const Definitions& d_;
  const QueryContext& context_;
  const Parameters& known_;
  TypeId type_;
  Query query_;
  std::size_t inner_count_ = 0;  // of one parameter's chain
};

Result<Query> QueryParser::parse(std::span<const Pair> parameters) {
  const QueryLimits& limits = context_.limits;
  if (parameters.size() > limits.parameters_max)
    return fail(ErrorCode::too_large, "The search has {} parameters; at most {} are taken.", parameters.size(),
                limits.parameters_max);
  query_.count = limits.count_default;
  if (auto done = types(parameters); !done) return fail(done.error());
  for (const auto& [name, value] : parameters) {
    auto done = one(name, value);
    if (done) {
      query_.used.emplace_back(name, value);
    } else if (context_.handling == Handling::lenient && done.error().code == ErrorCode::invalid) {
      query_.ignored.push_back(done.error().message);
    } else {
      return fail(done.error());
    }
  }
  if (context_.compartment != TypeId::none)
    if (auto done = compartment(); !done) return fail(done.error());
  if (query_.only_count) query_.count = 0;
  for (TypeQuery& of : query_.types) dear_ones_last(of.clauses);
  return std::move(query_);
}

Result<void> QueryParser::types(std::span<const Pair> parameters) {
  std::vector<TypeId> types;
  if (type_ != TypeId::none) {
    types.push_back(type_);
  } else {
    for (const auto& [name, value] : parameters) {
      if (name != "_type") continue;
      for (const std::string_view part : split(value, ',')) {
        const TypeId type = d_.type(part);
        if (type == TypeId::none || !d_.is_resource(type) || d_.is_abstract(type))
          return fail(ErrorCode::invalid, "Parameter '_type': there is no resource type '{}'.", part);
        types.push_back(type);
      }
    }
    if (types.empty()) types.assign(known_.types().begin(), known_.types().end());
    std::ranges::sort(types, {}, [&](TypeId type) { return d_.name(type); });
    const auto repeated = std::ranges::unique(types);
    types.erase(repeated.begin(), repeated.end());
  }
  for (const TypeId type : types) query_.types.push_back({type, {}, {}});
  return {};
}

Result<void> QueryParser::one(const std::string& name, const std::string& value) {
  if (std::ranges::any_of(name, [](char c) { return c >= 0 && c < ' '; }))
    return fail(ErrorCode::invalid, "A parameter's name has a control character.");
  if (value.size() > context_.limits.value_bytes_max * 16)
    return fail(ErrorCode::too_large, "Parameter '{}' is longer than {} bytes.", name,
                context_.limits.value_bytes_max * 16);
  auto taken = control(name, value);
  if (!taken) return fail(taken.error());
  if (*taken) return {};
  std::vector<Clause> clauses;
  for (const TypeQuery& of : query_.types) {
    inner_count_ = 0;
    auto made = clause(of.type, name, value);
    if (!made) return fail(made.error());
    made->text = name + '=' + value;
    clauses.push_back(std::move(*made));
  }
  for (std::size_t i = 0; i < clauses.size(); ++i) query_.types[i].clauses.push_back(std::move(clauses[i]));
  return {};
}

// Whether it was one of those that say how to search, not what for.
Result<bool> QueryParser::control(const std::string& name, const std::string& value) {
  if (std::ranges::find(of_the_caller, name) != std::end(of_the_caller)) return true;
  if (name == "_summary") {
    query_.only_count = value == "count";
    return true;
  }
  if (name == "_type" && type_ == TypeId::none) return true;
  if (name == "_contained") {
    if (value != "true" && value != "false" && value != "both")
      return fail(ErrorCode::invalid, "Parameter '_contained': it is false, true or both.");
    if (value != "false" && !context_.reads_bodies)
      return fail(ErrorCode::invalid, "Parameter '_contained': what is contained is found by searches alone.");
    query_.contained = value == "true" ? Contained::yes : value == "both" ? Contained::both : Contained::no;
    return true;
  }
  if (name == "_containedType") {
    if (value != "container" && value != "contained")
      return fail(ErrorCode::invalid, "Parameter '_containedType': it is container or contained.");
    query_.returns_contained = value == "contained";
    return true;
  }
  if (name == "_count") {
    std::uint32_t count = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
    if (value.empty() || error == std::errc::invalid_argument || end != value.data() + value.size())
      return fail(ErrorCode::invalid, "Parameter '_count': not a number of 0 or more.");
    if (error != std::errc{}) count = context_.limits.count_max;
    query_.count = std::min(count, context_.limits.count_max);
    if (count == 0) query_.only_count = true;
    return true;
  }
  if (name == "_total") {
    if (value != "none" && value != "estimate" && value != "accurate")
      return fail(ErrorCode::invalid, "Parameter '_total': it is none, estimate or accurate.");
    query_.total = value == "none" ? Total::none : value == "estimate" ? Total::estimate : Total::accurate;
    return true;
  }
  if (name.starts_with("_include") || name.starts_with("_revinclude")) {
    auto done = include(name, value);
    if (!done) return fail(done.error());
    return true;
  }
  if (name == "_sort") {
    auto done = sort(value);
    if (!done) return fail(done.error());
    return true;
  }
  return false;
}

Result<void> QueryParser::sort(const std::string& value) {
  std::vector<std::vector<SortKey>> keys(query_.types.size());
  for (std::string_view code : split(value, ',')) {
    const bool descending = code.starts_with('-');
    if (descending) code.remove_prefix(1);
    for (std::size_t i = 0; i < query_.types.size(); ++i) {
      const Parameter* parameter = known_.find(query_.types[i].type, code);
      const bool sortable = parameter != nullptr && parameter->type != SearchType::composite &&
                            parameter->type != SearchType::special && !parameter->expression.empty();
      if (!sortable)
        return fail(ErrorCode::invalid, "Parameter '_sort': {} cannot be sorted by '{}'.",
                    type_name(query_.types[i].type), code);
      keys[i].push_back({code == "_id" ? nullptr : parameter, descending});
    }
    if (keys.front().size() > 8) return fail(ErrorCode::too_large, "Parameter '_sort' names more than 8 parameters.");
  }
  for (std::size_t i = 0; i < keys.size(); ++i) query_.types[i].sort = std::move(keys[i]);
  return {};
}

// code, code:modifier, code.rest, code:Type.rest, _has:Type:code:rest.
Result<Clause> QueryParser::clause(TypeId type, std::string_view name, std::string_view value, std::size_t links) {
  if (links > context_.limits.chain_max || ++inner_count_ > context_.limits.inner_max)
    return fail(ErrorCode::too_large, "Parameter '{}': the chain is too long or leads to too many types; name them.",
                name);
  if (name.starts_with("_has:")) return has(type, name, value, links);
  if (name == "_list") return has(type, "_has:List:item:_id", value, links);
  if (name == "_filter")
    return parse_filter(
        value, type, [&](std::string_view n, std::string_view v) { return clause(type, n, v, links + 1); },
        [&](std::string_view n) { return last_type(type, n); });
  const std::size_t end = std::min(name.find_first_of(":."), name.size());
  const std::string_view code = name.substr(0, end), rest = name.substr(end);
  const Parameter* parameter = known_.find(type, code);
  if (parameter == nullptr) return fail(ErrorCode::invalid, "{} has no search parameter '{}'.", type_name(type), code);
  const std::size_t dot = rest.find('.');
  std::string_view modifier = rest.substr(0, dot);
  if (!modifier.empty()) modifier.remove_prefix(1);
  if (dot == std::string_view::npos) return match(type, *parameter, name, modifier, value);
  return chain(*parameter, name, modifier, rest.substr(dot + 1), value, links);
}

// Of what a chain asks in the end, by the first type that it may lead to.
SearchType QueryParser::last_type(TypeId type, std::string_view name) const {
  const std::size_t dot = std::min(name.find('.'), name.size()), colon = std::min(name.find(':'), dot);
  const Parameter* parameter = known_.find(type, name.substr(0, colon));
  if (parameter == nullptr || dot == name.size()) return parameter == nullptr ? SearchType::none : parameter->type;
  const std::string_view rest = name.substr(dot + 1);
  if (colon < dot) return last_type(d_.type(name.substr(colon + 1, dot - colon - 1)), rest);
  for (const TypeId target : parameter->targets)
    if (const SearchType found = last_type(target, rest); found != SearchType::none) return found;
  return SearchType::none;
}

Result<Clause> QueryParser::chain(const Parameter& parameter, std::string_view name, std::string_view target,
                                  std::string_view rest, std::string_view value, std::size_t links) {
  if (parameter.type != SearchType::reference)
    return fail(ErrorCode::invalid, "Parameter '{}': {} is no reference; nothing can follow it.", name, parameter.code);
  std::vector<TypeId> types;
  if (!target.empty()) {
    types = {d_.type(target)};
    if (types[0] == TypeId::none || !d_.is_resource(types[0]))
      return fail(ErrorCode::invalid, "Parameter '{}': there is no resource type '{}'.", name, target);
  } else if (parameter.targets.empty()) {
    types.assign(known_.types().begin(), known_.types().end());
  } else {
    types.assign(parameter.targets.begin(), parameter.targets.end());
  }
  auto inner = std::make_shared<std::vector<TypeQuery>>();
  std::optional<Error> why;
  for (const TypeId type : types) {
    if (d_.is_abstract(type)) continue;
    auto made = clause(type, rest, value, links + 1);
    if (made)
      inner->push_back({type, {std::move(*made)}, {}});
    else if (made.error().code == ErrorCode::too_large)
      return made;
    else if (!why || types.size() == 1)
      why = made.error();
  }
  if (inner->empty()) return fail(why.value_or(Error{ErrorCode::invalid, "The chain leads nowhere."}));
  Clause out;
  out.kind = Clause::Kind::chain;
  out.list = parameter.list();
  out.inner = std::move(inner);
  return out;
}

Result<Clause> QueryParser::has(TypeId type, std::string_view name, std::string_view value, std::size_t links) {
  const std::string_view whole = name.substr(5);
  const std::size_t first = whole.find(':'), second = whole.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos)
    return fail(ErrorCode::invalid, "Parameter '{}': it is _has:Type:reference:parameter.", name);
  const std::string_view from = whole.substr(0, first), code = whole.substr(first + 1, second - first - 1);
  const TypeId source = d_.type(from);
  if (source == TypeId::none || !d_.is_resource(source) || d_.is_abstract(source))
    return fail(ErrorCode::invalid, "Parameter '{}': there is no resource type '{}'.", name, from);
  const Parameter* parameter = known_.find(source, code);
  if (parameter == nullptr || parameter->type != SearchType::reference)
    return fail(ErrorCode::invalid, "Parameter '{}': {} has no reference '{}'.", name, from, code);
  const auto& targets = parameter->targets;
  if (!targets.empty() && std::ranges::find(targets, type) == targets.end())
    return fail(ErrorCode::invalid, "Parameter '{}': '{}' of {} never leads to {}.", name, code, from, type_name(type));
  auto made = clause(source, whole.substr(second + 1), value, links + 1);
  if (!made) return made;
  Clause out;
  out.kind = Clause::Kind::has;
  out.list = parameter->list();
  out.inner = std::make_shared<std::vector<TypeQuery>>(std::vector<TypeQuery>{{source, {std::move(*made)}, {}}});
  return out;
}

// Type:parameter, Type:parameter:Target, Type:*, *.
Result<void> QueryParser::include(std::string_view name, std::string_view value) {
  Include out;
  out.reverse = name.starts_with("_revinclude");
  const std::size_t colon = std::min(name.find(':'), name.size());
  const std::string_view modifier = name.substr(colon);
  out.iterate = modifier == ":iterate" || modifier == ":recurse";
  if (!modifier.empty() && !out.iterate)
    return fail(ErrorCode::invalid, "Parameter '{}': its only modifier is :iterate.", name);
  const auto parts = split(value, ':');
  const auto type_of = [&](std::string_view text) -> Result<TypeId> {
    const TypeId type = d_.type(text);
    if (type == TypeId::none || !d_.is_resource(type) || d_.is_abstract(type))
      return fail(ErrorCode::invalid, "Parameter '{}': there is no resource type '{}'.", name, text);
    return type;
  };
  if (parts.size() > 3 || (parts.size() == 1 && value != "*"))
    return fail(ErrorCode::invalid, "Parameter '{}': it is Type:parameter, Type:parameter:Target, Type:* or *.", name);
  if (parts[0] != "*") {
    auto source = type_of(parts[0]);
    if (!source) return fail(source.error());
    out.source = *source;
  }
  if (parts.size() > 1 && parts[1] != "*") {
    if (out.source != TypeId::none) out.parameter = known_.find(out.source, parts[1]);
    if (out.parameter == nullptr || out.parameter->type != SearchType::reference)
      return fail(ErrorCode::invalid, "Parameter '{}': {} has no reference '{}'.", name, parts[0], parts[1]);
  }
  if (parts.size() == 3) {
    auto target = type_of(parts[2]);
    if (!target) return fail(target.error());
    out.target = *target;
  }
  if (query_.includes.size() >= context_.limits.includes_max)
    return fail(ErrorCode::too_large, "More than {} includes.", context_.limits.includes_max);
  query_.includes.push_back(out);
  return {};
}

Result<Clause> QueryParser::match(TypeId type, const Parameter& parameter, std::string_view name,
                                  std::string_view modifier, std::string_view value) const {
  const auto parts = split(value, ',');
  if (parts.size() > context_.limits.values_max)
    return fail(ErrorCode::too_large, "Parameter '{}' has {} values; at most {} are taken.", name, parts.size(),
                context_.limits.values_max);
  Clause out;
  if (parameter.code == "_id") {
    if (!modifier.empty() && modifier != "not")
      return fail(ErrorCode::invalid, "Parameter '{}': _id has the modifier :not alone.", name);
    out.kind = Clause::Kind::ids;
    out.negated = !modifier.empty();
    for (const std::string_view part : parts) out.ids.push_back(unescape(part));
    return out;
  }
  if (parameter.code == "_text" || parameter.code == "_content")
    return words_clause({d_, parameter, name, modifier, {}, {}}, parts, context_.reads_bodies);
  if (parameter.expression.empty()) return fail(ErrorCode::invalid, "Parameter '{}' cannot be searched by.", name);
  if (modifier == "missing") {
    if (value != "true" && value != "false")
      return fail(ErrorCode::invalid, "Parameter '{}': it is true or false.", name);
    for (const Facet facet : {Facet::value, Facet::text, Facet::typed, Facet::canonical})
      out.scans.push_back({.list = parameter.list(facet)});
    out.negated = value == "true";
    out.rows_alone = parameter.type == SearchType::composite;
    return out;
  }
  if (parameter.type == SearchType::token && asks_codes(modifier))
    return codes_clause({d_, parameter, name, modifier, {}, {}}, type, parts, context_.codes);
  if (modifier == "not" && parameter.type == SearchType::token) {
    out.negated = true;
    modifier = {};
  }
  for (const std::string_view part : parts) {
    if (part.size() > context_.limits.value_bytes_max)
      return fail(ErrorCode::too_large, "Parameter '{}': a value is longer than {} bytes.", name,
                  context_.limits.value_bytes_max);
    auto scans = scans_of({d_, parameter, name, modifier, part, context_.now});
    if (!scans) return fail(scans.error());
    for (Scan& scan : *scans) out.scans.push_back(std::move(scan));
    if (parameter.type != SearchType::composite) continue;
    auto walk = composite_walk({d_, parameter, name, modifier, part, context_.now});
    if (!walk) return fail(walk.error());
    for (Scan& scan : *walk) out.walk.push_back(std::move(scan));
    out.rows_alone = true;
  }
  return out;
}

// One clause: it belongs by any of the compartment's parameters.
Result<void> QueryParser::compartment() {
  const std::string_view owner = d_.name(context_.compartment);
  std::erase_if(query_.types, [&](TypeQuery& of) {
    Clause clause;
    clause.text = fmt::format("in {}", owner);
    for (const std::string_view code : d_.compartment(context_.compartment, of.type))
      if (const Parameter* parameter = known_.find(of.type, code)) {
        std::string value;
        put_text(value, context_.compartment_id);
        put_text(value, owner);
        clause.scans.push_back(exact_scan(parameter->list(), std::move(value)));
      }
    const bool itself = of.type == context_.compartment;
    if (clause.scans.empty() && !itself) return true;
    if (itself && clause.scans.empty()) {
      clause.kind = Clause::Kind::ids;
      clause.ids = {context_.compartment_id};
    }
    of.clauses.push_back(std::move(clause));
    return false;
  });
  if (query_.types.empty())
    return fail(ErrorCode::invalid, "Nothing of what is searched is ever in the compartment of a {}.", owner);
  return {};
}

}  // namespace

Result<Query> parse_query(TypeId type, std::span<const Pair> parameters, const QueryContext& context,
                          const Parameters& known) {
  return QueryParser{type, context, known}.parse(parameters);
}

}  // namespace salus::fhir::search

#include "fhir/signals/signal_clauses.hpp"

#include <algorithm>
#include <map>

#include "fhir/document/json.hpp"
#include "fhir/search/candidates.hpp"
#include "fhir/search/evaluation.hpp"
#include "fhir/search/match.hpp"
#include "fhir/search/values.hpp"

namespace salus::fhir {

using search::Clause, search::Posting, search::ResourceNumber, search::TypeQuery;

std::span<const Posting> FoundSignal::of(search::ListId list) const {
  const auto found = std::ranges::equal_range(values, list, {}, &Posting::list);
  return {found.begin(), found.end()};
}

const TypeQuery* observations_of(const search::Query& query) {
  const TypeId type = search::Parameters::r4().definitions().type("Observation");
  const auto found = std::ranges::find(query.types, type, &TypeQuery::type);
  return found == query.types.end() ? nullptr : &*found;
}

class SignalClauses::State {
 public:
  State(const search::Query& query, const search::Source& source)
      : query_(query), of_(*observations_of(query)), source_(source), evaluation_(source, steps_) {}

  Result<bool> meet(const FoundSignal& found) {
    const bool met = meets(of_, found);
    if (steps_.left() == 0) return steps_.refuse();
    return met;
  }

  Result<std::vector<search::Match>> included(const FoundSignal& found, std::set<ResourceNumber>& seen) {
    std::vector<search::Match> out;
    for (const search::Include& include : query_.includes)
      include.reverse ? what_refers_to(include, found, seen, out) : what_it_refers_to(include, found, seen, out);
    if (steps_.left() == 0) return steps_.refuse();
    return out;
  }

 private:
  using Seen = std::set<ResourceNumber>;
  using Out = std::vector<search::Match>;

  bool meets(const TypeQuery& of, const FoundSignal& found) {
    return std::ranges::all_of(of.clauses,
                               [&](const Clause& clause) { return meets(clause, found) != clause.negated; });
  }

  bool meets(const Clause& clause, const FoundSignal& found) {
    switch (clause.kind) {
      case Clause::Kind::ids:
        return std::ranges::find(clause.ids, found.id) != clause.ids.end();
      case Clause::Kind::any:
        return std::ranges::any_of(*clause.inner, [&](const TypeQuery& all) { return meets(all, found); });
      case Clause::Kind::match:
        return std::ranges::any_of(clause.scans, [&](const search::Scan& scan) {
          return std::ranges::any_of(found.of(scan.list), [&](const Posting& one) { return scan.matches(one.value); });
        });
      case Clause::Kind::chain:
        return chain_met(clause, found);
      case Clause::Kind::has:
        return has_met(clause, found);
      case Clause::Kind::body: {
        const auto document = read_json(found.json);
        return document && clause.reads(*document);
      }
    }
    return false;
  }

  bool chain_met(const Clause& clause, const FoundSignal& found) {
    return std::ranges::any_of(found.of(clause.list), [&](const Posting& posting) {
      const auto reference = search::local_reference(definitions_, posting.value);
      return reference && std::ranges::any_of(*clause.inner, [&](const TypeQuery& inner) {
               return inner.type == reference->type &&
                      inner_met(inner, source_.catalog.find(inner.type, reference->id));
             });
    });
  }

  bool has_met(const Clause& clause, const FoundSignal& found) {
    return std::ranges::any_of(*clause.inner, [&](const TypeQuery& inner) {
      bool met = false;
      referring(clause.list, inner.type, found,
                [&](ResourceNumber number) { return !(met = inner_met(inner, number)); });
      return met;
    });
  }

  bool inner_met(const TypeQuery& inner, ResourceNumber number) {
    if (number == ResourceNumber::none || !steps_.spend()) return false;
    const std::pair key{&inner, number};
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    search::Evaluation::Row row{evaluation_, number};
    return known_.emplace(key, evaluation_.meets_all(inner, row)).first->second;
  }

  // What is stored and refers to the signal.
  template <class Each>
  void referring(search::ListId list, TypeId type, const FoundSignal& found, Each each) {
    const search::Scan scan = search::exact_scan(list, search::token_value(found.id, "Observation"));
    steps_.spend(search::walk(source_.table, {scan.list, type, scan.from, scan.to}, source_.cut, steps_.left(),
                              [&](ByteView, ResourceNumber number) { return each(number); }));
  }

  void what_it_refers_to(const search::Include& include, const FoundSignal& found, Seen& seen, Out& out) {
    if (include.source != TypeId::none && include.source != of_.type) return;
    for (const search::Parameter* parameter : parameters_.of(of_.type)) {
      if (parameter->type != SearchType::reference || (include.parameter != nullptr && parameter != include.parameter))
        continue;
      for (const Posting& posting : found.of(parameter->list())) {
        const auto reference = search::local_reference(definitions_, posting.value);
        if (!reference || (include.target != TypeId::none && include.target != reference->type)) continue;
        const ResourceNumber number = source_.catalog.find(reference->type, reference->id);
        if (number != ResourceNumber::none && seen.insert(number).second) out.push_back({number, reference->type});
      }
    }
  }

  void what_refers_to(const search::Include& include, const FoundSignal& found, Seen& seen, Out& out) {
    if (include.parameter == nullptr || (include.target != TypeId::none && include.target != of_.type)) return;
    referring(include.parameter->list(), include.source, found, [&](ResourceNumber number) {
      if (seen.insert(number).second) out.push_back({number, include.source});
      return seen.size() < 10'000;
    });
  }

  const search::Parameters& parameters_ = search::Parameters::r4();
  const Definitions& definitions_ = parameters_.definitions();
  const search::Query& query_;
  const TypeQuery& of_;
  const search::Source& source_;
  search::Steps steps_{steps_max};
  search::Evaluation evaluation_;
  std::map<std::pair<const TypeQuery*, ResourceNumber>, bool> known_;  // what inner searches said of a resource
};

SignalClauses::SignalClauses(const search::Query& query, const search::Source& source)
    : state_(std::make_unique<State>(query, source)) {}
SignalClauses::~SignalClauses() = default;

Result<bool> SignalClauses::meet(const FoundSignal& found) {
  return state_->meet(found);
}

Result<std::vector<search::Match>> SignalClauses::included(const FoundSignal& found, std::set<ResourceNumber>& seen) {
  return state_->included(found, seen);
}

}  // namespace salus::fhir

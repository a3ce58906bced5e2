#include "fhir/search/evaluation.hpp"

#include <algorithm>

#include "fhir/search/canonical.hpp"
#include "fhir/search/contained.hpp"
#include "fhir/search/encoding.hpp"
#include "fhir/search/match.hpp"
#include "fhir/search/values.hpp"

namespace salus::fhir::search {
namespace {

constexpr std::size_t known_max = 1 << 16;
constexpr std::uint64_t body_steps = 200;  // reading a body costs about as much as so many rows
constexpr std::uint64_t few_rows = 4096;   // so many are walked and tried sooner than a join is made

bool is_joined(const Clause& clause) {
  return clause.kind == Clause::Kind::chain || clause.kind == Clause::Kind::has;
}

}  // namespace

std::optional<LocalReference> local_reference(const Definitions& definitions, ByteView value) {
  const ByteView id = take_text(value), name = take_text(value);
  if (name.empty() || name[0] == '|') return std::nullopt;
  const TypeId type = definitions.type(name);
  if (type == TypeId::none) return std::nullopt;
  return LocalReference{id, type};
}

const ValuesRow* Evaluation::Row::values() {
  if (!read_) {
    row_ = ValuesRow::at(evaluation_.source_.table, number_, evaluation_.source_.cut);
    evaluation_.steps_.spend();
    read_ = true;
  }
  return row_ ? &*row_ : nullptr;
}

std::string_view Evaluation::Row::id() {
  if (!id_) id_ = evaluation_.source_.catalog.entry(number_).value_or(CatalogEntry{}).id;
  return *id_;
}

// All are counted up to a bound that grows until one ends below it.
const Clause* Evaluation::choose(const TypeQuery& of, PlanStep& step) {
  std::vector<const Clause*> able;
  for (const Clause& clause : of.clauses)
    if (!clause.negated && !is_joined(clause) && !(clause.rows_alone && clause.walk.empty())) able.push_back(&clause);
  const auto joined =
      std::ranges::find_if(of.clauses, [](const Clause& clause) { return !clause.negated && is_joined(clause); });
  const Clause* join = joined == of.clauses.end() ? nullptr : &*joined;
  if (able.empty()) return join;
  if (able.size() == 1 && join == nullptr && of.sort.empty()) return able.front();
  for (std::uint64_t most = 64;; most *= 8) {
    const Clause* best = nullptr;
    std::uint64_t least = most;
    for (const Clause* clause : able) {
      const std::uint64_t rows = count_rows(source_, of.type, *clause, least);
      steps_.spend(rows);
      if (rows < least) best = clause, least = rows;
    }
    step.estimate = least;
    step.more = best == nullptr;
    if (best != nullptr) return best;
    if (most < few_rows) continue;
    if (join != nullptr) return join;
    const auto exact = std::ranges::find_if(
        able, [](const Clause* clause) { return std::ranges::all_of(clause->scans, &Scan::exact); });
    return exact == able.end() ? able.front() : *exact;
  }
}

Result<void> Evaluation::each(const TypeQuery& of, ResourceNumber after, PlanStep& step, const Visit& visit) {
  step.type = of.type;
  const Clause* walked = choose(of, step);
  Result<std::unique_ptr<Candidates>> candidates;
  if (walked != nullptr && is_joined(*walked)) {
    auto numbers = join(of.type, *walked);
    if (!numbers) return fail(numbers.error());
    candidates = candidates_of(std::move(*numbers), after);
  } else {
    candidates = candidates_of(source_, of.type, walked, after, steps_);
  }
  if (!candidates) return fail(candidates.error());
  step.walked = walked == nullptr ? "all of the type" : walked->text;
  step.how = (*candidates)->how();
  for (const Clause& clause : of.clauses)
    if (&clause != walked) step.tried.push_back(clause.text);
  for (;;) {
    const auto number = (*candidates)->next();
    if (!number) return fail(number.error());
    if (*number == ResourceNumber::none) return {};
    ++step.candidates;
    Row row{*this, *number};
    const bool met = meets_all(of, row, {walked == nullptr || walked->rows_alone ? nullptr : walked});
    if (steps_.left() == 0) return steps_.refuse();
    if (!met) continue;
    ++step.matched;
    if (!visit(row)) return {};
  }
}

bool Evaluation::meets_all(const TypeQuery& of, Row& row, const std::vector<const Clause*>& met) {
  return std::ranges::all_of(of.clauses, [&](const Clause& clause) {
    return std::ranges::find(met, &clause) != met.end() || meets(of.type, clause, row);
  });
}

bool Evaluation::meets(TypeId type, const Clause& clause, Row& row) {
  const auto met = [&] {
    if (clause.kind == Clause::Kind::ids) return std::ranges::find(clause.ids, row.id()) != clause.ids.end();
    if (clause.kind == Clause::Kind::has) return has_met(type, clause, row);
    if (clause.kind == Clause::Kind::any)
      return std::ranges::any_of(*clause.inner, [&](const TypeQuery& all) { return meets_all(all, row); });
    if (clause.kind == Clause::Kind::body) return body_met(clause, row);
    const ValuesRow* values = row.values();
    if (values == nullptr) return false;
    if (clause.kind == Clause::Kind::chain) return chain_met(clause, row);
    for (const Scan& scan : clause.scans)
      for (const ValuesRow::Value& value : values->of(scan.list))
        if (scan.matches(value.value)) return true;
    return false;
  };
  return met() != clause.negated;
}

bool Evaluation::body_met(const Clause& clause, Row& row) {
  if (!steps_.spend(body_steps)) return false;
  const auto document = source_.catalog.document(row.number());
  if (!document) steps_.stop(document.error());
  if (!document || !row.is_contained()) return document && clause.reads(*document);
  const auto inner = contained_document(*document, row.id());
  return inner && clause.reads(*inner);
}

// What "#id" leads to: it stands in the same resource.
bool Evaluation::contained_met(const Clause& clause, Row& row, std::string_view id) {
  if (!steps_.spend()) return false;
  const auto container = row.is_contained() ? ValuesRow::at(source_.table, row.number(), source_.cut) : *row.values();
  if (!container) return false;
  for (const TypeQuery& inner : *clause.inner)
    for (ContainedRow& held : contained_rows(*container, inner.type)) {
      if (held.id != id) continue;
      Row contained{*this, row.number(), std::move(held.id), std::move(held.values)};
      if (meets_all(inner, contained)) return true;
    }
  return false;
}

bool Evaluation::inner_met(const TypeQuery& inner, ResourceNumber number) {
  if (steps_.left() == 0) return false;
  const std::pair key{&inner, number};
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  Row row{*this, number};
  const bool met = meets_all(inner, row);
  if (known_.size() < known_max) known_.emplace(key, met);
  return met;
}

bool Evaluation::chain_met(const Clause& clause, Row& row) {
  const Definitions& d = Definitions::r4();
  for (const ValuesRow::Value& value : row.values()->of(clause.list)) {
    if (value.value.starts_with('#')) {
      ByteView rest = value.value;
      if (contained_met(clause, row, take_text(rest).substr(1))) return true;
      continue;
    }
    const auto reference = local_reference(d, value.value);
    if (!reference) {
      const auto canonical = canonical_of(d, value.value);
      bool met = false;
      for (const TypeQuery& inner : *clause.inner)
        if (canonical && !met)
          each_named(source_, steps_, inner.type, *canonical,
                     [&](ResourceNumber number) { return !(met = inner_met(inner, number)); });
      if (met) return true;
      continue;
    }
    for (const TypeQuery& inner : *clause.inner) {
      if (inner.type != reference->type) continue;
      const ResourceNumber number = source_.catalog.find(reference->type, reference->id);
      steps_.spend();
      if (number != ResourceNumber::none && inner_met(inner, number)) return true;
    }
  }
  return false;
}

bool Evaluation::has_met(TypeId type, const Clause& clause, Row& row) {
  if (row.is_contained()) return false;  // nothing outside refers to it
  const Scan scan = exact_scan(clause.list, token_value(row.id(), Definitions::r4().name(type)));
  for (const TypeQuery& inner : *clause.inner) {
    bool met = false;
    steps_.spend(walk(source_.table, {scan.list, inner.type, scan.from, scan.to}, source_.cut, steps_.left(),
                      [&](ByteView, ResourceNumber number) { return !(met = inner_met(inner, number)); }));
    if (!met && is_canonical(type) && row.values() != nullptr)
      each_naming(source_, steps_, inner.type, clause.list, type, *row.values(),
                  [&](ResourceNumber number) { return !(met = inner_met(inner, number)); });
    if (met) return true;
  }
  return false;
}

Result<std::vector<ResourceNumber>> Evaluation::join(TypeId type, const Clause& clause) {
  const Definitions& d = Definitions::r4();
  std::vector<ResourceNumber> out;
  for (const TypeQuery& inner : *clause.inner) {
    PlanStep step;
    auto done = each(inner, ResourceNumber::none, step, [&](Row& row) {
      if (clause.kind == Clause::Kind::chain) {  // who refers to it
        const Scan scan = exact_scan(clause.list, token_value(row.id(), d.name(inner.type)));
        steps_.spend(walk(source_.table, {scan.list, type, scan.from, scan.to}, source_.cut, steps_.left(),
                          [&](ByteView, ResourceNumber number) {
                            out.push_back(number);
                            return true;
                          }));
        if (is_canonical(inner.type) && row.values() != nullptr)
          each_naming(source_, steps_, type, clause.list, inner.type, *row.values(), [&](ResourceNumber number) {
            out.push_back(number);
            return true;
          });
      } else if (const ValuesRow* values = row.values()) {  // what it refers to
        for (const ValuesRow::Value& value : values->of(clause.list)) {
          const auto reference = local_reference(d, value.value);
          if (!reference && is_canonical(type)) {
            if (const auto canonical = canonical_of(d, value.value))
              each_named(source_, steps_, type, *canonical, [&](ResourceNumber number) {
                out.push_back(number);
                return true;
              });
          }
          if (!reference || reference->type != type) continue;
          steps_.spend();
          if (const ResourceNumber number = source_.catalog.find(type, reference->id); number != ResourceNumber::none)
            out.push_back(number);
        }
      }
      return steps_.left() > 0;
    });
    if (!done) return fail(done.error());
    if (steps_.left() == 0) return steps_.refuse();
    if (clause.kind != Clause::Kind::chain) continue;
    // Or what it contains is what it refers to.
    std::vector<ResourceNumber> containers;
    const Scan scan = exact_scan(contained_list, contained_value(inner.type));
    steps_.spend(walk(source_.table, {scan.list, type, scan.from, scan.to}, source_.cut, steps_.left(),
                      [&](ByteView, ResourceNumber number) {
                        containers.push_back(number);
                        return true;
                      }));
    for (const ResourceNumber number : containers) {
      Row row{*this, number};
      if (row.values() != nullptr && chain_met(clause, row)) out.push_back(number);
      if (steps_.left() == 0) return steps_.refuse();
    }
  }
  return out;
}

}  // namespace salus::fhir::search

#include "fhir/search/include.hpp"

#include <algorithm>
#include <set>

#include "fhir/search/canonical.hpp"
#include "fhir/search/evaluation.hpp"
#include "fhir/search/match.hpp"
#include "fhir/search/values.hpp"

namespace salus::fhir::search {
namespace {

class Includer {
 public:
  Includer(const Query& query, const Source& source, Steps& steps) : query_(query), source_(source), steps_(steps) {}

  Result<std::vector<Match>> run(const std::vector<Match>& matches) {
    for (const Match& match : matches) seen_.insert(match.number);
    bool iterate = false;
    for (const Include& include : query_.includes) {
      bring(include, matches);
      iterate |= include.iterate;
    }
    // What came in one round brings along the next.
    for (std::size_t from = 0; iterate && from < out_.size() && !full();) {
      const std::vector<Match> round(out_.begin() + static_cast<std::ptrdiff_t>(from), out_.end());
      from = out_.size();
      for (const Include& include : query_.includes)
        if (include.iterate) bring(include, round);
    }
    if (steps_.left() == 0) return steps_.refuse();
    if (out_.size() > included_max)
      return fail(ErrorCode::too_large, "More than {} resources would come along; ask for smaller pages.",
                  included_max);
    return std::move(out_);
  }

 private:
  bool full() const { return out_.size() > included_max || steps_.left() == 0; }

  void bring(const Include& include, const std::vector<Match>& from) {
    for (const Match& match : from) {
      if (full()) return;
      if (include.reverse)
        what_refers_to(include, match);
      else if (include.source == TypeId::none || include.source == match.type)
        what_it_refers_to(include, match);
    }
  }

  void put(ResourceNumber number, TypeId type) {
    if (number != ResourceNumber::none && seen_.insert(number).second) out_.push_back({number, type});
  }

  void what_it_refers_to(const Include& include, const Match& match) {
    const auto row = ValuesRow::at(source_.table, match.number, source_.cut);
    steps_.spend();
    if (!row) return;
    for (const Parameter* parameter : parameters_.of(match.type)) {
      if (parameter->type != SearchType::reference || (include.parameter != nullptr && parameter != include.parameter))
        continue;
      for (const ValuesRow::Value& value : row->of(parameter->list())) {
        const auto reference = local_reference(parameters_.definitions(), value.value);
        if (!reference) what_it_names(include, *parameter, value.value);
        if (!reference || (include.target != TypeId::none && include.target != reference->type)) continue;
        steps_.spend();
        put(source_.catalog.find(reference->type, reference->id), reference->type);
      }
    }
  }

  void what_it_names(const Include& include, const Parameter& parameter, ByteView value) {
    const auto canonical = canonical_of(parameters_.definitions(), value);
    if (!canonical) return;
    for (const TypeId target : parameter.targets)
      if (include.target == TypeId::none || include.target == target)
        each_named(source_, steps_, target, *canonical, [&](ResourceNumber number) {
          put(number, target);
          return !full();
        });
  }

  void what_refers_to(const Include& include, const Match& match) {
    if (include.target != TypeId::none && include.target != match.type) return;
    const auto entry = source_.catalog.entry(match.number);
    if (!entry) return;
    const std::string value = token_value(entry->id, parameters_.definitions().name(match.type));
    const auto row = is_canonical(match.type) ? ValuesRow::at(source_.table, match.number, source_.cut) : std::nullopt;
    const auto walk_list = [&](TypeId type, const Parameter& parameter) {
      if (row)
        each_naming(source_, steps_, type, parameter.list(), match.type, *row, [&](ResourceNumber number) {
          put(number, type);
          return !full();
        });
      const Scan scan = exact_scan(parameter.list(), value);
      steps_.spend(walk(source_.table, {scan.list, type, scan.from, scan.to}, source_.cut, steps_.left(),
                        [&](ByteView, ResourceNumber number) {
                          put(number, type);
                          return !full();
                        }));
    };
    if (include.parameter != nullptr) return walk_list(include.source, *include.parameter);
    for (const TypeId type : parameters_.types()) {
      if (include.source != TypeId::none && include.source != type) continue;
      for (const Parameter* parameter : parameters_.of(type))
        if (parameter->type == SearchType::reference) walk_list(type, *parameter);
    }
  }

  const Parameters& parameters_ = Parameters::r4();
  const Query& query_;
  const Source& source_;
  Steps& steps_;
  std::set<ResourceNumber> seen_;
  std::vector<Match> out_;
};

}  // namespace

Result<std::vector<Match>> included_by(const Query& query, const Source& source, const std::vector<Match>& matches,
                                       Steps& steps) {
  return Includer{query, source, steps}.run(matches);
}

}  // namespace salus::fhir::search

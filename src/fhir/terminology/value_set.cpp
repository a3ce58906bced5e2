#include "fhir/terminology/value_set.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <unordered_set>

#include "fhir/path/unit.hpp"
#include "fhir/terminology/source.hpp"

namespace salus::fhir::terminology {
namespace {

constexpr std::size_t parts_max = 1000, filters_max = 100;

constexpr std::string_view ucum = "http://unitsofmeasure.org";

std::string_view child_text(const Document& document, const Node& node, std::string_view name) {
  const Node* child = document.child(node, name);
  return child == nullptr ? std::string_view{} : document.text(*child);
}

tl::unexpected<Error> absent(std::string_view system) {
  return fail(ErrorCode::not_found,
              "The codes of {} are not here; a CodeSystem with them can be created in the record.", system);
}

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    out.emplace_back(part);
    if (comma == text.size()) return out;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Coded coded_of(const CodeSystem& codes, ConceptId id) {
  const Concept& it = codes.at(id);
  return {.system = codes.url(),
          .version = codes.version(),
          .code = it.code,
          .display = it.display,
          .is_inactive = it.is_inactive,
          .is_abstract = it.is_abstract,
          .codes = &codes,
          .id = id};
}

std::string_view ValueSet::text(std::string_view member) const {
  return child_text(*document_, document_->root(), member);
}

Result<ValueSet> ValueSet::make(std::shared_ptr<const Document> document, Shelf& shelf) {
  ValueSet out{std::move(document)};
  const Document& d = *out.document_;
  const Node* compose = d.child(d.root(), "compose");
  if (compose == nullptr) {
    if (const Node* expansion = d.child(d.root(), "expansion")) out.read_expansion(*expansion);
    return out;
  }
  out.drops_inactive_ = child_text(d, *compose, "inactive") == "false";
  for (const Node& child : d.children(*compose)) {
    const std::string_view name = d.name(child);
    if (name != "include" && name != "exclude") continue;
    if (out.include_.size() + out.exclude_.size() >= parts_max)
      return fail(ErrorCode::too_large, "The value set {} has more than {} parts.", out.text("url"), parts_max);
    auto part = out.read_part(child, shelf);
    if (!part) return fail(part.error());
    (name == "include" ? out.include_ : out.exclude_).push_back(std::move(*part));
  }
  return out;
}

// A value set that came with its codes and without its rules.
void ValueSet::read_expansion(const Node& holder) {
  for (const Node& child : document_->children(holder)) {
    if (document_->name(child) != "contains") continue;
    const std::string_view system = child_text(*document_, child, "system");
    auto part = std::ranges::find(include_, system, &Part::system);
    if (part == include_.end()) {
      include_.emplace_back();
      part = include_.end() - 1;
      part->system = system;
      part->is_listed = true;
    }
    if (const std::string_view code = child_text(*document_, child, "code"); !code.empty())
      put_listed(*part, {.system = system,
                         .version = child_text(*document_, child, "version"),
                         .code = code,
                         .display = child_text(*document_, child, "display"),
                         .is_inactive = child_text(*document_, child, "inactive") == "true",
                         .is_abstract = child_text(*document_, child, "abstract") == "true",
                         .listed_in = document_.get(),
                         .listed = &child});
    read_expansion(child);
  }
}

void ValueSet::put_listed(Part& part, Coded coded) const {
  if (part.codes != nullptr)
    if (const auto id = part.codes->find(coded.code)) {
      const Coded known = coded_of(*part.codes, *id);
      if (coded.display.empty()) coded.display = known.display;
      coded.version = known.version;
      coded.is_inactive |= known.is_inactive;
      coded.is_abstract |= known.is_abstract;
      coded.codes = known.codes;
      coded.id = known.id;
    }
  if (part.by_code.emplace(coded.code, part.listed.size()).second) part.listed.push_back(coded);
}

Result<ValueSet::Part> ValueSet::read_part(const Node& node, Shelf& shelf) const {
  const Document& d = *document_;
  Part part;
  const CanonicalUrl system = canonical(child_text(d, node, "system"));  // v2's old tables say "…/v2-0360|2.7"
  part.system = system.url;
  part.version = child_text(d, node, "version");
  if (part.version.empty()) part.version = system.version;
  if (!part.system.empty()) {
    auto codes = shelf.code_system(part.system, part.version);
    if (!codes) return fail(codes.error());
    part.codes = std::move(*codes);
  }
  for (const Node& child : d.children(node)) {
    const std::string_view name = d.name(child);
    if (name == "concept") {
      part.is_listed = true;
      put_listed(part, {.system = part.system,
                        .version = part.version,
                        .code = child_text(d, child, "code"),
                        .display = child_text(d, child, "display"),
                        .listed_in = &d,
                        .listed = &child});
    } else if (name == "filter") {
      if (part.filters.size() >= filters_max)
        return fail(ErrorCode::too_large, "A part of the value set {} has more than {} filters.", text("url"),
                    filters_max);
      if (auto done = read_filter(child, part, shelf); !done) return fail(done.error());
    } else if (name == "valueSet") {
      auto set = shelf.value_set(d.text(child));
      if (!set) return fail(set.error());
      part.sets.push_back(std::move(*set));
    }
  }
  if (part.system.empty() && part.sets.empty())
    return fail(ErrorCode::invalid, "The value set {} includes neither a system nor a value set.", text("url"));
  return part;
}

Result<void> ValueSet::read_filter(const Node& node, Part& part, Shelf&) const {
  const Document& d = *document_;
  const std::string property{child_text(d, node, "property")}, op{child_text(d, node, "op")},
      value{child_text(d, node, "value")};
  const CodeSystem* codes = part.codes.get();
  if (codes == nullptr || !codes->is_present()) {  // cannot be told: the part is asked and answers so
    part.filters.emplace_back([](ConceptId) { return true; });
    return {};
  }
  const auto any = [codes, property](auto test) {
    return [codes, property, test](ConceptId id) { return std::ranges::any_of(codes->values(id, property), test); };
  };
  if (op == "is-a" || op == "descendent-of" || op == "is-not-a" || op == "generalizes") {
    const auto from = codes->find(value);
    if (!from)
      return fail(ErrorCode::invalid, "The value set {} filters by '{}', which {} does not have.", text("url"), value,
                  part.system);
    auto set = std::make_shared<const std::vector<bool>>(
        codes->reach(*from, op == "generalizes" ? CodeSystem::Way::up : CodeSystem::Way::down));
    part.filters.emplace_back([set, from = *from, wanted = op != "is-not-a", itself = op != "descendent-of"](
                                  ConceptId id) { return (*set)[id] == wanted && (itself || id != from); });
  } else if (op == "=") {
    part.filters.emplace_back(any([value](std::string_view held) { return held == value; }));
  } else if (op == "in" || op == "not-in") {
    part.filters.emplace_back([codes, property, wanted = op == "in", all = parts_of(value)](ConceptId id) {
      return std::ranges::any_of(codes->values(id, property), [&](std::string_view held) {
               return std::ranges::find(all, held) != all.end();
             }) == wanted;
    });
  } else if (op == "exists") {
    part.filters.emplace_back([codes, property, wanted = value == "true"](ConceptId id) {
      return codes->values(id, property).empty() != wanted;
    });
  } else if (op == "regex") {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    auto pattern = std::make_shared<const RE2>(value, options);
    if (!pattern->ok())
      return fail(ErrorCode::invalid, "The value set {} filters by a pattern that is none.", text("url"));
    part.filters.emplace_back(any([pattern](std::string_view held) { return RE2::FullMatch(held, *pattern); }));
  } else {
    return fail(ErrorCode::invalid, "The value set {} filters by '{}', which is not known.", text("url"), op);
  }
  return {};
}

Result<std::optional<Coded>> ValueSet::find_in(const Part& part, std::string_view system, std::string_view code) {
  std::optional<Coded> found;
  if (!part.system.empty()) {
    if (!system.empty() && system != part.system) return std::nullopt;
    if (part.is_listed) {
      if (const auto at = part.by_code.find(code); at != part.by_code.end()) {
        found = part.listed[at->second];
      } else if (part.codes != nullptr) {  // by another case, where that does not matter
        const auto id = part.codes->find(code);
        const auto same = id ? part.by_code.find(part.codes->at(*id).code) : part.by_code.end();
        if (same != part.by_code.end()) found = part.listed[same->second];
      }
    } else if (part.codes == nullptr || !part.codes->is_present()) {
      if (part.system != ucum || !part.filters.empty()) return absent(part.system);
      if (path::parse_unit(code)) found = Coded{.system = part.system, .code = code, .display = code};
    } else if (const auto id = part.codes->find(code)) {
      if (std::ranges::all_of(part.filters, [&](const auto& filter) { return filter(*id); }))
        found = coded_of(*part.codes, *id);
    }
    if (!found) return std::nullopt;
  }
  for (const auto& set : part.sets) {
    auto in = set->find(found ? found->system : system, code);
    if (!in) return in;
    if (!*in) return std::nullopt;
    if (!found) found = std::move(*in);
  }
  return found;
}

Result<std::optional<Coded>> ValueSet::find_in(const std::vector<Part>& parts, std::string_view system,
                                               std::string_view code) {
  std::optional<Error> why;
  for (const Part& part : parts) {
    auto found = find_in(part, system, code);
    if (found && *found) return found;
    if (!found && !why) why = found.error();
  }
  if (why) return fail(*why);
  return std::nullopt;
}

Result<std::optional<Coded>> ValueSet::find(std::string_view system, std::string_view code) const {
  auto found = find_in(include_, system, code);
  if (!found || !*found || is_dropped(**found)) return found ? Result<std::optional<Coded>>{std::nullopt} : found;
  const auto out = find_in(exclude_, (*found)->system, code);
  if (!out) return fail(out.error());
  if (*out) return std::nullopt;
  return found;
}

// False when `visit` wants no more.
Result<bool> ValueSet::each_in(const Part& part, std::size_t& left,
                               const std::function<Result<bool>(const Coded&)>& visit) const {
  const auto too_many = [&] {
    return fail(ErrorCode::too_large, "Listing {} would look at too many concepts; ask for less of it.", text("url"));
  };
  const auto in_sets = [&](const Coded& coded, std::size_t from) -> Result<bool> {
    for (std::size_t i = from; i < part.sets.size(); ++i) {
      const auto in = part.sets[i]->find(coded.system, coded.code);
      if (!in) return fail(in.error());
      if (!*in) return false;
    }
    return true;
  };
  const auto show = [&](const Coded& coded, std::size_t from) -> Result<bool> {
    if (left-- == 0) return too_many();
    const auto in = in_sets(coded, from);
    return in && *in ? visit(coded) : in ? Result<bool>{true} : in;
  };
  if (part.system.empty()) {
    Result<bool> goes_on = true;
    auto done = part.sets.front()->each(left, [&](const Coded& coded) {
      goes_on = show(coded, 1);
      return goes_on && *goes_on;
    });
    return done ? goes_on : Result<bool>{fail(done.error())};
  }
  if (part.is_listed) {
    for (const Coded& coded : part.listed)
      if (auto goes_on = show(coded, 0); !goes_on || !*goes_on) return goes_on;
    return true;
  }
  if (part.codes == nullptr || !part.codes->is_present()) return absent(part.system);
  for (ConceptId id = 0; id < part.codes->size(); ++id) {
    if (left == 0) return too_many();
    if (!std::ranges::all_of(part.filters, [&](const auto& filter) { return filter(id); })) {
      --left;
      continue;
    }
    if (auto goes_on = show(coded_of(*part.codes, id), 0); !goes_on || !*goes_on) return goes_on;
  }
  return true;
}

Result<void> ValueSet::each(std::size_t looked_at_max, const std::function<bool(const Coded&)>& visit) const {
  std::unordered_set<std::string> seen;
  std::size_t left = looked_at_max;
  for (const Part& part : include_) {
    const auto goes_on = each_in(part, left, [&](const Coded& coded) -> Result<bool> {
      if (is_dropped(coded)) return true;
      left -= std::min(left, exclude_.size());
      const auto out = find_in(exclude_, coded.system, coded.code);
      if (!out) return fail(out.error());
      if (*out || !seen.insert(fmt::format("{}|{}", coded.system, coded.code)).second) return true;
      return visit(coded);
    });
    if (!goes_on) return fail(goes_on.error());
    if (!*goes_on) return {};
  }
  return {};
}

}  // namespace salus::fhir::terminology

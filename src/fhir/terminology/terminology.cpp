#include "fhir/terminology/terminology.hpp"

#include <algorithm>

#include "fhir/path/unit.hpp"
#include "fhir/search/fold.hpp"
#include "fhir/terminology/embedded.hpp"

namespace salus::fhir::terminology {
namespace {

constexpr std::size_t node_bytes = 64;  // of a document in memory, its text included, about

std::string_view child_text(const Document& document, const Node& node, std::string_view name) {
  const Node* child = document.child(node, name);
  return child == nullptr ? std::string_view{} : document.text(*child);
}

void designations(const Document& document, const Node& holder, std::vector<std::string_view>& out) {
  for (const Node& child : document.children(holder))
    if (document.name(child) == "designation") out.push_back(child_text(document, child, "value"));
}

// Whether `said` is one of a code's texts, and which one is to be said.
Verdict verdict_of(const Coded& found, const Coding& coding) {
  Verdict verdict{.result = true, .message = {}, .display = std::string(found.display)};
  if (coding.display.empty()) return verdict;
  const std::vector<std::string_view> texts = texts_of(found);
  const std::string said = search::fold(coding.display);
  if (texts.empty() || std::ranges::any_of(texts, [&](std::string_view text) { return search::fold(text) == said; }))
    return verdict;
  verdict.result = false;
  verdict.message = fmt::format("The display of {}|{} is '{}'.", found.system, found.code, found.display);
  return verdict;
}

}  // namespace

std::vector<std::string_view> texts_of(const Coded& coded) {
  std::vector<std::string_view> out;
  if (!coded.display.empty()) out.push_back(coded.display);
  if (coded.listed != nullptr) designations(*coded.listed_in, *coded.listed, out);
  if (coded.codes != nullptr) {
    const Concept& it = coded.codes->at(coded.id);
    if (!it.display.empty()) out.push_back(it.display);
    designations(coded.codes->document(), coded.codes->document().node(it.node), out);
  }
  return out;
}

Result<Cache::Held> Cache::get(const Place& place, Kind kind) {
  {
    const std::lock_guard lock{mutex_};
    if (const auto found = by_key_.find(place.key); found != by_key_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->held;
    }
  }
  auto document = place.read();
  if (!document) return fail(document.error());
  Held held;
  std::size_t bytes = document->size() * node_bytes;
  if (kind == Kind::code_system) {
    auto codes = CodeSystem::make(std::move(*document));
    if (!codes) return fail(codes.error());
    bytes += codes->size() * 160;
    held.codes = std::make_shared<const CodeSystem>(std::move(*codes));
  } else {
    held.document = std::make_shared<const Document>(std::move(*document));
  }
  const std::lock_guard lock{mutex_};
  if (by_key_.contains(place.key)) return held;  // another request was faster
  entries_.push_front({place.key, held, bytes});
  by_key_.emplace(place.key, entries_.begin());
  bytes_ += bytes;
  while (bytes_ > bytes_max_ && entries_.size() > 1) {
    bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  return held;
}

std::optional<Place> Terminology::find(Kind kind, std::string_view canonical_url) const {
  const auto [url, version] = canonical(canonical_url);
  if (url.empty()) return std::nullopt;
  if (auto place = record_.find(kind, url, version)) return place;
  return EmbeddedSource::r4().find(kind, url, version);
}

Result<std::shared_ptr<const Document>> Terminology::read(const Place& place, Kind kind) {
  auto held = cache_.get(place, kind);
  if (!held) return fail(held.error());
  return held->document;
}

Result<std::shared_ptr<const CodeSystem>> Terminology::code_system(std::string_view url, std::string_view version) {
  const auto place = find(Kind::code_system, version.empty() ? std::string(url) : fmt::format("{}|{}", url, version));
  if (!place) return std::shared_ptr<const CodeSystem>{};
  auto held = cache_.get(*place, Kind::code_system);
  if (!held) return fail(held.error());
  if (!version.empty() && held->codes->version() != version) return std::shared_ptr<const CodeSystem>{};  // R4's own
  return held->codes;
}

Result<std::shared_ptr<const ValueSet>> Terminology::value_set(std::string_view url) {
  if (const auto known = sets_.find(url); known != sets_.end()) return known->second;
  const auto place = find(Kind::value_set, url);
  if (!place) return fail(ErrorCode::not_found, "The value set {} is not known here.", url);
  if (std::ranges::find(open_, url) != open_.end())
    return fail(ErrorCode::invalid, "The value set {} includes itself.", url);
  if (open_.size() >= limits_.depth_max || ++made_ > limits_.sets_max)
    return fail(ErrorCode::too_large, "The value set {} builds on too many others.",
                open_.empty() ? url : open_.front());
  auto document = read(*place, Kind::value_set);
  if (!document) return fail(document.error());
  open_.emplace_back(url);
  auto made = ValueSet::make(std::move(*document), *this);
  open_.pop_back();
  if (!made) return fail(made.error());
  if (const auto version = canonical(url).version; !version.empty() && made->text("version") != version)
    return fail(ErrorCode::not_found, "The value set {} is not known here in this version.", url);
  auto held = std::make_shared<const ValueSet>(std::move(*made));
  sets_.emplace(url, held);
  return held;
}

Result<std::shared_ptr<const ValueSet>> Terminology::value_set(Document document) {
  auto made = ValueSet::make(std::make_shared<const Document>(std::move(document)), *this);
  if (!made) return fail(made.error());
  return std::make_shared<const ValueSet>(std::move(*made));
}

Result<std::shared_ptr<const Document>> Terminology::concept_map(std::string_view url) {
  const auto place = find(Kind::concept_map, url);
  if (!place) return fail(ErrorCode::not_found, "The concept map {} is not known here.", url);
  return read(*place, Kind::concept_map);
}

Result<Verdict> Terminology::validate(const ValueSet& set, const Coding& coding) {
  const auto found = set.find(coding.system, coding.code);
  if (!found) return fail(found.error());
  if (*found) return verdict_of(**found, coding);
  Verdict verdict;
  verdict.message = fmt::format("The code '{}'{} is not in the value set {}.", coding.code,
                                coding.system.empty() ? "" : fmt::format(" of {}", coding.system), set.text("url"));
  return verdict;
}

Verdict Terminology::validate(const CodeSystem& codes, const Coding& coding) {
  const auto id = codes.find(coding.code);
  if (!id) {
    std::string why = fmt::format("The code '{}' is not in {}.", coding.code, codes.url());
    if (!codes.is_complete()) why += fmt::format(" Of this code system, not all codes are here ({}).", codes.content());
    return {.result = false, .message = std::move(why), .display = {}};
  }
  return verdict_of(coded_of(codes, *id), coding);
}

Result<bool> Terminology::member_of(const path::Value& coded, std::string_view url) const {
  // Value sets are kept for the next question; asking changes nothing that could be told apart.
  auto& self = const_cast<Terminology&>(*this);
  const auto set = self.value_set(url);
  if (!set) return fail(set.error());
  const auto holds = [&](std::string_view system, std::string_view code) -> Result<bool> {
    const auto found = (*set)->find(system, code);
    if (!found) return fail(found.error());
    return found->has_value();
  };
  const path::NodeRef* ref = coded.node();
  if (ref == nullptr || ref->node->has_value()) {
    const auto text = path::string_of(coded);
    return text ? holds({}, *text) : Result<bool>{false};
  }
  const Document& d = *ref->document;
  const auto one = [&](const Node& node) { return holds(child_text(d, node, "system"), child_text(d, node, "code")); };
  if (ref->type() != d.definitions().known().codeable_concept) return one(*ref->node);
  Result<bool> any = false;
  for (const Node& child : d.children(*ref->node)) {
    if (d.name(child) != "coding") continue;
    const Result<bool> in = one(child);
    if (in && *in) return true;
    if (!in) any = in;
  }
  return any;
}

Result<std::vector<search::Code>> Terminology::of_value_set(std::string_view url) {
  const auto set = value_set(url);
  if (!set) return fail(set.error());
  std::vector<search::Code> out;
  auto done = (*set)->each(limits_.looked_at_max, [&](const Coded& coded) {
    out.push_back({std::string(coded.system), std::string(coded.code)});
    return out.size() <= limits_.listed_max;
  });
  if (!done) return fail(done.error());
  if (out.size() > limits_.listed_max)
    return fail(ErrorCode::too_large, "The value set {} has more than {} codes.", url, limits_.listed_max);
  return out;
}

Result<std::vector<search::Code>> Terminology::related(std::string_view system, std::string_view code, bool below) {
  const auto codes = code_system(system, {});
  if (!codes) return fail(codes.error());
  if (*codes == nullptr || !(*codes)->is_present())
    return fail(ErrorCode::not_found, "The codes of {} are not here.", system);
  const auto from = (*codes)->find(code);
  if (!from) return fail(ErrorCode::not_found, "The code '{}' is not in {}.", code, system);
  const std::vector<bool> reach = (*codes)->reach(*from, below ? CodeSystem::Way::down : CodeSystem::Way::up);
  std::vector<search::Code> out;
  for (ConceptId id = 0; id < reach.size(); ++id)
    if (reach[id]) out.push_back({std::string(system), std::string((*codes)->at(id).code)});
  if (out.size() > limits_.listed_max)
    return fail(ErrorCode::too_large, "'{}' of {} has more than {} codes below it.", code, system, limits_.listed_max);
  return out;
}

}  // namespace salus::fhir::terminology

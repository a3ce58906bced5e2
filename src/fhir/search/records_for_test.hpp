// Resources in memory with all their versions, indexed as records indexes them: what tests of search stand on.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fhir/document/json.hpp"
#include "fhir/search/extractor.hpp"
#include "fhir/search/run.hpp"
#include "view/memory_table.hpp"

namespace salus::fhir::search {

class RecordsForTest {
 public:
  struct Version {
    log::Offset at{};
    std::shared_ptr<const Document> document;  // null: deleted
  };
  struct Resource {
    TypeId type{};
    std::string id;
    std::vector<Version> versions;
    const Document* at(log::Offset cut) const {
      const Document* found = nullptr;
      for (const Version& version : versions)
        if (version.at <= cut) found = version.document.get();
      return found;
    }
  };

  static Time time_of(log::Offset at) {
    return time_from_ns(1'700'000'000'000'000'000 + static_cast<std::int64_t>(log::number(at)) * 1'000'000'000);
  }

  // Stores the next version of what the document's id names. Returns its offset.
  log::Offset put(std::shared_ptr<const Document> document) {
    const Document& d = *document;
    const std::string id{d.text_of(d.root(), d.definitions().known().id_name)};
    const ResourceNumber number = number_of(d.type(), id);
    last_ = log::after(last_);
    resources_[static_cast<std::size_t>(number) - 1].versions.push_back({last_, document});
    index_.put(number, d.type(), last_, time_of(last_), extractor_.extract(d), table_);
    return last_;
  }
  log::Offset put(std::string_view json) {
    auto document = read_json(json);
    if (!document) throw std::runtime_error(document.error().error().message);
    return put(std::make_shared<const Document>(std::move(*document)));
  }
  log::Offset remove(TypeId type, const std::string& id) {
    const ResourceNumber number = number_of(type, id);
    last_ = log::after(last_);
    resources_[static_cast<std::size_t>(number) - 1].versions.push_back({last_, nullptr});
    index_.remove(number, type, last_, table_);
    return last_;
  }

  log::Offset last() const { return last_; }
  const std::vector<Resource>& resources() const { return resources_; }
  const Resource& resource(ResourceNumber number) const { return resources_[static_cast<std::size_t>(number) - 1]; }
  view::MemoryTable& table() { return table_; }
  const Index& index() const { return index_; }
  const Extractor& extractor() const { return extractor_; }

  class At final : public Catalog {
   public:
    At(const RecordsForTest& records, log::Offset cut) : records_(records), cut_(cut) {}
    ResourceNumber find(TypeId type, std::string_view id) const override {
      const auto found = records_.numbers_.find({type, std::string(id)});
      return found != records_.numbers_.end() && records_.resource(found->second).at(cut_) != nullptr
                 ? found->second
                 : ResourceNumber::none;
    }
    std::optional<CatalogEntry> entry(ResourceNumber number) const override {
      const Resource& resource = records_.resource(number);
      if (resource.at(cut_) == nullptr) return std::nullopt;
      return CatalogEntry{resource.type, resource.id, cut_, time_of(cut_)};
    }
    Result<Document> document(ResourceNumber number) const override {
      return *read_json(write_json(*records_.resource(number).at(cut_)));
    }
    void scan(TypeId type, ResourceNumber first, const std::function<bool(ResourceNumber)>& visit) const override {
      for (std::size_t i = static_cast<std::size_t>(first) - 1; i < records_.resources_.size(); ++i)
        if (records_.resources_[i].type == type && records_.resources_[i].at(cut_) != nullptr &&
            !visit(ResourceNumber{i + 1}))
          return;
    }

   private:
    const RecordsForTest& records_;
    log::Offset cut_;
  };

  // "Observation" and "code=x&date=ge2020" at `cut`. Throws what parse_query() refuses.
  static Query parse(std::string_view type, std::string_view search, QueryContext context = {}) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!search.empty()) {
      const std::string_view part = search.substr(0, search.find('&'));
      search.remove_prefix(std::min(part.size() + 1, search.size()));
      const std::size_t equals = part.find('=');
      parameters.emplace_back(part.substr(0, equals), equals == std::string_view::npos ? "" : part.substr(equals + 1));
    }
    context.reads_bodies = true;
    if (context.now == Time{}) context.now = *parse_iso("2024-03-02T00:00:00Z");
    auto query = parse_query(type.empty() ? TypeId::none : Definitions::r4().type(type), parameters, context);
    if (!query) throw std::runtime_error(query.error().message);
    return std::move(*query);
  }
  Result<SearchResult> search(const Query& query, log::Offset cut, const Paging& paging = {}) const {
    const At catalog{*this, cut};
    return run(query, {table_, catalog, {cut, cut == last_}}, paging);
  }
  // Ids of the first page, in order.
  std::vector<std::string> ids(std::string_view type, std::string_view text) const {
    const auto found = search(parse(type, text), last_);
    if (!found) throw std::runtime_error(found.error().message);
    std::vector<std::string> out;
    for (const Match& match : found->matches) out.push_back(resource(match.number).id);
    return out;
  }

 private:
  ResourceNumber number_of(TypeId type, const std::string& id) {
    const auto [at, made] = numbers_.emplace(std::pair{type, id}, ResourceNumber{resources_.size() + 1});
    if (made) resources_.push_back({type, id, {}});
    return at->second;
  }

  Extractor extractor_;
  Index index_;
  view::MemoryTable table_;
  std::map<std::pair<TypeId, std::string>, ResourceNumber> numbers_;
  std::vector<Resource> resources_;
  log::Offset last_{0};
};

}  // namespace salus::fhir::search

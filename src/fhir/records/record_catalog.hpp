// The record as search sees it.
#pragma once

#include <algorithm>

#include "fhir/records/record_store.hpp"
#include "fhir/search/catalog.hpp"
#include "fhir/search/run.hpp"
#include "view/prefixed_table.hpp"

namespace salus::fhir {

class RecordCatalog final : public search::Catalog {
 public:
  // `store` null: bodies cannot be read.
  explicit RecordCatalog(const RecordCut& record, const RecordStore* store) : record_(record), store_(store) {}

  ResourceNumber find(TypeId type, std::string_view id) const override {
    const auto version = record_.newest(type, id);
    return version && !version->is_removed() ? version->number : ResourceNumber::none;
  }
  std::optional<search::CatalogEntry> entry(ResourceNumber number) const override {
    const auto version = record_.newest(number);
    if (!version || version->is_removed()) return std::nullopt;
    return search::CatalogEntry{version->type, version->id, version->version, version->updated};
  }
  Result<Document> document(ResourceNumber number) const override {
    const auto version = store_ == nullptr ? std::nullopt : record_.newest(number);
    if (!version || version->is_removed()) return search::Catalog::document(number);
    return store_->document(*version);
  }
  void scan(TypeId type, ResourceNumber first, const std::function<bool(ResourceNumber)>& visit) const override {
    record_.scan(type, ResourceNumber{static_cast<std::uint64_t>(first) - 1}, RecordCut::Direction::ascending, visit);
  }

 private:
  const RecordCut& record_;
  const RecordStore* store_;
};

// Everything that a search at a cut needs. Lifetime: not longer than `record`.
class SearchableCut {
 public:
  // `newest`: whether the table holds nothing that the cut does not see. `store`: reads bodies; null: none are read.
  SearchableCut(const RecordCut& record, bool newest, const RecordStore* store = nullptr)
      : catalog_(record, store),
        index_(record.table(), rows::index_prefix),
        // Entry 0 is the log's own, so that a cut before everything is one at 0.
        cut_{log::Offset{std::max<std::uint64_t>(log::number(record.end()), 1) - 1}, newest} {}
  search::Source source() const { return {index_, catalog_, cut_}; }

 private:
  RecordCatalog catalog_;
  view::PrefixedTable index_;
  search::Cut cut_;
};

}  // namespace salus::fhir

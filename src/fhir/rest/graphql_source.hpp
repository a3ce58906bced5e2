// The record at a cut as GraphQL reads it: resources, references, searches, pages of connections.
#pragma once

#include <map>

#include "fhir/graphql/source.hpp"
#include "fhir/rest/call.hpp"

namespace salus::fhir {

// Bounds of one query, all of its fields together. Over them: too_large.
struct GraphqlReads {
  std::size_t resources_max = 1'000;
  std::size_t searches_max = 1'000;
  std::size_t word_searches_max = 10;   // of those that read bodies: _text, _content
  std::uint64_t steps_max = 4'000'000;  // rows of the index
  std::size_t offset_max = 10'000;      // matches to leave out by counting; further on, by cursors alone
  std::size_t page_max = 1'000;
};

// Lifetime: not longer than the call. Threads: one.
class GraphqlSource final : public graphql::Source {
 public:
  GraphqlSource(const Call& call, StoreCut cut, GraphqlReads limits = {})
      : call_(call), cut_(std::move(cut)), limits_(limits), steps_left_(limits.steps_max) {}

  Result<graphql::Resource> read(TypeId type, std::string_view id) override;
  Result<graphql::Resource> resolve(std::string_view reference) override;
  // Errors: invalid also for a cursor of another search, or of another person's.
  Result<graphql::SearchFound> search(const graphql::SearchAsked& asked) override;
  bool is_spent() const override { return is_spent_; }

 private:
  struct Page {
    log::Offset end{};
    std::vector<std::pair<std::string, std::string>> parameters;
    std::size_t count = 0, offset = 0;
    std::string after;  // Paging::after; empty: `offset` is counted
  };

  Result<Page> page_of(const graphql::SearchAsked& asked) const;
  std::string cursor_of(TypeId type, const Page& page) const;
  Result<Page> opened(TypeId type, std::string_view cursor) const;
  Result<graphql::Resource> document(const Version& version);
  Result<graphql::SearchFound> run(const graphql::SearchAsked& asked, Page page);
  std::size_t left() const { return limits_.resources_max - read_.size(); }

  const Call& call_;
  const StoreCut cut_;
  const GraphqlReads limits_;
  std::map<std::pair<ResourceNumber, log::Offset>, graphql::Resource> read_;
  std::size_t searches_ = 0, word_searches_ = 0;
  std::uint64_t steps_left_;
  bool is_spent_ = false;
};

}  // namespace salus::fhir

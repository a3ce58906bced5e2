// Where the executor gets resources from: the record at one cut. HTTP and storage are not its matter.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "fhir/document/document.hpp"

namespace salus::fhir::graphql {

using Resource = std::shared_ptr<const Document>;

struct SearchAsked {
  TypeId type{};
  std::vector<std::pair<std::string, std::string>> parameters = {};  // as in a search's URL
  std::optional<std::size_t> count = {};                             // of a page; nothing: all that there are
  std::size_t offset = 0;                                            // matches to leave out
  std::string cursor = {};  // SearchFound::next and the like; then nothing else is said
  bool is_connection = false;
  bool with_total = false, with_resources = true;
};

struct SearchFound {
  std::vector<Resource> resources;
  std::optional<std::uint64_t> total = {};
  std::size_t offset = 0, page_size = 0;
  std::string first = {}, previous = {}, next = {}, last = {};  // cursors; empty: there is no such page
};

// Every call is as of the same cut, but for a cursor, which is as of its own.
// Threads: one.
class Source {
 public:
  virtual ~Source() = default;
  // Null when there is none, or no more. Errors: too_large: so many were read that the whole query is refused; those
  // of reading the log.
  virtual Result<Resource> read(TypeId type, std::string_view id) = 0;
  // What a reference leads to; null when that is not here.
  virtual Result<Resource> resolve(std::string_view reference) = 0;
  // Errors: those of searches; too_large, also when a search without `count` finds more than may be read.
  virtual Result<SearchFound> search(const SearchAsked& asked) = 0;
  // Whether an error of too_large was of the whole query's bounds.
  virtual bool is_spent() const = 0;
};

}  // namespace salus::fhir::graphql

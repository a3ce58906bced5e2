// What search asks of whoever keeps the resources: which there are, and what each number stands for.
//
// Threads: as the table it reads; one search uses it from one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "fhir/document/document.hpp"
#include "fhir/search/posting.hpp"
#include "log/run.hpp"

namespace salus::fhir::search {

// A version that is live at the catalog's cut.
struct CatalogEntry {
  TypeId type{};
  std::string id;
  log::Offset version{};
  Time updated{};
};

// Everything is as one cut shows it: the one that the search is asked for.
class Catalog {
 public:
  virtual ~Catalog() = default;
  // none when there is no such resource, or it is deleted.
  virtual ResourceNumber find(TypeId type, std::string_view id) const = 0;
  virtual std::optional<CatalogEntry> entry(ResourceNumber number) const = 0;
  // What a resource says, for searches of words. Errors: those of reading the log.
  virtual Result<Document> document(ResourceNumber) const {
    return fail(ErrorCode::unavailable, "Bodies cannot be read here.");
  }
  // The numbers of all of `type`, ascending from `first`, until `visit` returns false.
  virtual void scan(TypeId type, ResourceNumber first, const std::function<bool(ResourceNumber)>& visit) const = 0;
};

}  // namespace salus::fhir::search

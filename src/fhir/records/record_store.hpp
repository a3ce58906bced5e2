// The record for those who are not its apply thread: cuts to read at, bodies, and changes to ask for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fhir/records/record_cache.hpp"
#include "fhir/records/record_cut.hpp"
#include "fhir/records/records.hpp"
#include "log/bodies.hpp"
#include "view/host.hpp"

namespace salus::fhir {

namespace asio = boost::asio;

// Keeps its table alive. Threads: any.
struct StoreCut {
  std::shared_ptr<const view::Cut> held;
  RecordCut record;
};

// Lifetime: everything given outlives it. Threads: any.
class RecordStore {
 public:
  // Of what was read lately.
  static constexpr RecordCache::Sizes cache_sizes{.texts = 32 << 20, .frames = 16 << 20, .versions = 16 << 20};

  RecordStore(view::Host& host, const Records& view, const log::Bodies& bodies,
              const Definitions& definitions = Definitions::r4())
      : host_(host), view_(view), bodies_(bodies), definitions_(definitions) {}

  const Definitions& definitions() const { return definitions_; }

  // What is applied now: it holds everything that was answered before.
  StoreCut cut() const {
    auto held = host_.cut(view_);
    const RecordCut record{*held->table, held->applied.offset, &cache_};
    return {std::move(held), record};
  }

  // A version as compact JSON. Requires: it is not one that says that the resource was removed.
  // Errors: damaged, unavailable (the disk), not_found (the log no longer has it).
  Result<std::string> text(const Version& version) const;
  Result<Document> document(const Version& version) const;
  // What links a version to the newest head of the log, and the rest of it where it is long (version_proof.hpp).
  // Errors: as of text; too_large; invalid (`from` is before the version, or behind the log's end).
  Result<json::object> prove(const Version& version) const;
  Result<json::object> prove_further(const Version& version, log::Offset from) const;

  // Appends, waits until it is applied, and says what became of it. A refusal is the error (Records::apply).
  asio::awaitable<Result<WrittenSet>> submit(ChangeSet set);
  // All at once; each by itself.
  asio::awaitable<std::vector<Result<WrittenSet>>> submit_all(std::vector<ChangeSet> sets);

 private:
  view::Host& host_;
  const Records& view_;
  const log::Bodies& bodies_;
  const Definitions& definitions_;
  mutable RecordCache cache_{cache_sizes};
};

}  // namespace salus::fhir

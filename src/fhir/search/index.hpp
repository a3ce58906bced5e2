// The index: which resources stand in which list under which value, now and at every earlier cut.
//
// Rows of the table, each after one letter:
//   b list type value chunk         -> a block (block.hpp)        live: tokens, references and URIs
//   l list type value number        -> from                       live: all others, since entry `from`
//   m list type value number from   -> to                         past: from <= cut < to
//   v number                        -> the values row             what the version that is live stands under
//   w number to                     -> the values row             what the version that ended at `to` stood under
// list and type are 2 bytes, chunk (number / 4096) 4, number 5, from and to in keys 8, all big-endian; from and to as
// values are varints. Since when a number stands in a block is in its values row. A
// values row: varint version offset, then for each posting u16 list, varint (version offset - from), varint size,
// value.
//
// A posting that both of two versions have stays where it is, so an update costs what it changes. A cut is an offset:
// what it shows is what the entries at or before it made.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "fhir/search/parameters.hpp"
#include "log/run.hpp"
#include "view/table.hpp"

namespace salus::fhir::search {

// Numbers of types in keys: of one build's definitions.
void put_type(std::string& out, TypeId type);

// Whether a resource may have been put before; `first` saves looking.
enum class Stage : std::uint8_t { first, later };

// Writes the index. Deterministic: what the table holds depends on the calls and their order alone.
// Threads: the one that applies.
class Index {
 public:
  explicit Index(const Parameters& parameters = Parameters::r4()) : parameters_(parameters) {}

  // The version that entry `at` made, with the postings that Extractor::extract() gave for it; _lastUpdated is added.
  // Requires: `at` is greater than that of every earlier call for this number, or equal to the last one's when the
  // version it made lives no moment (a transaction that writes twice).
  void put(ResourceNumber number, TypeId type, log::Offset at, Time updated, std::span<const Posting> now,
           view::Table& table, Stage stage = Stage::later) const;
  // The resource is gone from entry `at` on. Nothing happens when it has no live version.
  void remove(ResourceNumber number, TypeId type, log::Offset at, view::Table& table) const;
  // Takes every trace of a resource away, at all cuts (a patient who must be forgotten).
  void forget(ResourceNumber number, TypeId type, view::Table& table) const;

 private:
  const Parameters& parameters_;
};

// Where a search stands. `newest`: nothing after it is in the table, so that the past need not be looked at.
struct Cut {
  log::Offset at{};
  bool newest = true;
};

// A resource's values at a cut.
class ValuesRow {
 public:
  // What stands at `cut`; nothing when the resource had no version then.
  static std::optional<ValuesRow> at(const view::TableReader& table, ResourceNumber number, Cut cut);

  // What stands now, whatever the cut; nothing when the resource has no live version.
  static std::optional<ValuesRow> live(const view::TableReader& table, ResourceNumber number);

  log::Offset version() const { return version_; }
  struct Value {
    ListId list;
    ByteView value;
    log::Offset from;
  };
  // Sorted by list and value. The views live as long as the row.
  std::span<const Value> all() const { return values_; }
  // Those of one list.
  std::span<const Value> of(ListId list) const;
  // A row of some of this one's values; their views are of its bytes.
  ValuesRow part(std::vector<Value> values) const;

 private:
  friend class Index;
  static std::optional<ValuesRow> parse(std::string bytes);
  std::shared_ptr<const std::string> bytes_;
  std::vector<Value> values_;
  log::Offset version_{};
};

// Postings of one list and type, from <= value < to as bytes; `to` empty for no end. With numbers, `from` or `to` is a
// whole value: of `from` those not before from_number, and of `to` those before to_number too.
struct Range {
  ListId list{};
  TypeId type{};
  std::string from = {}, to = {};
  ResourceNumber from_number{}, to_number{};
};
using Visit = std::function<bool(ByteView value, ResourceNumber number)>;

// Shows what a cut sees of a range, ascending by value and number, until `visit` returns false; nothing twice.
// Returns how many rows were looked at, which may be more than were shown; at most `rows_max`.
std::uint64_t walk(const view::TableReader& table, const Range& range, Cut cut, std::uint64_t rows_max,
                   const Visit& visit);
// The same, descending.
std::uint64_t walk_back(const view::TableReader& table, const Range& range, Cut cut, std::uint64_t rows_max,
                        const Visit& visit);

// How many postings a cut sees of a range, and how many rows that took.
struct Counted {
  std::uint64_t postings = 0, rows = 0;
};
Counted count(const view::TableReader& table, const Range& range, Cut cut, std::uint64_t rows_max);

}  // namespace salus::fhir::search

// A search as it is understood: for each type that is searched, clauses that all must hold, each met by any of its
// scans. Made by parse_query(), read by run().
//
// Lifetime: holds views into the definitions alone. Threads: any; nothing changes after it is parsed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "fhir/document/document.hpp"
#include "fhir/search/parameters.hpp"

namespace salus::fhir::search {

// Values of one list, from <= value < to as bytes (`to` empty: no end), of which `accept` keeps some (null: all). The
// same scan finds postings in the index and values in a resource's row, so that both always agree.
struct Scan {
  ListId list{};
  std::string from = {}, to = {};
  bool exact = false;  // one value: `from`
  std::function<bool(ByteView value)> accept = {};

  bool matches(ByteView value) const {
    return value >= from && (to.empty() || value < to) && (!accept || accept(value));
  }
};

struct TypeQuery;

struct Clause {
  enum class Kind : std::uint8_t {
    match,  // stands in any of `scans`
    ids,    // its id is any of `ids`
    chain,  // refers by `list` to a resource that meets one of `inner`
    has,    // a resource that meets one of `inner` refers to it by `list`
    any,    // it meets all clauses of one of `inner`
    body,   // what it says passes `reads`
  };
  Kind kind = Kind::match;
  bool negated = false;
  std::string text = {};  // as it was asked: for explain and messages
  std::vector<Scan> scans = {};
  // What is walked in place of `scans`, where those have no postings of their own: all that meets the clause is among
  // it. `rows_alone` with none: nothing can be walked.
  std::vector<Scan> walk = {};
  bool rows_alone = false;
  std::vector<std::string> ids = {};
  ListId list{};
  std::function<bool(const Document& resource)> reads = {};
  std::shared_ptr<const std::vector<TypeQuery>> inner = {};  // chain, has: at most one for each type
};

struct SortKey {
  const Parameter* parameter = nullptr;  // null: by id
  bool descending = false;
};

struct TypeQuery {
  TypeId type{};
  std::vector<Clause> clauses;
  std::vector<SortKey> sort;
};

// What comes along: what a match refers to by a parameter, or what refers to it.
struct Include {
  TypeId source = TypeId::none;          // who refers; none: any
  const Parameter* parameter = nullptr;  // null: all references
  TypeId target = TypeId::none;          // to what; none: any
  bool reverse = false;                  // _revinclude
  bool iterate = false;                  // also of what came along
};

// Which resources are searched: those that stand by themselves, those that stand in others, or both.
enum class Contained : std::uint8_t { no, yes, both };

enum class Total : std::uint8_t { none, estimate, accurate };

struct Query {
  std::vector<TypeQuery> types;  // by name of type; one but for searches of the whole system
  std::uint32_t count = 0;       // of a page; 0 only with summary=count
  Total total = Total::none;
  bool only_count = false;  // _summary=count
  std::vector<Include> includes;
  Contained contained = Contained::no;
  bool returns_contained = false;  // _containedType=contained: the contained resource, not the one that holds it
  std::vector<std::pair<std::string, std::string>> used;  // what was understood, for the self link
  std::vector<std::string> ignored;                       // a sentence each; lenient alone
};

enum class Handling : std::uint8_t { strict, lenient };

// Bounds of what is asked. Over them: too_large.
struct QueryLimits {
  std::size_t parameters_max = 128;
  std::size_t values_max = 2000;                       // of one parameter
  std::size_t value_bytes_max = 4096;                  // of one value
  std::uint32_t count_default = 20, count_max = 1000;  // greater counts are brought down to count_max
  std::size_t chain_max = 8;                           // links of a chain
  std::size_t inner_max = 1000;                        // types that the links of one chain may lead to, in all
  std::size_t includes_max = 64;
};

struct Code {
  std::string system, code;
};
// What :in, :not-in, :above and :below ask. Threads: one.
class Codes {
 public:
  virtual ~Codes() = default;
  // Errors: not_found (the value set, or codes that it needs, are not here), too_large.
  virtual Result<std::vector<Code>> of_value_set(std::string_view url) = 0;
  // The code itself and all below or above it. Errors: the same.
  virtual Result<std::vector<Code>> related(std::string_view system, std::string_view code, bool below) = 0;
};

struct QueryContext {
  Handling handling = Handling::strict;
  Codes* codes = nullptr;  // without any, what asks for codes is refused
  Time now{};              // what `ap` measures from
  // Whether run() will be able to read bodies. Conditions of writes must not: what they find would hang on the log.
  // Nor do they find what is contained.
  bool reads_bodies = false;
  // Only what belongs to the compartment of this resource.
  TypeId compartment = TypeId::none;
  std::string compartment_id = {};
  QueryLimits limits = {};
};

// `type` none: the whole system, or the types that `_type` names. `parameters` are decoded, repeated ones as they came.
// Those that say how the answer looks (_format, _pretty, _summary but for count, _elements, _asOf, explain, …) are left
// to the caller and skipped.
// Errors: invalid    a parameter, modifier, prefix or value that is wrong or not known; the sentence names it.
//         too_large  over the limits.
Result<Query> parse_query(TypeId type, std::span<const std::pair<std::string, std::string>> parameters,
                          const QueryContext& context, const Parameters& known = Parameters::r4());

}  // namespace salus::fhir::search

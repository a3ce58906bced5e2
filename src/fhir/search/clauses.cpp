#include "fhir/search/clauses.hpp"

#include <algorithm>

#include "fhir/search/body_text.hpp"
#include "fhir/search/values.hpp"

namespace salus::fhir::search {
namespace {

// Whether what the parameter finds are plain codes, whose system their element implies (Patient.gender).
bool is_plain_code(const Definitions& d, const Parameter& parameter, TypeId type) {
  for (const std::string_view branch : split(parameter.expression, '|')) {
    const std::size_t first = std::min(branch.find_first_not_of(' '), branch.size());
    std::string_view path = branch.substr(first, branch.find_last_not_of(' ') + 1 - first);
    const std::string head = std::string(d.name(type)) + '.';
    if (!path.starts_with(head)) continue;
    path.remove_prefix(head.size());
    TypeId at = type;
    while (!path.empty() && at != TypeId::none) {
      const std::string_view name = path.substr(0, path.find('.'));
      path.remove_prefix(std::min(name.size() + 1, path.size()));
      at = d.member(at, d.name(name)).type;
    }
    return at == d.known().code;
  }
  return false;
}

Error refusal(const Ask& ask, const Error& error) {
  const ErrorCode code = error.code == ErrorCode::too_large ? ErrorCode::too_large : ErrorCode::invalid;
  return {code, fmt::format("Parameter '{}': {}", ask.name, error.message)};
}

}  // namespace

Result<Clause> words_clause(const Ask& ask, const std::vector<std::string_view>& values, bool reads_bodies) {
  const std::string_view code = ask.parameter.code;
  if (!ask.modifier.empty()) return fail(ErrorCode::invalid, "Parameter '{}': {} has no modifiers.", ask.name, code);
  if (!reads_bodies)
    return fail(ErrorCode::invalid, "Parameter '{}': the words of resources are no condition of a write.", ask.name);
  auto test = words_test(values, code == "_text" ? Where::narrative : Where::anywhere);
  if (!test) return fail(refusal(ask, test.error()));
  Clause out;
  out.kind = Clause::Kind::body;
  out.rows_alone = true;
  out.reads = std::move(*test);
  return out;
}

bool asks_codes(std::string_view modifier) {
  return modifier == "in" || modifier == "not-in" || modifier == "above" || modifier == "below";
}

Result<Clause> codes_clause(const Ask& ask, TypeId type, const std::vector<std::string_view>& values, Codes* codes) {
  if (codes == nullptr)
    return fail(ErrorCode::invalid, "Parameter '{}': what value sets hold is no condition of a write.", ask.name);
  const bool by_set = ask.modifier == "in" || ask.modifier == "not-in";
  const bool is_plain = is_plain_code(ask.definitions, ask.parameter, type);
  auto wanted = std::make_shared<std::vector<std::string>>();
  for (const std::string_view value : values) {
    Result<std::vector<Code>> found;
    if (by_set) {
      found = codes->of_value_set(unescape(value));
    } else {
      const auto parts = split(value, '|');
      if (parts.size() != 2 || parts[0].empty() || parts[1].empty())
        return fail(ErrorCode::invalid, "Parameter '{}': the value is 'system|code'.", ask.name);
      found = codes->related(unescape(parts[0]), unescape(parts[1]), ask.modifier == "below");
    }
    if (!found) return fail(refusal(ask, found.error()));
    for (const Code& code : *found) {
      wanted->push_back(token_value(code.code, code.system));
      if (is_plain) wanted->push_back(token_value(code.code, {}));
    }
  }
  std::ranges::sort(*wanted);
  const auto repeated = std::ranges::unique(*wanted);
  wanted->erase(repeated.begin(), repeated.end());
  Clause out;
  out.negated = ask.modifier == "not-in";
  out.rows_alone = true;
  for (const std::string& value : *wanted) out.walk.push_back(exact_scan(ask.parameter.list(), value));
  Scan scan{.list = ask.parameter.list()};
  scan.accept = [wanted](ByteView value) { return std::ranges::binary_search(*wanted, value, std::less<>{}); };
  out.scans.push_back(std::move(scan));
  return out;
}

}  // namespace salus::fhir::search

#include "fhir/search/filter.hpp"

#include <algorithm>

namespace salus::fhir::search {
namespace {

class FilterParser {
 public:
  FilterParser(std::string_view text, TypeId type,
               const std::function<Result<Clause>(std::string_view, std::string_view)>& clause,
               const std::function<SearchType(std::string_view)>& type_of)
      : rest_(text), type_(type), clause_(clause), type_of_(type_of) {}

  Result<Clause> parse() {
    auto made = either(0);
    if (made && !word().empty()) return refuse("nothing may follow");
    return made;
  }

 private:
  static tl::unexpected<Error> refuse(std::string_view why) {
    return fail(ErrorCode::invalid, "Parameter '_filter': {}.", why);
  }

  // The next word, a parenthesis, or a text in quotes with them; empty at the end.
  std::string_view word() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    if (rest_.empty()) return {};
    std::size_t end = 1;
    if (rest_[0] == '"') {
      while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, rest_.size());
    } else if (rest_[0] != '(' && rest_[0] != ')') {
      end = std::min(rest_.find_first_of(" ()"), rest_.size());
    }
    const std::string_view found = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return found;
  }
  bool take(std::string_view wanted) {
    const std::string_view before = rest_;
    if (word() == wanted) return true;
    rest_ = before;
    return false;
  }

  // Any of `parts`, each of which holds when all its clauses do.
  Clause any_of(std::vector<TypeQuery> parts) const {
    Clause out;
    out.kind = Clause::Kind::any;
    out.rows_alone = true;
    out.inner = std::make_shared<const std::vector<TypeQuery>>(std::move(parts));
    return out;
  }

  Result<Clause> either(std::size_t depth) {
    if (depth > filter_depth_max) return fail(ErrorCode::too_large, "Parameter '_filter' is nested too deeply.");
    std::vector<TypeQuery> parts;
    do {
      TypeQuery all{type_, {}, {}};
      do {
        auto made = term(depth);
        if (!made) return made;
        all.clauses.push_back(std::move(*made));
      } while (take("and"));
      parts.push_back(std::move(all));
    } while (take("or"));
    if (parts.size() == 1 && parts[0].clauses.size() == 1) return std::move(parts[0].clauses[0]);
    return any_of(std::move(parts));
  }

  Result<Clause> term(std::size_t depth) {
    if (++terms_ > filter_terms_max) return fail(ErrorCode::too_large, "Parameter '_filter' has too many terms.");
    const bool negated = take("not");
    if (negated || take("(")) {
      if (negated && !take("(")) return refuse("'not' stands before a parenthesis");
      auto made = either(depth + 1);
      if (!made) return made;
      if (!take(")")) return refuse("a parenthesis is not closed");
      return negated ? inverse(std::move(*made)) : std::move(made);
    }
    return comparison();
  }

  Result<Clause> inverse(Clause clause) const {
    Clause out = any_of({{type_, {std::move(clause)}, {}}});
    out.negated = true;
    return out;
  }

  Result<Clause> comparison() {
    const std::string_view name = word(), compare = word(), said = word();
    if (said.empty()) return refuse("a comparison is 'name operator value'");
    std::string value;
    if (said[0] == '"') {
      if (said.size() < 2 || said.back() != '"') return refuse("a text is not closed");
      for (std::size_t i = 1; i + 1 < said.size(); ++i) {
        const char c = said[i] == '\\' && i + 2 < said.size() ? said[++i] : said[i];
        if (c == ',' || c == '|' || c == '$' || c == '\\') value.push_back('\\');
        value.push_back(c);
      }
    } else {
      for (const char c : said) {
        if (c == ',') value.push_back('\\');
        value.push_back(c);
      }
    }
    const SearchType type = type_of_(name);
    const bool ordered = type == SearchType::date || type == SearchType::number || type == SearchType::quantity;
    if (compare == "pr") {
      if (value != "true" && value != "false") return refuse("'pr' is true or false");
      return clause_(std::string(name) + ":missing", value == "true" ? "false" : "true");
    }
    constexpr std::string_view orders[] = {"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"};
    if (ordered && std::ranges::find(orders, compare) != std::end(orders))
      return clause_(name, std::string(compare) + value);
    if (type == SearchType::string && compare == "co") return clause_(std::string(name) + ":contains", value);
    if (type == SearchType::string && compare == "sw") return clause_(name, value);
    if (type == SearchType::string && compare == "ew") return clause_(fmt::format("{}{}", name, ends_modifier), value);
    if (type == SearchType::token && compare == "in") return clause_(std::string(name) + ":in", value);
    if (compare == "eq" || compare == "ne" || (compare == "re" && type == SearchType::reference)) {
      auto made = clause_(fmt::format("{}{}", name, type == SearchType::string ? equals_modifier : ""), value);
      return made && compare == "ne" ? inverse(std::move(*made)) : made;
    }
    return refuse(fmt::format("'{}' is not compared by '{}'", name, compare));
  }

  // Of this parser alone: no search parameter's name has a control character.
  static constexpr std::string_view ends_modifier =
                                        ":\x01"
                                        "ends",
                                    equals_modifier =
                                        ":\x01"
                                        "equals";

  std::string_view rest_;
  TypeId type_;
  const std::function<Result<Clause>(std::string_view, std::string_view)>& clause_;
  const std::function<SearchType(std::string_view)>& type_of_;
  std::size_t terms_ = 0;
};

}  // namespace

Result<Clause> parse_filter(std::string_view text, TypeId type,
                            const std::function<Result<Clause>(std::string_view, std::string_view)>& clause,
                            const std::function<SearchType(std::string_view)>& type_of) {
  return FilterParser{text, type, clause, type_of}.parse();
}

}  // namespace salus::fhir::search

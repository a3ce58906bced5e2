#include "fhir/graphql/execute.hpp"

#include <algorithm>

#include "fhir/graphql/items.hpp"

namespace salus::fhir::graphql {
namespace {

// How the fields of an object are put into what is answered.
struct Mode {
  bool flattened = false;   // the object itself is not there: its fields join those of what holds it
  bool in_list = false;     // … and there may be several of it
  std::string suffix = {};  // of @slice, cumulative
};

class Executor {
 public:
  Executor(const Asked& asked, Source& source, const Definitions& definitions, const AnswerLimits& limits)
      : asked_(asked), definitions_(definitions), limits_(limits), items_(asked, source, definitions, limits) {}

  Answer run() {
    Place root;
    if (asked_.focus != nullptr)
      root = {.scope = {Scope::Kind::object, asked_.focus->type()},
              .resource = asked_.focus,
              .node = &asked_.focus->root()};
    answer_.data = Output::object();
    select(root, {&asked_.operation.selections}, answer_.data, {});
    return std::move(answer_);
  }

 private:
  struct Collected {
    FieldGroup group;
    std::optional<Field> field;
  };
  using Sets = std::vector<const SelectionSet*>;

  // The same for every object of a type: variables do not change.
  const std::vector<Collected>& collected(const Place& place, const Sets& sets) {
    const auto key = std::tuple{sets, place.scope.kind, place.scope.type};
    const auto at = collected_.find(key);
    if (at != collected_.end()) return at->second;
    std::vector<Collected> out;
    for (FieldGroup& group : collect(asked_.query, asked_.variables, definitions_, sets, place.scope)) {
      auto field = find_field(definitions_, place.scope, group.head().name);
      // Of a resource whose type was not known before: a field of another type's.
      if (field && field->inside(definitions_).has_value() == group.head().selections.empty()) field.reset();
      out.push_back({std::move(group), field});
    }
    return collected_.emplace(key, std::move(out)).first->second;
  }

  void select(const Place& place, const Sets& sets, Output& target, const Mode& mode) {
    for (const Collected& one : collected(place, sets)) {
      const Selection& head = one.group.head();
      const std::size_t depth = path_.size();
      path_.emplace_back(head.key());
      try {
        field(place, one, target, mode);
      } catch (Problem& problem) {
        if (answer_.problems.size() >= limits_.errors_max)
          throw Spent{{.message = fmt::format("More than {} fields fail; the last one: {}", limits_.errors_max,
                                              problem.message),
                       .at = head.at,
                       .code = ErrorCode::too_large}};
        problem.path = path_;
        if (problem.at.line == 0) problem.at = head.at;
        answer_.problems.push_back(std::move(problem));
        if (!mode.flattened && head.directive("flatten") == nullptr) fail_key(head.key(), target);
      }
      path_.resize(depth);
    }
  }

  void field(const Place& place, const Collected& one, Output& target, const Mode& mode) {
    const Selection& head = one.group.head();
    const bool flattens = head.directive("flatten") != nullptr, is_first = head.directive("first") != nullptr;
    const Directive* slice = head.directive("slice");
    std::vector<Item> items;
    if (one.field) items = items_.of(place, *one.field, one.group);
    spend(items.size() + 1, head.key().size());
    if (is_first && items.size() > 1) items.resize(1);
    const bool is_list =
        ((one.field && one.field->repeats && !is_first) || mode.in_list) && head.directive("singleton") == nullptr;
    if (items.empty()) {
      if (mode.flattened || flattens || slice != nullptr) return;
      const bool is_found = one.field && one.field->kind == Field::Kind::list;
      const bool has_edges = one.field && one.field->kind == Field::Kind::edges;
      if (is_list && (is_found || has_edges))
        target.add(head.key(), Output::list());
      else
        put_null(head.key(), target);
      return;
    }
    const Sets inner = one.group.selections();
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string suffix = mode.suffix + suffix_of(slice, items[i], i);
      if (is_list) path_.emplace_back(i);
      if (flattens) {
        if (!items[i].is_null)
          select(items[i].place, inner, target,
                 {.flattened = true, .in_list = mode.in_list || (one.field->repeats && !is_first), .suffix = suffix});
      } else {
        const TypeId type = one.field->kind == Field::Kind::element ? one.field->type : TypeId::none;
        put(head, head.key() + suffix, is_list, type, value_of(items[i], inner), target);
      }
      if (is_list) path_.pop_back();
    }
  }

  Output value_of(const Item& item, const Sets& inner) {
    if (item.is_null) return Output::null();
    if (!item.leaf.empty()) {
      spend(1, item.leaf.size());
      return Output::leaf(item.leaf);
    }
    Output out = Output::object();
    select(item.place, inner, out, {});
    return out;
  }

  void put(const Selection& head, std::string key, bool is_list, TypeId type, Output value, Output& target) {
    Output* at = target.find(key);
    if (at == nullptr) {
      spend(1, key.size() + 4);
      at = &target.add(std::move(key), is_list ? Output::list() : std::move(value));
      at->type = type;
      if (is_list) at->push(std::move(value));
      return;
    }
    if (at->is_null() && !is_list) {
      *at = std::move(value);
      return;
    }
    if (at->type != type)
      throw Problem{.message = fmt::format("'{}' collates values of different types.", head.key()), .at = head.at};
    if (!is_list || at->kind() != Output::Kind::list)
      throw Problem{.message = fmt::format("'{}' is to be one value, and there are several.", head.key()),
                    .at = head.at};
    at->push(std::move(value));
  }

  // A field that fails is null as a whole, whatever of it was there already.
  static void fail_key(const std::string& key, Output& target) {
    if (Output* at = target.find(key); at != nullptr)
      *at = Output::null();
    else
      target.add(key, Output::null());
  }
  static void put_null(const std::string& key, Output& target) {
    if (target.find(key) == nullptr) target.add(key, Output::null());
  }

  std::string suffix_of(const Directive* slice, const Item& item, std::size_t index) {
    if (slice == nullptr) return {};
    const Value path = argument_of(slice->arguments, slice->arguments.front().name, asked_.variables);
    if (path.kind != Value::Kind::string) throw Problem{.message = "@slice takes a FHIRPath as text.", .at = slice->at};
    if (path.text == "$index") return fmt::format(".{}", index);
    if (item.place.node == nullptr)
      throw Problem{.message = "@slice belongs to elements and resources.", .at = slice->at};
    const std::string text = items_.paths().text(*item.place.resource, *item.place.node, path.text, slice->at);
    return text.empty() ? text : "." + text;
  }

  void spend(std::size_t values, std::size_t bytes) {
    values_ += values;
    bytes_ += bytes;
    if (values_ <= limits_.values_max && bytes_ <= limits_.bytes_max) return;
    throw Spent{{.message = fmt::format("The answer would be of more than {} values or {} MiB; ask for less.",
                                        limits_.values_max, limits_.bytes_max >> 20),
                 .code = ErrorCode::too_large}};
  }

  const Asked& asked_;
  const Definitions& definitions_;
  const AnswerLimits& limits_;
  Items items_;
  Answer answer_;
  std::vector<PathPart> path_;
  std::size_t values_ = 0, bytes_ = 0;
  std::map<std::tuple<Sets, Scope::Kind, TypeId>, std::vector<Collected>> collected_;
};

}  // namespace

Parsed<Answer> execute(const Asked& asked, Source& source, const Definitions& definitions, AnswerLimits limits) {
  try {
    return Executor{asked, source, definitions, limits}.run();
  } catch (const Spent& spent) {
    return tl::make_unexpected(spent.problem);
  } catch (const Problem& problem) {  // of a directive at the root
    return tl::make_unexpected(problem);
  }
}

}  // namespace salus::fhir::graphql

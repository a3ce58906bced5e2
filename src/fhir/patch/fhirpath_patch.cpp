// FHIRPath Patch: the operations of a Parameters resource, in turn, each upon what the one before has left.
// An operation changes the children of one node; the document is then made anew from the two.
#include <algorithm>
#include <charconv>

#include "fhir/patch/rewrite.hpp"
#include "fhir/patch/work.hpp"
#include "fhir/path/expression.hpp"

namespace salus::fhir::patch {
namespace {

enum class Op : std::uint8_t { add, insert, erase, replace, move };
constexpr std::string_view op_names[] = {"add", "insert", "delete", "replace", "move"};

// What an operation needs and may have.
constexpr struct {
  bool name, value, index, moves;
} needs[] = {{true, true, false, false},
             {false, true, true, false},
             {},
             {false, true, false, false},
             {false, false, false, true}};

struct Operation {
  Op op = Op::erase;
  std::string_view path, name;
  const Node* value = nullptr;  // the part called "value"
  std::size_t index = 0, source = 0, destination = 0;
};

// The one child value[x] or resource of a part; null when there is none.
const Node* value_of(const Document& document, const Node& part) {
  const auto& known = document.definitions().known();
  for (const Node& child : document.children(part))
    if (child.name == known.value || child.name == known.resource_name) return &child;
  return nullptr;
}

class Patcher {
 public:
  Patcher(const Document& patch, const Options& options)
      : patch_(patch),
        d_(patch.definitions()),
        options_(options),
        work_(options.work_max),
        part_name_(d_.name("part")),
        name_name_(d_.name("name")),
        parameter_name_(d_.name("parameter")) {}

  Reading<void> read() {
    if (patch_.type() != d_.known().parameters)
      return refuse(ErrorCode::invalid, std::string{d_.name(patch_.type())},
                    "A FHIRPath Patch is a Parameters resource");
    for (const Node& child : patch_.children(patch_.root())) {
      if (child.name != parameter_name_) continue;
      if (operations_.size() >= options_.operations_max)
        return refuse(ErrorCode::too_large, "Parameters", "A patch has at most {} operations", options_.operations_max);
      number_ = operations_.size();
      operations_.emplace_back();
      if (auto done = operation(child, operations_.back()); !done) return done;
    }
    return {};
  }

  Reading<Document> run(const Document& before) {
    Document current = before;
    for (number_ = 0; number_ < operations_.size(); ++number_) {
      if (!work_.spend(current.size() + patch_.size())) return too_large(too_much_work);
      auto next = apply(current, operations_[number_]);
      if (!next) return next;
      current = std::move(*next);
    }
    return current;
  }

 private:
  template <class... Args>
  tl::unexpected<Issue> malformed(fmt::format_string<Args...> why, Args&&... args) const {
    return refuse(ErrorCode::invalid, fmt::format("Parameters.parameter[{}]", number_), "Operation {}: {}", number_ + 1,
                  fmt::format(why, std::forward<Args>(args)...));
  }
  template <class... Args>
  tl::unexpected<Issue> refused(const Operation& o, fmt::format_string<Args...> why, Args&&... args) const {
    return refuse(ErrorCode::conflict, fmt::format("Parameters.parameter[{}]", number_), "Operation {} ({}): {}",
                  number_ + 1, op_names[static_cast<std::size_t>(o.op)], fmt::format(why, std::forward<Args>(args)...));
  }
  tl::unexpected<Issue> too_large(std::string_view why) const {
    return refuse(ErrorCode::too_large, fmt::format("Parameters.parameter[{}]", number_), "Operation {}: {}",
                  number_ + 1, why);
  }

  Reading<void> operation(const Node& parameter, Operation& out) {
    if (patch_.text_of(parameter, name_name_) != "operation")
      return malformed("a parameter of a patch is called 'operation'");
    bool typed = false, index = false, source = false, destination = false;
    for (const Node& part : patch_.children(parameter)) {
      if (part.name != part_name_) continue;
      const std::string_view name = patch_.text_of(part, name_name_);
      const Node* value = value_of(patch_, part);
      const std::string_view text = value == nullptr ? std::string_view{} : patch_.text(*value);
      if (name == "type") {
        const auto* op = std::ranges::find(op_names, text);
        if (op == std::end(op_names) || typed)
          return malformed("its type is one of add, insert, delete, replace, move");
        out.op = static_cast<Op>(op - op_names);
        typed = true;
      } else if (name == "path" && out.path.empty()) {
        out.path = text;
      } else if (name == "name" && out.name.empty()) {
        out.name = text;
      } else if (name == "value" && out.value == nullptr) {
        out.value = &part;
      } else if (name == "index" && !index) {
        if (!(index = number(text, out.index))) return malformed("its index counts from 0");
      } else if (name == "source" && !source) {
        if (!(source = number(text, out.source))) return malformed("its source counts from 0");
      } else if (name == "destination" && !destination) {
        if (!(destination = number(text, out.destination))) return malformed("its destination counts from 0");
      } else {
        return malformed(
            "a part is called otherwise than type, path, name, value, index, source, destination, or stands twice");
      }
    }
    const auto& need = needs[static_cast<std::size_t>(out.op)];
    if (!typed || out.path.empty()) return malformed("it has a type and a path");
    if (need.name != !out.name.empty() || need.value != (out.value != nullptr) || need.index != index ||
        need.moves != (source && destination) || (!need.moves && (source || destination)))
      return malformed(
          "add has name and value, insert index and value, delete nothing, replace value, move source and destination");
    return {};
  }

  static bool number(std::string_view text, std::size_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return !text.empty() && error == std::errc{} && end == text.data() + text.size();
  }

  // Nodes of `document` that a path leads to, in order.
  Reading<std::vector<const Node*>> select(const Document& document, const Operation& o, std::string_view path) {
    auto expression = path::Expression::compile(path, d_);
    if (!expression) return malformed("its path is no FHIRPath: {}", expression.error().message);
    const path::Environment environment{.now = options_.now, .limits = {.steps_max = 1'000'000, .items_max = 100'000}};
    auto items = expression->evaluate(document, environment);
    if (!items) {
      if (items.error().code == ErrorCode::too_large) return too_large(items.error().message);
      return refused(o, "its path cannot be evaluated: {}", items.error().message);
    }
    std::vector<const Node*> nodes;
    for (const path::Value& item : *items) {
      const path::NodeRef* ref = item.node();
      if (ref == nullptr || ref->document != &document) return refused(o, "its path leads to values, not to elements");
      nodes.push_back(ref->node);
    }
    return nodes;
  }

  Reading<const Node*> select_one(const Document& document, const Operation& o) {
    auto nodes = select(document, o, o.path);
    if (!nodes) return tl::make_unexpected(std::move(nodes.error()));
    if (nodes->empty() && o.op == Op::erase) return nullptr;
    if (nodes->empty()) return refused(o, "its path leads to nothing");
    if (nodes->size() > 1) return refused(o, "its path leads to several elements");
    if (o.op != Op::add && nodes->front() == &document.root())
      return refused(o, "the resource itself is neither replaced nor deleted");
    return nodes->front();
  }

  static std::vector<Child> children_of(const Document& document, const Node& node) {
    std::vector<Child> children;
    for (const Node& child : document.children(node)) children.emplace_back(&child);
    return children;
  }

  Reading<Document> finish(const Operation& o, const Document& current, const Node& parent,
                           const std::vector<Child>& children) {
    auto made = rewrite(current, parent, children, options_.document);
    if (made) return made;
    if (made.error().code == ErrorCode::too_large) return too_large(made.error().message);
    return refused(o, "{}", made.error().message);
  }

  Reading<Document> apply(const Document& current, const Operation& o) {
    switch (o.op) {
      case Op::add:
        return add(current, o);
      case Op::insert:
        return insert(current, o);
      case Op::move:
        return move(current, o);
      case Op::erase:
      case Op::replace:
        break;
    }
    auto node = select_one(current, o);
    if (!node) return tl::make_unexpected(std::move(node.error()));
    if (*node == nullptr) return current;
    const Node& parent = current.parent(**node);
    std::vector<Child> children = children_of(current, parent);
    const auto at = children.begin() + (*node - current.children(parent).data());
    if (o.op == Op::erase) {
      children.erase(at);
    } else {
      auto made = create(o, current.name(**node), parent.type, *o.value);
      if (!made) return tl::make_unexpected(std::move(made.error()));
      *at = std::move(*made);
    }
    return finish(o, current, parent, children);
  }

  Reading<Document> add(const Document& current, const Operation& o) {
    auto found = select_one(current, o);
    if (!found) return tl::make_unexpected(std::move(found.error()));
    const Node& parent = **found;
    auto made = create(o, o.name, parent.type, *o.value);
    if (!made) return tl::make_unexpected(std::move(made.error()));
    return put(current, o, parent, std::move(*made));
  }

  // Behind the last of its name. An element that does not repeat must not be there.
  Reading<Document> put(const Document& current, const Operation& o, const Node& parent, NewChild made) {
    const ElementId element = d_.member(parent.type, d_.name(made.json_name)).element;
    std::vector<Child> children = children_of(current, parent);
    std::size_t place = children.size();
    for (std::size_t i = 0; i < parent.count; ++i) {
      if (current.children(parent)[i].element != element) continue;
      if (!d_.repeats(element)) return refused(o, "there is such an element already, and only one can be");
      place = i + 1;
    }
    children.insert(children.begin() + static_cast<std::ptrdiff_t>(place), std::move(made));
    return finish(o, current, parent, children);
  }

  // The nodes of a list, which must stand under one parent with one name.
  Reading<std::vector<const Node*>> select_list(const Document& current, const Operation& o) {
    auto nodes = select(current, o, o.path);
    if (!nodes) return nodes;
    const bool one = std::ranges::all_of(*nodes, [&](const Node* node) {
      return node != &current.root() && node->parent == nodes->front()->parent &&
             node->element == nodes->front()->element && node->element != ElementId::none && d_.repeats(node->element);
    });
    return one ? std::move(nodes) : refused(o, "its path leads to no list of elements");
  }

  Reading<Document> insert(const Document& current, const Operation& o) {
    auto nodes = select_list(current, o);
    if (!nodes) return tl::make_unexpected(std::move(nodes.error()));
    if (o.index > nodes->size()) return refused(o, "its index is {} in a list of {}", o.index, nodes->size());
    if (nodes->empty()) return insert_first(current, o);
    const Node& beside = *nodes->front();
    const Node& parent = current.parent(beside);
    auto made = create(o, current.name(beside), parent.type, *o.value);
    if (!made) return tl::make_unexpected(std::move(made.error()));
    std::vector<Child> children = children_of(current, parent);
    const Node* first = current.children(parent).data();
    const std::ptrdiff_t place = o.index < nodes->size() ? (*nodes)[o.index] - first : nodes->back() - first + 1;
    children.insert(children.begin() + place, std::move(*made));
    return finish(o, current, parent, children);
  }

  // Into a list that is not there yet: the path without its last name leads to what holds it.
  Reading<Document> insert_first(const Document& current, const Operation& o) {
    const std::size_t dot = o.path.rfind('.');
    const std::string_view name = dot == std::string_view::npos ? o.path : o.path.substr(dot + 1);
    auto parents = dot == std::string_view::npos ? std::vector<const Node*>{&current.root()}
                                                 : select(current, o, o.path.substr(0, dot));
    if (!parents) return tl::make_unexpected(std::move(parents.error()));
    if (parents->size() != 1) return refused(o, "its path leads to nothing");
    const Node& parent = *parents->front();
    auto made = create(o, name, parent.type, *o.value);
    if (!made) return tl::make_unexpected(std::move(made.error()));
    if (!d_.repeats(d_.member(parent.type, d_.name(made->json_name)).element))
      return refused(o, "its path leads to no list of elements");
    return put(current, o, parent, std::move(*made));
  }

  Reading<Document> move(const Document& current, const Operation& o) {
    auto nodes = select_list(current, o);
    if (!nodes) return tl::make_unexpected(std::move(nodes.error()));
    if (o.source >= nodes->size() || o.destination >= nodes->size())
      return refused(o, "it moves {} to {} in a list of {}", o.source, o.destination, nodes->size());
    const Node& parent = current.parent(*nodes->front());
    std::vector<Child> children = children_of(current, parent);
    std::vector<std::size_t> places;
    for (const Node* node : *nodes) places.push_back(static_cast<std::size_t>(node - current.children(parent).data()));
    std::vector<const Node*> order = *nodes;
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(o.source));
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(o.destination), (*nodes)[o.source]);
    for (std::size_t i = 0; i < places.size(); ++i) children[places[i]] = order[i];
    return finish(o, current, parent, children);
  }

  // The element `name` of `owner` with the value of `part`. A choice takes its member from the value's type.
  Reading<NewChild> create(const Operation& o, std::string_view name, TypeId owner, const Node& part) {
    if (name.ends_with("[x]")) name.remove_suffix(3);
    const Node* value = value_of(patch_, part);
    NewChild made{.json_name = std::string{name}, .document = &patch_, .value = value};
    const ElementId choice = d_.element_named(owner, d_.name(name));
    if (value != nullptr && choice != ElementId::none && d_.is_choice(choice)) {
      std::string type{d_.name(value->type)};
      if (type[0] >= 'a' && type[0] <= 'z') type[0] = static_cast<char>(type[0] - 'a' + 'A');
      made.json_name += type;
    }
    const Member member = d_.member(owner, d_.name(made.json_name));
    if (member.element == ElementId::none)
      return refused(o, "{} has no element '{}'", owner == TypeId::none ? "It" : d_.name(owner),
                     made.json_name.substr(0, 64));
    if (value != nullptr) {
      if (!fits(*value, member.type)) return refused(o, "'{}' is of another type than the value", made.json_name);
      return made;
    }
    for (const Node& inner : patch_.children(part)) {
      if (inner.name != part_name_) continue;
      auto child = create(o, patch_.text_of(inner, name_name_), member.type, inner);
      if (!child) return child;
      if (std::ranges::any_of(made.members, [&](const NewChild& other) {
            return d_.element_named(member.type, element_name(member.type, other)) ==
                       d_.element_named(member.type, element_name(member.type, *child)) &&
                   !d_.repeats(d_.member(member.type, d_.name(child->json_name)).element);
          }))
        return refused(o, "the value holds '{}' twice", child->json_name);
      made.members.push_back(std::move(*child));
    }
    if (made.members.empty()) return malformed("its value is missing");
    return made;
  }

  NameId element_name(TypeId owner, const NewChild& child) const {
    return d_.element_name(d_.member(owner, d_.name(child.json_name)).element);
  }

  // Complex values are of the very type; primitives are written alike (a code for a string, never a number for one).
  bool fits(const Node& value, TypeId wanted) const {
    if (d_.is_resource(value.type)) return wanted == d_.known().resource;
    if (!d_.is_primitive(wanted)) return value.type == wanted;
    if (!d_.is_primitive(value.type)) return false;
    if (!value.has_value()) return true;
    const bool number = d_.is_a(wanted, d_.known().integer) || wanted == d_.known().decimal;
    return value.shape == (number ? Shape::number : wanted == d_.known().boolean ? Shape::boolean : Shape::string);
  }

  const Document& patch_;
  const Definitions& d_;
  const Options& options_;
  Work work_;
  NameId part_name_, name_name_, parameter_name_;
  std::vector<Operation> operations_;
  std::size_t number_ = 0;
};

}  // namespace

Reading<Document> apply_fhirpath(const Document& before, const Document& patch, const Options& options) {
  Patcher patcher{patch, options};
  if (auto read = patcher.read(); !read) return tl::make_unexpected(std::move(read.error()));
  return patcher.run(before);
}

}  // namespace salus::fhir::patch

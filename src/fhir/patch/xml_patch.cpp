#include "fhir/patch/xml_patch.hpp"

#include <algorithm>

#include "fhir/document/expat.hpp"
#include "fhir/patch/xpath.hpp"

namespace salus::fhir::patch {
namespace {

enum class Op : std::uint8_t { add, replace, remove };
constexpr std::string_view op_names[] = {"add", "replace", "remove"};
constexpr std::size_t depth_max = 300;  // of what is changed; bounds the recursion over the outcome
enum class Where : std::uint8_t { append, prepend, before, after };

struct Operation {
  Op op = Op::remove;
  XPath path;
  std::string_view type;  // "@name", "namespace::prefix", or nothing
  Where where = Where::append;
  bool space_before = false, space_after = false;  // blanks that go with what is removed
  const XmlNode* element = nullptr;
};

bool is_ncname(std::string_view name) {
  return !name.empty() && name.find_first_of(" :/@()[]='\"<>&\t\r\n") == std::string_view::npos &&
         !(name[0] >= '0' && name[0] <= '9') && name[0] != '-' && name[0] != '.';
}

class Patcher {
 public:
  Patcher(XmlNode& document, const Options& options)
      : document_(document), options_(options), work_(options.work_max), size_(size_of(document)) {}

  Reading<void> run(const XmlNode& patch) {
    std::vector<Operation> operations;
    for (const XmlNode& child : patch.children) {
      if (child.kind != XmlNode::Kind::element) {
        if (child.kind == XmlNode::Kind::text && !child.is_blank())
          return refuse(ErrorCode::invalid, "/diff", "Text stands between operations");
        continue;
      }
      if (operations.size() >= options_.operations_max)
        return refuse(ErrorCode::too_large, "/diff", "A patch has at most {} operations", options_.operations_max);
      number_ = operations.size();
      Operation made;
      if (auto read = operation(patch, child, made); !read) return read;
      operations.push_back(std::move(made));
    }
    if (operations.empty()) return refuse(ErrorCode::invalid, "/diff", "The patch has no operations");
    for (number_ = 0; number_ < operations.size(); ++number_)
      if (auto done = apply(operations[number_]); !done) return done;
    return {};
  }

 private:
  static std::size_t size_of(const XmlNode& node) {
    std::size_t size = 64 + node.text.size() + node.name.size() + node.raw.size();
    for (const XmlAttribute& attribute : node.attributes) size += attribute.name.size() + attribute.value.size() + 16;
    for (const XmlNode& child : node.children) size += size_of(child);
    return size;
  }

  template <class... Args>
  tl::unexpected<Issue> refused(ErrorCode code, Op op, fmt::format_string<Args...> why, Args&&... args) const {
    return refuse(code, fmt::format("/diff/*[{}]", number_ + 1), "Operation {} ({}): {}", number_ + 1,
                  op_names[static_cast<std::size_t>(op)], fmt::format(why, std::forward<Args>(args)...));
  }

  Reading<void> operation(const XmlNode& patch, const XmlNode& element, Operation& out) const {
    const auto* name = std::ranges::find(op_names, element.name);
    if (name == std::end(op_names) || element.space != patch.space)
      return refuse(ErrorCode::invalid, fmt::format("/diff/*[{}]", number_ + 1),
                    "Operation {} is none of add, replace, remove", number_ + 1);
    out.op = static_cast<Op>(name - op_names);
    out.element = &element;
    const XmlAttribute* sel = element.attribute("sel");
    if (sel == nullptr) return refused(ErrorCode::invalid, out.op, "the attribute 'sel' is missing");
    // The nearest declaration counts.
    Prefixes prefixes = element.prefixes;
    prefixes.insert(prefixes.end(), patch.prefixes.begin(), patch.prefixes.end());
    prefixes.emplace_back("f", fhir_namespace);
    prefixes.emplace_back("h", xhtml_namespace);
    auto path = parse_xpath(sel->value, prefixes);
    if (!path) return refused(ErrorCode::invalid, out.op, "the attribute 'sel' is no path: {}", path.error().message);
    out.path = std::move(*path);
    return attributes(element, out);
  }

  Reading<void> attributes(const XmlNode& element, Operation& out) const {
    for (const XmlAttribute& attribute : element.attributes) {
      const std::string_view value = attribute.value;
      if (attribute.name == "sel") continue;
      if (out.op == Op::add && attribute.name == "pos") {
        if (value != "prepend" && value != "before" && value != "after")
          return refused(ErrorCode::invalid, out.op, "'pos' is prepend, before or after");
        out.where = value == "prepend" ? Where::prepend : value == "before" ? Where::before : Where::after;
      } else if (out.op == Op::add && attribute.name == "type") {
        out.type = value;
        const bool named = value.starts_with('@') ? is_ncname(value.substr(1))
                                                  : value.starts_with("namespace::") && is_ncname(value.substr(11));
        if (!named) return refused(ErrorCode::invalid, out.op, "'type' is @name or namespace::prefix");
      } else if (out.op == Op::remove && attribute.name == "ws") {
        if (value != "before" && value != "after" && value != "both")
          return refused(ErrorCode::invalid, out.op, "'ws' is before, after or both");
        out.space_before = value != "after";
        out.space_after = value != "before";
      } else {
        return refused(ErrorCode::invalid, out.op, "there is no attribute '{}' here", attribute.name.substr(0, 50));
      }
    }
    const bool holds_elements =
        std::ranges::any_of(element.children, [](const XmlNode& n) { return n.kind == XmlNode::Kind::element; });
    if (!out.type.empty() && (holds_elements || out.where != Where::append))
      return refused(ErrorCode::invalid, out.op, "an attribute or a namespace is a text, and has no 'pos'");
    if (out.op == Op::remove && !element.content().empty() &&
        element.content().find_first_not_of(" \t\r\n") != std::string::npos)
      return refused(ErrorCode::invalid, out.op, "it holds nothing");
    return {};
  }

  // What is selected is going to change: nothing around it is kept as it was written.
  XmlNode& open(const std::vector<std::uint32_t>& path, std::size_t spare = 0) {
    XmlNode* at = &document_;
    for (std::size_t i = 0; i + spare < path.size(); ++i) {
      at = &at->children[path[i]];
      at->raw.clear();
    }
    return *at;
  }

  Reading<void> apply(const Operation& o) {
    const auto found = select(document_, o.path, 2, work_);
    if (!found || !work_.spend(size_of(*o.element))) return refused(ErrorCode::too_large, o.op, "{}", too_much_work);
    if (found->empty()) return refused(ErrorCode::conflict, o.op, "the path leads to nothing");
    if (found->size() > 1) return refused(ErrorCode::conflict, o.op, "the path leads to several nodes");
    if (found->front().path.size() > depth_max)
      return refused(ErrorCode::too_large, o.op, "the resource is nested too deeply");
    size_ += size_of(*o.element);
    if (size_ > 8 * options_.document.bytes_max)
      return refused(ErrorCode::too_large, o.op, "the resource becomes larger than is taken");
    switch (o.op) {
      case Op::add:
        return add(o, found->front());
      case Op::replace:
        return replace(o, found->front());
      case Op::remove:
        return remove(o, found->front());
    }
    return {};
  }

  Reading<void> add(const Operation& o, const XmlPlace& at) {
    if (at.part != XmlPlace::Part::node) return refused(ErrorCode::conflict, o.op, "the path leads to no element");
    if (!o.type.empty()) return add_part(o, at);
    const std::vector<XmlNode>& added = o.element->children;
    const bool within = o.where == Where::append || o.where == Where::prepend;
    XmlNode& parent = open(at.path, within ? 0 : 1);
    if (within && parent.kind != XmlNode::Kind::element)
      return refused(ErrorCode::conflict, o.op, "the path leads to no element");
    if (!within && at.path.size() == 1)
      return refused(ErrorCode::conflict, o.op, "beside the resource there is nothing");
    const std::size_t place = o.where == Where::append    ? parent.children.size()
                              : o.where == Where::prepend ? 0
                              : o.where == Where::before  ? at.path.back()
                                                          : at.path.back() + 1;
    if (!work_.spend(parent.children.size() - place)) return refused(ErrorCode::too_large, o.op, "{}", too_much_work);
    parent.children.insert(parent.children.begin() + static_cast<std::ptrdiff_t>(place), added.begin(), added.end());
    return {};
  }

  Reading<void> add_part(const Operation& o, const XmlPlace& at) {
    XmlNode& element = open(at.path);
    if (element.kind != XmlNode::Kind::element)
      return refused(ErrorCode::conflict, o.op, "the path leads to no element");
    if (o.type.starts_with('@')) {
      const std::string_view name = o.type.substr(1);
      if (element.attribute(name) != nullptr)
        return refused(ErrorCode::conflict, o.op, "the element has that attribute already");
      element.attributes.push_back({{}, std::string{name}, o.element->content()});
      return {};
    }
    const std::string_view prefix = o.type.substr(11);
    if (std::ranges::find(element.prefixes, prefix, &std::pair<std::string, std::string>::first) !=
        element.prefixes.end())
      return refused(ErrorCode::conflict, o.op, "the element declares that prefix already");
    element.prefixes.emplace_back(prefix, o.element->content());
    return {};
  }

  Reading<void> replace(const Operation& o, const XmlPlace& at) {
    XmlNode& held = open(at.path);
    if (at.part == XmlPlace::Part::attribute) {
      held.attributes[at.number].value = o.element->content();
      return {};
    }
    if (at.part == XmlPlace::Part::declaration) {
      held.prefixes[at.number].second = o.element->content();
      return {};
    }
    if (held.kind == XmlNode::Kind::text) {
      held.text = o.element->content();
      return {};
    }
    const XmlNode* with = nullptr;
    for (const XmlNode& child : o.element->children) {
      if (child.is_blank()) continue;
      if (with != nullptr || child.kind != held.kind)
        return refused(ErrorCode::invalid, o.op, "a node is replaced by one of its kind");
      with = &child;
    }
    if (with == nullptr) return refused(ErrorCode::invalid, o.op, "a node is replaced by one of its kind");
    held = XmlNode{*with};
    return {};
  }

  Reading<void> remove(const Operation& o, const XmlPlace& at) {
    XmlNode& held = open(at.path);
    if (at.part == XmlPlace::Part::attribute) {
      held.attributes.erase(held.attributes.begin() + static_cast<std::ptrdiff_t>(at.number));
      return {};
    }
    if (at.part == XmlPlace::Part::declaration) {
      held.prefixes.erase(held.prefixes.begin() + static_cast<std::ptrdiff_t>(at.number));
      return {};
    }
    if (at.path.size() <= 1) return refused(ErrorCode::conflict, o.op, "the resource itself is not removed");
    std::vector<XmlNode>& siblings = open(at.path, 1).children;
    if (!work_.spend(siblings.size())) return refused(ErrorCode::too_large, o.op, "{}", too_much_work);
    std::size_t first = at.path.back(), last = first + 1;
    if (o.space_before && (first == 0 || !siblings[--first].is_blank()))
      return refused(ErrorCode::conflict, o.op, "there are no blanks before it");
    if (o.space_after && (last == siblings.size() || !siblings[last++].is_blank()))
      return refused(ErrorCode::conflict, o.op, "there are no blanks after it");
    siblings.erase(siblings.begin() + static_cast<std::ptrdiff_t>(first),
                   siblings.begin() + static_cast<std::ptrdiff_t>(last));
    return {};
  }

  XmlNode& document_;
  const Options& options_;
  Work work_;
  std::size_t size_, number_ = 0;
};

}  // namespace

Reading<void> apply_operations(XmlNode& document, const XmlNode& patch, const Options& options) {
  return Patcher{document, options}.run(patch);
}

}  // namespace salus::fhir::patch

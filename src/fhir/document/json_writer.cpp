#include "fhir/document/json.hpp"
#include "fhir/document/order.hpp"

namespace salus::fhir {
namespace {

class JsonWriter {
 public:
  JsonWriter(const Document& document, JsonStyle style, std::string& out)
      : document_(document), style_(style), out_(out) {}

  void value(const Node& node) {
    switch (node.shape) {
      case Shape::object:
        object(node, true);
        break;
      case Shape::string:
        write_json_string(document_.text(node), out_);
        break;
      case Shape::number:
      case Shape::boolean:
        out_ += document_.text(node);
        break;
      case Shape::absent:
        out_ += "null";
    }
  }

  void chosen(const std::vector<const Node*>& nodes) {
    bool first = true;
    members(nodes, [](const Node* n) { return n; }, first);
  }

 private:
  // `whole` writes what the node is; else only the id and extensions of a primitive.
  void object(const Node& node, bool whole) {
    out_ += '{';
    ++depth_;
    bool first = true;
    if (whole && document_.is_resource(node)) {
      member("resourceType", false, first);
      write_json_string(document_.definitions().name(node.type), out_);
    }
    if (style_.order == MemberOrder::defined) {
      const std::vector<const Node*> sorted = in_defined_order(document_, node);
      members(sorted, [](const Node* n) { return n; }, first);
    } else {
      members(document_.children(node), [](const Node& n) { return &n; }, first);
    }
    --depth_;
    if (!first) line();
    out_ += '}';
  }

  // Nodes of one name side by side are one member.
  template <class Range, class Get>
  void members(const Range& nodes, Get get, bool& first) {
    for (std::size_t from = 0, to; from < nodes.size(); from = to) {
      const Node& head = *get(nodes[from]);
      bool values = head.shape != Shape::absent, siblings = is_primitive(head) && head.count > 0;
      for (to = from + 1; to < nodes.size(); ++to) {
        const Node& next = *get(nodes[to]);
        if (!head.in_array || !next.in_array || !one_member(head, next)) break;
        values |= next.shape != Shape::absent;
        siblings |= is_primitive(next) && next.count > 0;
      }
      const auto at = [&](std::size_t i) -> const Node& { return *get(nodes[i]); };
      const std::string name = document_.json_name(head);
      if (values) {
        member(name, false, first);
        list(head.in_array, from, to, [&](std::size_t i) { value(at(i)); });
      }
      if (siblings) {
        member(name, true, first);
        list(head.in_array, from, to,
             [&](std::size_t i) { at(i).count > 0 ? object(at(i), false) : void(out_ += "null"); });
      }
    }
  }

  // Contained resources of any type are one member; valueString and valueInteger are two.
  bool one_member(const Node& a, const Node& b) const {
    if (a.name != b.name || a.element != b.element) return false;
    return a.type == b.type || a.element == ElementId::none || !document_.definitions().is_choice(a.element);
  }

  template <class Write>
  void list(bool in_array, std::size_t from, std::size_t to, Write write) {
    if (!in_array) return write(from);
    out_ += '[';
    ++depth_;
    for (std::size_t i = from; i < to; ++i) {
      if (i > from) out_ += ',';
      line();
      write(i);
    }
    --depth_;
    line();
    out_ += ']';
  }

  static bool is_primitive(const Node& node) { return node.shape != Shape::object; }

  void member(std::string_view name, bool sibling, bool& first) {
    if (!first) out_ += ',';
    first = false;
    line();
    if (sibling) {
      write_json_string('_' + std::string{name}, out_);
    } else {
      write_json_string(name, out_);
    }
    out_ += style_.layout == Layout::pretty ? ": " : ":";
  }

  void line() {
    if (style_.layout != Layout::pretty) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  const Document& document_;
  JsonStyle style_;
  std::string& out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string write_json(const Document& document, JsonStyle style) {
  std::string out;
  write_json(document, document.root(), style, out);
  return out;
}

void write_json(const Document& document, const Node& node, JsonStyle style, std::string& out) {
  JsonWriter{document, style, out}.value(node);
}

void write_json_members(const Document& document, const Node& node, const std::function<bool(const Node&)>& wanted,
                        std::string& out) {
  std::vector<const Node*> chosen;
  for (const Node& child : document.children(node))
    if (wanted(child)) chosen.push_back(&child);
  JsonWriter{document, {}, out}.chosen(chosen);
}

void write_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(done, i - done));
    done = i + 1;
    out += '\\';
    switch (c) {
      case '"':
      case '\\':
        out += static_cast<char>(c);
        break;
      case '\n':
        out += 'n';
        break;
      case '\r':
        out += 'r';
        break;
      case '\t':
        out += 't';
        break;
      default: {
        constexpr std::string_view digits = "0123456789abcdef";
        out += "u00";
        out += digits[c >> 4];
        out += digits[c & 15];
      }
    }
  }
  out.append(text.substr(done));
  out += '"';
}

}  // namespace salus::fhir

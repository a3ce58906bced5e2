#include "fhir/patch/xml_tree.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "fhir/document/expat.hpp"

namespace salus::fhir::patch {
namespace {

class TreeReader {
 public:
  TreeReader(std::string_view source, std::uint32_t depth_max, bool keep_raw)
      : source_(source), depth_max_(depth_max), keep_raw_(keep_raw) {
    open_.emplace_back();
  }

  Reading<XmlNode> read() {
    if (!xml_.parse(source_)) return tl::make_unexpected(xml_.take_issue());
    return std::move(open_.front());
  }

  void start(std::string_view full, const char** attributes) {
    if (xml_.failed()) return;
    if (open_.size() > depth_max_) return xml_.refuse(ErrorCode::too_large, "The XML is nested too deeply");
    const QualifiedName name = qualified(full);
    XmlNode made;
    made.kind = XmlNode::Kind::element;
    made.space = name.space;
    made.name = name.local;
    made.prefixes = std::exchange(prefixes_, {});
    for (; *attributes != nullptr; attributes += 2) {
      const QualifiedName attribute = qualified(attributes[0]);
      made.attributes.push_back({std::string{attribute.space}, std::string{attribute.local}, attributes[1]});
    }
    open_.push_back(std::move(made));
    starts_.push_back(xml_.at());
  }

  void end() {
    if (xml_.failed()) return;
    XmlNode done = std::move(open_.back());
    open_.pop_back();
    if (keep_raw_ && done.space == xhtml_namespace && open_.back().space != xhtml_namespace)
      done.raw = source_.substr(starts_.back(), xml_.at() + xml_.event_size() - starts_.back());
    starts_.pop_back();
    open_.back().children.push_back(std::move(done));
  }

  void text(std::string_view text) {
    std::vector<XmlNode>& siblings = open_.back().children;
    if (siblings.empty() || siblings.back().kind != XmlNode::Kind::text) leaf(XmlNode::Kind::text, {}, {});
    siblings.back().text += text;
  }
  void comment(std::string_view text) { leaf(XmlNode::Kind::comment, {}, text); }
  void instruction(std::string_view target, std::string_view text) { leaf(XmlNode::Kind::instruction, target, text); }
  void declared(std::string_view prefix, std::string_view space) { prefixes_.emplace_back(prefix, space); }

 private:
  void leaf(XmlNode::Kind kind, std::string_view name, std::string_view text) {
    XmlNode made;
    made.kind = kind;
    made.name = name;
    made.text = text;
    open_.back().children.push_back(std::move(made));
  }

  std::string_view source_;
  std::uint32_t depth_max_;
  bool keep_raw_;
  Expat<TreeReader> xml_{*this};
  std::vector<XmlNode> open_;
  std::vector<std::size_t> starts_;
  std::vector<std::pair<std::string, std::string>> prefixes_;
};

void escape(std::string_view text, bool attribute, std::string& out) {
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '>' && !attribute) {
      out += "&gt;";
    } else if (c == '\r' || (attribute && (c == '"' || c == '\n' || c == '\t'))) {
      out += fmt::format("&#{};", static_cast<int>(c));
    } else {
      out += c;
    }
  }
}

void write(const XmlNode& node, std::string_view space, std::string& out);

void write_element(const XmlNode& node, std::string_view space, std::string& out) {
  out += '<';
  out += node.name;
  const auto declare = [&](std::string_view prefix, std::string_view uri) {
    out += prefix.empty() ? " xmlns" : " xmlns:";
    out += prefix;
    out += "=\"";
    escape(uri, true, out);
    out += '"';
  };
  if (node.space != space) declare("", node.space);
  for (const auto& [prefix, uri] : node.prefixes)
    if (!prefix.empty()) declare(prefix, uri);
  std::size_t number = 0;
  for (const XmlAttribute& attribute : node.attributes) {
    std::string prefix;
    if (attribute.space == "http://www.w3.org/XML/1998/namespace") {
      prefix = "xml:";
    } else if (!attribute.space.empty()) {
      const std::string made = fmt::format("a{}-", number++);
      declare(made, attribute.space);
      prefix = made + ':';
    }
    out += ' ' + prefix + attribute.name + "=\"";
    escape(attribute.value, true, out);
    out += '"';
  }
  if (node.children.empty()) {
    out += "/>";
    return;
  }
  out += '>';
  for (const XmlNode& child : node.children) write(child, node.space, out);
  out += "</" + node.name + '>';
}

void write(const XmlNode& node, std::string_view space, std::string& out) {
  switch (node.kind) {
    case XmlNode::Kind::document:
      for (const XmlNode& child : node.children) write(child, {}, out);
      return;
    case XmlNode::Kind::element:
      return node.raw.empty() ? write_element(node, space, out) : void(out += node.raw);
    case XmlNode::Kind::text:
      return escape(node.text, false, out);
    case XmlNode::Kind::comment:
      out += "<!--" + node.text + "-->";
      return;
    case XmlNode::Kind::instruction:
      out += "<?" + node.name + ' ' + node.text + "?>";
  }
}

}  // namespace

bool XmlNode::is_blank() const {
  return kind == Kind::text && text.find_first_not_of(" \t\r\n") == std::string::npos;
}

const XmlAttribute* XmlNode::attribute(std::string_view wanted, std::string_view in) const {
  for (const XmlAttribute& held : attributes)
    if (held.name == wanted && held.space == in) return &held;
  return nullptr;
}

const XmlNode* XmlNode::element(std::string_view wanted) const {
  for (const XmlNode& child : children)
    if (child.kind == Kind::element && child.name == wanted) return &child;
  return nullptr;
}

std::string XmlNode::content() const {
  if (kind == Kind::text || kind == Kind::comment || kind == Kind::instruction) return text;
  std::string all;
  for (const XmlNode& child : children)
    if (child.kind == Kind::text || child.kind == Kind::element) all += child.content();
  return all;
}

Reading<XmlNode> parse_xml(std::string_view text, std::size_t bytes_max, std::uint32_t depth_max, bool keep_raw) {
  if (text.size() > bytes_max || text.size() > 0x3FFFFFFF)
    return tl::make_unexpected(Issue{ErrorCode::too_large, "The XML has more bytes than are taken"});
  if (!is_utf8(text)) return tl::make_unexpected(Issue{ErrorCode::invalid, "The XML is not UTF-8"});
  return TreeReader{text, depth_max, keep_raw}.read();
}

std::string write_xml_tree(const XmlNode& node) {
  std::string out;
  write(node, {}, out);
  return out;
}

}  // namespace salus::fhir::patch

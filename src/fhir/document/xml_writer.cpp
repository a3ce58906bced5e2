#include "fhir/document/order.hpp"
#include "fhir/document/xml.hpp"

namespace salus::fhir {
namespace {

class XmlWriter {
 public:
  explicit XmlWriter(const Document& document) : document_(document), definitions_(document.definitions()) {}

  Reading<std::string> write() {
    const std::string_view type = definitions_.name(document_.root().type);
    out_ += '<';
    out_ += type;
    out_ += " xmlns=\"http://hl7.org/fhir\">";
    children(document_.root());
    close(type);
    if (issue_) return tl::make_unexpected(std::move(*issue_));
    return std::move(out_);
  }

 private:
  void close(std::string_view name) {
    out_ += "</";
    out_ += name;
    out_ += '>';
  }

  void refuse(const Node& node, std::string message) {
    if (!issue_)
      issue_ = Issue{.code = ErrorCode::invalid, .message = std::move(message), .location = document_.location(node)};
  }

  bool is_attribute(const Node& node) const {
    return node.element != ElementId::none && definitions_.element(node.element).attribute;
  }

  void children(const Node& node) {
    for (const Node* child : in_defined_order(document_, node))
      if (!is_attribute(*child)) element(*child);
  }

  void element(const Node& node) {
    if (issue_) return;
    if (node.element == ElementId::none) return refuse(node, "XML has no place for a member that no definition knows");
    if (node.type == definitions_.known().xhtml && node.shape == Shape::string) return narrative(node);
    const std::string name = document_.json_name(node);
    out_ += '<';
    out_ += name;
    bool nested = false;
    for (const Node* child : in_defined_order(document_, node)) {
      if (!is_attribute(*child)) {
        nested = true;
      } else if (child->has_value() && child->count == 0) {
        attribute(*child, document_.name(*child));
      } else {
        return refuse(*child, "An attribute in XML has a value and nothing else");
      }
    }
    if (node.has_value()) attribute(node, "value");
    const bool resource = document_.is_resource(node);
    if (!nested && !resource) {
      out_ += "/>";
      return;
    }
    out_ += '>';
    if (resource) {
      out_ += '<';
      out_ += definitions_.name(node.type);
      out_ += '>';
    }
    children(node);
    if (resource) close(definitions_.name(node.type));
    close(name);
  }

  void narrative(const Node& node) {
    if (auto checked = check_narrative(document_.text(node)); !checked) return refuse(node, checked.error().message);
    if (node.count > 0) return refuse(node, "A narrative has no extensions in XML");
    out_ += document_.text(node);
  }

  void attribute(const Node& node, std::string_view name) {
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    const std::string_view text = document_.text(node);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      switch (c) {
        case '<':
          out_ += "&lt;";
          break;
        case '&':
          out_ += "&amp;";
          break;
        case '"':
          out_ += "&quot;";
          break;
        case '\t':
          out_ += "&#9;";
          break;
        case '\n':
          out_ += "&#10;";
          break;
        case '\r':
          out_ += "&#13;";
          break;
        default:
          // U+FFFE and U+FFFF are UTF-8 but no characters of XML 1.0.
          if (text.substr(i, 2) == "\xEF\xBF" && (text.substr(i + 2, 1) == "\xBE" || text.substr(i + 2, 1) == "\xBF"))
            return refuse(node, "XML has no such character");
          out_ += c;
      }
    }
    out_ += '"';
  }

  const Document& document_;
  const Definitions& definitions_;
  std::string out_;
  std::optional<Issue> issue_;
};

}  // namespace

Reading<std::string> write_xml(const Document& document) {
  return XmlWriter{document}.write();
}

}  // namespace salus::fhir

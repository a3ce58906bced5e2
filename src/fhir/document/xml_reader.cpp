// One pass over Expat's events. A frame is an element that is open; the frame of a resource within another element
// (<contained><Patient>) is none of its own but gives that element its type.
#include <fmt/format.h>

#include <vector>

#include "base/text.hpp"
#include "fhir/document/builder.hpp"
#include "fhir/document/expat.hpp"
#include "fhir/document/json.hpp"
#include "fhir/document/xml.hpp"

namespace salus::fhir {
namespace {

bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - from;
  };
  const std::size_t start = at;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[start] == '0')) return false;
  if (at < text.size() && text[at] == '.' && (++at, digits()) == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = digits();
    if (exponent == 0 || exponent > 3) return false;
  }
  return at == text.size();
}

class XmlReader {
 public:
  XmlReader(std::string_view text, const Definitions& definitions, DocumentLimits limits)
      : text_(text), build_(definitions, limits), xml_(*this) {}

  Reading<Document> read() {
    if (text_.size() > build_.limits().bytes_max || text_.size() > 0x3FFFFFFF)
      return tl::make_unexpected(Issue{ErrorCode::too_large, "The document has more bytes than are taken"});
    if (!is_utf8(text_)) return tl::make_unexpected(Issue{ErrorCode::invalid, "The document is not UTF-8"});
    build_.text().reserve(text_.size());
    if (!xml_.parse(text_)) return tl::make_unexpected(xml_.take_issue());
    return build_.finish();
  }

  void start(std::string_view full, const char** attributes) {
    if (xml_.failed()) return;
    const QualifiedName name = qualified(full);
    if (div_depth_ > 0) return within_div(name, attributes);
    if (frames_.empty()) return start_root(name, attributes);
    Frame& above = frames_.back();
    if (above.node.type == definitions().known().xhtml) return refuse("A narrative holds one div");
    if (above.holder) return start_held(name, attributes);
    if (above.sealed) return refuse("Here stands one resource");
    if (name.space == xhtml_namespace && name.local == "div") return start_div();
    if (name.space != fhir_namespace) return refuse("An element is of FHIR's namespace");
    start_element(name.local, attributes);
  }

  void end() {
    if (xml_.failed()) return;
    if (div_depth_ > 0) {
      if (--div_depth_ == 0) end_div();
      return;
    }
    if (frames_.back().wrapped) {  // </Patient> of <contained><Patient>
      frames_.back().wrapped = false;
      frames_.back().sealed = true;
      return;
    }
    end_element();
  }

  void text(std::string_view text) {
    if (xml_.failed() || div_depth_ > 0) return;
    if (text.find_first_not_of(" \t\r\n") != std::string_view::npos) refuse("Text stands between elements");
  }

 private:
  struct Frame {
    Node node = {};
    std::size_t from = 0;  // of `pending`
    bool holder = false;   // waits for the resource within it
    bool wrapped = false;  // that resource is open
    bool sealed = false;   // and is closed again
  };

  const Definitions& definitions() const { return build_.definitions(); }

  void refuse(std::string message, ErrorCode code = ErrorCode::invalid) {
    std::string location;
    for (const Frame& frame : frames_) {
      if (!location.empty()) location += '.';
      location += frame.node.name == NameId::none ? definitions().name(frame.node.type) : build_.name(frame.node.name);
    }
    xml_.refuse(code, std::move(message), std::move(location));
  }

  TypeId resource_type(QualifiedName name) {
    const TypeId type = definitions().type(name.local);
    if (name.space == fhir_namespace && definitions().is_resource(type) && !definitions().is_abstract(type))
      return type;
    refuse("Here stands a resource of FHIR R4, in its namespace");
    return TypeId::none;
  }

  void start_root(QualifiedName name, const char** attributes) {
    Frame frame{.from = build_.pending.size()};
    frame.node.type = resource_type(name);
    frames_.push_back(frame);
    no_attributes(attributes);
  }

  void start_held(QualifiedName name, const char** attributes) {
    Frame& above = frames_.back();
    above.node.type = resource_type(name);
    above.holder = false;
    above.wrapped = true;
    no_attributes(attributes);
  }

  void no_attributes(const char** attributes) {
    for (; *attributes != nullptr; attributes += 2)
      if (!is_schema_hint(*attributes)) refuse("A resource's element has no attributes");
  }

  static bool is_schema_hint(std::string_view attribute) {
    return qualified(attribute).space == "http://www.w3.org/2001/XMLSchema-instance";
  }

  bool counted() {
    if (frames_.size() > build_.limits().depth_max)
      return refuse("The document is nested too deeply", ErrorCode::too_large), false;
    if (build_.node_count() + frames_.size() >= build_.limits().nodes_max)
      return refuse("The document has too many elements", ErrorCode::too_large), false;
    return true;
  }

  void start_element(std::string_view local, const char** attributes) {
    Frame& above = frames_.back();
    const NameId name = definitions().name(local);
    const Member member = definitions().member(above.node.type, name);
    if (member.element == ElementId::none || definitions().element(member.element).attribute)
      return refuse("There is no such element here");
    if (!counted()) return;
    Frame frame{.from = build_.pending.size()};
    frame.node.name = name;
    frame.node.in_array = definitions().repeats(member.element);
    frame.holder = member.type == definitions().known().resource;
    if (!frame.holder) frame.node.type = member.type;
    const bool primitive = definitions().is_primitive(member.type);
    if (primitive) frame.node.shape = Shape::absent;
    if (!above_ends_with_apart(above, name)) return;
    frames_.push_back(frame);
    for (; *attributes != nullptr; attributes += 2) attribute(attributes[0], attributes[1], primitive);
  }

  // Repetitions stand side by side, as in an array.
  bool above_ends_with_apart(const Frame& above, NameId name) {
    const auto& pending = build_.pending;
    if (pending.size() == above.from || pending.back().name == name) return true;
    // Only a name that is not new can stand apart; the order of the definitions makes this rare to look far.
    for (std::size_t i = above.from; i < pending.size(); ++i)
      if (pending[i].name == name) return refuse("Elements of one name stand apart"), false;
    return true;
  }

  void attribute(std::string_view name, std::string_view value, bool primitive) {
    if (is_schema_hint(name)) return;
    Node& node = frames_.back().node;
    if (name == "value" && primitive) return set_value(node, value);
    const Member member = definitions().member(node.type, definitions().name(name));
    if (member.element == ElementId::none || !definitions().element(member.element).attribute)
      return refuse("There is no such attribute here");
    Node child;
    child.name = definitions().name(name);
    build_.set_text(child, Shape::string, value);
    build_.pending.push_back(child);
  }

  void set_value(Node& node, std::string_view value) {
    const Definitions::Known& known = definitions().known();
    if (value.size() > build_.limits().digits_max && definitions().is_a(node.type, known.decimal))
      return refuse("The number has too many digits", ErrorCode::too_large);
    if (node.type == known.boolean) {
      if (value != "true" && value != "false") return refuse("A boolean is true or false");
      build_.set_text(node, Shape::boolean, value);
    } else if (definitions().is_a(node.type, known.integer) || node.type == known.decimal) {
      if (!is_json_number(value) || value.size() > build_.limits().digits_max) return refuse("This is no number");
      build_.set_text(node, Shape::number, value);
    } else {
      if (node.type == known.xhtml) return refuse("The narrative is a div of XHTML");
      build_.set_text(node, Shape::string, value);
    }
  }

  void end_element() {
    Frame frame = frames_.back();
    if (frame.holder) return refuse("A resource is missing here");
    const bool primitive = frame.node.shape != Shape::object;
    if (frame.from == build_.pending.size() && !frame.node.has_value() && !definitions().is_resource(frame.node.type))
      return refuse(primitive ? "A value, an id or an extension is missing" : "An element is not empty");
    frames_.pop_back();
    build_.close(frame.node, frame.from);
    build_.pending.push_back(frame.node);
  }

  // The narrative is kept as it is written, so it must mean the same by itself.
  void start_div() {
    const Member member = definitions().member(frames_.back().node.type, definitions().known().div);
    if (member.type != definitions().known().xhtml) return refuse("There is no such element here");
    for (std::size_t i = frames_.back().from; i < build_.pending.size(); ++i)
      if (build_.pending[i].name == definitions().known().div) return refuse("A narrative holds one div");
    div_from_ = xml_.at();
    div_depth_ = 1;
  }

  void within_div(QualifiedName, const char**) {
    if (++div_depth_ > build_.limits().depth_max) refuse("The narrative is nested too deeply", ErrorCode::too_large);
  }

  void end_div() {
    const std::string_view div = text_.substr(div_from_, xml_.at() + xml_.event_size() - div_from_);
    if (auto checked = check_narrative(div); !checked) return refuse(checked.error().message);
    if (!counted()) return;
    Node node;
    node.name = definitions().known().div;
    build_.set_text(node, Shape::string, div);
    build_.pending.push_back(node);
  }

  std::string_view text_;
  DocumentBuilder build_;
  Expat<XmlReader> xml_;
  std::vector<Frame> frames_;
  std::uint32_t div_depth_ = 0;
  std::size_t div_from_ = 0;
};

// Looks at a narrative alone, without its surroundings.
class NarrativeCheck {
 public:
  Reading<void> check(std::string_view div) {
    if (!div.starts_with("<div") || div.size() > (64u << 20))
      return tl::make_unexpected(
          Issue{ErrorCode::invalid, "The narrative is <div xmlns=\"http://www.w3.org/1999/xhtml\">…</div>"});
    if (!xml_.parse(div)) return tl::make_unexpected(xml_.take_issue());
    return {};
  }

  void start(std::string_view full, const char** attributes) {
    const QualifiedName name = qualified(full);
    if (name.space != xhtml_namespace || (depth_ == 0 && name.local != "div"))
      return xml_.refuse(ErrorCode::invalid,
                         "The narrative is <div xmlns=\"http://www.w3.org/1999/xhtml\">, of XHTML alone");
    if (++depth_ > 200) xml_.refuse(ErrorCode::too_large, "The narrative is nested too deeply");
  }
  void end() { --depth_; }
  void text(std::string_view) {}

 private:
  Expat<NarrativeCheck> xml_{*this};
  std::uint32_t depth_ = 0;
};

}  // namespace

Reading<Document> read_xml(std::string_view text, const Definitions& definitions, DocumentLimits limits) {
  return XmlReader{text, definitions, limits}.read();
}

Reading<Document> read_document(std::string_view text, const Definitions& definitions, DocumentLimits limits) {
  const std::size_t at = text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  const bool xml = at != std::string_view::npos && text[at] == '<';
  return xml ? read_xml(text, definitions, limits) : read_json(text, definitions, limits);
}

Reading<void> check_narrative(std::string_view div) {
  return NarrativeCheck{}.check(div);
}

}  // namespace salus::fhir

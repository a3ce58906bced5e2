#include "fhir/records/body.hpp"

#include <algorithm>

#include "fhir/document/json.hpp"

namespace salus::fhir {
namespace {

void append_meta(const Document& resource, const Node* meta, Body& body) {
  const Definitions& definitions = resource.definitions();
  static const NameId version_id = definitions.name("versionId"), last_updated = definitions.name("lastUpdated");
  body.text += ",\"meta\":{";
  body.gaps.push_back({static_cast<std::uint32_t>(body.text.size()), GapKind::meta, 0});
  if (meta == nullptr) {
    body.text += '}';
    return;
  }
  std::string members;
  write_json_members(
      resource, *meta, [&](const Node& node) { return node.name != version_id && node.name != last_updated; }, members);
  if (!members.empty()) body.text += ',';
  body.text += members;
  body.text += '}';
}

// End of the string that begins at `at` in JSON text: the position of its closing quote.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (; text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return at;
}

// Finds the texts that may be references, in JSON that our writer wrote: a quoted member name is never part of a text
// there, since quotes within texts are escaped.
class Referring {
 public:
  explicit Referring(std::string_view text) : text_(text) {}

  // Where the next one begins, from `from` on; `is_reference`: it is a member `reference`. Looks at each byte once.
  std::size_t next(std::size_t from, bool& is_reference) {
    look(reference_at_, reference, from);
    look(urn_at_, urn, from);
    is_reference = reference_at_ <= urn_at_ && reference_at_ != std::string_view::npos;
    if (is_reference) return reference_at_ + reference.size();
    return urn_at_ == std::string_view::npos ? urn_at_ : urn_at_ + 2;
  }

 private:
  static constexpr std::string_view reference = "\"reference\":\"", urn = ":\"urn:";

  void look(std::size_t& at, std::string_view wanted, std::size_t from) const {
    if (at == unknown || (at < from && at != std::string_view::npos)) at = text_.find(wanted, from);
  }

  static constexpr std::size_t unknown = std::string_view::npos - 1;
  std::string_view text_;
  std::size_t reference_at_ = unknown, urn_at_ = unknown;
};

}  // namespace

Body make_body(const Document& resource, const Node& node, const Refer& refer) {
  const Definitions& definitions = resource.definitions();
  static const NameId meta_name = definitions.name("meta");
  const NameId id_name = definitions.known().id_name;
  Body body;
  body.text = "{\"resourceType\":";
  write_json_string(definitions.name(node.type), body.text);
  body.text += ',';
  body.gaps.push_back({static_cast<std::uint32_t>(body.text.size()), GapKind::id, 0});
  append_meta(resource, resource.child(node, meta_name), body);
  std::string members;
  write_json_members(
      resource, node, [&](const Node& child) { return child.name != meta_name && child.name != id_name; }, members);
  if (!members.empty()) members.insert(members.begin(), ',');
  members += '}';
  if (!refer) {
    body.text += members;
    return body;
  }
  std::size_t done = 0;
  bool is_reference = false;
  Referring referring{members};
  for (std::size_t at = 0; (at = referring.next(at, is_reference)) != std::string::npos;) {
    const std::size_t end = end_of_string(members, at);
    if (const auto referral = refer(std::string_view{members}.substr(at, end - at), is_reference)) {
      body.text.append(members, done, at - done);
      if (referral->target)
        body.gaps.push_back({static_cast<std::uint32_t>(body.text.size()), GapKind::reference, *referral->target});
      else
        body.text += referral->text;
      done = end;
    }
    at = end;
  }
  body.text.append(members, done);
  return body;
}

std::string fill(const Body& body, const Filling& filling) {
  std::string out;
  out.reserve(body.text.size() + 160 + filling.references.size() * 48);
  std::size_t done = 0, next = 0;
  for (const Gap& gap : body.gaps) {
    out.append(body.text, done, gap.at - done);
    done = gap.at;
    switch (gap.kind) {
      case GapKind::id:
        out += "\"id\":\"";
        out += filling.id;
        out += '"';
        break;
      case GapKind::meta:
        fmt::format_to(std::back_inserter(out), "\"versionId\":\"{}\",\"lastUpdated\":\"{}\"",
                       log::number(filling.version), instant_of(filling.updated));
        break;
      case GapKind::reference:
        if (next < filling.references.size()) out += filling.references[next++];
    }
  }
  out.append(body.text, done);
  return out;
}

std::string instant_of(Time time) {
  return to_iso(std::chrono::floor<milliseconds>(time));
}

}  // namespace salus::fhir

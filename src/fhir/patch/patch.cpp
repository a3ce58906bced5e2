#include "fhir/patch/patch.hpp"

#include <algorithm>

#include "fhir/document/json.hpp"
#include "fhir/document/xml.hpp"
#include "fhir/patch/json_patch.hpp"
#include "fhir/patch/work.hpp"
#include "fhir/patch/xml_patch.hpp"

namespace salus::fhir::patch {
namespace {

// What came out is read as any resource is; what is wrong with it is the patch's fault.
Reading<Document> outcome(const Document& before, Reading<Document> after) {
  if (!after) {
    Issue issue = std::move(after.error());
    issue.line = issue.column = 0;  // of a text that nobody has
    if (issue.code != ErrorCode::too_large) {
      issue.code = ErrorCode::conflict;
      issue.message = "The patched resource is none: " + issue.message;
    }
    return tl::make_unexpected(std::move(issue));
  }
  if (after->type() != before.type())
    return refuse(ErrorCode::conflict, "", "The patch changes the type of the resource");
  return after;
}

Reading<Document> apply_json(const Document& before, bool merging, std::string_view patch, const Options& options) {
  auto operations = parse_tree(patch, options.patch_bytes_max, options.document.depth_max + 4);
  if (!operations) return tl::make_unexpected(std::move(operations.error()));
  auto tree = parse_tree(write_json(before), 2 * options.document.bytes_max, 2 * options.document.depth_max + 10);
  if (!tree) return outcome(before, tl::make_unexpected(std::move(tree.error())));
  auto done = merging ? merge(*tree, *operations, options) : apply_operations(*tree, *operations, options);
  if (!done) return tl::make_unexpected(std::move(done.error()));
  prune(*tree);
  return outcome(before, read_json(write_tree(*tree), before.definitions(), options.document));
}

// XML knows no order of members; the outcome keeps that of the resource as it was.
Reading<Document> apply_xml(const Document& before, std::string_view patch, const Options& options) {
  auto operations = parse_xml(patch, options.patch_bytes_max, 300);
  if (!operations) return tl::make_unexpected(std::move(operations.error()));
  const auto root = std::ranges::find(operations->children, XmlNode::Kind::element, &XmlNode::kind);
  const auto text = write_xml(before);
  if (!text) {
    Issue issue = text.error();
    issue.code = ErrorCode::conflict;
    return tl::make_unexpected(std::move(issue));
  }
  auto tree = parse_xml(*text, 2 * options.document.bytes_max, 4 * options.document.depth_max, true);
  if (!tree) return outcome(before, tl::make_unexpected(std::move(tree.error())));
  if (auto done = apply_operations(*tree, *root, options); !done) return tl::make_unexpected(std::move(done.error()));
  auto after = outcome(before, read_xml(write_xml_tree(*tree), before.definitions(), options.document));
  if (!after) return after;
  constexpr std::size_t any = std::size_t{1} << 31;
  auto old_order = parse_tree(write_json(before), any, 1000), ordered = parse_tree(write_json(*after), any, 1000);
  if (!old_order || !ordered) return after;
  order_like(*old_order, *ordered);
  return outcome(before, read_json(write_tree(*ordered), before.definitions(), options.document));
}

}  // namespace

std::optional<Format> format_of(std::string_view media_type) {
  media_type = media_type.substr(0, media_type.find(';'));
  while (!media_type.empty() && media_type.back() == ' ') media_type.remove_suffix(1);
  while (!media_type.empty() && media_type.front() == ' ') media_type.remove_prefix(1);
  std::string type{media_type};
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (type == "application/json-patch+json") return Format::json;
  if (type == "application/merge-patch+json") return Format::merge;
  if (type == "application/xml-patch+xml") return Format::xml;
  for (const std::string_view name : {"application/fhir+json", "application/fhir+xml", "application/json",
                                      "application/xml", "text/json", "text/xml", "json", "xml"})
    if (type == name) return Format::fhirpath;
  return std::nullopt;
}

Reading<Document> apply(const Document& before, Format format, std::string_view patch, const Options& options) {
  if (patch.size() > options.patch_bytes_max)
    return refuse(ErrorCode::too_large, "", "The patch has more bytes than are taken");
  switch (format) {
    case Format::json:
    case Format::merge:
      return apply_json(before, format == Format::merge, patch, options);
    case Format::xml:
      return apply_xml(before, patch, options);
    case Format::fhirpath:
      break;
  }
  const auto parameters = read_document(patch, before.definitions(), options.document);
  if (!parameters) return tl::make_unexpected(parameters.error());
  return apply_fhirpath(before, *parameters, options);
}

}  // namespace salus::fhir::patch

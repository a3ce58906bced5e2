// What FHIR adds to FHIRPath.
#include <fmt/format.h>

#include "fhir/document/xml.hpp"
#include "fhir/path/evaluator.hpp"

namespace salus::fhir::path {

bool Evaluator::fhir(const Expr& expr, const Collection& input, std::span<const Collection> args, Collection& out) {
  std::optional<std::string_view> text;
  if (!args.empty()) {
    const Value* arg = nullptr;
    if (!single(args[0], arg)) return false;
    if (arg == nullptr) return true;
    text = string_of(*arg);
    if (!text) return refuse("A String is expected here.");
  }
  const auto& known = definitions().known();
  switch (expr.function) {
    case Function::extension:
      for (const Value& value : input) {
        const NodeRef* ref = value.node();
        if (ref == nullptr) continue;
        for (const Node& child : ref->document->children(*ref->node))
          if (child.name == known.extension_name && ref->document->text_of(child, known.url) == *text &&
              !put(out, NodeRef{ref->document, &child}))
            return false;
      }
      return true;
    case Function::has_value:
    case Function::get_value: {
      const NodeRef* ref = input.size() == 1 ? input.front().node() : nullptr;
      const bool held = input.size() == 1 && (ref == nullptr || ref->node->has_value());
      if (expr.function == Function::has_value) return input.empty() ? put(out, false) : put(out, held);
      return !held || put(out, system_value(input.front()));
    }
    case Function::resolve:
      for (const Value& value : input)
        if (!resolve(value, out)) return false;
      return true;
    case Function::member_of: {
      const Value* value = nullptr;
      if (!single(input, value)) return false;
      if (value == nullptr) return true;
      if (environment_.terminology == nullptr) return refuse("Nothing here knows value sets.", ErrorCode::unavailable);
      const Result<bool> member = environment_.terminology->member_of(*value, *text);
      return member ? put(out, *member) : refuse(member.error().message, member.error().code);
    }
    case Function::conforms_to: {
      const Value* value = nullptr;
      return single(input, value) && (value == nullptr || conforms(*value, *text, out));
    }
    default: {  // htmlChecks
      const Value* value = nullptr;
      if (!single(input, value)) return false;
      const auto div = value == nullptr ? std::nullopt : string_of(*value);
      return value == nullptr || put(out, div && check_narrative(*div).has_value());
    }
  }
}

// A contained resource, an entry of the Bundle around, or what the resolver finds; nothing else is left over.
bool Evaluator::resolve(const Value& item, Collection& out) {
  const auto& known = definitions().known();
  const NodeRef* ref = item.node();
  std::string_view reference;
  const Document* document = context_.document;
  const Node* at = context_.node;
  if (ref != nullptr) {
    document = ref->document;
    at = ref->node;
    reference = ref->node->has_value() ? ref->text() : document->text_of(*ref->node, known.reference_name);
  } else if (const auto text = string_of(item)) {
    reference = *text;
  }
  if (reference.empty()) return true;
  const Node* resource = &document->resource_of(*at);
  if (reference.starts_with('#')) {
    if (resource->name == known.contained) resource = &document->resource_of(document->parent(*resource));
    if (reference.size() == 1) return put(out, NodeRef{document, resource});
    for (const Node& child : document->children(*resource)) {
      if (!step()) return false;
      if (child.name == known.contained && document->text_of(child, known.id_name) == reference.substr(1))
        return put(out, NodeRef{document, &child});
    }
    return true;
  }
  if (document->root().type == known.bundle) {
    for (const Node& entry : document->children(document->root())) {
      if (entry.name != known.entry) continue;
      if (!step()) return false;
      const std::string_view full = document->text_of(entry, known.full_url);
      const Node* held = document->child(entry, known.resource_name);
      if (held == nullptr) continue;
      const bool relative = reference.find(':') == std::string_view::npos && full.ends_with(reference) &&
                            full.size() > reference.size() && full[full.size() - reference.size() - 1] == '/';
      if (full == reference || relative) return put(out, NodeRef{document, held});
    }
  }
  if (environment_.resolver != nullptr)
    if (const auto found = environment_.resolver->resolve(reference)) return put(out, *found);
  return true;
}

bool Evaluator::conforms(const Value& item, std::string_view profile, Collection& out) {
  const NodeRef* ref = item.node();
  if (ref != nullptr && environment_.profiles != nullptr) {
    const Result<bool> answer = environment_.profiles->conforms(*ref, profile);
    return answer ? put(out, *answer) : refuse(answer.error().message, answer.error().code);
  }
  const TypeId type = definitions().type_by_url(profile);
  if (type == TypeId::none) return refuse("The profile is not known here.", ErrorCode::not_found);
  return put(out, ref != nullptr && definitions().is_a(ref->type(), type));
}

}  // namespace salus::fhir::path

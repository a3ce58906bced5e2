#include "fhir/graphql/items.hpp"

namespace salus::fhir::graphql {

const path::Expression& Paths::compiled(const std::string& source, Location at) {
  if (const auto found = expressions_.find(source); found != expressions_.end()) return found->second;
  auto expression = path::Expression::compile(source, definitions_);
  if (!expression) throw Problem{.message = "FHIRPath: " + expression.error().message, .at = at};
  return expressions_.emplace(source, std::move(*expression)).first->second;
}

path::Collection Paths::evaluate(const path::Expression& expression, const Document& document, const Node& node,
                                 Location at) {
  if (++evaluations_ > limits_.evaluations_max)
    throw Spent{{.message = fmt::format("The query asks for FHIRPath more than {} times.", limits_.evaluations_max),
                 .at = at,
                 .code = ErrorCode::too_large}};
  path::Environment environment{.now = now_};
  environment.limits = {.steps_max = limits_.path_steps_max, .items_max = 10'000, .text_max = 64 << 10};
  auto found = expression.evaluate(document, node, environment);
  if (!found) throw Problem{.message = "FHIRPath: " + found.error().message, .at = at};
  return std::move(*found);
}

std::set<const Node*> Paths::where(const Document& document, const Node& node, std::string_view name,
                                   const std::string& expression, Location at) {
  compiled(expression, at);  // alone it must be one, too
  const std::string whole =
      name.empty() ? fmt::format("$this.where({}\n)", expression) : fmt::format("`{}`.where({}\n)", name, expression);
  std::set<const Node*> out;
  for (const path::Value& value : evaluate(compiled(whole, at), document, node, at))
    if (const path::NodeRef* found = value.node()) out.insert(found->node);
  return out;
}

std::string Paths::text(const Document& document, const Node& node, const std::string& expression, Location at) {
  std::string out;
  for (const path::Value& value : evaluate(compiled(expression, at), document, node, at)) out += path::text_of(value);
  if (out.size() > limits_.slice_bytes_max)
    throw Problem{.message = fmt::format("@slice adds at most {} bytes to a name.", limits_.slice_bytes_max), .at = at};
  return out;
}

}  // namespace salus::fhir::graphql

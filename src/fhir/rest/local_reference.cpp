#include "fhir/rest/local_reference.hpp"

#include "fhir/rest/call.hpp"

namespace salus::fhir {

std::optional<LocalReference> local_reference_of(const Definitions& definitions, std::string_view base,
                                                 std::string_view text) {
  if (text.starts_with(base) && text.substr(base.size()).starts_with('/')) text.remove_prefix(base.size() + 1);
  text = text.substr(0, text.find('#'));
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const TypeId type = definitions.type(text.substr(0, slash));
  if (type == TypeId::none || !is_kept(definitions, type)) return std::nullopt;
  std::string_view rest = text.substr(slash + 1);
  const std::string_view id = rest.substr(0, rest.find('/'));
  if (!is_id(id)) return std::nullopt;
  rest.remove_prefix(id.size());
  LocalReference out{.type = type, .id = std::string(id)};
  constexpr std::string_view history = "/_history/";
  if (rest.starts_with(history)) out.version = version_of_tag(rest.substr(history.size()));
  if (!rest.empty() && !out.version) return std::nullopt;
  return out;
}

}  // namespace salus::fhir

#include "fhir/terminology/translate.hpp"

namespace salus::fhir::terminology {
namespace {

constexpr int maps_max = 8;  // that lead from one to the next

std::string text_of(const Document& document, const Node& node, std::string_view name) {
  const Node* child = document.child(node, name);
  return child == nullptr ? std::string{} : std::string(document.text(*child));
}

class Translator {
 public:
  Translator(const TranslateAsked& asked, Terminology& terminology) : asked_(asked), terminology_(terminology) {}

  Result<void> by(const Document& map, int depth) {
    if (depth > maps_max) return fail(ErrorCode::too_large, "Concept maps lead from one to the next without end.");
    for (const Node& group : map.children(map.root())) {
      if (map.name(group) != "group") continue;
      const std::string source = text_of(map, group, "source"), target = text_of(map, group, "target");
      const std::string &from = asked_.reverse ? target : source, &to = asked_.reverse ? source : target;
      if (!asked_.system.empty() && !from.empty() && from != asked_.system) continue;
      if (!asked_.target_system.empty() && !to.empty() && to != asked_.target_system) continue;
      const std::size_t before = out.size();
      for (const Node& element : map.children(group))
        if (map.name(element) == "element") elements(map, element, to);
      if (out.size() > before || asked_.reverse) continue;
      if (const Node* unmapped = map.child(group, "unmapped"))
        if (auto done = otherwise(map, *unmapped, to, depth); !done) return done;
    }
    return {};
  }

  std::vector<Translation> out;

 private:
  void elements(const Document& map, const Node& element, const std::string& to) {
    const std::string code = text_of(map, element, "code");
    if (!asked_.reverse && code != asked_.code) return;
    for (const Node& target : map.children(element)) {
      if (map.name(target) != "target") continue;
      std::string equivalence = text_of(map, target, "equivalence");
      if (equivalence.empty()) equivalence = "equivalent";
      const std::string reached = text_of(map, target, "code");
      if (asked_.reverse && reached != asked_.code) continue;
      put(map, equivalence, to, asked_.reverse ? code : reached,
          text_of(map, asked_.reverse ? element : target, "display"));
    }
  }

  Result<void> otherwise(const Document& map, const Node& unmapped, const std::string& to, int depth) {
    const std::string mode = text_of(map, unmapped, "mode");
    if (mode == "provided") {
      put(map, "equivalent", to, asked_.code, {});
    } else if (mode == "fixed") {
      put(map, "wider", to, text_of(map, unmapped, "code"), text_of(map, unmapped, "display"));
    } else if (mode == "other-map") {
      const auto other = terminology_.concept_map(text_of(map, unmapped, "url"));
      if (!other) return fail(other.error());
      return by(**other, depth + 1);
    }
    return {};
  }

  void put(const Document& map, std::string equivalence, const std::string& system, std::string code,
           std::string display) {
    out.push_back({.equivalence = std::move(equivalence),
                   .system = system,
                   .code = std::move(code),
                   .display = std::move(display),
                   .source = text_of(map, map.root(), "url")});
  }

  const TranslateAsked& asked_;
  Terminology& terminology_;
};

}  // namespace

Result<std::vector<Translation>> translate(const Document& map, const TranslateAsked& asked, Terminology& terminology) {
  Translator translator{asked, terminology};
  if (auto done = translator.by(map, 0); !done) return fail(done.error());
  return std::move(translator.out);
}

}  // namespace salus::fhir::terminology

#include "fhir/terminology/expand.hpp"

#include "fhir/document/json.hpp"
#include "fhir/search/body_text.hpp"
#include "fhir/search/fold.hpp"

namespace salus::fhir::terminology {
namespace {

std::string_view child_text(const Document& document, const Node& node, std::string_view name) {
  const Node* child = document.child(node, name);
  return child == nullptr ? std::string_view{} : document.text(*child);
}

template <class Visit>
void each_designation(const Coded& coded, const Visit& visit) {
  const auto of = [&](const Document& document, const Node& holder) {
    for (const Node& child : document.children(holder))
      if (document.name(child) == "designation") visit(document, child);
  };
  if (coded.listed != nullptr) of(*coded.listed_in, *coded.listed);
  if (coded.codes != nullptr) of(coded.codes->document(), coded.codes->document().node(coded.codes->at(coded.id).node));
}

void put(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (out.back() != '{') out += ',';
  write_json_string(name, out);
  out += ':';
  write_json_string(value, out);
}

std::string entry(const Coded& coded, const ExpandAsked& asked) {
  std::string out = "{";
  put(out, "system", coded.system);
  if (coded.is_abstract) out += out.back() == '{' ? R"("abstract":true)" : R"(,"abstract":true)";
  if (coded.is_inactive) out += out.back() == '{' ? R"("inactive":true)" : R"(,"inactive":true)";
  put(out, "version", coded.version);
  put(out, "code", coded.code);
  put(out, "display", display_in(coded, asked.language));
  if (asked.with_designations)
    if (const std::string all = designations_json(coded); !all.empty()) out += ",\"designation\":" + all;
  return out + '}';
}

}  // namespace

std::string_view display_in(const Coded& coded, std::string_view language) {
  std::string_view found;
  if (!language.empty())
    each_designation(coded, [&](const Document& document, const Node& node) {
      const std::string_view its = child_text(document, node, "language");
      const bool same = its == language || (its.starts_with(language) && its[language.size()] == '-');
      if (same && found.empty()) found = child_text(document, node, "value");
    });
  if (!found.empty()) return found;
  if (!coded.display.empty() || coded.codes == nullptr) return coded.display;
  return coded.codes->at(coded.id).display;
}

std::string designations_json(const Coded& coded) {
  std::string out;
  each_designation(coded, [&](const Document& document, const Node& node) {
    out += out.empty() ? '[' : ',';
    write_json(document, node, {}, out);
  });
  return out.empty() ? out : out + ']';
}

Result<std::string> expand(const ValueSet& set, const ExpandAsked& asked, const Limits& limits,
                           std::string_view identifier, std::string_view timestamp) {
  std::function<bool(std::string_view)> has_words;
  if (!asked.filter.empty()) {
    auto test = search::words_test(asked.filter);
    if (!test) return fail(test.error());
    has_words = std::move(*test);
  }
  const std::string code_prefix = search::fold(asked.filter);
  const auto passes = [&](const Coded& coded) {
    if (asked.active_only && coded.is_inactive) return false;
    if (!has_words || search::fold(coded.code).starts_with(code_prefix)) return true;
    for (const std::string_view text : texts_of(coded))
      if (has_words(search::fold(text))) return true;
    return false;
  };
  std::string contains;
  std::size_t total = 0, shown = 0;
  auto done = set.each(limits.looked_at_max, [&](const Coded& coded) {
    if (!passes(coded)) return true;
    if (total++ < asked.offset || (asked.count && shown == *asked.count)) return true;
    ++shown;
    contains += (contains.empty() ? "" : ",") + entry(coded, asked);
    return shown <= limits.listed_max;
  });
  if (!done) return fail(done.error());
  if (shown > limits.listed_max)
    return fail(ErrorCode::too_large, "The expansion has more than {} codes; ask for it in pages, by `count`.",
                limits.listed_max);
  std::string out = R"({"resourceType":"ValueSet")";
  for (const char* member : {"url", "version", "name", "title", "status"})
    if (const std::string_view value = set.text(member); !value.empty()) put(out, member, value);
  if (set.text("status").empty()) out += R"(,"status":"active")";
  out += fmt::format(R"(,"expansion":{{"identifier":"{}","timestamp":"{}","total":{},"offset":{},"parameter":[)",
                     identifier, timestamp, total, asked.offset);
  std::string parameters;
  const auto parameter = [&](std::string_view name, std::string_view type, const std::string& json) {
    parameters += fmt::format(R"({}{{"name":"{}","value{}":{}}})", parameters.empty() ? "" : ",", name, type, json);
  };
  if (!asked.filter.empty()) {
    std::string text;
    write_json_string(asked.filter, text);
    parameter("filter", "String", text);
  }
  if (!asked.language.empty()) {
    std::string text;
    write_json_string(asked.language, text);
    parameter("displayLanguage", "Code", text);
  }
  if (asked.count) parameter("count", "Integer", std::to_string(*asked.count));
  parameter("activeOnly", "Boolean", asked.active_only ? "true" : "false");
  parameter("includeDesignations", "Boolean", asked.with_designations ? "true" : "false");
  out += parameters + ']';
  if (!contains.empty()) out += ",\"contains\":[" + contains + ']';
  return out + "}}";
}

}  // namespace salus::fhir::terminology

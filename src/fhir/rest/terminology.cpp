// Operations on code systems, value sets and concept maps.
#include "fhir/document/json.hpp"
#include "fhir/records/body.hpp"
#include "fhir/rest/arguments.hpp"
#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/record_terms.hpp"
#include "fhir/terminology/embedded.hpp"
#include "fhir/terminology/expand.hpp"
#include "fhir/terminology/translate.hpp"

namespace salus::fhir {
namespace {

using http::Response;
using terminology::CodeSystem;
using terminology::Kind;
using terminology::Verdict;

constexpr std::size_t kMapsMax = 1000;  // that a translation without a url looks at

// A code that is asked about, with its texts.
struct Asked {
  std::string system, version, code, display;
  terminology::Coding view() const { return {system, version, code, display}; }
};

std::string child_text(const Document& document, const Node& node, std::string_view name) {
  const Node* child = document.child(node, name);
  return child == nullptr ? std::string{} : std::string(document.text(*child));
}

Asked coding_of(const Document& document, const Node& node) {
  return {.system = child_text(document, node, "system"),
          .version = child_text(document, node, "version"),
          .code = child_text(document, node, "code"),
          .display = child_text(document, node, "display")};
}

// From `coding`, `codeableConcept`, or code, system, version and display. Errors: invalid (no code).
Result<std::vector<Asked>> codes_of(const Arguments& asked, std::string_view version_name) {
  std::vector<Asked> out;
  if (const Node* coding = asked.node("coding")) {
    out.push_back(coding_of(asked.body(), *coding));
  } else if (const Node* node = asked.node("codeableConcept")) {
    for (const Node& child : asked.body().children(*node))
      if (asked.body().name(child) == "coding") out.push_back(coding_of(asked.body(), child));
  } else if (const std::string code = asked.text("code"); !code.empty()) {
    out.push_back({.system = asked.text("system"),
                   .version = asked.text(version_name),
                   .code = code,
                   .display = asked.text("display")});
  }
  std::erase_if(out, [](const Asked& one) { return one.code.empty(); });
  if (out.empty()) return fail(ErrorCode::invalid, "Give `code`, `coding` or `codeableConcept`.");
  return out;
}

Response answer(const Call& call, const ParametersText& text) {
  Presentation form = call.form;
  form.summary = Summary::none;
  form.elements.clear();
  return resource_response(200, text.finish(), form, call.definitions());
}

Response answer(const Call& call, const Verdict& verdict) {
  ParametersText text;
  text.truth("result", verdict.result);
  text.text("message", "String", verdict.message);
  text.text("display", "String", verdict.display);
  return answer(call, text);
}

// A refusal of the terminology: what is too much of it is too costly.
Response refused(const Error& error) {
  if (error.code == ErrorCode::too_large) return outcome(422, "too-costly", error.message);
  return outcome(error);
}

// By `url` and `valueSetVersion`, by id, or as the parameter `valueSet`.
Result<std::shared_ptr<const terminology::ValueSet>> set_of(const Call& call, const Arguments& asked, TermsAt& at) {
  if (const std::string* id = call.find_param("id")) return at.terms.value_set("ValueSet/" + *id);
  auto inline_set = asked.resource("valueSet");
  if (!inline_set) return fail(inline_set.error());
  if (*inline_set) return at.terms.value_set(std::move(**inline_set));
  std::string url = asked.text("url");
  if (url.empty()) return fail(ErrorCode::invalid, "Give the value set's `url`, or itself as `valueSet`.");
  if (const std::string version = asked.text("valueSetVersion"); !version.empty()) url += '|' + version;
  return at.terms.value_set(url);
}

// By id, as the parameter `codeSystem`, or by its url. Errors: not_found.
Result<std::shared_ptr<const CodeSystem>> system_of(const Call& call, const Arguments& asked, TermsAt& at,
                                                    const std::string& url, const std::string& version) {
  Result<std::shared_ptr<const CodeSystem>> found;
  auto given = asked.resource("codeSystem");
  if (!given) return fail(given.error());
  if (const std::string* id = call.find_param("id")) {
    found = at.terms.code_system("CodeSystem/" + *id, {});
  } else if (*given) {
    auto made = CodeSystem::make(std::move(**given));
    if (!made) return fail(made.error());
    found = std::make_shared<const CodeSystem>(std::move(*made));
  } else if (url.empty()) {
    return fail(ErrorCode::invalid, "Give the code system's url as `system`.");
  } else {
    found = at.terms.code_system(url, version);
  }
  if (!found) return found;
  if (*found == nullptr)
    return fail(ErrorCode::not_found, "The code system {}{}{} is not known here.", url, version.empty() ? "" : "|",
                version);
  if (!(*found)->is_present())
    return fail(ErrorCode::not_found,
                "The codes of {} are not here; a CodeSystem with them can be created in the record.", url);
  return found;
}

}  // namespace

asio::awaitable<Response> expand_value_set(Call call) {
  const auto asked = Arguments::of(
      call, {"url", "valueSet", "valueSetVersion", "filter", "offset", "count", "includeDesignations", "activeOnly",
             "displayLanguage", "excludeNested", "excludeNotForUI", "excludePostCoordinated"});
  if (!asked) co_return asked.error();
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  TermsAt at{call.context, *cut};
  const auto set = set_of(call, *asked, at);
  if (!set) co_return refused(set.error());
  const auto offset = asked->number("offset"), count = asked->number("count");
  if (!offset || !count) co_return outcome(!offset ? offset.error() : count.error());
  const terminology::ExpandAsked wanted{.filter = asked->text("filter"),
                                        .language = asked->text("displayLanguage"),
                                        .offset = offset->value_or(0),
                                        .count = *count,
                                        .active_only = asked->is_true("activeOnly"),
                                        .with_designations = asked->is_true("includeDesignations")};
  auto text = terminology::expand(**set, wanted, at.terms.limits(), "urn:uuid:" + random_uuid(),
                                  instant_of(call.context.clock.now()));
  if (!text) co_return refused(text.error());
  call.form.returns.reset();
  co_return resource_response(200, std::move(*text), call.form, call.definitions());
}

asio::awaitable<Response> validate_in_value_set(Call call) {
  const auto asked =
      Arguments::of(call, {"url", "valueSet", "valueSetVersion", "code", "system", "systemVersion", "display", "coding",
                           "codeableConcept", "date", "abstract", "displayLanguage", "inferSystem"});
  if (!asked) co_return asked.error();
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  TermsAt at{call.context, *cut};
  const auto set = set_of(call, *asked, at);
  if (!set) co_return refused(set.error());
  const auto codes = codes_of(*asked, "systemVersion");
  if (!codes) co_return outcome(codes.error());
  Verdict verdict;
  for (const Asked& code : *codes) {
    const auto said = at.terms.validate(**set, code.view());
    if (!said && said.error().code != ErrorCode::not_found) co_return refused(said.error());
    verdict = said ? *said : Verdict{.result = false, .message = said.error().message, .display = {}};
    if (verdict.result) break;
  }
  co_return answer(call, verdict);
}

asio::awaitable<Response> validate_in_code_system(Call call) {
  const auto asked = Arguments::of(call, {"url", "codeSystem", "code", "version", "display", "coding",
                                          "codeableConcept", "date", "abstract", "displayLanguage", "system"});
  if (!asked) co_return asked.error();
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  TermsAt at{call.context, *cut};
  const auto codes = codes_of(*asked, "version");
  if (!codes) co_return outcome(codes.error());
  Verdict verdict;
  for (const Asked& code : *codes) {
    std::string url = asked->text("url");
    if (url.empty()) url = code.system;
    const auto system = system_of(call, *asked, at, url, asked->text("version"));
    if (!system && system.error().code != ErrorCode::not_found) co_return refused(system.error());
    if (!system)
      verdict = {.result = false, .message = system.error().message, .display = {}};
    else if (!code.system.empty() && code.system != (*system)->url())
      verdict = {.result = false,
                 .message = fmt::format("The code is of {}, not of {}.", code.system, (*system)->url()),
                 .display = {}};
    else
      verdict = terminology::Terminology::validate(**system, code.view());
    if (verdict.result) break;
  }
  co_return answer(call, verdict);
}

asio::awaitable<Response> look_up(Call call) {
  const auto asked =
      Arguments::of(call, {"code", "system", "version", "coding", "date", "displayLanguage", "property"});
  if (!asked) co_return asked.error();
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  TermsAt at{call.context, *cut};
  const auto codes = codes_of(*asked, "version");
  if (!codes) co_return outcome(codes.error());
  const Asked& code = codes->front();
  const auto system = system_of(call, *asked, at, code.system, code.version);
  if (!system) co_return refused(system.error());
  const CodeSystem& of = **system;
  const auto id = of.find(code.code);
  if (!id) co_return outcome(404, "not-found", fmt::format("The code '{}' is not in {}.", code.code, of.url()));
  const terminology::Concept& it = of.at(*id);
  const terminology::Coded coded = terminology::coded_of(of, *id);
  const auto wanted = asked->texts("property");
  const auto is_wanted = [&](std::string_view name) {
    return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
  };
  ParametersText text;
  text.text("name", "String", of.text("name").empty() ? of.url() : of.text("name"));
  text.text("version", "String", of.version());
  text.text("display", "String",
            it.display.empty() ? it.code : terminology::display_in(coded, asked->text("displayLanguage")));
  if (is_wanted("definition")) text.text("definition", "String", it.definition);
  const Document& d = of.document();
  for (const Node& child : d.children(d.node(it.node))) {
    ParametersText parts;
    if (d.name(child) == "designation" && is_wanted("designation")) {
      parts.text("language", "Code", child_text(d, child, "language"));
      if (const Node* use = d.child(child, "use")) {
        std::string json;
        write_json(d, *use, {}, json);
        parts.add("use", "Coding", json);
      }
      parts.text("value", "String", child_text(d, child, "value"));
      text.part("designation", parts);
    } else if (d.name(child) == "property" && is_wanted(child_text(d, child, "code"))) {
      const Node* value = d.child(child, "value");
      if (value == nullptr) continue;
      std::string json;
      write_json(d, *value, {}, json);
      parts.text("code", "Code", child_text(d, child, "code"));
      parts.add("value", d.json_name(*value).substr(5), json);
      text.part("property", parts);
    }
  }
  const auto related = [&](std::string_view name, std::span<const terminology::ConceptId> others) {
    for (const terminology::ConceptId other : others) {
      ParametersText parts;
      parts.text("code", "Code", name);
      parts.text("value", "Code", of.at(other).code);
      parts.text("description", "String", of.at(other).display);
      text.part("property", parts);
    }
  };
  if (is_wanted("parent")) related("parent", of.parents(*id));
  if (is_wanted("child")) related("child", of.children(*id));
  co_return answer(call, text);
}

asio::awaitable<Response> subsumes(Call call) {
  const auto asked = Arguments::of(call, {"codeA", "codeB", "system", "version", "codingA", "codingB"});
  if (!asked) co_return asked.error();
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  TermsAt at{call.context, *cut};
  Asked a{
      .system = asked->text("system"), .version = asked->text("version"), .code = asked->text("codeA"), .display = {}};
  Asked b{.system = a.system, .version = a.version, .code = asked->text("codeB"), .display = {}};
  if (const Node* node = asked->node("codingA")) a = coding_of(asked->body(), *node);
  if (const Node* node = asked->node("codingB")) b = coding_of(asked->body(), *node);
  if (a.code.empty() || b.code.empty())
    co_return outcome(400, "required", "Give `codeA` and `codeB` with `system`, or `codingA` and `codingB`.");
  if (a.system != b.system) co_return outcome(400, "invalid", "Codes of two code systems are not compared.");
  const auto system = system_of(call, *asked, at, a.system, a.version);
  if (!system) co_return refused(system.error());
  const auto first = (*system)->find(a.code), second = (*system)->find(b.code);
  if (!first || !second)
    co_return outcome(404, "not-found",
                      fmt::format("The code '{}' is not in {}.", first ? b.code : a.code, (*system)->url()));
  ParametersText text;
  text.text("outcome", "Code",
            *first == *second                      ? "equivalent"
            : (*system)->subsumes(*first, *second) ? "subsumes"
            : (*system)->subsumes(*second, *first) ? "subsumed-by"
                                                   : "not-subsumed");
  co_return answer(call, text);
}

asio::awaitable<Response> translate_code(Call call) {
  const auto asked = Arguments::of(call, {"url", "conceptMap", "conceptMapVersion", "code", "system", "version",
                                          "source", "target", "targetsystem", "coding", "codeableConcept", "reverse"});
  if (!asked) co_return asked.error();
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  TermsAt at{call.context, *cut};
  const auto codes = codes_of(*asked, "version");
  if (!codes) co_return outcome(codes.error());
  std::vector<std::shared_ptr<const Document>> maps;
  auto given = asked->resource("conceptMap");
  if (!given) co_return outcome(given.error());
  std::string url = asked->text("url");
  if (const std::string version = asked->text("conceptMapVersion"); !version.empty()) url += '|' + version;
  if (const std::string* id = call.find_param("id")) url = "ConceptMap/" + *id;
  if (*given) {
    maps.push_back(std::make_shared<const Document>(std::move(**given)));
  } else if (!url.empty()) {
    auto map = at.terms.concept_map(url);
    if (!map) co_return refused(map.error());
    maps.push_back(std::move(*map));
  } else {  // all that there are
    const auto source = asked->text("source"), target = asked->text("target");
    std::optional<Error> wrong;
    const auto take = [&](const terminology::Place& place) {
      auto map = at.terms.read(place, Kind::concept_map);
      if (!map) wrong = map.error();
      if (map && (source.empty() || child_text(**map, (*map)->root(), "source") == source) &&
          (target.empty() || child_text(**map, (*map)->root(), "target") == target))
        maps.push_back(std::move(*map));
      return !wrong && maps.size() <= kMapsMax;
    };
    at.source.each(Kind::concept_map, take);
    terminology::EmbeddedSource::r4().each(Kind::concept_map, take);
    if (wrong) co_return refused(*wrong);
    if (maps.size() > kMapsMax)
      co_return outcome(422, "too-costly", fmt::format("There are more than {} concept maps; name one.", kMapsMax));
  }
  std::vector<terminology::Translation> found;
  for (const Asked& code : *codes)
    for (const auto& map : maps) {
      const auto some = terminology::translate(*map,
                                               {.system = code.system,
                                                .code = code.code,
                                                .target_system = asked->text("targetsystem"),
                                                .reverse = asked->is_true("reverse")},
                                               at.terms);
      if (!some) co_return refused(some.error());
      found.insert(found.end(), some->begin(), some->end());
    }
  ParametersText text;
  const bool any = std::ranges::any_of(found, &terminology::Translation::counts);
  text.truth("result", any);
  if (!any) text.text("message", "String", "No concept map that is here translates the code.");
  for (const terminology::Translation& one : found) {
    std::string coding = "{" + member("system", one.system) + ',' + member("code", one.code);
    if (!one.display.empty()) coding += ',' + member("display", one.display);
    ParametersText parts;
    parts.text("equivalence", "Code", one.equivalence);
    if (!one.code.empty()) parts.add("concept", "Coding", coding + '}');
    parts.text("source", "Uri", one.source);
    text.part("match", parts);
  }
  co_return answer(call, text);
}

}  // namespace salus::fhir

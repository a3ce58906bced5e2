// Observation/$lastn: of each code the newest Observations, stored ones and signals
// (https://hl7.org/fhir/R4/observation-operation-lastn.html).
#include <algorithm>
#include <charconv>

#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/signals/signal_search.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr std::size_t kMax = 100;            // of each code
constexpr std::uint32_t kStoredMax = 5'000;  // newest ones that are looked at

struct Candidate {
  std::string date;  // bytes in order
  std::string id, json;
};

// Observations share a code when they share a coding; those without one, when they share the text.
class Groups {
 public:
  explicit Groups(std::size_t most) : most_(most) {}

  void add(const Document& document, Candidate candidate) {
    std::vector<std::string> codings;
    if (const Node* code = document.child(document.root(), "code")) {
      for (const Node& coding : document.children(*code)) {
        if (document.name(coding) != "coding") continue;
        const Node *system = document.child(coding, "system"), *value = document.child(coding, "code");
        if (value != nullptr)
          codings.push_back(fmt::format("{}|{}", system == nullptr ? std::string_view{} : document.text(*system),
                                        document.text(*value)));
      }
      if (const Node* text = document.child(*code, "text"); codings.empty() && text != nullptr)
        codings.emplace_back(document.text(*text));
    }
    if (codings.empty()) codings.emplace_back();
    std::size_t group = groups_.size();
    for (const std::string& coding : codings)
      if (const auto known = by_coding_.find(coding); known != by_coding_.end()) group = known->second;
    if (group == groups_.size()) groups_.emplace_back();
    for (std::string& coding : codings) by_coding_.emplace(std::move(coding), group);
    std::vector<Candidate>& all = groups_[group];
    all.push_back(std::move(candidate));
    std::ranges::stable_sort(all, std::greater{}, &Candidate::date);
    if (all.size() > most_) all.pop_back();
  }
  const std::vector<std::vector<Candidate>>& all() const { return groups_; }

 private:
  std::size_t most_;
  std::vector<std::vector<Candidate>> groups_;
  std::map<std::string, std::size_t> by_coding_;
};

struct Asked {
  http::Fields search;
  std::size_t most = 1;
  bool with_signals = true;
};

Result<Asked> asked_of(const Call& call) {
  Asked asked;
  bool by_patient = false;
  for (const auto& [name, value] : call.request.queries) {
    if (name == "max") {
      const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), asked.most);
      if (ec != std::errc{} || end != value.data() + value.size() || asked.most < 1 || asked.most > kMax)
        return fail(ErrorCode::invalid, "Parameter 'max': from 1 to {} of each code.", kMax);
    } else if (name == signals_parameter) {
      asked.with_signals = value != "false";
    } else if (name == "_sort" || name == "_count" || name.starts_with("_include") || name.starts_with("_revinclude")) {
      return fail(ErrorCode::invalid,
                  "$lastn takes 'max' and what a search of Observations can be narrowed by, not '{}'.", name);
    } else {
      asked.search.emplace_back(name, value);
      by_patient |= name.starts_with("patient") || name.starts_with("subject");
    }
  }
  if (!by_patient) return fail(ErrorCode::invalid, "$lastn needs a patient or a subject.");
  asked.search.emplace_back("_sort", "-date");
  asked.search.emplace_back("_count", "1000");
  return asked;
}

}  // namespace

asio::awaitable<Response> last_observations(Call call) {
  call.type_name = "Observation";
  call.type = call.definitions().type(call.type_name);
  const auto asked = asked_of(call);
  if (!asked) co_return outcome(asked.error());
  const auto query = search::parse_query(call.type, asked->search, {.now = call.context.clock.now()});
  if (!query) co_return outcome(query.error());
  const auto asked_cut = cut_of(call);
  if (!asked_cut) co_return outcome(asked_cut.error());
  const StoreCut now = call.context.store.cut();
  const RecordCut record = now.record.until(asked_cut->record.end());
  const SearchableCut searchable{record, record.end() == now.record.end()};
  const search::Source source = searchable.source();
  Groups groups{asked->most};
  std::vector<std::string> said;
  std::size_t looked = 0;
  for (std::string after;;) {
    const auto found = search::run(*query, source, {.after = after, .with_stands = true});
    if (!found) co_return outcome(found.error());
    for (std::size_t i = 0; i < found->matches.size(); ++i) {
      const auto version = record.newest(found->matches[i].number);
      if (!version) continue;
      auto text = call.context.store.text(*version);
      if (!text) co_return outcome(text.error());
      const auto document = read_json(*text, call.definitions());
      if (!document) co_return outcome(document.error());
      groups.add(*document, {found->stands[i].keys.front().value_or(""), version->id, std::move(*text)});
    }
    looked += found->matches.size();
    if (found->next.empty()) break;
    if (looked >= kStoredMax) {
      said.push_back(fmt::format(
          "The newest {} stored Observations were looked at; codes without any among them are missing.", looked));
      break;
    }
    after = found->next;
  }
  if (call.context.signals != nullptr && asked->with_signals && !call.request.query("_asOf")) {
    SignalSearch all{call, *query, record, source};
    if (const auto opened = co_await all.open({.descending = true}); !opened) co_return outcome(opened.error());
    std::set<std::uint32_t> codes;
    for (const auto& stretch : all.stretches()) codes.insert(stretch->mdc);
    const search::Parameter* date = search::Parameters::r4().find(call.type, "date");
    for (const std::uint32_t mdc : codes) {
      SignalSearch one{call, *query, record, source};
      if (const auto opened = co_await one.open({.descending = true, .code = mdc}); !opened)
        co_return outcome(opened.error());
      for (std::size_t i = 0; i < asked->most; ++i) {
        auto found = one.next();
        if (!found) co_return outcome(found.error());
        if (!*found) break;
        const auto document = read_json((*found)->json, call.definitions());
        if (!document) co_return outcome(document.error());
        const auto dates = (*found)->of(date->list());
        groups.add(*document,
                   {dates.empty() ? std::string{} : dates.back().value, (*found)->id, std::move((*found)->json)});
      }
    }
  }
  BundleText text{"searchset"};
  std::uint64_t total = 0;
  for (const auto& group : groups.all()) total += group.size();
  text.total(total);
  text.link("self",
            fmt::format("{}{}", call.base, call.request.target.substr(call.request.target.find("/Observation"))));
  for (const auto& group : groups.all())
    for (const Candidate& one : group) {
      std::string json = one.json;
      if (!call.form.is_whole()) {
        const auto document = read_json(json, call.definitions());
        if (!document) co_return outcome(document.error());
        json = subset(*document, call.form);
      }
      text.entry(fmt::format(R"({},"resource":{},"search":{{"mode":"match"}})",
                             member("fullUrl", fmt::format("{}/Observation/{}", call.base, one.id)), json));
    }
  for (const std::string& one : said) {
    const OutcomeIssue issue{.severity = "information", .code = "incomplete", .text = one};
    text.entry(fmt::format(R"("resource":{},"search":{{"mode":"outcome"}})", outcome_text({&issue, 1})));
  }
  call.form.elements.clear();
  call.form.summary = Summary::none;
  co_return resource_response(200, text.finish(), call.form, call.definitions());
}

}  // namespace salus::fhir

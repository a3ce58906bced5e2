// Any text as the id of a signal, and as a search: bounded, never crashing, the same answer twice, and pages that
// together are the whole.
#include "base/assert.hpp"
#include "fhir/search/records_for_test.hpp"
#include "fhir/signals/signal_id.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  using namespace salus::fhir;
  using namespace salus::fhir::search;
  static const RecordsForTest& records = []() -> RecordsForTest& {
    static RecordsForTest made;
    made.put(
        R"({"resourceType":"Patient","id":"p","active":true,"gender":"female","birthDate":"1974-12-25","identifier":[{"system":"s","value":"1"}],)"
        R"("name":[{"family":"Müller","given":["A","B"]}],"managingOrganization":{"reference":"Organization/o"}})");
    made.put(R"({"resourceType":"Organization","id":"o","name":"Clinic"})");
    for (const char* id : {"a", "b", "c"})
      made.put(fmt::format(
          R"({{"resourceType":"Observation","id":"{}","status":"final","code":{{"coding":[{{"system":"s","code":"c","display":"d"}}]}},)"
          R"("subject":{{"reference":"Patient/p"}},"effectiveDateTime":"2024-03-01","valueQuantity":{{"value":7.5,"system":"http://unitsofmeasure.org","code":"kg"}}}})",
          id));
    return made;
  }();
  if (size == 0 || size > 4096) return 0;
  // An id of a signal is read only as it is written.
  const std::string id{reinterpret_cast<const char*>(data), size};
  if (const auto name = signal_name(id); name && !name->is_digest && name->part_ns == 0) {
    const SignalStretch stretch{.device = name->device, .mdc = name->mdc};
    SALUS_ASSERT(signal_id({.stretch = std::make_shared<const SignalStretch>(stretch),
                            .start_ns = name->start_ns,
                            .cell_ns = name->cell_ns,
                            .samples = {}}) == id);
  }
  constexpr std::string_view types[] = {"Observation", "Patient", "Organization", ""};
  const std::string_view type = types[data[0] % 4];
  std::vector<std::pair<std::string, std::string>> parameters;
  std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    parameters.emplace_back(part.substr(0, equals), part.substr(std::min(equals + 1, part.size())));
  }
  QueryContext context;
  context.handling = data[0] % 8 < 4 ? Handling::strict : Handling::lenient;
  const TypeId searched = type.empty() ? TypeId::none : Definitions::r4().type(type);
  auto query = parse_query(searched, parameters, context);
  if (!query) {
    SALUS_ASSERT(!query.error().message.empty());
    return 0;
  }
  const Paging bounded{.after = {}, .steps_max = 20'000};
  query->includes.clear();
  if (query->count == 0) query->count = 1;
  query->only_count = false;
  Query all = *query;
  all.count = 100;
  const auto whole = records.search(all, records.last(), bounded);
  const auto again = records.search(all, records.last(), bounded);
  SALUS_ASSERT(whole.has_value() == again.has_value());
  if (!whole) return 0;
  SALUS_ASSERT(whole->matches == again->matches && whole->next.empty());
  std::vector<Match> paged;
  query->count = 2;
  for (Paging paging = bounded;;) {
    const auto page = records.search(*query, records.last(), paging);
    if (!page) return 0;
    paged.insert(paged.end(), page->matches.begin(), page->matches.end());
    if (page->next.empty()) break;
    paging.after = page->next;
  }
  SALUS_ASSERT(paged == whole->matches);
  return 0;
}

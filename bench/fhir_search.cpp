// The index of searches: what a resource costs to extract and to put, and how long searches take over many
// Observations.
//
//   bench_fhir_search [OBSERVATIONS] [FOLDER]     1,000,000 and a folder under the temporary one, which is emptied
//
// One thread, over the stored table (RocksDB) with a snapshot per round of searches, and its walk of as many rows as a
// scan alone beside it, as the limit of what any index over this store can do.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "fhir/data_for_test.hpp"
#include "fhir/document/json.hpp"
#include "fhir/search/extractor.hpp"
#include "fhir/search/run.hpp"
#include "view/database.hpp"
#include "view/memory_table.hpp"

namespace {

using namespace salus;
using namespace salus::fhir;
using namespace salus::fhir::search;

template <class Work>
double seconds_of(Work work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

constexpr std::uint64_t patients = 10'000, codes = 50;

// Patients 1 to 10,000, Observations after them.
class BenchCatalog final : public Catalog {
 public:
  explicit BenchCatalog(std::uint64_t count) : count_(count) {}
  ResourceNumber find(TypeId type, std::string_view id) const override {
    const std::uint64_t number = std::strtoull(std::string(id.substr(1)).c_str(), nullptr, 10);
    return number <= count_ ? ResourceNumber{number} : ResourceNumber::none;
  }
  std::optional<CatalogEntry> entry(ResourceNumber number) const override {
    const auto n = static_cast<std::uint64_t>(number);
    const bool patient = n <= patients;
    return CatalogEntry{patient ? patient_ : observation_, fmt::format("{}{}", patient ? 'p' : 'o', n), {}, {}};
  }
  void scan(TypeId type, ResourceNumber first, const std::function<bool(ResourceNumber)>& visit) const override {
    std::uint64_t n = static_cast<std::uint64_t>(first);
    const std::uint64_t end = type == patient_ ? patients : count_;
    if (type == observation_) n = std::max(n, patients + 1);
    while (n <= end && visit(ResourceNumber{n})) ++n;
  }

 private:
  std::uint64_t count_;
  TypeId patient_ = Definitions::r4().type("Patient"), observation_ = Definitions::r4().type("Observation");
};

std::string observation(std::uint64_t number, std::mt19937_64& random) {
  const std::uint64_t minutes = random() % (5 * 365 * 1440);
  const Time at = time_from_ns(1'600'000'000'000'000'000 + static_cast<std::int64_t>(minutes) * 60'000'000'000);
  const std::uint64_t code = random() % codes;
  return fmt::format(
      R"({{"resourceType":"Observation","id":"o{}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}}]}}],)"
      R"("code":{{"coding":[{{"system":"http://loinc.org","code":"8{}-4","display":"Measurement {}"}}]}},"subject":{{"reference":"Patient/p{}"}},)"
      R"("effectiveDateTime":"{}","valueQuantity":{{"value":{}.{},"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}}})",
      number, 100 + code, code, 1 + random() % patients, to_iso(at), random() % 200, random() % 10);
}

void synthea() {
  std::vector<Document> documents;
  std::size_t bytes = 0;
  for (const auto& file : files_of(data_folder() / "synthea")) {
    if (documents.size() > 20'000) break;
    const auto bundle = read_json(read_bz2(file));
    const auto& d = Definitions::r4();
    for (const Node& entry : bundle->children(bundle->root())) {
      const Node* resource = bundle->child(entry, d.known().resource_name);
      if (entry.name != d.known().entry || resource == nullptr) continue;
      std::string text;
      write_json(*bundle, *resource, {}, text);
      bytes += text.size();
      documents.push_back(*read_json(text));
    }
  }
  if (documents.empty()) return fmt::print("skipped Synthea: no data at {}\n", data_folder().string()), void();
  const auto count = static_cast<double>(documents.size());
  std::optional<Extractor> fast, general;
  fmt::print("{:>10.1f} ms to compile the expressions of all types\n", seconds_of([&] { fast.emplace(); }) * 1e3);
  general.emplace(Parameters::r4(), Evaluation::general);
  std::size_t postings = 0;
  std::vector<std::vector<Posting>> extracted;
  const double quick = seconds_of([&] {
    for (const Document& document : documents) postings += fast->extract(document).size();
  });
  const double slow = seconds_of([&] {
    for (const Document& document : documents) postings += general->extract(document).size();
  });
  for (const Document& document : documents) extracted.push_back(fast->extract(document));
  fmt::print(
      "{:>10.2f} us to extract a Synthea resource ({:.1f} postings; by the evaluator alone {:.2f} us, {:.1f} times)\n",
      quick / count * 1e6, static_cast<double>(postings) / 2 / count, slow / count * 1e6, slow / quick);
  const auto put_all = [&](view::Table& table) {
    const Index index;
    for (std::size_t i = 0; i < documents.size(); ++i)
      index.put(ResourceNumber{i + 1}, documents[i].type(), log::Offset{i + 1},
                time_from_ns(static_cast<std::int64_t>(i) * 1'000'000), extracted[i], table);
  };
  view::MemoryTable memory;
  fmt::print("{:>10.2f} us to put it into a table in memory\n", seconds_of([&] { put_all(memory); }) / count * 1e6);
  std::size_t live = 0, values = 0;
  for (const auto& [key, value] : memory.pairs()) (key[0] == 'v' ? values : live) += key.size() + value.size();
  fmt::print("{:>10.0f} bytes of postings and {:.0f} of values rows, as they are (the body: {:.0f})\n",
             static_cast<double>(live) / count, static_cast<double>(values) / count,
             static_cast<double>(bytes) / count);
}

std::uint64_t size_of(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder})
    if (entry.path().extension() == ".sst") bytes += entry.file_size();
  return bytes;
}

void searches(const view::TableReader& table, std::uint64_t count, std::uint64_t last) {
  const BenchCatalog catalog{count};
  const Source source{table, catalog, {log::Offset{last}, true}};
  std::mt19937_64 random{7};
  const auto measure = [&](std::string_view what, int times, const auto& parameters) {
    std::size_t found = 0;
    std::uint64_t steps = 0, total = 0;
    const double took = seconds_of([&] {
      for (int i = 0; i < times; ++i) {
        const std::vector<std::pair<std::string, std::string>> asked = parameters();
        const auto query = parse_query(Definitions::r4().type("Observation"), asked, {});
        const auto result = run(*query, source, {.steps_max = 100'000'000});
        if (!result) return fmt::print("{}: {}\n", what, result.error().message), void();
        found += result->matches.size();
        steps += result->steps;
        total = result->total.value_or(0);
      }
    });
    fmt::print("{:>10.1f} us {:>9.0f}/s  {} ({:.1f} found, {:.0f} steps{})\n", took / times * 1e6, times / took, what,
               static_cast<double>(found) / times, static_cast<double>(steps) / times,
               total > 0 ? fmt::format(", total {}", total) : "");
  };
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const auto code = [&] { return fmt::format("http://loinc.org|8{}-4", 100 + random() % codes); };
  const auto patient = [&] { return fmt::format("Patient/p{}", 1 + random() % patients); };
  measure("code and patient, newest 10", 20'000,
          [&] { return Pairs{{"code", code()}, {"patient", patient()}, {"_sort", "-date"}, {"_count", "10"}}; });
  measure("code without its system and patient, newest 10", 5'000, [&] {
    return Pairs{{"code", code().substr(17)}, {"patient", patient()}, {"_sort", "-date"}, {"_count", "10"}};
  });
  measure("patient, newest 10", 1'000,
          [&] { return Pairs{{"patient", patient()}, {"_sort", "-date"}, {"_count", "10"}}; });
  measure("patient, first 100", 1'000, [&] { return Pairs{{"patient", patient()}, {"_count", "100"}}; });
  measure("code, newest 10", 200, [&] { return Pairs{{"code", code()}, {"_sort", "-date"}, {"_count", "10"}}; });
  measure("code and a month, first 10", 50,
          [&] { return Pairs{{"code", code()}, {"date", "2023-05"}, {"_count", "10"}}; });
  measure("count of one code", 5, [&] { return Pairs{{"code", code()}, {"_summary", "count"}}; });
  measure("count of a status that all have", 1, [&] { return Pairs{{"status", "final"}, {"_summary", "count"}}; });
  std::uint64_t rows = 0;
  const double took = seconds_of([&] { table.scan("l", "m", [&](ByteView, ByteView) { return ++rows < 1'000'000; }); });
  fmt::print("{:>10.0f} rows/s scanned by the store alone\n", static_cast<double>(rows) / took);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t observations = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::filesystem::path folder =
      argc > 2 ? std::filesystem::path(argv[2]) : std::filesystem::temp_directory_path() / "bench_fhir_search";
  synthea();
  std::filesystem::remove_all(folder);
  auto database = view::Database::open(folder.string(), {"search"}, {.cache_bytes = 256 << 20});
  if (!database) return fmt::print("{}\n", database.error().message), 1;
  view::Table& table = (*database)->table("search");
  const Extractor extractor;
  const Index index;
  std::mt19937_64 random{1};
  double put = 0, extract = 0;
  const std::uint64_t count = patients + observations;
  for (std::uint64_t number = 1; number <= count; ++number) {
    const auto document =
        read_json(number <= patients ? fmt::format(R"({{"resourceType":"Patient","id":"p{}","gender":"male"}})", number)
                                     : observation(number, random));
    std::vector<Posting> postings;
    extract += seconds_of([&] { postings = extractor.extract(*document); });
    put += seconds_of([&] {
      index.put(ResourceNumber{number}, document->type(), log::Offset{number},
                time_from_ns(static_cast<std::int64_t>(number) * 10'000'000), postings, table);
    });
    if (number % 100'000 == 0) put += seconds_of([&] { (void)(*database)->checkpoint(true); });
  }
  (void)(*database)->checkpoint(true);
  fmt::print("{} Observations of {} patients, {} codes\n", observations, patients, codes);
  fmt::print("{:>10.2f} us to extract one, {:.2f} us to put it into the stored table, checkpoints included\n",
             extract / static_cast<double>(count) * 1e6, put / static_cast<double>(count) * 1e6);
  fmt::print("{:>10.0f} bytes of each on disk\n", static_cast<double>(size_of(folder)) / static_cast<double>(count));
  searches(*table.snapshot(), count, count);
  database->reset();
  std::filesystem::remove_all(folder);
}

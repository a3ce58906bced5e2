#include "app/import.hpp"

#include <bzlib.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "app/api_client.hpp"
#include "app/progress.hpp"
#include "fhir/document/json.hpp"
#include "fhir/document/xml.hpp"

namespace salus::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kResourcesPerBatch = 500;
constexpr std::size_t kPieceBytes = 4 << 20;  // of NDJSON; longer lines are pieces by themselves
constexpr std::string_view kLinesType = "application/fhir+ndjson";
constexpr std::size_t kPlainBytesMax = 1 << 30;  // of one file

// One request: a whole file, or some of its lines.
struct Load {
  fs::path file;
  std::string document;
  std::size_t first_line = 0;  // of NDJSON; 0: a Bundle
};

struct Refusal {
  fs::path file;
  std::string text;
};

bool ends_with_any(const std::string& name, std::initializer_list<std::string_view> ends) {
  return std::ranges::any_of(ends, [&](std::string_view end) { return name.ends_with(end); });
}

// In the order of their names: what others refer to is commonly named to come first.
Result<std::vector<fs::path>> files_of(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  for (const std::string& path : paths) {
    std::error_code ec;
    if (!fs::exists(path, ec)) return fail(ErrorCode::not_found, "'{}' does not exist.", path);
    if (!fs::is_directory(path, ec)) {
      files.emplace_back(path);
      continue;
    }
    std::vector<fs::path> here;
    for (const auto& entry : fs::recursive_directory_iterator{path, ec})
      if (entry.is_regular_file() &&
          ends_with_any(entry.path().string(), {".json", ".ndjson", ".xml", ".json.bz2", ".ndjson.bz2", ".xml.bz2"}))
        here.push_back(entry.path());
    std::ranges::sort(here);
    files.insert(files.end(), here.begin(), here.end());
  }
  if (files.empty()) return fail(ErrorCode::not_found, "There is no *.json, *.ndjson or *.xml to import.");
  return files;
}

Result<std::string> bunzip(const fs::path& path) {
  BZFILE* file = BZ2_bzopen(path.c_str(), "rb");
  if (file == nullptr) return fail(ErrorCode::not_found, "'{}' cannot be read.", path.string());
  std::string plain, piece(1 << 20, '\0');
  int got = 0;
  while ((got = BZ2_bzread(file, piece.data(), static_cast<int>(piece.size()))) > 0 && plain.size() < kPlainBytesMax)
    plain.append(piece, 0, static_cast<std::size_t>(got));
  BZ2_bzclose(file);
  if (got < 0) return fail(ErrorCode::damaged, "'{}' is no whole bzip2 file.", path.string());
  return plain;
}

Result<std::string> read_plain(const fs::path& path) {
  if (path.extension() == ".bz2") return bunzip(path);
  std::ifstream in{path, std::ios::binary};
  if (!in) return fail(ErrorCode::not_found, "'{}' cannot be read.", path.string());
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

// A member of the JSON object that `text` is, where it is a text without escapes; nothing otherwise. Only structure is
// looked at: the server reads the document anyway, and large ones are not read twice for this.
std::optional<std::string_view> top_text(std::string_view text, std::string_view name) {
  int depth = 0;
  bool is_wanted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ',' && depth == 1) is_wanted = false;
    if (c != '"') continue;
    const std::size_t begun = at + 1;
    for (++at; at < text.size() && text[at] != '"'; ++at)
      if (text[at] == '\\') ++at;
    if (depth != 1 || at >= text.size()) continue;
    const std::string_view found = text.substr(begun, at - begun);
    if (is_wanted) return found.find('\\') == std::string_view::npos ? std::optional{found} : std::nullopt;
    const std::size_t following = text.find_first_not_of(" \t\r\n", at + 1);
    is_wanted = found == name && following != std::string_view::npos && text[following] == ':';
  }
  return std::nullopt;
}

// A Bundle that the server takes as it is.
bool is_request(std::string_view text) {
  if (top_text(text, "resourceType") != "Bundle") return false;
  const auto type = top_text(text, "type");
  return type == "transaction" || type == "batch";
}

// An entry that puts `node` under its id.
Result<std::string> put_entry(const fhir::Document& document, const fhir::Node& node) {
  const auto& definitions = document.definitions();
  const std::string_view id = document.text_of(node, definitions.known().id_name);
  if (id.empty()) return fail(ErrorCode::invalid, "A {} without an id cannot be put.", definitions.name(node.type));
  std::string entry = R"({"resource":)";
  fhir::write_json(document, node, {}, entry);
  return entry + fmt::format(R"(,"request":{{"method":"PUT","url":"{}/{}"}}}})", definitions.name(node.type), id);
}

std::string batch_of(const std::string& entries) {
  return R"({"resourceType":"Bundle","type":"batch","entry":[)" + entries + "]}";
}

// Whole lines alone.
std::vector<Load> loads_of_lines(const fs::path& file, std::string_view text) {
  std::vector<Load> loads;
  for (std::size_t line = 1; !text.empty();) {
    std::size_t end = text.size();
    if (end > kPieceBytes) {
      end = text.rfind('\n', kPieceBytes - 1);
      if (end == std::string_view::npos) end = text.find('\n');
      end = std::min(end, text.size() - 1) + 1;
    }
    loads.push_back({file, std::string(text.substr(0, end)), line});
    line += static_cast<std::size_t>(std::ranges::count(text.substr(0, end), '\n'));
    text.remove_prefix(end);
  }
  return loads;
}

Result<std::vector<Load>> loads_of(const fs::path& file) {
  auto text = read_plain(file);
  if (!text) return fail(text.error());
  const std::string name = file.extension() == ".bz2" ? file.stem().string() : file.filename().string();
  if (name.ends_with(".ndjson")) return loads_of_lines(file, *text);
  if (is_request(*text)) return std::vector<Load>{{file, std::move(*text), 0}};
  const auto document = fhir::read_document(*text);
  if (!document) return fail(document.error().error());
  const auto& definitions = document->definitions();
  if (document->type() != definitions.known().bundle) {
    const auto entry = put_entry(*document, document->root());
    if (!entry) return fail(entry.error());
    return std::vector<Load>{{file, batch_of(*entry), 0}};
  }
  std::vector<const fhir::Node*> resources;
  for (const fhir::Node& entry : document->children(document->root()))
    if (entry.name == definitions.known().entry)
      if (const fhir::Node* resource = document->child(entry, definitions.known().resource_name))
        resources.push_back(resource);
  const fhir::Node* type = document->child(document->root(), "type");
  const std::string_view kind = type == nullptr ? std::string_view{} : document->text(*type);
  if (kind == "transaction" || kind == "batch") return std::vector<Load>{{file, fhir::write_json(*document), 0}};
  std::vector<Load> loads;
  for (std::size_t from = 0; from < resources.size(); from += kResourcesPerBatch) {
    std::string entries;
    const std::size_t to = std::min(resources.size(), from + kResourcesPerBatch);
    for (std::size_t i = from; i < to; ++i) {
      const auto entry = put_entry(*document, *resources[i]);
      if (!entry) return fail(entry.error());
      entries += (i > from ? "," : "") + *entry;
    }
    loads.push_back({file, batch_of(entries), 0});
  }
  return loads;
}

// What the server said of a request.
struct Said {
  std::size_t resources = 0;           // taken
  std::optional<std::string> refusal;  // of those that were not
};

Said said_by(const ApiAnswer& answer, std::size_t first_line) {
  const auto document = fhir::read_json(answer.body);
  const auto first_text = [](const fhir::Document& d, const fhir::Node& node) {
    const fhir::Node* issue = d.child(node, "issue");
    const fhir::Node* text = issue == nullptr ? nullptr : d.child(*issue, "diagnostics");
    return text == nullptr ? std::string{} : std::string(d.text(*text));
  };
  if (answer.status >= 300)
    return {0, fmt::format("answered {}. {}", answer.status, document ? first_text(*document, document->root()) : "")};
  if (!document) return {0, "answered what cannot be read."};
  std::size_t taken = 0, refused = 0;
  std::string first;
  for (const fhir::Node& parameter : document->children(document->root())) {  // what $import answers
    const fhir::Node* name = document->child(parameter, "name");
    const fhir::Node* value = document->child(parameter, document->definitions().known().value);
    const fhir::Node* outcome = document->child(parameter, document->definitions().known().resource_name);
    if (name == nullptr) continue;
    if (value != nullptr)
      (document->text(*name) == "refused" ? refused : taken) += std::stoull(std::string(document->text(*value)));
    if (outcome != nullptr) first = first_text(*document, *outcome);
  }
  if (first_line > 1 && refused > 0) first = fmt::format("of the lines from {} on, {}", first_line, first);
  for (const fhir::Node& entry : document->children(document->root())) {
    const fhir::Node* response = document->child(entry, "response");
    const fhir::Node* outcome = response == nullptr ? nullptr : document->child(*response, "outcome");
    taken += outcome == nullptr && response != nullptr ? 1 : 0;
    if (outcome != nullptr && refused++ == 0) first = first_text(*document, *outcome);
  }
  if (refused == 0) return {taken, std::nullopt};
  return {taken, fmt::format("{} of its resources were refused; the first: {}", refused, first)};
}

class Import {
 public:
  explicit Import(const ImportOptions& options) : options_(options), server_{options.api, options.token, options.ca} {}

  Result<int> run() {
    auto files = files_of(options_.paths);
    if (!files) return fail(files.error());
    total_ = files->size();
    const auto begun = std::chrono::steady_clock::now();
    // What refers to resources that come later is refused at first: as long as a round brings something in, those are
    // tried again.
    for (std::vector<fs::path> left = std::move(*files); !left.empty();) {
      const std::size_t before = left.size();
      refusals_.clear();
      round(left);
      left.clear();
      for (const Refusal& refusal : refusals_) left.push_back(refusal.file);
      left.erase(std::ranges::unique(left).begin(), left.end());
      if (left.size() == before || refusals_.empty()) break;
    }
    const double seconds_taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    for (const Refusal& refusal : refusals_) fmt::print(stderr, "{}: {}\n", refusal.file.string(), refusal.text);
    fmt::print("{} of {} files, {} resources in {:.1f} s ({:.0f}/s)\n", total_ - refusals_.size(), total_, resources_,
               seconds_taken, static_cast<double>(resources_) / std::max(seconds_taken, 1e-3));
    return refusals_.empty() ? 0 : 1;
  }

 private:
  // The first file alone, since others commonly refer to it, then as many at once as there are connections.
  void round(const std::vector<fs::path>& files) {
    take(files.front());
    std::atomic<std::size_t> next{1};
    std::vector<std::thread> workers;
    for (int i = 0; i < options_.connections; ++i)
      workers.emplace_back([&] {
        for (std::size_t k = next++; k < files.size(); k = next++) take(files[k]);
      });
    for (std::thread& worker : workers) worker.join();
  }

  // Pieces of NDJSON several at once, Bundles in turn; the first refusal of a Bundle ends it.
  std::pair<std::size_t, std::optional<std::string>> send(std::vector<Load>& loads) {
    std::mutex mutex;  // of what follows
    std::size_t resources = 0;
    std::optional<std::string> refused;
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t k = next++; k < loads.size(); k = next++) {
        const std::size_t line = loads[k].first_line;
        const auto answer = line > 0 ? post_fhir(server_, "/fhir/$import", std::move(loads[k].document), kLinesType)
                                     : post_fhir(server_, "/fhir", std::move(loads[k].document));
        const Said said = answer ? said_by(*answer, line) : Said{0, answer.error().message};
        const std::lock_guard lock{mutex};
        resources += said.resources;
        if (said.refusal && !refused) refused = said.refusal;
        if (said.refusal && line == 0) return;
      }
    };
    const bool is_lines = !loads.empty() && loads.front().first_line > 0;
    std::vector<std::thread> helpers;
    for (std::size_t i = 1; is_lines && i < std::min<std::size_t>(options_.connections, loads.size()); ++i)
      helpers.emplace_back(work);
    work();
    for (std::thread& helper : helpers) helper.join();
    return {resources, refused};
  }

  void take(const fs::path& file) {
    auto loads = loads_of(file);
    std::optional<std::string> refused;
    if (!loads) refused = loads.error().message;
    std::size_t resources = 0;
    if (loads) std::tie(resources, refused) = send(*loads);
    const std::lock_guard lock{mutex_};
    resources_ += resources;
    if (refused)
      refusals_.push_back({file, std::move(*refused)});
    else
      progress_.update(++done_, total_);
  }

  const ImportOptions& options_;
  const ApiServer server_;
  std::mutex mutex_;  // of what follows
  std::size_t total_ = 0, done_ = 0, resources_ = 0;
  std::vector<Refusal> refusals_;
  ProgressLine progress_{"Importing", ProgressLine::Unit::files};
};

}  // namespace

int import_command(const ImportOptions& options) {
  const auto code = Import{options}.run();
  if (code) return *code;
  fmt::print(stderr, "{}\n", code.error().message);
  return 2;
}

}  // namespace salus::app

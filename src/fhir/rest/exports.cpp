// $export (https://hl7.org/fhir/uv/bulkdata/export.html): a kick-off, the manifest at once, and files of NDJSON that
// are made while they are read, from one cut.
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/export_job.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/record_terms.hpp"
#include "fhir/rest/seal.hpp"
#include "http/target.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr std::uint32_t kPage = 200;             // resources of a piece of a file
constexpr std::size_t kPieceBytesMax = 1 << 20;  // then it ends early
constexpr std::chrono::hours kLifetime{24};

std::string scope_of(const Call& call) {
  return "export " + call.by();
}

std::string link(const Call& call, std::string_view path, const ExportJob& job, std::string_view type) {
  return fmt::format("{}/{}?_job={}", call.base, path, seal(call.context.seal_key, scope_of(call), encode(job, type)));
}

// Errors: invalid; not_found: it is too old.
Result<OpenedJob> opened_job(const Call& call) {
  const auto bytes =
      unseal(call.context.seal_key, scope_of(call), call.request.query("_job").value_or(std::string_view{}));
  if (!bytes) return fail(ErrorCode::not_found, "There is no such export, or it is another user's.");
  auto opened = decode_job(*bytes);
  if (opened && call.context.clock.now() > opened->job.begun + kLifetime)
    return fail(ErrorCode::not_found, "This export is over; its links are good for a day.");
  return opened;
}

bool responds_async(const Call& call) {
  return call.request.header("prefer").find("respond-async") != std::string_view::npos;
}

// One type of an export while it is read. Lifetime: as long as the answer; the context outlives it.
class ExportedType {
 public:
  ExportedType(const Call& call, const OpenedJob& opened, ExportPlan plan, TypeId type)
      : context_(call.context),
        plan_(std::move(plan)),
        type_(type),
        terms_(call.context, cut_at(call.context.store, opened.job.end)),
        searchable_(terms_.cut.record, terms_.cut.record.end() == call.context.store.cut().record.end(),
                    &call.context.store) {
    form_.elements = plan_.elements_of(call.definitions().name(type));
  }
  ExportedType(const ExportedType&) = delete;
  ExportedType& operator=(const ExportedType&) = delete;

  // Errors: those of searches.
  Result<void> open() {
    std::vector<std::string> members;
    if (plan_.level == ExportLevel::group) {
      auto found = members_of(context_.store, terms_.cut.record, plan_.group);
      if (!found) return fail(found.error());
      members = std::move(*found);
    }
    auto query =
        query_of(plan_, type_, members, {.codes = &terms_.terms, .now = context_.clock.now(), .reads_bodies = true});
    if (!query) return fail(query.error());
    query_ = std::move(*query);
    query_.count = kPage;
    return {};
  }

  // How many there are. Errors: those of searches.
  Result<std::uint64_t> count() {
    std::uint64_t found = 0;
    if (!plan_.since) {
      search::Query query = query_;
      query.only_count = true;
      query.count = 0;
      query.total = search::Total::accurate;
      const auto result = search::run(query, searchable_.source(), {.steps_max = kStepsMax});
      if (!result) return fail(result.error());
      return result->total.value_or(0);
    }
    for (;;) {
      const auto versions = next_versions();
      if (!versions) return fail(versions.error());
      if (versions->empty()) return found;
      for (const Version& version : *versions) found += version.updated >= *plan_.since ? 1 : 0;
    }
  }

  // The next lines; nothing behind the last. Errors: those of searches and of reading.
  Result<std::string> next_lines() {
    std::string lines;
    while (lines.empty()) {
      if (waiting_.empty()) {
        auto versions = next_versions();
        if (!versions) return fail(versions.error());
        if (versions->empty()) return lines;
        waiting_ = std::move(*versions);
      }
      std::size_t taken = 0;
      for (const Version& version : waiting_) {
        if (lines.size() > kPieceBytesMax) break;
        ++taken;
        if (plan_.since && version.updated < *plan_.since) continue;
        if (auto done = add(version, lines); !done) return fail(done.error());
      }
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(taken));
    }
    return lines;
  }

 private:
  static constexpr std::uint64_t kStepsMax = 1'000'000'000;  // an export reads everything; it does so in turns

  static StoreCut cut_at(const RecordStore& store, log::Offset end) {
    StoreCut cut = store.cut();
    return {cut.held, cut.record.until(end)};
  }

  Result<std::vector<Version>> next_versions() {
    std::vector<Version> versions;
    if (is_over_) return versions;
    const auto page = search::run(query_, searchable_.source(), {.after = after_, .steps_max = kStepsMax});
    if (!page) return fail(page.error());
    for (const search::Match& match : page->matches)
      if (auto version = terms_.cut.record.newest(match.number)) versions.push_back(std::move(*version));
    after_ = page->next;
    is_over_ = after_.empty();
    return versions;
  }

  Result<void> add(const Version& version, std::string& lines) {
    auto text = context_.store.text(version);
    if (!text) return fail(text.error());
    if (!form_.is_whole()) {
      const auto document = context_.store.document(version);
      if (!document) return fail(document.error());
      text = subset(*document, form_);
    }
    lines += *text;
    lines += '\n';
    return {};
  }

  RestContext& context_;
  const ExportPlan plan_;
  const TypeId type_;
  TermsAt terms_;
  const SearchableCut searchable_;
  Presentation form_;
  search::Query query_;
  std::string after_;
  bool is_over_ = false;
  std::vector<Version> waiting_;
};

asio::awaitable<Result<std::string>> next_piece(std::shared_ptr<ExportedType> file) {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);  // others have their turn
  co_return file->next_lines();
}

// The `updated` of the newest version that the cut sees: whatever comes later is not older.
Time time_of(const Call& call, log::Offset end) {
  const auto newest = call.context.store.cut().record.until(end).history(call.definitions(), std::nullopt, 1);
  return newest.empty() ? Time{} : newest.front().updated;
}

}  // namespace

asio::awaitable<Response> begin_export(Call call) {
  if (!responds_async(call))
    co_return outcome(400, "required", "$export is asked for with the header Prefer: respond-async.");
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  const ExportJob job{.target = call.request.target, .end = cut->record.end(), .begun = call.context.clock.now()};
  const auto plan = plan_export(call.definitions(), job, call.form.handling == Handling::lenient);
  if (!plan) co_return outcome(plan.error());
  for (const TypeId type : plan->types) {  // so that what is wrong is told here
    if (plan->level != ExportLevel::group && !plan->filters.contains(type)) continue;
    ExportedType file{call, {job, {}}, *plan, type};
    if (const auto opened = file.open(); !opened) co_return outcome(opened.error());
    if (plan->filters.empty()) break;
  }
  record(call, "fhir_export", job.target.substr(0, job.target.find('?')), true);
  Response response = http::empty_response(202);
  response.set("Content-Location", link(call, "$export-status", job, {}));
  co_return response;
}

asio::awaitable<Response> export_status(Call call) {
  const auto opened = opened_job(call);
  if (!opened) co_return outcome(opened.error());
  const ExportJob& job = opened->job;
  const auto plan = plan_export(call.definitions(), job, true);
  if (!plan) co_return outcome(plan.error());
  const auto executor = co_await asio::this_coro::executor;
  std::string output;
  for (const TypeId type : plan->types) {
    co_await asio::post(executor, asio::use_awaitable);
    ExportedType file{call, *opened, *plan, type};
    if (const auto done = file.open(); !done) co_return outcome(done.error());
    const auto count = file.count();
    if (!count) co_return outcome(count.error());
    if (*count == 0) continue;
    const std::string_view name = call.definitions().name(type);
    output += fmt::format(R"({}{{{},{},"count":{}}})", output.empty() ? "" : ",", member("type", name),
                          member("url", link(call, "$export-file", job, name)), *count);
  }
  const std::string origin = call.base.substr(0, call.base.rfind("/fhir"));
  Response response =
      http::text_response(200, "application/json",
                          fmt::format(R"({{{},{},"requiresAccessToken":true,"output":[{}],"error":[]}})",
                                      member("transactionTime", instant_of(time_of(call, job.end))),
                                      member("request", origin + job.target), output));
  response.set("Expires", http::http_date(job.begun + kLifetime));
  co_return response;
}

// There is nothing to throw away: the links end by themselves.
asio::awaitable<Response> end_export(Call call) {
  const auto opened = opened_job(call);
  if (!opened) co_return outcome(opened.error());
  record(call, "fhir_export_end", opened->job.target.substr(0, opened->job.target.find('?')), true);
  co_return http::empty_response(202);
}

asio::awaitable<Response> export_file(Call call) {
  const auto opened = opened_job(call);
  if (!opened) co_return outcome(opened.error());
  auto plan = plan_export(call.definitions(), opened->job, true);
  if (!plan) co_return outcome(plan.error());
  const TypeId type = call.definitions().type(opened->type);
  if (!is_kept(call.definitions(), type)) co_return outcome(404, "not-found", "This link is of no file.");
  const auto file = std::make_shared<ExportedType>(call, *opened, std::move(*plan), type);
  if (const auto done = file->open(); !done) co_return outcome(done.error());
  record(call, "fhir_export_file", opened->type, true);
  Response response{.status = 200, .headers = {}, .body = http::BodySource([file] { return next_piece(file); })};
  response.set("Content-Type", "application/fhir+ndjson");
  co_return response;
}

}  // namespace salus::fhir

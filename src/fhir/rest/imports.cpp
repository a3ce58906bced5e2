// POST /fhir/$import: resources line by line, each as an update under its id, in change sets of bounded size with
// several of them on their way at once.
#include "fhir/rest/imports.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/promise.hpp>
#include <boost/asio/experimental/use_promise.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>

namespace salus::fhir {
namespace {

using http::Response;

constexpr std::size_t kSetsInFlight = 4;
constexpr std::size_t kLinesInARow = 32;  // then others of this thread have their turn

bool is_ndjson(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type == "application/fhir+ndjson" || type == "application/ndjson" || type == "application/x-ndjson";
}

// What the record says of the changes themselves, not of how the log fares.
bool is_refusal(const Error& error) {
  return error.code == ErrorCode::invalid || error.code == ErrorCode::conflict || error.code == ErrorCode::too_large;
}

std::string_view issue_code(const Error& error) {
  if (error.code == ErrorCode::too_large) return "too-long";
  return error.code == ErrorCode::conflict ? "conflict" : "invalid";
}

struct Landed {
  std::size_t created = 0, updated = 0;
  std::vector<std::pair<std::size_t, Error>> refused;  // by line
  Result<void> done;  // errors: those of the log; what came before is in the record, and sending all again is safe

  void count(const Written& written) { ++(written.outcome == Outcome::created ? created : updated); }
};

// A set on its way, and after a refusal its changes one by one, so that none suffers for another. It owns what it
// needs: whoever waits for it may be gone before it is done.
asio::awaitable<Landed> put(RecordStore& store, ImportSet wanted) {
  Landed landed;
  std::vector<ChangeSet> whole;
  whole.push_back(wanted.set);
  const auto written = co_await store.submit_all(std::move(whole));
  if (written.front()) {
    for (const Written& one : written.front()->changes) landed.count(one);
    co_return landed;
  }
  if (!is_refusal(written.front().error())) {
    landed.done = fail(written.front().error());
    co_return landed;
  }
  std::vector<ChangeSet> singles;
  for (Change& change : wanted.set.changes) {
    singles.push_back({.by = wanted.set.by, .changes = {}});
    singles.back().changes.push_back(std::move(change));
  }
  const auto each = co_await store.submit_all(std::move(singles));
  for (std::size_t i = 0; i < each.size(); ++i) {
    if (each[i])
      landed.count(each[i]->changes.front());
    else if (is_refusal(each[i].error()))
      landed.refused.emplace_back(wanted.lines[i], each[i].error());
    else
      landed.done = fail(each[i].error());
  }
  co_return landed;
}

using Flying = std::deque<asio::experimental::promise<void(std::exception_ptr, Landed)>>;

// Waits for the set that was sent first. `flying` and `reader` are of who waits for this. The first error stays.
asio::awaitable<Result<void>> land(Flying& flying, ImportReader& reader, Result<void> before) {
  const Landed landed = co_await flying.front()(asio::use_awaitable);
  flying.pop_front();
  reader.counts.created += landed.created;
  reader.counts.updated += landed.updated;
  for (const auto& [line, error] : landed.refused) reader.refuse(line, issue_code(error), error.message);
  co_return before ? landed.done : before;
}

std::string answer_of(const ImportCounts& counts) {
  std::string text = R"({"resourceType":"Parameters","parameter":[)";
  for (const auto& [name, value] : {std::pair{"created", counts.created},
                                    {"updated", counts.updated},
                                    {"unchanged", counts.unchanged},
                                    {"refused", counts.refused}})
    text += fmt::format(R"({}{{"name":"{}","valueInteger":{}}})", text.ends_with('[') ? "" : ",", name, value);
  if (!counts.issues.empty()) text += R"(,{"name":"outcome","resource":)" + outcome_text(counts.issues) + '}';
  return text + "]}";
}

}  // namespace

asio::awaitable<Response> import_lines(Call call) {
  if (!is_ndjson(call.request.header("content-type")))
    co_return outcome(415, "not-supported",
                      "$import takes application/fhir+ndjson: a resource on each line, in the body itself.");
  const auto executor = co_await asio::this_coro::executor;
  ImportReader reader{call, call.request.body};
  Flying flying;
  Result<void> done;
  for (bool has_more = true; has_more && done;) {
    has_more = reader.read(kLinesInARow);
    if (reader.is_full() || !has_more) {
      if (flying.size() == kSetsInFlight) done = co_await land(flying, reader, std::move(done));
      if (ImportSet set = reader.take(); !set.set.changes.empty())
        flying.push_back(
            asio::co_spawn(executor, put(call.context.store, std::move(set)), asio::experimental::use_promise));
    }
    co_await asio::post(executor, asio::use_awaitable);
  }
  while (!flying.empty()) done = co_await land(flying, reader, std::move(done));
  const ImportCounts& counts = reader.counts;
  record(call, "fhir_import",
         fmt::format("{} created, {} updated, {} unchanged, {} refused", counts.created, counts.updated,
                     counts.unchanged, counts.refused),
         done.has_value());
  if (!done) co_return outcome(done.error());
  call.form.elements.clear();
  call.form.summary = Summary::none;
  co_return resource_response(200, answer_of(counts), call.form, call.definitions());
}

}  // namespace salus::fhir
